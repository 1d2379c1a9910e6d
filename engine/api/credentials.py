"""Credentials, for whoever shows them and changes them: the vault of this machine, and what it says without its key.

Everything here blocks for a moment (the disk, the keyring, Argon2id), so a window calls it on a thread of its own.
`Vault.stamp` changes whenever the vault does, also by another process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.errors import VaultLocked
from engine.core.secrets import Use
from engine.core.sentences import say
from engine.core.settings import Settings
from engine.vault import file, keychain, repair, transfer
from engine.vault.audit import AuditEntry
from engine.vault.fields import assembled
from engine.vault.keys import Access, Ask
from engine.vault.repair import RepairPlan
from engine.vault.source import EnvironmentSecrets
from engine.vault.transfer import Imported
from engine.vault.vault import Vault
from engine.workflow.codec import Document
from engine.workflow.comments import KeyPath
from engine.workflow.model import Workflow
from engine.workflow.problem import Problem
from engine.workflow.rules.report import Catalog, Report

_CALLED = re.compile(r"""\bsecret\(\s*(['"])(?P<name>[^'"]+)\1|(['"])(?P<piped>[^'"]+)\3\s*\|\s*secret\b""")


@dataclass(frozen=True, slots=True)
class CredentialInfo:
    """What can be told of a credential without a key. Times are seconds since 1970; `expires` is 0 for never."""

    name: str
    kind: str
    created: float
    changed: float
    expires: float
    used: AuditEntry | None


@dataclass(frozen=True, slots=True)
class CredentialDetails:
    """A credential with what may be shown of it, and the names of its secret fields that hold something."""

    info: CredentialInfo
    shown: Mapping[str, str]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """How the vault stands, without opening it. `origin` says where its key is, empty where there is no vault yet;
    `keyring` names that of this system, `keyring_problem` why there is none; `backup` is when the generation before was
    written (0: never)."""

    path: str
    origin: str
    credentials: int
    generation: int
    changed: float
    backup: float
    keyring: str
    keyring_problem: str


class Credentials(Vault):
    """The vault of this machine, with what windows and commands ask of it beside what a `Vault` does."""

    def listing(self) -> list[CredentialInfo]:
        """What there is, by name. Needs no key."""
        last = self.audit.last_uses()
        return [_info(record, last) for record in self.records()]

    def details(self, name: str) -> CredentialDetails:
        """A credential without its secrets. Raises `NoSuchCredential`."""
        held = self.peek(name)
        credential = assembled(name, held.record.kind, held.fields)
        info = _info(held.record, self.audit.last_uses())
        return CredentialDetails(info, dict(credential.shown), tuple(credential.hidden))

    def reveal(self, name: str, field: str = "", *, by: str, reason: str = "") -> str:
        """The value of a field, the chief one if none is named; written to the audit log with who and why.

        Of an OAuth 2 client that is its secret: tokens are for steps.
        """
        kind = self.record(name).kind
        wanted = field or ("client_secret" if kind == "oauth2" else "")
        held = self.held(name, Use(by, reason=reason), event="revealed", fields=(wanted,) if wanted else ())
        credential = assembled(name, kind, held.fields)
        return credential.shown[wanted] if wanted in credential.shown else credential.secret(wanted).reveal()

    def status(self) -> VaultStatus:
        """How the vault stands; nobody is asked for anything. Raises `VaultError` where the file cannot be read."""
        stamp, backup = self.stamp, file.stamp(file.backup(self.path))
        lock, keyring, problem = self.lock, "", ""
        try:
            keyring = keychain.name(self.access.environment)
        except VaultLocked as error:
            problem = error.message
        return VaultStatus(
            path=str(self.path),
            origin=lock.origin if lock is not None else "",
            credentials=len(self.records()),
            generation=self.generation,
            changed=stamp[0] / 1e9 if stamp is not None else 0.0,
            backup=backup[0] / 1e9 if backup is not None else 0.0,
            keyring=keyring,
            keyring_problem=problem,
        )

    def write_export(self, path: Path, passphrase: str, use: Use, *, names: Sequence[str] = ()) -> int:
        """Write all credentials, or those of these names, to a file under a passphrase of its own; gives how many."""
        return transfer.export(self, path, passphrase, use, names=tuple(names))

    def take_export(self, path: Path, passphrase: str, use: Use, *, conflict: transfer.Conflict = "refuse") -> Imported:
        """Take in what such a file holds, all or nothing; `conflict` says what becomes of names that are taken."""
        return transfer.merge(self, transfer.read(path, passphrase), use, conflict=conflict)

    def plan_repair(self) -> RepairPlan:
        """What can be saved of a damaged vault. Changes nothing."""
        return repair.plan(self)

    def repair(self, plan: RepairPlan, use: Use) -> Path | None:
        """Carry the plan out; gives where the damaged file is kept."""
        return repair.carry_out(self, plan, use)


def open_credentials(settings: Settings, ask: Ask | None = None) -> Credentials:
    """The credentials of this machine. `ask` asks a person for the passphrase of the vault; without it nobody is asked
    for anything, not even by a keyring that is locked."""
    return Credentials(settings.home, Access(ask=ask))


def named_credentials(workflow: Workflow, catalog: Catalog) -> dict[str, list[str]]:
    """The credentials and secrets that a workflow names as constants, and the ids of the steps that do."""
    found: dict[str, list[str]] = {}
    for _, step, name in _named(Report(Document(workflow), catalog)):
        if step not in found.setdefault(name, []):
            found[name].append(step)
    return found


def absent_credentials(document: Document, catalog: Catalog, vault: Vault) -> list[Problem]:
    """A warning for each credential that a workflow names and this machine does not have.

    Nothing is said where there is no vault at all: there, secrets come from the environment of another machine.
    """
    if not vault.exists:
        return []
    known = {record.name for record in vault.records()}
    given = EnvironmentSecrets()
    report = Report(document, catalog)
    for path, _, name in _named(report):
        if {name, name.rpartition(".")[0]} & known or given.find_secret(name) is not None:
            continue
        message = say("there is no credential {name!r} on this machine", name=name)
        report.add("warning", "no-credential", path, message, hint=say("Add it with `rpa credentials add`."))
    return report.problems()


def _named(report: Report) -> Iterator[tuple[KeyPath, str, str]]:
    """Place, step and name of each credential that is named in a workflow."""
    for place, step in report.steps:
        activity = report.activity(step)
        takes = {one.name for one in activity.parameters if one.credential} if activity is not None else set()
        for parameter, value in step.parameters.items():
            names = [name for text in _texts(value) for name in _called(text)]
            if parameter in takes and isinstance(value, str) and value and "{{" not in value:
                names.append(value)
            for name in names:
                yield (*place, "with", parameter), step.id, name


def _called(text: str) -> Iterable[str]:
    return (match["name"] or match["piped"] for match in _CALLED.finditer(text)) if "secret" in text else ()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _info(record: file.Record, last: Mapping[str, AuditEntry]) -> CredentialInfo:
    return CredentialInfo(
        record.name, record.kind, record.created, record.changed, record.expires, last.get(record.name)
    )
