"""The file of the vault: what is in it, how it is read and written, and who may write.

JSON, so that it can be looked at: names and kinds can be read without a key, values cannot. A tag over the whole that
only a holder of the data key can give tells of records that were removed, put in another order, exchanged, or brought
back from an older file. It is written whole: readers need no lock, and a crash leaves the old file or the new one.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core import faults
from engine.core.errors import VaultBusy, VaultCorrupt, VaultError, VaultTooNew
from engine.core.sentences import say
from engine.sdk.files import sync_folder
from engine.vault import cipher
from engine.vault.keys import REPAIR, Lock

NAME = "vault.json"
FORMAT, VERSION = "rpa-vault", 1
PATIENCE = 10.0
"""Seconds to wait for another process that writes."""
LARGEST = 64_000_000
"""Bytes of a file that is read."""
WRITTEN = faults.point("vault.written")
BACKED_UP = faults.point("vault.backed_up")

Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A credential as it stands in the file. Times are seconds since 1970; `expires` is 0 where it does not.

    `sealed` holds the fields, bound to the vault and to everything else here.
    """

    id: str
    name: str
    kind: str
    revision: int
    created: float
    changed: float
    expires: float
    sealed: str

    def about(self, vault: str) -> list[Any]:
        """What the seal is bound to."""
        rest = [self.id, self.name, self.kind, self.revision, self.created, self.changed, self.expires]
        return ["rpa-vault record", VERSION, vault, *rest]


@dataclass(frozen=True, slots=True)
class Content:
    """The whole file. `generation` grows with every change; `log` is the sealed key of the audit log, and `logged` how
    many lines that had when this was written."""

    vault: str
    generation: int
    lock: Lock
    log: str
    logged: int
    records: tuple[Record, ...]
    tag: str = ""

    def plain(self) -> dict[str, Any]:
        """All but the tag."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "vault": self.vault,
            "generation": self.generation,
            "lock": self.lock.plain(),
            "log": self.log,
            "logged": self.logged,
            "records": [{name: getattr(record, name) for name in _RECORD} for record in self.records],
        }

    def tagged(self, data_key: bytes) -> str:
        """The tag that this content has to have."""
        return cipher.tag(cipher.derived(data_key, "list"), cipher.canonical(self.plain()))

    def text(self) -> str:
        return json.dumps({**self.plain(), "tag": self.tag}, indent=1) + "\n"


_RECORD = {
    "id": str,
    "name": str,
    "kind": str,
    "revision": int,
    "created": float,
    "changed": float,
    "expires": float,
    "sealed": str,
}
_WHOLE = {"vault": str, "generation": int, "log": str, "logged": int, "tag": str}


def parse(data: bytes, path: Path) -> Content:
    """The content of a file. Raises `VaultCorrupt`, `VaultTooNew`."""
    try:
        given = json.loads(data.decode("ascii"), object_pairs_hook=_unique)
        if not isinstance(given, dict) or given.get("format") != FORMAT or type(given.get("version")) is not int:
            raise ValueError("another format")
        if given["version"] > VERSION:
            raise VaultTooNew(
                say("{path} was written by a newer version of RPA Studio", path=path), hint=say("Update RPA Studio.")
            )
        if set(given) != {*_WHOLE, "format", "version", "lock", "records"}:
            raise ValueError("other names")
        records = tuple(Record(**_typed(record, _RECORD)) for record in given["records"])
        whole = _typed({name: given[name] for name in _WHOLE}, _WHOLE)
        content = Content(lock=Lock.read(given["lock"]), records=records, **whole)
        if content.text().encode("ascii") != data:
            raise ValueError("not as it was written")
        return content
    except (ValueError, TypeError, KeyError, RecursionError):
        raise corrupt(path) from None


def corrupt(path: Path) -> VaultCorrupt:
    return VaultCorrupt(say("the vault {path} is damaged, or was changed by somebody else", path=path), hint=REPAIR)


def backup(path: Path) -> Path:
    """Where the generation before is kept."""
    return path.with_name(path.name + ".bak")


def stamp(path: Path) -> Stamp | None:
    """What changes whenever the file does; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(path, error, say("read")) from None
    return found.st_mtime_ns, found.st_size, found.st_ino


def read(path: Path) -> bytes:
    """The bytes of the file. Raises `VaultError`."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise _refused(path, error, say("read")) from None
    if len(data) > LARGEST:
        raise corrupt(path)
    return data


def save(path: Path, content: Content, *, before: bytes | None) -> None:
    """Write the file; `before`, the one that is replaced, becomes the backup first. Raises `VaultError`."""
    if before is not None:
        write(backup(path), before)
    faults.reach(BACKED_UP)
    write(path, content.text().encode("ascii"))


def write(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole and on the disk. Raises `VaultError`."""
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        try:
            with open(beside, "xb", opener=_private) as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            faults.reach(WRITTEN)
            os.replace(beside, target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)
    except OSError as error:
        raise _refused(path, error, say("write")) from None


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


@contextmanager
def writing(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Be the only one that writes. Raises `VaultBusy`."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(path.name + ".lock"), timeout=patience, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise VaultBusy(
            say("another process is writing to {path}", path=path), hint=say("Try again in a moment.")
        ) from None
    except OSError as error:
        raise _refused(path, error, say("write")) from None
    try:
        yield
    finally:
        lock.release()


def _refused(path: Path, error: OSError, verb: str) -> VaultError:
    return VaultError(
        say("cannot {verb} {path}: {reason}", verb=verb, path=path, reason=error.strerror or str(error)),
        hint=say("Check the permissions of the home folder, and the space that is left."),
    )


def _typed(given: Any, types: dict[str, type]) -> dict[str, Any]:
    if not isinstance(given, dict) or set(given) != set(types):
        raise ValueError("other names")
    for name, kind in types.items():
        if type(given[name]) is not kind:
            raise ValueError(f"{name} is of another type")
    return given


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found
