"""One window a person and home folder: a second start hands its files to the first one and ends.

The two speak over a local socket that only this person may open. A message is one line of JSON::

    {"protocol": 1, "folder": "/where/it/was/started", "arguments": ["a.rpa.yaml"]}     asks
    {"protocol": 1, "taken": true}                                                      answers

Who listens is decided under a lock, so that of two starts at the same moment one becomes the window. Where there is no
socket nobody listens, so the first start need not ask, and makes its own when its window is there: until then it keeps
the lock, and other starts wait.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDeadlineTimer, QDir, QLockFile, QObject, QThread, QTimer, Signal

from engine.core.errors import RpaError, UsageError

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

PROTOCOL = 1
LARGEST = 64 * 1024
"""Bytes of a message; more files than fit are not opened by one command."""
PATIENCE = 8.0
"""Seconds that a running window has to answer."""
_IDLE = 5000
_STALE = 60_000
"""Milliseconds after which a start is taken for dead although its process cannot be looked for: it was on a machine of
another name. One that can be looked for and has ended is in nobody's way at once."""
_LOOK = 20
"""Milliseconds between two looks whether another start has decided."""
_log = logging.getLogger(__name__)


class InstanceError(RpaError):
    """The window that is already open cannot be reached."""

    code = "instance"


class Instance(QObject):
    """Being the one window. `requested` carries the files, list[Path], that a second start wants opened; it may be
    empty, and means in any case that the window shall come to the front."""

    requested = Signal(list)

    def __init__(self, name: str, lock: QLockFile) -> None:
        super().__init__()
        self._name = name
        self._lock = lock
        self._server: QLocalServer | None = None

    def listen(self) -> None:
        """Hear of second starts from now on, and let them go on that have waited."""
        self._server = _listen(self._name)
        self._lock.unlock()
        if self._server is not None:
            self._server.setParent(self)
            self._server.newConnection.connect(self._welcome)

    def close(self) -> None:
        """Listen no more; a start from now on opens a window of its own."""
        self._lock.unlock()
        if self._server is not None:
            self._server.close()

    def _welcome(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            _Conversation(socket, self)


class _Conversation(QObject):
    """One second start being listened to, for a bounded time and a bounded length."""

    def __init__(self, socket: QLocalSocket, instance: Instance) -> None:
        super().__init__(instance)
        self._socket = socket
        self._instance = instance
        self._answered = False
        socket.setParent(self)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self.deleteLater)
        QTimer.singleShot(_IDLE, self, socket.abort)
        self._read()

    def _read(self) -> None:
        if self._answered:
            return
        if not self._socket.canReadLine():
            if self._socket.bytesAvailable() > LARGEST:
                self._answer({"taken": False, "reason": "too long"})
            return
        files = _files(bytes(self._socket.readLine().data()))
        if files is None:
            self._answer({"taken": False, "reason": "not understood"})
            return
        self._answer({"taken": True})
        self._instance.requested.emit(files)

    def _answer(self, answer: dict[str, Any]) -> None:
        self._answered = True
        self._socket.write(json.dumps({"protocol": PROTOCOL, **answer}).encode() + b"\n")
        self._socket.flush()
        self._socket.disconnectFromServer()


def claim(home: Path, arguments: Sequence[str] = (), *, patience: float = PATIENCE) -> Instance | None:
    """Be the one window of this person and home folder, or hand `arguments` to it and give None.

    `Instance.listen` is to be called soon: other starts wait for it. Needs a `QCoreApplication`. Raises `InstanceError`
    when a window is there and does not answer within `patience` seconds or is of another version, and `UsageError` for
    more arguments than fit into a message. Where no socket can be made at all the program goes on without: `Instance`
    then hears of no second start.
    """
    message = json.dumps({"protocol": PROTOCOL, "folder": str(Path.cwd()), "arguments": list(arguments)}) + "\n"
    if len(message) > LARGEST:
        raise UsageError("these are too many files for one command", hint="open the rest from the window")
    name = socket_name(home)
    deadline = QDeadlineTimer(int(patience * 1000))
    lock = QLockFile(QDir.temp().filePath(f"{name}.lock"))
    lock.setStaleLockTime(_STALE)
    decided = _take(lock, deadline)
    if not decided and lock.error() == QLockFile.LockError.LockFailedError:
        raise InstanceError(
            "RPA Studio is being started elsewhere and does not get on", hint="wait a moment, then start it again"
        )
    try:
        if _may_listen(name) and _hand_over(name, message, deadline):
            lock.unlock()
            return None
    except RpaError:
        lock.unlock()
        raise
    return Instance(name, lock)


def _take(lock: QLockFile, deadline: QDeadlineTimer) -> bool:
    """Wait for the lock; left to itself it sleeps twice as long after each try, and overlooks for seconds that it is
    free."""
    while not lock.tryLock(0):
        if lock.error() != QLockFile.LockError.LockFailedError or deadline.hasExpired():
            return False
        QThread.msleep(_LOOK)
    return True


def socket_name(home: Path) -> str:
    """The name of the socket of this person and home folder."""
    try:
        person = getpass.getuser()
    except (OSError, KeyError, ImportError):
        person = ""
    return (
        "rpa-studio-" + hashlib.sha256(f"{person}\0{home.absolute()}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    )


def _may_listen(name: str) -> bool:
    """Whether it is worth asking. Qt's sockets are files with this name, but pipes on Windows."""
    return sys.platform == "win32" or os.path.lexists(QDir.temp().filePath(name))


def _hand_over(name: str, message: str, deadline: QDeadlineTimer) -> bool:
    """Give the message to the window that listens; False where none does."""
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(max(0, deadline.remainingTime())):
        if socket.error() in (
            QLocalSocket.LocalSocketError.ServerNotFoundError,
            QLocalSocket.LocalSocketError.ConnectionRefusedError,
        ):
            return False
        raise _no_answer()
    socket.write(message.encode())
    while not socket.canReadLine():
        if not socket.waitForReadyRead(max(0, deadline.remainingTime())) and not socket.canReadLine():
            if socket.state() is not QLocalSocket.LocalSocketState.ConnectedState and not deadline.hasExpired():
                # It ended before it answered. Nobody is in its place: the lock is held here.
                return _hand_over(name, message, deadline)
            raise _no_answer()
    try:
        answer = json.loads(bytes(socket.readLine().data()))
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or answer.get("protocol") != PROTOCOL:
        raise InstanceError("another version of RPA Studio is open", hint="close its window, then start this one again")
    if answer.get("taken") is not True:
        raise InstanceError("the open window of RPA Studio did not take the files", hint="open them from the window")
    return True


def _listen(name: str) -> QLocalServer | None:
    from PySide6.QtNetwork import QLocalServer

    server = QLocalServer()
    server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
    if server.listen(name):
        return server
    # Nobody answered there, and nobody else is deciding: what is left is the socket of a process that was killed.
    QLocalServer.removeServer(name)
    if server.listen(name):
        return server
    _log.warning("a second start cannot be noticed: %s", server.errorString())
    return None


def _no_answer() -> InstanceError:
    return InstanceError(
        "RPA Studio is already open and does not answer", hint="wait a moment, or end that process, then start it again"
    )


def _files(line: bytes) -> list[Path] | None:
    """The files of a message, or None for anything that is no message of this protocol."""
    try:
        message = json.loads(line)
        arguments, folder = message["arguments"], Path(message["folder"])
        if message["protocol"] != PROTOCOL or not isinstance(arguments, list):
            return None
        return [folder / argument for argument in arguments if isinstance(argument, str) and "\0" not in argument]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
