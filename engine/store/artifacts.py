"""Artifacts as files, each named by the SHA-256 of what it holds, in folders by the first two digits."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from engine.core.errors import StoreCorrupt, StoreError
from engine.core.sentences import say


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def check_digest(digest: str) -> None:
    """Raises `StoreError` for a text that is not a SHA-256 in hexadecimal."""
    if re.fullmatch(r"[0-9a-f]{64}", digest) is None:
        raise missing(digest)


def missing(digest: str) -> StoreError:
    return StoreError(say("The store holds no artifact {digest!r}.", digest=digest[:64]))


def verified(data: bytes, digest: str, where: str) -> bytes:
    """`data`, if it still is what was stored. Raises `StoreCorrupt`."""
    if digest_of(data) != digest:
        raise StoreCorrupt(
            say("The artifact {digest} is damaged ({where}).", digest=digest, where=where),
            hint=say("Restore it from a backup, or run the execution again."),
        )
    return data


class ArtifactFolder:
    """All methods block, and raise `OSError` besides what they say."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Store, durably, and return the digest."""
        digest = digest_of(data)
        path = self._path(digest)
        if not self._holds(path, data):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
            try:
                with open(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)
                raise
        # Also for a file that was there: whoever renamed it may not have come to this line yet.
        for folder in (path.parent, self._folder, self._folder.parent):
            _sync_folder(folder)
        return digest

    def fetch(self, digest: str) -> bytes:
        """Raises `StoreError` when it is missing, `StoreCorrupt` when it is damaged."""
        check_digest(digest)
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise missing(digest) from None
        return verified(data, digest, str(path))

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _holds(self, path: Path, data: bytes) -> bool:
        """Whether the file is there and undamaged; a damaged one is written anew."""
        try:
            return path.stat().st_size == len(data) and path.read_bytes() == data
        except FileNotFoundError:
            return False


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows keeps directories in its journal and cannot open them for this
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
