"""The vault of a home folder: what it holds, by name, and every change of it.

Whatever gives a value away, or changes one, is written to the audit log first.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from engine.core.errors import NoSuchCredential, UsageError, VaultCorrupt, VaultError
from engine.core.ids import new_id
from engine.core.secrets import Use
from engine.core.sentences import say
from engine.vault import cipher, file, keychain
from engine.vault.audit import AuditLog
from engine.vault.fields import checked, checked_name, register
from engine.vault.file import Content, Record
from engine.vault.keys import REPAIR, Access, Lock, Origin, new_lock, preferred

_LOG = ["rpa-vault log", 1]


@dataclass(frozen=True, slots=True)
class Token:
    """An access token as it was granted: until when it is good, and when it came, in seconds since 1970."""

    text: str = field(repr=False)
    expires: float
    granted: float


@dataclass(frozen=True, slots=True)
class Held:
    """A credential with the values of its fields."""

    record: Record
    fields: Mapping[str, str] = field(repr=False)
    token: Token | None = None


@dataclass(frozen=True, slots=True, repr=False)
class _Open:
    """The vault with its keys."""

    data_key: bytes
    log_key: bytes
    content: Content
    data: bytes


class Vault:
    """The vault in that folder; the file is made with the first credential. May be used by several threads.

    What tells names needs no key. The first call that needs one opens the vault with `access`, and keeps it open.
    Raises `VaultError`s of `engine.core.errors`; what is given wrongly raises `UsageError` or `BusinessError`.
    """

    def __init__(self, folder: Path, access: Access | None = None) -> None:
        self.path = folder / file.NAME
        self.access = access or Access()
        self.audit = AuditLog(folder)
        self._open: _Open | None = None
        self._stamp: file.Stamp | None = None
        self._closed: tuple[file.Stamp, Content] | None = None
        self._guard = threading.RLock()

    @property
    def stamp(self) -> file.Stamp | None:
        """What changes whenever the vault does, for whoever shows it; None where there is none."""
        return file.stamp(self.path)

    @property
    def exists(self) -> bool:
        """Whether there is a vault. Raises `VaultCorrupt` where there is only its backup."""
        if self.stamp is not None:
            return True
        if file.backup(self.path).exists():
            raise VaultCorrupt(say("the vault {path} is gone, only its backup is there", path=self.path), hint=REPAIR)
        return False

    @property
    def lock(self) -> Lock | None:
        """How it is locked; None where there is no vault."""
        return self._content().lock if self.exists else None

    @property
    def generation(self) -> int:
        return self._content().generation if self.exists else 0

    def records(self) -> tuple[Record, ...]:
        """What it holds, by name. Needs no key, so it is only proved to be genuine once the vault was opened."""
        with self._guard:
            return tuple(sorted(self._content().records, key=_by_name)) if self.exists else ()

    def record(self, name: str) -> Record:
        """Raises `NoSuchCredential`."""
        return _found(self.records(), name)

    def _content(self) -> Content:
        stamp = self.stamp
        if self._open is not None and stamp == self._stamp:
            return self._open.content
        if self._closed is None or stamp is None or self._closed[0] != stamp:
            content = file.parse(file.read(self.path), self.path)
            if stamp is None:
                return content
            self._closed = (stamp, content)
        return self._closed[1]

    def open(self) -> None:
        """Open it, or see that it is still as it was proved to be."""
        with self._guard:
            self._opened()

    def close(self) -> None:
        """Forget the keys."""
        with self._guard:
            self._open = self._stamp = self._closed = None

    def held(self, name: str, use: Use, *, event: str = "used", fields: tuple[str, ...] = ()) -> Held:
        """The credential with its values; the use is logged. `fields` are those that are wanted, for the log."""
        with self._guard:
            opened = self._opened()
            found = _unsealed(opened, _found(opened.content.records, name))
            self.audit.append(opened.log_key, event, use, credential=name, fields=fields, sync=event != "used")
            return found

    def peek(self, name: str) -> Held:
        """The credential as it is now, within a use that is logged already."""
        with self._guard:
            opened = self._opened()
            return _unsealed(opened, _found(opened.content.records, name))

    def add(self, name: str, kind: str, fields: Mapping[str, str], use: Use) -> Record:
        """Keep a new credential. Raises `UsageError` where there is one of that name, whatever its case."""
        name = checked_name(name)
        values, expires = checked(kind, fields)

        def change(opened: _Open) -> tuple[Record, ...]:
            _require_free(opened.content.records, name)
            now = time.time()
            record = Record(new_id(), name, kind, 1, now, now, expires, "")
            return (*opened.content.records, _sealed(opened, record, values))

        self._change(change, "added", use, name, tuple(values), make=True)
        return self.record(name)

    def change(self, name: str, fields: Mapping[str, str | None], use: Use) -> Record:
        """Give some fields other values; None takes one away. A granted token is forgotten."""

        def change(opened: _Open) -> tuple[Record, ...]:
            record = _found(opened.content.records, name)
            merged = {**_unsealed(opened, record).fields, **fields}
            values, expires = checked(record.kind, {key: value for key, value in merged.items() if value is not None})
            return _exchanged(opened, record, replace(record, expires=expires), values)

        self._change(change, "changed", use, name, tuple(fields))
        return self.record(name)

    def rename(self, name: str, to: str, use: Use) -> Record:
        """Call it by another name. Workflows that name it have to be changed by whoever calls this."""
        to = checked_name(to)

        def change(opened: _Open) -> tuple[Record, ...]:
            record = _found(opened.content.records, name)
            _require_free([other for other in opened.content.records if other.id != record.id], to)
            found = _unsealed(opened, record)
            return _exchanged(opened, record, replace(record, name=to), found.fields, found.token)

        self._change(change, "renamed", use, to, (name,))
        return self.record(to)

    def remove(self, name: str, use: Use) -> None:
        """Forget it. The backup still has it until the next change."""

        def change(opened: _Open) -> tuple[Record, ...]:
            record = _found(opened.content.records, name)
            return tuple(other for other in opened.content.records if other.id != record.id)

        self._change(change, "removed", use, name, ())

    def keep_token(self, held: Held, token: Token, fields: Mapping[str, str], use: Use) -> None:
        """Keep what a token server granted, unless the credential was changed meanwhile. `fields` are the new ones."""

        def change(opened: _Open) -> tuple[Record, ...] | None:
            record = next((one for one in opened.content.records if one.id == held.record.id), None)
            if record is None or record.revision != held.record.revision:
                return None
            return _exchanged(opened, record, record, {**held.fields, **fields}, token)

        self._change(change, "refreshed", use, held.record.name, tuple(fields))

    def put_all(self, credentials: Mapping[str, tuple[str, Mapping[str, str]]], use: Use) -> None:
        """Keep credentials of an export, kind and fields by name; those of the same name are replaced."""

        def change(opened: _Open) -> tuple[Record, ...]:
            records = {record.name: record for record in opened.content.records}
            now = time.time()
            for name, (kind, fields) in credentials.items():
                values, expires = checked(kind, fields)
                former = records.get(name)
                _require_free([one for one in records.values() if one is not former], name)
                fresh = Record(new_id(), name, kind, 1, now, now, expires, "")
                records[name] = _sealed(opened, fresh, values)
            return tuple(records.values())

        self._change(change, "imported", use, "", tuple(credentials), make=True)

    def all_held(self, use: Use, *, event: str = "exported", names: tuple[str, ...] = ()) -> list[Held]:
        """All credentials, or those of these names, with their values; logged as one."""
        with self._guard:
            opened = self._opened()
            wanted = [_found(opened.content.records, name) for name in names] or list(opened.content.records)
            found = [_unsealed(opened, record) for record in wanted]
            self.audit.append(opened.log_key, event, use, fields=tuple(one.record.name for one in found), sync=True)
            return found

    def verify(self) -> int:
        """How many credentials there are, each of them opened. Raises `VaultCorrupt`."""
        with self._guard:
            opened = self._opened()
            return len([_unsealed(opened, record) for record in opened.content.records])

    def verify_audit(self) -> tuple[int, list[Any]]:
        """How many lines the audit log has, and what is wrong with it (`audit.Finding`)."""
        with self._guard:
            opened = self._opened()
            return self.audit.verify(opened.log_key, opened.content.logged)

    def rotate(self, use: Use, *, to: Origin | None = None, data: bool = False) -> Lock:
        """Put the vault under another master key, in the same place or another; with `data`, also under another data
        key, every record sealed anew. The backup goes under it too: the former key opens neither."""
        with self._guard, file.writing(self.path):
            opened = self._opened()
            origin = to or opened.content.lock.origin
            former = opened.content.lock
            data_key = cipher.random_key() if data else opened.data_key
            lock = new_lock(origin, opened.content.vault, data_key, self.access, again=True)
            log = cipher.seal(data_key, opened.log_key, [*_LOG, opened.content.vault])
            fresh = replace(opened, data_key=data_key)
            records = opened.content.records
            if data:
                records = tuple(
                    _sealed(fresh, record, found.fields, found.token)
                    for record, found in ((record, _unsealed(opened, record)) for record in records)
                )
            self._store(fresh, replace(opened.content, lock=lock, log=log, records=records), "rotated", use, "", ())
            file.write(file.backup(self.path), file.read(self.path))
            if former.item:
                keychain.remove(former.item, environment=self.access.environment)
            return lock

    def _opened(self) -> _Open:
        """The vault as it is now. Raises where it cannot be opened, or is not genuine."""
        stamp = self.stamp
        if self._open is not None and stamp is not None and stamp == self._stamp:
            return self._open
        if not self.exists:
            raise NoSuchCredential(
                say("there are no credentials yet"), hint=say("Add one with `rpa credentials add NAME`.")
            )
        data = file.read(self.path)
        content = file.parse(data, self.path)
        known = self._open if self._open is not None and self._open.content.lock == content.lock else None
        data_key = known.data_key if known is not None else content.lock.open(content.vault, self.access)
        if not cipher.same(content.tag, content.tagged(data_key)):
            raise file.corrupt(self.path)
        self._open = _Open(data_key, log_key(content, data_key, self.path), content, data)
        self._stamp = stamp
        return self._open

    def _change(
        self,
        change: Callable[[_Open], tuple[Record, ...] | None],
        event: str,
        use: Use,
        name: str,
        fields: tuple[str, ...],
        *,
        make: bool = False,
    ) -> None:
        """Write what `change` gives for the newest records, unless that is None."""
        with self._guard:
            if make:
                self._make_folder()
            else:
                self._opened()
            with file.writing(self.path):
                opened = self._made() if make and not self.exists else self._opened()
                records = change(opened)
                if records is not None:
                    self._store(opened, replace(opened.content, records=records), event, use, name, fields)

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise VaultError(
                say("the folder {path} cannot be made: {reason}", path=self.path.parent, reason=error.strerror)
            ) from None

    def _made(self) -> _Open:
        """A new vault, not written yet."""
        vault, data_key, log = new_id(), cipher.random_key(), cipher.random_key()
        lock = new_lock(preferred(self.access), vault, data_key, self.access)
        content = Content(vault, 0, lock, cipher.seal(data_key, log, [*_LOG, vault]), 0, ())
        return _Open(data_key, log, content, b"")

    def _store(self, opened: _Open, content: Content, event: str, use: Use, name: str, fields: tuple[str, ...]) -> None:
        logged = self.audit.append(opened.log_key, event, use, credential=name, fields=fields, sync=True)
        content = replace(content, generation=content.generation + 1, logged=logged)
        content = replace(content, tag=content.tagged(opened.data_key))
        file.save(self.path, content, before=opened.data or None)
        self._stamp = self.stamp
        self._open = replace(opened, content=content, data=content.text().encode("ascii"))


def log_key(content: Content, data_key: bytes, path: Path) -> bytes:
    """The key of the audit log. Raises `VaultCorrupt`."""
    try:
        return cipher.unseal(data_key, content.log, [*_LOG, content.vault])
    except cipher.Forged:
        raise file.corrupt(path) from None


def unsealed(record: Record, vault: str, data_key: bytes) -> tuple[dict[str, str], Token | None]:
    """The fields of a record and its token. Raises `cipher.Forged`."""
    key = cipher.derived(data_key, "records")
    payload = json.loads(cipher.unseal(key, record.sealed, record.about(vault)))
    return payload["fields"], Token(**payload["token"]) if payload.get("token") else None


def _unsealed(opened: _Open, record: Record) -> Held:
    try:
        fields, token = unsealed(record, opened.content.vault, opened.data_key)
        register(record.kind, {**fields, "token": token.text} if token is not None else fields)
        return Held(record, fields, token)
    except cipher.Forged:
        raise VaultCorrupt(say("the credential {name!r} is damaged", name=record.name), hint=REPAIR) from None


def _sealed(opened: _Open, record: Record, fields: Mapping[str, str], token: Token | None = None) -> Record:
    register(record.kind, fields)
    payload: dict[str, Any] = {"fields": dict(fields)}
    if token is not None:
        payload["token"] = {"text": token.text, "expires": token.expires, "granted": token.granted}
    key = cipher.derived(opened.data_key, "records")
    return replace(record, sealed=cipher.seal(key, cipher.canonical(payload), record.about(opened.content.vault)))


def _exchanged(
    opened: _Open, record: Record, fresh: Record, fields: Mapping[str, str], token: Token | None = None
) -> tuple[Record, ...]:
    fresh = replace(fresh, revision=record.revision + 1, changed=time.time())
    sealed = _sealed(opened, fresh, fields, token)
    return tuple(sealed if other is record else other for other in opened.content.records)


def _by_name(record: Record) -> tuple[str, str]:
    return record.name.casefold(), record.name


def _found(records: tuple[Record, ...], name: str) -> Record:
    for record in records:
        if record.name == name:
            return record
    _missing(records, name)


def _missing(records: tuple[Record, ...], name: str) -> NoReturn:
    import difflib

    near = next((record.name for record in records if record.name.casefold() == name.casefold()), "") or next(
        iter(difflib.get_close_matches(name, [record.name for record in records], 1)), ""
    )
    hint = say("Did you mean {near!r}?", near=near) if near else say("`rpa credentials list` shows what there is.")
    raise NoSuchCredential(say("there is no credential {name!r}", name=name[:100]), hint=hint)


def _require_free(records: Any, name: str) -> None:
    for record in records:
        if record.name.casefold() == name.casefold():
            raise UsageError(
                say("there is a credential {name!r} already", name=record.name),
                hint=say("Change it with `rpa credentials edit`, or take another name."),
            )
