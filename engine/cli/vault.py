"""`rpa credentials export`, `rotate`, `audit` and so on: what concerns the vault as a whole."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli import asking
from engine.cli.options import FAILED, SUCCEEDED, Command, add_json
from engine.cli.terminal import Terminal, age, printable, short
from engine.core.errors import UsageError
from engine.core.secrets import Use
from engine.core.settings import Settings

if TYPE_CHECKING:
    from engine.api import AuditEntry, Credentials

EXPORT_PASSPHRASE = "RPA_EXPORT_PASSPHRASE"


def opened(settings: Settings) -> Credentials:
    from engine.api import open_credentials

    return open_credentials(settings, asking.passphrase if asking.somebody() else None)


def use(command: str, reason: str = "") -> Use:
    return Use(f"rpa credentials {command}", reason=reason)


def add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is meant")


def clock(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to write; it is encrypted")
    parser.add_argument("names", metavar="NAME", nargs="*", help="only these (default: all)")
    add_json(parser)


def _export(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    vault = opened(settings)
    vault.open()
    passphrase = _of_export(new=True)
    count = vault.write_export(arguments.file, passphrase, use("export"), names=arguments.names)
    if terminal.as_json:
        terminal.document({"file": str(arguments.file), "credentials": count})
    else:
        terminal.say(f"{terminal.symbol('succeeded')} {_counted(count)} in {arguments.file}, under its passphrase.")
    return SUCCEEDED


def _of_export(*, new: bool) -> str:
    typed = os.environ.get(EXPORT_PASSPHRASE, "")
    if not typed:
        if not asking.somebody():
            raise UsageError("the file is under a passphrase, and nobody is here", hint=f"set {EXPORT_PASSPHRASE}")
        typed = asking.chosen("Passphrase of the file") if new else asking.hidden("Passphrase of the file: ")
    if new and len(typed) < 8:
        raise UsageError("the passphrase is shorter than 8 characters", hint="take several words")
    return typed


def _import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a file of rpa credentials export")
    parser.add_argument(
        "--conflict",
        choices=("refuse", "keep", "replace", "rename"),
        default="refuse",
        metavar="CHOICE",
        help="what becomes of names that are taken: refuse (default; nothing is imported), keep, replace, rename",
    )
    add_json(parser)


def _import(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    vault = opened(settings)
    done = vault.take_export(arguments.file, _of_export(new=False), use("import"), conflict=arguments.conflict)
    if terminal.as_json:
        terminal.document(done)
        return SUCCEEDED
    terminal.say(f"{terminal.symbol('succeeded')} {_counted(len(done.added))} imported.")
    for what, names in (("replaced", done.replaced), ("kept as they were", done.kept)):
        if names:
            terminal.say(f"  {what}: {', '.join(names)}")
    for name, to in done.renamed.items():
        terminal.say(f"  {name} is called {to} here")
    return SUCCEEDED


def _counted(count: int) -> str:
    return f"{count:,} credential{'' if count == 1 else 's'}"


def _rotate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        choices=("keyring", "passphrase", "variable"),
        metavar="PLACE",
        help="where the new master key is to be: keyring, passphrase, variable (RPA_VAULT_NEW_KEY now, "
        "RPA_VAULT_KEY from then on); default: where it is",
    )
    parser.add_argument("--data", action="store_true", help="also encrypt every value anew, under another data key")
    add_json(parser)


def _rotate(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    lock = opened(settings).rotate(use("rotate"), to=arguments.to, data=arguments.data)
    if terminal.as_json:
        terminal.document({"origin": lock.origin, "data": arguments.data})
        return SUCCEEDED
    places = {
        "keyring": "in the keyring of this system",
        "passphrase": "the new passphrase",
        "variable": "what RPA_VAULT_NEW_KEY holds: put it into RPA_VAULT_KEY",
    }
    terminal.say(f"{terminal.symbol('succeeded')} The vault has a new key: {places[lock.origin]}.")
    return SUCCEEDED


def _audit_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="only of this credential")
    parser.add_argument("--execution", metavar="ID", default="", help="only of this execution, or the end of its id")
    parser.add_argument("--limit", metavar="NUMBER", type=int, default=50, help="at most so many (50)")
    parser.add_argument("--verify", action="store_true", help="see that no line was changed, removed or put in")
    add_json(parser)


def _audit(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    vault = opened(settings)
    if arguments.verify:
        count, findings = vault.verify_audit()
        if terminal.as_json:
            terminal.document({"lines": count, "genuine": not findings, "findings": findings})
        else:
            for finding in findings:
                place = f"{finding.file}:{finding.line}" if finding.line else finding.file
                terminal.say(f"{terminal.symbol('failed')} {place}: {finding.text}")
            if not findings:
                terminal.say(f"{terminal.symbol('succeeded')} {count:,} lines, all as they were written.")
        return FAILED if findings else SUCCEEDED
    entries = vault.audit.entries(
        credential=arguments.name, execution=arguments.execution, limit=max(1, arguments.limit)
    )
    if terminal.as_json:
        terminal.document(entries)
    elif not entries:
        terminal.say("Nothing is on record" + (" like that." if arguments.name or arguments.execution else " yet."))
    else:
        rows = [(clock(one.at), one.event, one.credential, _who(one), one.reason) for one in entries]
        terminal.table(rows, ("WHEN", "WHAT", "CREDENTIAL", "BY", ""))
    return SUCCEEDED


def _who(entry: AuditEntry) -> str:
    if entry.execution:
        return f"{entry.by} in {short(entry.execution)}/{entry.step}"
    return f"{entry.user}, {entry.by}" if entry.user else entry.by


def _status(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    found = opened(settings).status()
    if terminal.as_json:
        terminal.document(found)
        return SUCCEEDED
    places = {
        "": "none yet: the vault is made with the first credential",
        "keyring": "in the keyring of this system",
        "passphrase": "from a passphrase",
        "variable": "from RPA_VAULT_KEY",
    }
    lines = {
        "vault": found.path,
        "key": places[found.origin],
        "keyring": found.keyring or found.keyring_problem,
        "holds": _counted(found.credentials),
        "changed": f"{clock(found.changed)} ({age(found.changed)})" if found.changed else "",
        "backup": f"of {clock(found.backup)}" if found.backup else "",
    }
    _lines(lines, terminal)
    return SUCCEEDED


def _lines(lines: Mapping[str, str], terminal: Terminal) -> None:
    width = max(map(len, lines))
    for name, value in lines.items():
        if value:
            terminal.say(f"{terminal.style(f'{name:<{width}}', 'dim')}  {printable(value)}")


def _unlock(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    vault = opened(settings)
    count = vault.verify()
    lines, findings = vault.verify_audit()
    if terminal.as_json:
        terminal.document({"opens": True, "credentials": count, "audit_lines": lines, "audit_findings": findings})
        return FAILED if findings else SUCCEEDED
    terminal.say(f"{terminal.symbol('succeeded')} The vault opens; {_counted(count)}, all whole.")
    if findings:
        terminal.say(
            f"{terminal.symbol('failed')} Its audit log does not hold: rpa credentials audit --verify says where."
        )
    return FAILED if findings else SUCCEEDED


def _repair_options(parser: argparse.ArgumentParser) -> None:
    add_yes(parser)
    add_json(parser)


def _repair(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    vault = opened(settings)
    plan = vault.plan_repair()
    if plan.healthy:
        if terminal.as_json:
            terminal.document({"healthy": True})
        else:
            terminal.say(f"{terminal.symbol('succeeded')} The vault is whole; there is nothing to repair.")
        return SUCCEEDED
    for what, names in (
        ("whole in the damaged file", plan.kept),
        ("from the backup, as they were then", plan.restored),
        ("lost", plan.lost),
    ):
        terminal.say(f"  {what}: {', '.join(map(printable, names)) or '-'}")
    if not arguments.yes and not asking.agreed("Write the vault anew with these?"):
        terminal.say("Nothing was changed.")
        return FAILED
    damaged = vault.repair(plan, use("repair"))
    if terminal.as_json:
        saved = {"kept": plan.kept, "restored": plan.restored, "lost": plan.lost}
        terminal.document({"healthy": False, **saved, "damaged": str(damaged or "")})
        return SUCCEEDED
    terminal.say(f"{terminal.symbol('succeeded')} The vault opens again. Look over it: rpa credentials list.")
    if damaged is not None:
        terminal.say(f"  The damaged file is kept as {damaged}.")
    return SUCCEEDED


VAULT = (
    Command(
        "credentials export",
        "write credentials to an encrypted file",
        "rpa credentials export backup.rpacred\nrpa credentials export for-the-server.rpacred erp shop",
        _export_options,
        _export,
    ),
    Command(
        "credentials import",
        "take in what another vault exported",
        "rpa credentials import backup.rpacred --conflict keep",
        _import_options,
        _import,
    ),
    Command(
        "credentials rotate",
        "put the vault under a new key",
        "rpa credentials rotate\nrpa credentials rotate --to passphrase --data",
        _rotate_options,
        _rotate,
    ),
    Command(
        "credentials audit",
        "who used or changed what, and when",
        "rpa credentials audit erp\nrpa credentials audit --verify",
        _audit_options,
        _audit,
    ),
    Command("credentials status", "where the vault and its key are", "rpa credentials status", add_json, _status),
    Command(
        "credentials unlock",
        "open the vault, see that all of it is whole; a locked keyring asks for its password",
        "rpa credentials unlock",
        add_json,
        _unlock,
    ),
    Command(
        "credentials repair",
        "save what can be saved of a damaged vault",
        "rpa credentials repair",
        _repair_options,
        _repair,
    ),
)
