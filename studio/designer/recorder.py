"""Writing down what happens to an open workflow or text, in a recovery file of its own.

The file of a workflow is a line with its path and text, then one line for each `Moment`.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from engine.api import dumps
from engine.core import values
from engine.core.errors import DocumentError
from studio.base.i18n import tr, tr_sentence
from studio.designer.document import Moment, WorkflowDocument
from studio.designer.moments import encode
from studio.designer.unsaved import VERSION, digest

if TYPE_CHECKING:
    from studio.designer.recovery import Recovery
    from studio.designer.unsaved import Unsaved

LARGE: Final = 4 * 1024 * 1024
"""Bytes of edits after which a file begins anew when its workflow is saved; until then it keeps the whole history."""
_log = logging.getLogger(__name__)


class Recorder(QObject):
    """Writes down what happens to one document. What could not be written is kept, and written with the next."""

    def __init__(self, recovery: Recovery, document: WorkflowDocument) -> None:
        super().__init__(document)
        self._recovery = recovery
        self._document = document
        self._base = document.document
        # Only a document that was read from its file is known to say what its text says.
        self._text = self._base.text if self._base.path is not None else ""
        self._known = digest(self._text) if self._text else ""
        """The hash of what the file of the document holds."""
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
        self._known = unsaved.known
        try:
            self._fd = os.open(unsaved.file, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            os.ftruncate(self._fd, self._size)
        except OSError as error:
            self._fail(error)

    def keep_unsaved(self) -> None:
        """The file no longer holds the document, although nobody edited it: what is open is all there is."""
        self._put_mark({"kind": "unsaved"})

    def restart(self, text: str) -> None:
        """The file at the document's path holds `text` now: begin anew if the file has become large."""
        if self._size - self._started < LARGE or self._document.dirty:
            return
        old, fd = self._file, self._fd
        self._begin_anew(text, self._known)
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
            self._note_saved(moment.text)
            return
        if self._stopped:
            return
        try:
            if self._is_gone():
                self._tell_all({"undone": -1, "redone": 1}.get(moment.kind, 0))
            else:
                self._put(encode(self._told(moment)))
        except (DocumentError, TypeError, ValueError, RecursionError) as error:
            # Without this edit the next ones would be told of another document.
            self._stopped = True
            _log.warning("an edit cannot be written down: %r", error)
            reason = error.message if isinstance(error, DocumentError) else str(error)
            self._recovery.tell(self, tr("Your edits cannot be kept in case of a crash."), tr_sentence(reason))

    def _note_saved(self, known: str) -> None:
        if self._stopped:
            self.end()
            self._document.happened.connect(self._keep)
            self._begin_anew("", known)
        elif self._started or self._waiting:
            self._known = known
            self._put_mark(self._saved_mark())
        else:
            self._base, self._text, self._known = self._document.document, "", known

    def _begin_anew(self, text: str, known: str) -> None:
        """Forget the file; the next one begins with the document as it is, of which `text` is the text if known, and
        `known` the hash of what its file holds."""
        self._file, self._fd, self._size, self._started = None, -1, 0, 0
        self._waiting.clear()
        self._done, self._undone, self._loose, self._stopped = 0, 0, False, False
        self._base, self._text, self._known = self._document.document, text, known

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

    def _put_mark(self, mark: Mapping[str, Any]) -> None:
        if self._is_gone():
            self._tell_all(0)
        else:
            self._put(values.encode(dict(mark)))

    def _put(self, *lines: str) -> None:
        if not self._started and not self._waiting:
            self._waiting.append(self._header())
        self._waiting.extend(line.encode() + b"\n" for line in lines)
        self._write()

    def _is_gone(self) -> bool:
        """Whether the file that was begun is not there to go on in: what is written then would be read by nobody."""
        if self._file is None or not self._started:
            return False
        try:
            return self._fd < 0 or not os.path.samestat(os.fstat(self._fd), os.stat(self._file))
        except OSError:
            return True

    def _tell_all(self, step: int) -> None:
        """Begin another file with the whole history; the stack is yet to go that `step` in it."""
        stack, history = self._document.undo_stack, self._document.history()
        done, clean = stack.index() + step, stack.cleanIndex()
        lines = [encode(Moment("edited", text, delta)) for text, delta in history]
        lines += [values.encode({"kind": "undone"})] * (len(history) - done)
        if clean < 0:
            lines.append(values.encode({"kind": "unsaved"}))
        elif clean:
            lines.insert(clean, values.encode(self._saved_mark()))
        self._close_fd(self._fd)
        known = self._known
        self._begin_anew("", known)
        for _, delta in reversed(history[:done]):
            self._base = delta.inverted().applied(self._base)
        self._done, self._undone = done, len(history) - done
        self._put(*lines)

    def _saved_mark(self) -> dict[str, Any]:
        path = self._document.path
        return {"kind": "saved", "path": str(path) if path is not None else None, "known": self._known}

    def _header(self) -> bytes:
        base = self._base
        text = self._text or dumps(base.workflow, base.comments)
        return _header(base.path, self._document.title, text, self._known or digest(text))

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
        self._recovery.fail(self, error)


class TextRecorder:
    """Keeps the newest state of one text that is edited as text."""

    def __init__(self, recovery: Recovery, file: Path | None = None) -> None:
        self._recovery = recovery
        self._file = file

    def keep(self, path: Path, text: str, known: str) -> None:
        """Write the text down, whole or not at all; `known` is the hash of what the file at `path` holds."""
        try:
            if self._file is None or not self._file.parent.is_dir():
                self._file = self._recovery.new_file()
            fresh = self._file.with_suffix(".new")
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
            with open(fd, "wb") as file:
                file.write(_header(path, path.name, text, known, plain=True))
            os.replace(fresh, self._file)
        except OSError as error:
            self._recovery.fail(self, error)
        else:
            self._recovery.tell(self)

    def drop(self) -> None:
        """The text is saved, or given up."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()
            self._file = None


def _header(path: Path | None, title: str, text: str, known: str, *, plain: bool = False) -> bytes:
    """The first line of a file; `known` is the hash of what the file at `path` holds."""
    head = {
        "recovery": VERSION,
        "path": str(path) if path is not None else None,
        "title": title,
        "hash": digest(text),
        "known": known,
        "text": text,
        "plain": plain,
    }
    return values.encode(head).encode() + b"\n"
