"""Credentials in a file for another machine: all of them sealed as one, under a passphrase of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from engine.core.errors import UsageError, VaultCorrupt, VaultKeyWrong, VaultTooNew
from engine.core.secrets import Use
from engine.core.sentences import say
from engine.vault import cipher, file
from engine.vault.fields import checked, checked_name
from engine.vault.vault import Vault

FORMAT, VERSION = "rpa-credentials", 1
Conflict = Literal["refuse", "keep", "replace", "rename"]
CONFLICTS: tuple[Conflict, ...] = get_args(Conflict)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: names, and for the renamed ones the name in the file and the new one."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


def export(vault: Vault, path: Path, passphrase: str, use: Use, *, names: tuple[str, ...] = ()) -> int:
    """Write all credentials, or those of these names, and give how many. Granted tokens stay here."""
    held = vault.all_held(use, names=names)
    content = [{"name": one.record.name, "kind": one.record.kind, "fields": dict(one.fields)} for one in held]
    stretch = cipher.Argon2id.fresh()
    sealed = cipher.seal(stretch.key(passphrase), cipher.canonical(content), _about(stretch))
    whole = {"format": FORMAT, "version": VERSION, "argon2id": stretch.plain(), "sealed": sealed}
    file.write(path, (json.dumps(whole, indent=1) + "\n").encode("ascii"))
    return len(held)


def read(path: Path, passphrase: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Kind and fields of the credentials in an export, by name, each of them checked.

    Raises `VaultKeyWrong` for another passphrase (or a file that was changed), `VaultCorrupt` for what is no export.
    """
    try:
        given = json.loads(file.read(path))
        if given["format"] != FORMAT or type(given["version"]) is not int:
            raise ValueError("another format")
        if given["version"] > VERSION:
            raise VaultTooNew(
                say("{path} was written by a newer version of RPA Studio", path=path), hint=say("Update RPA Studio.")
            )
        stretch, sealed = cipher.Argon2id.read(given["argon2id"]), str(given["sealed"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise VaultCorrupt(
            say("{path} is not an export of credentials, or is damaged", path=path),
            hint=say("Such a file is made by `rpa credentials export`."),
        ) from None
    try:
        content = json.loads(cipher.unseal(stretch.key(passphrase), sealed, _about(stretch)))
    except cipher.Forged:
        raise VaultKeyWrong(
            say("{path} does not open: the passphrase is another one, or the file is damaged", path=path),
            hint=say("It is the passphrase that was given when it was exported."),
        ) from None
    return {checked_name(one["name"]): (one["kind"], checked(one["kind"], one["fields"])[0]) for one in content}


def merge(
    vault: Vault, credentials: Mapping[str, tuple[str, dict[str, str]]], use: Use, *, conflict: Conflict = "refuse"
) -> Imported:
    """Take credentials into the vault, all of them or none.

    `conflict` says what becomes of those whose name is taken: the import is refused, the one here is kept, replaced,
    or the imported one gets a number behind its name.
    """
    taken = {record.name.casefold(): record.name for record in vault.records()}
    clashes = [name for name in credentials if name.casefold() in taken]
    if clashes and conflict == "refuse":
        raise UsageError(
            say("there are credentials of these names already: {names}", names=", ".join(clashes)),
            hint=say("Choose with --conflict keep, replace or rename."),
        )
    added = {name: one for name, one in credentials.items() if name not in clashes}
    renamed: dict[str, str] = {}
    replaced: dict[str, str] = {}
    for name in clashes:
        if conflict == "replace":
            replaced[name] = taken[name.casefold()]
            added[replaced[name]] = credentials[name]
        elif conflict == "rename":
            renamed[name] = _free(name, {*taken, *(other.casefold() for other in (*added, *credentials))})
            added[renamed[name]] = credentials[name]
    if added:
        vault.put_all(added, use)
    return Imported(
        added=tuple(name for name in credentials if name not in clashes),
        replaced=tuple(replaced.values()),
        kept=tuple(clashes) if conflict == "keep" else (),
        renamed=renamed,
    )


def _free(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}-{number}".casefold() in taken:
        number += 1
    return f"{name}-{number}"


def _about(stretch: cipher.Argon2id) -> list[Any]:
    return [FORMAT, VERSION, stretch.plain()]
