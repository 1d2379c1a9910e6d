"""Files under open workflows: noticing what others do to them, and never writing over that unasked.

A file is known by the hash of what was last read from it or written to it. Notifications of the system say when to
look; where there are none (network folders), that is done when the window gets the focus. Before saving it always is.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from engine.api import LARGEST, save_text
from engine.core.errors import DocumentError
from studio.base.i18n import tr
from studio.base.tasks import spawn

if TYPE_CHECKING:
    from studio.bridge import Bridge

_BOM: Final = b"\xef\xbb\xbf"
_SETTLE: Final = 150
"""Milliseconds after a notification until the file is looked at: whoever writes it may not be done."""
_AGAIN: Final = 0.6
"""Seconds after which a file that is gone is looked for again: editors replace a file by another one."""
_COARSE: Final = 2.0
"""Seconds within which two writings may leave a file with the same time."""
Kind = Literal["same", "changed", "deleted", "unreadable"]
_WELL: tuple[Kind, str] = ("same", "")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file held: the SHA-256 of its bytes without byte-order mark, and times, size and number of the file then.

    `ctime` is when anything of it changed, which no program can set back.

    `taken` is when that was found out, in seconds since 1970. An empty hash is no file.
    """

    hash: str = ""
    mtime: int = 0
    size: int = -1
    inode: int = 0
    ctime: int = 0
    taken: float = 0.0

    def like(self, found: os.stat_result) -> bool:
        """Whether a file of these numbers surely holds the same."""
        same = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino) == (
            self.mtime,
            self.ctime,
            self.size,
            self.inode,
        )
        return same and self.taken - self.mtime / 1e9 > _COARSE


@dataclass(frozen=True, slots=True)
class News:
    """What a look at a file gave: the stamp to go on with and, where it is `changed`, what it holds now."""

    kind: Kind
    stamp: Stamp
    content: bytes = b""
    reason: str = ""

    @property
    def text(self) -> str:
        """The content as text. Raises `DocumentError` where it is none."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DocumentError(tr("It is not UTF-8 text.")) from None


class ChangedOnDisk(DocumentError):
    """Somebody else changed the file, so it was not written."""

    def __init__(self, path: Path, news: News) -> None:
        super().__init__(tr("{name} was changed by another program.", name=path.name))
        self.news = news


def stamp(content: bytes, found: os.stat_result) -> Stamp:
    """The stamp of a file with that content and those numbers."""
    hash = hashlib.sha256(content.removeprefix(_BOM)).hexdigest()
    return Stamp(hash, found.st_mtime_ns, found.st_size, found.st_ino, found.st_ctime_ns, time.time())


def look(path: Path, known: Stamp, thorough: bool = True) -> News:
    """How the file at `path` compares to `known`; not `thorough`, its numbers are believed. Any thread."""
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            return News("unreadable", known, reason=tr("It is no ordinary file any more."))
        if not thorough and known.like(found):
            return News("same", known)
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return News("deleted", Stamp())
    except OSError as error:
        return News("unreadable", known, reason=error.strerror or str(error))
    now = stamp(content, found)
    return News("same", now) if now.hash == known.hash else News("changed", now, content)


def write(path: Path, text: str, known: Stamp | None) -> Stamp:
    """Save `text` to `path`, unless the file is no longer what is `known` of it (None: whatever it is). Any thread.

    Raises `ChangedOnDisk`, and `DocumentError` where it cannot be written; the file is untouched then.
    """
    if known is not None:
        news = look(path, known)
        if news.kind == "changed":
            raise ChangedOnDisk(path, news)
    save_text(path, text)
    content = text.encode()
    try:
        found = os.stat(path)
    except OSError:
        return Stamp(hashlib.sha256(content).hexdigest())
    written = stamp(content, found)
    # Another size: somebody was quicker than we could look, and the next look shall find it.
    return written if found.st_size == len(content) else Stamp(written.hash)


class Disk(QObject):
    """The files that are watched. One of these looks after all of them, for systems allow only so many watchers."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._watcher: QFileSystemWatcher | None = None
        self._watched: list[Watched] = []
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE)
        self._timer.timeout.connect(lambda: self.look_at_all(thorough=True))
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._focus)

    def watch(self, path: Path, known: Stamp) -> Watched:
        """Look after the file at `path` until `release`."""
        watched = Watched(self, path, known)
        self._watched.append(watched)
        self._follow()
        return watched

    def release(self, watched: Watched) -> None:
        watched.released = True
        if watched in self._watched:
            self._watched.remove(watched)
            self._follow()

    def look_at_all(self, *, thorough: bool = False) -> None:
        """Look at every file now; what is news is told by its `Watched`."""
        self._follow()
        for watched in self._watched:
            watched.look_soon(thorough)

    def close(self) -> None:
        """Look after nothing any more."""
        for watched in tuple(self._watched):
            self.release(watched)
        self._timer.stop()
        if self._watcher is not None:
            self._watcher.deleteLater()
            self._watcher = None

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        return await self._bridge.run(function, *args)

    def _focus(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self.look_at_all()

    def _follow(self) -> None:
        """Have the system tell about the files, and about their folders, where a file is replaced or comes back."""
        wanted = {str(path) for one in self._watched for path in (one.path, one.path.parent)}
        if self._watcher is None:
            if not wanted:
                return
            self._watcher = QFileSystemWatcher(self)
            self._watcher.fileChanged.connect(self._timer.start)
            self._watcher.directoryChanged.connect(self._timer.start)
        known = {*self._watcher.files(), *self._watcher.directories()}
        if known - wanted:
            self._watcher.removePaths(sorted(known - wanted))
        if wanted - known:
            self._watcher.addPaths(sorted(wanted - known))


class Watched(QObject):
    """One file. `news` comes with a `News` that was not told yet, and one of kind `same` when all is well again."""

    news = Signal(object)

    def __init__(self, disk: Disk, path: Path, known: Stamp) -> None:
        super().__init__(disk)
        self.path = path
        self.known = known
        self.released = False
        self._disk = disk
        self._last: tuple[Kind, str] = _WELL
        self._looking = False
        self._wanted: bool | None = None
        self._writing = 0

    def look_soon(self, thorough: bool) -> None:
        """Look at the file in the background, once more where that is going on already."""
        if self._looking:
            self._wanted = bool(self._wanted) or thorough
        elif not self._writing:
            self._looking = True
            spawn(self._look(thorough))

    async def _look(self, thorough: bool) -> None:
        try:
            while not self.released:
                self._wanted = None
                known = self.known
                found: News = await self._disk.run(look, self.path, known, thorough)
                if found.kind == "deleted":
                    await asyncio.sleep(_AGAIN)
                    found = await self._disk.run(look, self.path, known, thorough)
                if self._is_at(known):
                    self._tell(found)
                if self._wanted is None:
                    return
                thorough = self._wanted
        finally:
            self._looking = False

    def _is_at(self, known: Stamp) -> bool:
        """Whether a look that began with `known` still says something."""
        return known is self.known and not self.released and not self._writing

    def _tell(self, found: News) -> None:
        if found.kind == "same":
            self.known = found.stamp
        now = _WELL if found.kind == "same" else (found.kind, found.stamp.hash)
        before, self._last = self._last, now
        if now != before:
            self.news.emit(found)

    def accept(self, known: Stamp) -> None:
        """The file is known to be that; what was told about it is settled."""
        self.known = known
        self._last = _WELL

    async def write(self, text: str, *, force: bool = False) -> None:
        """Save `text`. Raises `ChangedOnDisk` unless `force`, and `DocumentError`."""
        self._writing += 1
        try:
            self.accept(await self._disk.run(write, self.path, text, None if force else self.known))
        finally:
            self._writing -= 1
        self._disk.look_at_all()
