"""Recovery files: every edit is written down before anything shows it, so that a crash takes nothing away.

A folder `recovery` in the engine's home has one folder a session, locked by its process, and in it one file for each
open workflow that was edited. A line is with the operating system when the edit returns, so killing the process loses
none. The next session takes over the folders that nobody locks any more.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from engine.core.ids import new_id
from studio.base.i18n import tr
from studio.designer.document import WorkflowDocument
from studio.designer.recorder import Recorder, TextRecorder
from studio.designer.unsaved import Damaged, Unsaved, restored

if TYPE_CHECKING:
    from filelock import BaseFileLock

FOLDER: Final = "recovery"
_LOCK: Final = "session.lock"
_WAIT: Final = 5.0
"""Seconds to wait for another studio that is just starting."""
_ROOM: Final = 64 * 1024
"""Bytes that must find room when a session begins."""
_log = logging.getLogger(__name__)


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
        self._troubled: set[QObject | TextRecorder] = set()
        self.unreadable: list[Path] = []
        """What `found` could not read; nothing of it is removed."""

    def prepare(self) -> None:
        """Make and lock the folder of this session, again where somebody removed it; any thread. Raises `OSError`."""
        from filelock import FileLock, Timeout

        with self._guard:
            if self._lock is not None:
                if (self._session / _LOCK).exists():
                    return
                self._lock.release()
                self._lock = None
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

    def check(self) -> None:
        """Whether edits can be kept at all, with some room to spare; any thread. Raises `OSError`."""
        self.prepare()
        file = self._session / "room"
        try:
            with file.open("wb") as probe:
                probe.write(bytes(_ROOM))
        finally:
            file.unlink(missing_ok=True)

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

        Needs no room on the disk. Raises `OSError` where the folder cannot be used.
        """
        from filelock import FileLock, Timeout

        left: list[Unsaved] = []
        self.unreadable = []
        if not os.path.lexists(self._root):
            return left
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
                    except OSError as error:
                        _log.warning("%s cannot be looked into: %s", folder, error)
                        self.unreadable.append(folder)
                        continue
                    with self._guard:
                        self._adopted[folder] = lock
        except Timeout:
            raise OSError(errno.EAGAIN, "another studio holds the recovery folder") from None
        for folder in tuple(self._adopted):
            for file in sorted(folder.glob("*.jsonl")):
                try:
                    unsaved = restored(file)
                    if unsaved is not None:
                        left.append(unsaved)
                except Damaged as error:
                    self.unreadable.append(error.file)
                except OSError as error:
                    _log.warning("%s cannot be read: %s", file, error)
                    self.unreadable.append(file)
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

    def tell(self, who: QObject | TextRecorder, trouble: str = "", hint: str = "") -> None:
        """Say once that edits cannot be kept; without a text, that those of this recorder can."""
        if trouble:
            first = not self._troubled
            self._troubled.add(who)
            if first:
                self.troubled.emit(trouble, hint)
        elif self._troubled:
            self._troubled -= {who, self}
            if not self._troubled:
                self.relieved.emit()

    def fail(self, who: QObject | TextRecorder, error: OSError) -> None:
        """Say once that edits cannot be kept, why, and what to do."""
        _log.warning("recovery files cannot be written: %s", error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            hint = tr("There is no space left. Free some, or save your work now.")
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = tr(
                "The folder {folder} may not be written. Allow it, and save your work often until then.",
                folder=self._root,
            )
        elif error.errno in (errno.EEXIST, errno.ENOTDIR):
            hint = tr(
                "{folder} is no folder. Move that file away, and save your work often until then.", folder=self._root
            )
        else:
            hint = tr("{reason}. Save your work often.", reason=error.strerror or str(error))
        self.tell(who, tr("Your edits cannot be kept in case of a crash."), hint)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / _LOCK).unlink(missing_ok=True)
        folder.rmdir()
