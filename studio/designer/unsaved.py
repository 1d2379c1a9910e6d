"""What a session that ended left unsaved: read back from its recovery file, with the history of edits."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from engine.api import Document, Workflow, dumps, loads, text_hash
from engine.core import values
from engine.core.errors import DocumentError
from studio.base.i18n import tr
from studio.designer.delta import Delta
from studio.designer.document import LIMIT, Moment
from studio.designer.moments import Unreadable, decode

VERSION: Final = 1
"""Of the lines in a recovery file."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Unsaved:
    """A workflow of a session that ended without saving it.

    `document` is how it stood, `history` its edits with their names, of which `done` are done; `saved` of them are in
    the file at `document.path` (-1: the file holds something else). `when` is the time of the last edit, in seconds
    since 1970. `complaint` is a sentence about what could not be read; `changed` says that somebody else changed the
    file since, whose text was `base` then. `head` and `size` are the bytes of its first line, and of all that was read.
    A `plain` one is a text that is no workflow, and `base` is what it says.
    """

    file: Path
    title: str
    when: float
    document: Document
    history: list[tuple[str, Delta]] = field(default_factory=list)
    done: int = 0
    saved: int = 0
    complaint: str = ""
    base: str = ""
    changed: bool = False
    head: int = 0
    size: int = 0
    plain: bool = False


def restored(file: Path) -> Unsaved | None:
    """What a file holds, or None where nothing of it is unsaved; then it is removed. Raises `OSError`."""
    content = file.read_bytes()
    end = content.find(b"\n") + 1
    if not end:  # the crash came before the first edit was acknowledged
        file.unlink()
        return None
    try:
        head = values.decode(content[:end].decode())
        text, path, title = str(head["text"]), head["path"], str(head["title"])
        if head["recovery"] != VERSION or head["hash"] != text_hash(text):
            raise ValueError("another version, or damaged")
        where = Path(path) if path is not None else None
        if head.get("plain"):
            when = file.stat().st_mtime
            return Unsaved(file, title, when, Document(Workflow(), text, where), base=text, saved=-1, plain=True)
        base = replace(loads(text), path=where)
    except (ValueError, TypeError, KeyError, RecursionError, DocumentError) as error:
        _log.warning("the recovery file %s cannot be read: %s", file, error)
        shutil.move(file, file.with_suffix(".damaged"))
        return None
    found = Unsaved(file, title, file.stat().st_mtime, base, base=text, head=end, size=end)
    _replay(found, content[end:])
    if found.saved == found.done and not found.complaint:
        file.unlink()
        return None
    path = found.document.path
    if path is not None:
        with contextlib.suppress(OSError):
            found.changed = path.read_bytes().decode("utf-8-sig", "replace") != found.base
    found.title = found.document.workflow.name or found.title
    return found


def _lines(content: bytes) -> Iterator[tuple[str, int]]:
    """The complete lines, each with its length in bytes."""
    start = 0
    while (end := content.find(b"\n", start)) >= 0:
        yield content[start:end].decode("ascii", "replace"), end + 1 - start
        start = end + 1


def _replay(found: Unsaved, content: bytes) -> None:
    """Do again what the lines say. The first that cannot be read ends it; one without an end was never acknowledged."""
    saved_as: Document | None = None
    for line, size in _lines(content):
        try:
            if line.startswith(('{"kind":"saved"', '{"kind":"unsaved"')):
                mark = values.decode(line)
                found.saved = found.done if mark["kind"] == "saved" else -1
                if mark["kind"] == "saved":
                    if mark["path"] is not None:
                        found.document = replace(found.document, path=Path(mark["path"]))
                    saved_as = found.document
            else:
                _take(found, decode(line, found.document))
        except (Unreadable, ValueError, KeyError, TypeError):
            lost = content.count(b"\n") - len(found.history)
            _log.warning("the recovery file %s is damaged; about %d lines are lost", found.file, lost)
            found.complaint = tr("The last edits before the crash could not be read.")
            break
        found.size += size
    if saved_as is not None:
        found.base = dumps(saved_as.workflow, saved_as.comments)


def _take(found: Unsaved, moment: Moment) -> None:
    before, history = found.document, found.history
    if moment.kind in ("edited", "merged"):
        after = moment.delta.applied(before)
        if moment.kind == "merged" and found.done:
            name, last = history[found.done - 1]
            history[found.done - 1] = (name, Delta.between(last.inverted().applied(before), after))
        else:
            if found.saved > found.done:
                found.saved = -1
            del history[found.done :]
            history.append((moment.text, moment.delta))
            found.done += 1
            if len(history) > LIMIT:
                del history[0]
                found.done -= 1
                found.saved = max(found.saved - 1, -1)
        found.document = after
    elif moment.kind == "undone":
        if not found.done:
            raise Unreadable("nothing to undo")
        found.done -= 1
        found.document = history[found.done][1].inverted().applied(before)
    else:
        if found.done >= len(history):
            raise Unreadable("nothing to redo")
        found.document = history[found.done][1].applied(before)
        found.done += 1
