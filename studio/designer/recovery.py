"""Recovery files: every edit is written down before anything shows it, so that a crash takes nothing away.

A folder `recovery` in the engine's home has one folder a session, locked by its process, and in it one file for each
open workflow that was edited: a line with its path and text, then one line for each `Moment`. A line is with the
operating system when the edit returns, so killing the process loses none. The next session takes over the folders
that nobody locks any more.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from engine.api import Document, Workflow, dumps, loads, text_hash
from engine.core import values
from engine.core.errors import DocumentError
from engine.core.ids import new_id
from studio.base.i18n import tr, tr_sentence
from studio.designer.delta import Delta
from studio.designer.document import LIMIT, Moment, WorkflowDocument
from studio.designer.moments import Unreadable, decode, encode

if TYPE_CHECKING:
    from filelock import BaseFileLock

FOLDER: Final = "recovery"
VERSION: Final = 1
LARGE: Final = 4 * 1024 * 1024
"""Bytes of edits after which a file begins anew when its workflow is saved; until then it keeps the whole history."""
_LOCK: Final = "session.lock"
_WAIT: Final = 5.0
"""Seconds to wait for another studio that is just starting."""
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


class Recovery(QObject):
    """The recovery files of this session, and those that earlier sessions left behind.

    `troubled` comes with a title and a text when edits cannot be kept, once until they can be again: then `relieved`.
    """

    troubled = Signal(str, str)
    relieved = Signal()

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = home / FOLDER
        self._session = self._root / new_id()
        self._lock: BaseFileLock | None = None
        self._adopted: dict[Path, BaseFileLock] = {}
        self._guard = threading.Lock()
        self._recorders: dict[WorkflowDocument, Recorder] = {}
        self._troubled: set[Recorder | TextRecorder] = set()

    def prepare(self) -> None:
        """Make and lock the folder of this session; any thread. Raises `OSError`."""
        from filelock import FileLock, Timeout

        with self._guard:
            if self._lock is not None:
                return
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with FileLock(self._root / _LOCK, timeout=_WAIT, thread_local=False):
                    self._session.mkdir(exist_ok=True, mode=0o700)
                    lock = FileLock(self._session / _LOCK, thread_local=False)
                    lock.acquire(blocking=False)
            except Timeout:
                raise OSError(errno.EAGAIN, "another studio holds the recovery folder") from None
            except NotImplementedError:
                raise OSError(errno.ENOTSUP, "the folder knows no locks") from None
            self._lock = lock

    def record(self, document: WorkflowDocument) -> Recorder:
        """Keep every edit of `document` from now on, until `forget`."""
        recorder = self._recorders[document] = Recorder(self, document)
        return recorder

    def record_text(self, file: Path | None = None) -> TextRecorder:
        """Keep a text that is no workflow; in `file`, where an earlier session kept it."""
        return TextRecorder(self, file)

    def recorder(self, document: WorkflowDocument) -> Recorder | None:
        return self._recorders.get(document)

    def take_up(self, document: WorkflowDocument, unsaved: Unsaved) -> Recorder:
        """Bring `document` to where `unsaved` ended, and go on in its file."""
        document.restore(unsaved.document, unsaved.history, unsaved.done, saved=unsaved.saved)
        recorder = self._recorders[document] = Recorder(self, document)
        recorder.resume(unsaved)
        return recorder

    def forget(self, document: WorkflowDocument) -> None:
        """The document is closed, and what it held is saved or given up: its file goes."""
        recorder = self._recorders.pop(document, None)
        if recorder is not None:
            recorder.end()
            self._tidy()

    def discard(self, unsaved: Unsaved) -> None:
        """Give up what an earlier session left."""
        with contextlib.suppress(OSError):
            unsaved.file.unlink()
        self._tidy()

    def close(self) -> None:
        """The session ends. Files of workflows that are still open stay, and are offered the next time."""
        for recorder in self._recorders.values():
            recorder.close()
        self._recorders.clear()
        self._tidy()
        with self._guard:
            for lock in self._adopted.values():
                lock.release()
            self._adopted.clear()
            if self._lock is not None:
                self._lock.release()
                self._lock = None
                _remove_if_empty(self._session)

    def found(self) -> list[Unsaved]:
        """What earlier sessions left unsaved, the newest first; any thread. Nothing of a studio that still runs.

        Raises `OSError` where the folder cannot be used.
        """
        from filelock import FileLock, Timeout

        self.prepare()
        left: list[Unsaved] = []
        try:
            with FileLock(self._root / _LOCK, timeout=_WAIT, thread_local=False):
                for folder in sorted(self._root.iterdir()):
                    if folder == self._session or folder in self._adopted or not folder.is_dir():
                        continue
                    lock = FileLock(folder / _LOCK, thread_local=False)
                    try:
                        lock.acquire(blocking=False)
                    except Timeout:
                        continue
                    with self._guard:
                        self._adopted[folder] = lock
        except Timeout:
            return []
        for folder in tuple(self._adopted):
            for file in sorted(folder.glob("*.jsonl")):
                with contextlib.suppress(OSError):
                    unsaved = _restored(file)
                    if unsaved is not None:
                        left.append(unsaved)
        self._tidy()
        return sorted(left, key=lambda unsaved: -unsaved.when)

    def _tidy(self) -> None:
        """Let go of the folders of earlier sessions that hold nothing any more."""
        with self._guard:
            for folder in [one for one in self._adopted if not any(one.glob("*.jsonl"))]:
                self._adopted.pop(folder).release()
                _remove_if_empty(folder)

    # What the recorders need.

    def new_file(self) -> Path:
        """A name for a new file. Raises `OSError`."""
        self.prepare()
        return self._session / f"{new_id()}.jsonl"

    def tell(self, recorder: Recorder | TextRecorder, trouble: str = "", hint: str = "") -> None:
        """Say once that edits cannot be kept; without a text, that those of this recorder can."""
        if trouble:
            first = not self._troubled
            self._troubled.add(recorder)
            if first:
                self.troubled.emit(trouble, hint)
        elif recorder in self._troubled:
            self._troubled.discard(recorder)
            if not self._troubled:
                self.relieved.emit()


class Recorder(QObject):
    """Writes down what happens to one document. What could not be written is kept, and written with the next."""

    def __init__(self, recovery: Recovery, document: WorkflowDocument) -> None:
        super().__init__(document)
        self._recovery = recovery
        self._document = document
        self._base = document.document
        # Only a document that was read from its file is known to say what its text says.
        self._text = self._base.text if self._base.path is not None else ""
        self._file: Path | None = None
        self._fd = -1
        self._size = 0
        self._started = 0
        self._waiting: list[bytes] = []
        self._done, self._undone, self._loose, self._stopped = 0, 0, False, False
        document.happened.connect(self._keep)

    def resume(self, unsaved: Unsaved) -> None:
        """Go on in the file of an earlier session, behind what could be read of it."""
        self._done, self._undone = unsaved.done, len(unsaved.history) - unsaved.done
        self._file, self._started, self._size = unsaved.file, unsaved.head, unsaved.size
        try:
            self._fd = os.open(unsaved.file, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            os.ftruncate(self._fd, self._size)
        except OSError as error:
            self._fail(error)

    def keep_unsaved(self) -> None:
        """The file no longer holds the document, although nobody edited it: what is open is all there is."""
        self._put({"kind": "unsaved"})

    def restart(self, text: str) -> None:
        """The file at the document's path holds `text` now: begin anew if the file has become large."""
        if self._size - self._started < LARGE or self._document.dirty:
            return
        old, fd = self._file, self._fd
        self._begin_anew(text)
        self._waiting.append(self._header())
        if self._write() and old is not None:  # else the old file, which is complete, stays
            with contextlib.suppress(OSError):
                old.unlink()
        self._close_fd(fd)

    def end(self) -> None:
        """Stop, and remove the file."""
        self.close()
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()

    def close(self) -> None:
        """Stop, and leave the file."""
        with contextlib.suppress(RuntimeError, TypeError):
            self._document.happened.disconnect(self._keep)
        self._close_fd(self._fd)
        self._fd = -1

    @staticmethod
    def _close_fd(fd: int) -> None:
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)

    def _keep(self, moment: Moment) -> None:
        if moment.kind == "saved":
            self._note_saved()
            return
        if self._stopped:
            return
        try:
            self._put(encode(self._told(moment)))
        except (DocumentError, TypeError, ValueError, RecursionError) as error:
            # Without this edit the next ones would be told of another document.
            self._stopped = True
            _log.warning("an edit cannot be written down: %r", error)
            reason = error.message if isinstance(error, DocumentError) else str(error)
            self._recovery.tell(self, tr("Your edits cannot be kept in case of a crash."), tr_sentence(reason))

    def _note_saved(self) -> None:
        path = self._document.path
        if self._stopped:
            self.end()
            self._document.happened.connect(self._keep)
            self._begin_anew("")
        elif self._started or self._waiting:
            self._put({"kind": "saved", "path": str(path) if path is not None else None})
        else:
            self._base = self._document.document

    def _begin_anew(self, text: str) -> None:
        """Forget the file; the next one begins with the document as it is, of which `text` is the text if known."""
        self._file, self._fd, self._size, self._started = None, -1, 0, 0
        self._waiting.clear()
        self._done, self._undone, self._loose, self._stopped = 0, 0, False, False
        self._base, self._text = self._document.document, text

    def _told(self, moment: Moment) -> Moment:
        """`moment` as the file can tell it: it knows no edits from before it began."""
        stack = self._document.undo_stack
        if moment.kind == "undone" and (self._loose or not self._done):
            self._loose = True
            return Moment("edited", tr("Undo {name}", name=stack.undoText()), moment.delta)
        if moment.kind == "redone" and (self._loose or not self._undone):
            self._loose = True
            return Moment("edited", stack.redoText(), moment.delta)
        if moment.kind == "merged" and not self._done:
            moment = replace(moment, kind="edited")
        if moment.kind == "edited":
            self._done, self._undone = self._done + 1, 0
        elif moment.kind == "undone":
            self._done, self._undone = self._done - 1, self._undone + 1
        elif moment.kind == "redone":
            self._done, self._undone = self._done + 1, self._undone - 1
        return moment

    def _put(self, line: str | Mapping[str, Any]) -> None:
        if not self._started and not self._waiting:
            self._waiting.append(self._header())
        text = line if isinstance(line, str) else values.encode(dict(line))
        self._waiting.append(text.encode() + b"\n")
        self._write()

    def _header(self) -> bytes:
        base = self._base
        return _header(base.path, self._document.title, self._text or dumps(base.workflow, base.comments))

    def _write(self) -> bool:
        """Write what waits, as a whole or not at all."""
        data = b"".join(self._waiting)
        try:
            if self._fd < 0:
                self._file = self._file or self._recovery.new_file()
                self._fd = os.open(
                    self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600
                )
            written = 0
            try:
                while written < len(data):
                    written += os.write(self._fd, data[written:])
            except OSError:
                os.ftruncate(self._fd, self._size)
                raise
        except OSError as error:
            self._fail(error)
            return False
        if not self._started:
            self._started = len(self._waiting[0])
        self._size += len(data)
        self._waiting.clear()
        self._recovery.tell(self)
        return True

    def _fail(self, error: OSError) -> None:
        self._recovery.tell(self, *_trouble(error))


class TextRecorder:
    """Keeps the newest state of one text that is edited as text."""

    def __init__(self, recovery: Recovery, file: Path | None = None) -> None:
        self._recovery = recovery
        self._file = file

    def keep(self, path: Path, text: str) -> None:
        """Write the text down, whole or not at all."""
        try:
            self._file = self._file or self._recovery.new_file()
            fresh = self._file.with_suffix(".new")
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
            with open(fd, "wb") as file:
                file.write(_header(path, path.name, text, plain=True))
            os.replace(fresh, self._file)
        except OSError as error:
            self._recovery.tell(self, *_trouble(error))
        else:
            self._recovery.tell(self)

    def drop(self) -> None:
        """The text is saved, or given up."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()
            self._file = None


def _header(path: Path | None, title: str, text: str, *, plain: bool = False) -> bytes:
    """The first line of a file."""
    head = {
        "recovery": VERSION,
        "path": str(path) if path is not None else None,
        "title": title,
        "hash": text_hash(text),
        "text": text,
        "plain": plain,
    }
    return values.encode(head).encode() + b"\n"


def _trouble(error: OSError) -> tuple[str, str]:
    """What to say where a file cannot be written."""
    _log.warning("a recovery file cannot be written: %s", error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        reason = tr("There is no space left. Free some, or save your work now.")
    else:
        reason = tr("{reason}. Save your work often.", reason=error.strerror or str(error))
    return tr("Your edits cannot be kept in case of a crash."), reason


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / _LOCK).unlink(missing_ok=True)
        folder.rmdir()


def _restored(file: Path) -> Unsaved | None:
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
