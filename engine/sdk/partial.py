"""A file that arrives in pieces: it takes its name when it is complete, and is taken up where it was left."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from pathlib import Path

from engine.core.errors import BusinessError, SystemFault
from engine.core.sentences import say
from engine.sdk.files import atomic_write, check_replaceable, file_errors, sync_folder

_ABANDONED = 7 * 86400.0
_PIECE = 1 << 20


class Damaged(SystemFault):
    """What was fetched is not what was wanted."""


class Partial:
    """The file while it is incomplete, beside its place, under a name that belongs to its `owner` alone.

    A note beside it holds the `validator`: what the server calls this state of the file, without which it cannot be
    taken up again. `size` bytes are there. Used in a worker thread.
    """

    def __init__(self, path: Path, owner: str, algorithm: str, max_size: float | None) -> None:
        with file_errors(path, "write"):
            self.path = path
            self._target = Path(os.path.realpath(path))
            check_replaceable(self._target)
            if self._target.is_dir():
                raise IsADirectoryError
            self._target.parent.mkdir(parents=True, exist_ok=True)
            mark = hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:12]
            name = f".{self._target.name[:80]}"
            self._forget(name)
            self._at = self._target.parent / f"{name}.{mark}.part"
            self._note = self._at.with_suffix(".note")
            self._limit = max_size
            self._algorithm = algorithm
            self.size = self.resumed_at = 0
            self.unwritable = False
            self._begin()
            self.validator = self._noted()
            mode = "ab" if self.validator else "wb"
            self._stream = open(self._at, mode, buffering=0)  # noqa: SIM115 - closed by `close`
            if self.validator:
                self._read()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def restart(self, validator: str) -> None:
        """Empty the part, and note by what the server will know this state again; empty if it will not."""
        with file_errors(self.path, "write"):
            self._stream.close()
            self._stream = open(self._at, "wb", buffering=0)  # noqa: SIM115
        self._begin()
        self.validator = validator if validator.isascii() else ""
        if not self.validator:
            self._note.unlink(missing_ok=True)
        else:
            with atomic_write(self._note) as stream:
                stream.write(validator.encode("ascii"))

    def write(self, data: bytes, total: int | None) -> None:
        """Add to the part. Raises `BusinessError` once it is larger than allowed."""
        size = max(self.size + len(data), total or 0)
        if self._limit is not None and size > self._limit * 1_000_000:
            raise BusinessError(
                say("the file for {name} is larger than {limit:g} MB", name=self.path.name, limit=self._limit),
                hint=say("Raise the limit."),
            )
        with file_errors(self.path, "write"):
            left = memoryview(data)
            try:
                while left:
                    left = left[self._stream.write(left) :]
            except OSError:
                self.unwritable = True
                self._stream.truncate(self.size)
                raise
        self._count(data)

    def finish(self, checksum: str, url: str) -> None:
        """Give the part its name. Raises `Damaged` if it does not have the checksum."""
        if checksum and self._hash.hexdigest() != checksum:
            raise Damaged(
                f"the file from {url} has the {self._algorithm} checksum {self._hash.hexdigest()}, not {checksum}",
                hint="It was damaged on the way or has changed; see that the checksum is that of this file.",
            )
        with file_errors(self.path, "write"):
            os.fsync(self._stream.fileno())
            self._stream.close()
            if self._target.exists():
                os.chmod(self._at, stat.S_IMODE(self._target.stat().st_mode))
            os.replace(self._at, self._target)
            sync_folder(self._target.parent)
        self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        self.close()
        self._at.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def close(self) -> None:
        try:
            self._stream.close()
        except OSError:
            pass  # the disk is full, and has already said so

    def _begin(self) -> None:
        self.size = 0
        self._hash = hashlib.new(self._algorithm, usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    def _count(self, data: bytes) -> None:
        self.size += len(data)
        self._hash.update(data)
        self._sha256.update(data)

    def _noted(self) -> str:
        try:
            return self._note.read_text("ascii").strip() if self._at.exists() else ""
        except (OSError, UnicodeDecodeError):
            return ""

    def _read(self) -> None:
        with open(self._at, "rb") as stream:
            while data := stream.read(_PIECE):
                self._count(data)

    def _forget(self, name: str) -> None:
        """Remove what other steps left half done at this place long ago."""
        for old in self._target.parent.glob(f"{_escaped(name)}.*.part"):
            if time.time() - old.stat().st_mtime > _ABANDONED:
                old.unlink(missing_ok=True)
                old.with_suffix(".note").unlink(missing_ok=True)


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
