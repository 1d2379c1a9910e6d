"""What a session that ended left unsaved: read back from its recovery file, with the history of edits."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from engine.api import Document, Workflow, dumps, loads
from engine.core import values
from engine.core.errors import DocumentError
from studio.base.i18n import tr
from studio.designer.delta import Delta
from studio.designer.disk import Stamp, look
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
    since 1970. `complaint` is a sentence about what could not be read; `known` is the hash of what the file was last
    known to hold, and `changed` says that somebody else changed it since. `head` and `size` are the bytes of its first
    line, and of all that was read. A `plain` one is a text that is no workflow, and `document.text` is what it says.
    """

    file: Path
    title: str
    when: float
    document: Document
    history: list[tuple[str, Delta]] = field(default_factory=list)
    done: int = 0
    saved: int = 0
    complaint: str = ""
    known: str = ""
    changed: bool = False
    head: int = 0
    size: int = 0
    plain: bool = False


class Damaged(Exception):
    """A recovery file that says nothing any more; it was put aside as `file`."""

    def __init__(self, file: Path) -> None:
        super().__init__(str(file))
        self.file = file


def digest(text: str) -> str:
    """The SHA-256 of the text's UTF-8, in which half a character may stand: what was typed is kept, whatever it is."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def restored(file: Path) -> Unsaved | None:
    """What a file holds, or None where nothing of it is unsaved; then it is removed. Raises `OSError` and `Damaged`."""
    content = file.read_bytes()
    end = content.find(b"\n") + 1
    if not end:  # the crash came before the first edit was acknowledged
        file.unlink()
        return None
    try:
        head = values.decode(content[:end].decode())
        text, path, title = str(head["text"]), head["path"], str(head["title"])
        if head["recovery"] != VERSION or head["hash"] != digest(text):
            raise ValueError("another version, or damaged")
        where = Path(path) if path is not None else None
        known = str(head["known"])
        if head.get("plain"):
            found = Unsaved(file, title, _when(file), Document(Workflow(), text, where), saved=-1, plain=True)
            return _compared(found, known)
        base = replace(loads(text), path=where)
    except (ValueError, TypeError, KeyError, RecursionError, DocumentError) as error:
        _log.warning("the recovery file %s cannot be read: %s", file, error)
        raise Damaged(Path(shutil.move(file, file.with_suffix(".damaged")))) from None
    found = Unsaved(file, title, _when(file), base, head=end, size=end)
    known = _replay(found, content[end:]) or known
    if found.saved == found.done and not found.complaint:
        file.unlink()
        return None
    found.title = found.document.workflow.name or found.title
    return _compared(found, known)


def _when(file: Path) -> float:
    return file.stat().st_mtime


def _compared(found: Unsaved, known: str) -> Unsaved:
    """Note what the file at its path was known to hold, and whether it still does."""
    path = found.document.path
    found.known = known
    found.changed = path is not None and look(path, Stamp(known)).kind == "changed"
    return found


def _lines(content: bytes) -> Iterator[tuple[str, int]]:
    """The complete lines, each with its length in bytes."""
    start = 0
    while (end := content.find(b"\n", start)) >= 0:
        yield content[start:end].decode("ascii", "replace"), end + 1 - start
        start = end + 1


def _replay(found: Unsaved, content: bytes) -> str:
    """Do again what the lines say. The first that cannot be read ends it; one without an end was never acknowledged.

    Gives the hash of what was saved last, "" for nothing.
    """
    known = ""
    for line, size in _lines(content):
        try:
            if line.startswith(('{"kind":"saved"', '{"kind":"unsaved"')):
                mark = values.decode(line)
                found.saved = found.done if mark["kind"] == "saved" else -1
                if mark["kind"] == "saved":
                    if mark["path"] is not None:
                        found.document = replace(found.document, path=Path(mark["path"]))
                    saved = found.document
                    known = str(mark["known"]) or digest(dumps(saved.workflow, saved.comments))
            else:
                _take(found, decode(line, found.document))
        except (Unreadable, ValueError, KeyError, TypeError):
            lost = content.count(b"\n") - len(found.history)
            _log.warning("the recovery file %s is damaged; about %d lines are lost", found.file, lost)
            found.complaint = tr("The last edits before the crash could not be read.")
            break
        found.size += size
    return known


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
