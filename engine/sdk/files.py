"""Files on disk, as every activity treats them: written whole or not at all, with refusals a person understands."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from engine.core.errors import ActivityError, BusinessError, SystemFault
from engine.core.sentences import say

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}
_BUSY = {errno.EBUSY, errno.ETXTBSY, errno.EAGAIN, errno.EDEADLK}
_HELD = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}
LOCK_PATIENCE = 30.0
"""Seconds that an append waits for another one to the same file."""
_READING = (say("use"), say("read"), say("list"), say("look at"), say("run"))
_CHANGING = (say("write"), say("make"), say("delete"), say("move"))
_VERBS: dict[str, str] = {verb: verb for verb in (*_READING, *_CHANGING)}


def file_error(error: OSError | ValueError, path: Path, verb: str = "use") -> ActivityError:
    """What a person is told when `path` could not be used.

    What is missing or misnamed is a `BusinessError`, the rest a `SystemFault`.
    `verb` completes "cannot … the file": read, write, move.
    """
    verb = _VERBS.get(verb, verb)
    shown = str(path).encode("utf-8", "replace").decode().replace("\0", "\\0")
    if isinstance(error, ValueError):
        return BusinessError(
            say("{shown} is not a path that can exist", shown=shown),
            hint=say("Remove the character that no path may hold."),
        )
    if isinstance(error, FileNotFoundError):
        return BusinessError(
            say("there is no file or folder {shown}", shown=shown),
            hint=say("Check the path; a relative one starts at the workflow's folder."),
        )
    if isinstance(error, IsADirectoryError):
        return BusinessError(say("{shown} is a folder, not a file", shown=shown), hint=say("Give the path of a file."))
    if isinstance(error, NotADirectoryError):
        return BusinessError(say("a part of the path {shown} is a file, not a folder", shown=shown))
    if isinstance(error, FileExistsError):
        return BusinessError(say("{shown} is already there", shown=shown))
    if error.errno == errno.ENAMETOOLONG:
        return BusinessError(say("the path {shown}… is longer than the system allows", shown=shown[:80]))
    if error.errno in _FULL:
        return SystemFault(
            say("no space is left to {verb} {shown}", verb=verb, shown=shown),
            hint=say("Free some space, then try again."),
        )
    if isinstance(error, PermissionError) or error.errno in _BUSY:
        return SystemFault(
            say("cannot {verb} {shown}: no permission, or another program holds it open", verb=verb, shown=shown),
            hint=say("Close it in the other program (Excel locks what it shows), or check who may use it."),
        )
    if error.errno == errno.EROFS:
        return SystemFault(say("cannot {verb} {shown}: the disk is read-only", verb=verb, shown=shown))
    return SystemFault(say("cannot {verb} {shown}: {reason}", verb=verb, shown=shown, reason=error.strerror or error))


@contextmanager
def file_errors(path: Path, verb: str = "use") -> Iterator[None]:
    """Turn what the system says about `path` into an error for a person, see `file_error`."""
    try:
        yield
    except (OSError, UnicodeEncodeError) as error:
        raise file_error(error, path, verb) from None
    except ValueError as error:
        if "null byte" not in str(error) and "null character" not in str(error):
            raise
        raise file_error(error, path, verb) from None


def read_bytes(path: Path) -> bytes:
    """The content of the file. Raises as `file_error` does."""
    with file_errors(path, "read"):
        return path.read_bytes()


def check_replaceable(path: Path) -> None:
    """Raises `BusinessError` for a device, a pipe or a socket: a file that takes its name would be the end of it."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise BusinessError(
            say("{path} is a device, a pipe or a socket, and is not replaced by a file", path=path),
            hint=say("Name another file."),
        )


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Give a binary stream whose content becomes `path` when the block ends well, and vanishes when it does not.

    The content is on the disk before it takes the name, so that a crash leaves the old file or the new one, never half
    of one. Missing folders are made; permissions of a file that was there, and a link to it, are kept.
    Raises `BusinessError` and `SystemFault` as `file_error` does.
    """
    with file_errors(path, "write"):
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        check_replaceable(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.parent / f".{target.name[:80]}.{secrets.token_hex(6)}.tmp"
        stream = open(beside, "xb")  # noqa: SIM115 - closed below, before the file is renamed
    try:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
        stream.close()
        if target.exists():
            os.chmod(beside, stat.S_IMODE(target.stat().st_mode))
        os.replace(beside, target)
        sync_folder(target.parent)
    except OSError as error:
        if error.filename not in (None, str(beside), str(target)):
            raise  # about another file, which the block used
        raise file_error(error, path, "write") from None
    finally:
        try:
            stream.close()
        except OSError:
            pass  # the disk is full, and has already said so
        beside.unlink(missing_ok=True)


def append_bytes(path: Path, content: bytes, *, line: bool = False) -> int:
    """Add `content` to the end of the file in one write, and give the size it has then, in bytes.

    With `line`, a last line that was left without its end gets one first. A missing file and folders are made.
    Whoever else appends this way at the same time, also in another process, waits for its turn.
    It is on the disk when this returns. A write that the system cut short is undone before the error is raised.
    """
    with file_errors(path, "write"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a+b", buffering=0) as stream, _alone(stream):
            start = stream.seek(0, os.SEEK_END)
            if line and start:
                stream.seek(-1, os.SEEK_END)
                if stream.read(1) not in (b"\n", b"\r"):
                    content = b"\n" + content
            written = 0
            try:
                written = stream.write(content)
                if written != len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(stream.fileno())
            except OSError:
                if written:
                    stream.truncate(start)
                raise
        if not start:
            sync_folder(path.parent)
        return start + len(content)


@contextmanager
def _alone(stream: FileIO) -> Iterator[None]:
    """Hold the file's lock. Raises `BlockingIOError` when another holds it for too long."""
    until = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            _lock(stream, True)
            break
        except OSError as error:
            if error.errno not in _HELD:
                break  # a file system without locks; an append is still one write
            if time.monotonic() > until:
                raise
            time.sleep(0.005)
    try:
        yield
    finally:
        if os.name == "nt":
            _lock(stream, False)  # elsewhere it ends with the file


if sys.platform == "win32":
    import msvcrt

    def _lock(stream: FileIO, lock: bool) -> None:
        place = stream.tell()
        stream.seek(1 << 40)  # a byte that no text reaches, because a locked one cannot be read
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK if lock else msvcrt.LK_UNLCK, 1)
        finally:
            stream.seek(place)

else:
    import fcntl

    def _lock(stream: FileIO, lock: bool) -> None:
        fcntl.flock(stream.fileno(), (fcntl.LOCK_EX | fcntl.LOCK_NB) if lock else fcntl.LOCK_UN)


def sync_folder(folder: Path) -> None:
    """Put the names in `folder` on the disk, where the system can (Windows does it by itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network file systems refuse to sync a folder; the file itself is safe
    finally:
        os.close(handle)
