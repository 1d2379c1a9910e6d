"""What can be saved of a damaged vault: from the file itself and from its backup, never without being asked to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.core.errors import RpaError, VaultCorrupt, VaultError, VaultKeyWrong, VaultTooNew
from engine.core.secrets import Use
from engine.core.sentences import say
from engine.vault import cipher, file
from engine.vault.file import Content, Record
from engine.vault.keys import Access, Lock
from engine.vault.vault import Vault, log_key, unsealed


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What a repair would leave: the names that are whole in the damaged file, those that only the backup has (as they
    were then), and what is lost. `healthy`: there is nothing to repair."""

    kept: tuple[str, ...]
    restored: tuple[str, ...]
    lost: tuple[str, ...]
    healthy: bool
    content: Content
    data_key: bytes
    log_key: bytes

    def __repr__(self) -> str:
        return f"RepairPlan(kept={self.kept}, restored={self.restored}, lost={self.lost}, healthy={self.healthy})"


def plan(vault: Vault) -> RepairPlan:
    """Look at the file and its backup, and change nothing. Raises `VaultCorrupt` where neither can be opened.

    A record counts as whole where its own seal is: what was taken out of the damaged file, or put back into it from an
    older one, is only seen by its tag, so whoever repairs should look over the result.
    """
    main, backup = _glance(vault.path), _glance(file.backup(vault.path))
    keys: dict[str, bytes] = {}
    base, refusal = None, None
    for one in (main, backup):
        try:
            if base is None and _key(one, vault.access, keys) is not None:
                base = one
        except VaultKeyWrong as error:
            refusal = error
    if base is None or base.content is None:
        raise refusal or VaultCorrupt(
            say("neither the vault {path} nor its backup can be opened", path=vault.path),
            hint=say("Take them from a backup of the disk, or import an export into a new vault (move both away)."),
        )
    content = base.content
    data_key = keys[content.vault]
    healthy = base is main and cipher.same(content.tag, content.tagged(data_key))
    whole = {record.id: record for record in _whole(main, keys)}
    restored = []
    for record in _whole(backup, keys) if not healthy else ():
        former = whole.get(record.id)
        taken = {one.name.casefold() for one in whole.values()}
        if former.revision < record.revision if former is not None else record.name.casefold() not in taken:
            whole[record.id] = record
            restored.append(record.name)
    kept = {record.name for record in whole.values()} - set(restored)
    names = {record.name for record in whole.values()}
    lost = [name for one in (main, backup) for name in one.names if name not in names] if not healthy else []
    generation = max(one.content.generation if one.content is not None else 0 for one in (main, backup))
    fresh = replace(content, records=tuple(whole.values()), generation=generation)
    key = _log_key(fresh, data_key, vault.path, (main, backup))
    fresh = replace(fresh, log=cipher.seal(data_key, key, ["rpa-vault log", 1, fresh.vault]))
    return RepairPlan(tuple(sorted(kept)), tuple(restored), tuple(dict.fromkeys(lost)), healthy, fresh, data_key, key)


def carry_out(vault: Vault, made: RepairPlan, use: Use) -> Path | None:
    """Write what the plan leaves. Gives where the damaged file was moved to, None where there was none."""
    with file.writing(vault.path):
        damaged = None
        if vault.path.exists():
            damaged = vault.path.with_name(f"{vault.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
            file.write(damaged, file.read(vault.path))
        logged = vault.audit.append(made.log_key, "repaired", use, fields=made.restored, sync=True)
        content = replace(made.content, generation=made.content.generation + 1, logged=logged)
        content = replace(content, tag=content.tagged(made.data_key))
        data = content.text().encode("ascii")
        file.write(vault.path, data)
        file.write(file.backup(vault.path), data)
    vault.close()
    return damaged


@dataclass(frozen=True, slots=True)
class _Glance:
    """A file as far as it can be read. `names` are those it speaks of, also where the rest is damaged."""

    content: Content | None
    names: tuple[str, ...]


def _glance(path: Path) -> _Glance:
    try:
        data = file.read(path)
    except VaultError:
        return _Glance(None, ())
    try:
        content = file.parse(data, path)
        return _Glance(content, tuple(record.name for record in content.records))
    except VaultTooNew:
        raise
    except VaultError:
        return _partly(data)


def _partly(data: bytes) -> _Glance:
    """What is whole of a file that does not parse as one, such as one with a record that was tampered with."""
    try:
        given = json.loads(data.decode("ascii", "replace"))
        records = [_record(one) for one in given["records"]]
        head = {name: given[name] for name in ("vault", "generation", "log", "logged")}
        content = Content(lock=Lock.read(given["lock"]), records=tuple(filter(None, records)), **head)
    except (ValueError, TypeError, KeyError, RecursionError):
        return _Glance(None, ())
    names = (one.get("name") for one in given["records"] if isinstance(one, Mapping))
    return _Glance(content, tuple(name for name in names if isinstance(name, str)))


def _record(given: Any) -> Record | None:
    try:
        return Record(**given)
    except TypeError:
        return None


def _key(one: _Glance, access: Access, keys: dict[str, bytes]) -> bytes | None:
    """The data key of a file. Raises what asks for something that a person can give, such as the right passphrase."""
    if one.content is None:
        return None
    if one.content.vault not in keys:
        try:
            keys[one.content.vault] = one.content.lock.open(one.content.vault, access)
        except VaultCorrupt:
            return None
    return keys[one.content.vault]


def _whole(one: _Glance, keys: Mapping[str, bytes]) -> Iterable[Record]:
    if one.content is None or one.content.vault not in keys:
        return
    for record in one.content.records:
        try:
            unsealed(record, one.content.vault, keys[one.content.vault])
        except (cipher.Forged, ValueError, TypeError, KeyError):
            continue
        yield record


def _log_key(content: Content, data_key: bytes, path: Path, glances: Iterable[_Glance]) -> bytes:
    for one in (content, *(glance.content for glance in glances)):
        try:
            if one is not None and one.vault == content.vault:
                return log_key(one, data_key, path)
        except RpaError:
            continue
    return cipher.random_key()
