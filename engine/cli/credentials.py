"""`rpa credentials`: the vault from the command line. No value of a secret is ever taken from an argument."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.cli import asking
from engine.cli.options import FAILED, SUCCEEDED, Command, Group, add_json, pair
from engine.cli.terminal import Terminal, age, printable
from engine.cli.vault import VAULT, add_yes, clock, opened, use
from engine.core.credentials import CUSTOM, KINDS, CredentialField
from engine.core.errors import UsageError
from engine.core.secrets import MASK
from engine.core.settings import Settings

if TYPE_CHECKING:
    from engine.api import CredentialInfo

_FIELD_HELP = (
    "a field: NAME=@FILE reads its value from a file, NAME=@- from standard input; what is no secret can be given as "
    "it is (@@ begins a text with @); may be repeated, what is missing is asked"
)
_SOON = 30 * 86400


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name of a credential")


def _fields(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--field", metavar="NAME=@FILE", action="append", default=[], dest="fields", help=_FIELD_HELP)


def _list(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    found = opened(settings).listing()
    if terminal.as_json:
        terminal.document(found)
    elif not found:
        terminal.say("There are no credentials yet. Add one with rpa credentials add NAME.")
    else:
        rows = [
            (
                one.name,
                str(KINDS[one.kind].label) if one.kind in KINDS else one.kind,
                age(one.changed),
                _used(one),
                _expires(one.expires),
            )
            for one in found
        ]
        terminal.table(rows, ("NAME", "KIND", "CHANGED", "LAST USED", ""))
    return SUCCEEDED


def _used(info: CredentialInfo) -> str:
    return f"{age(info.used.at)} by {info.used.by}" if info.used is not None else "never"


def _expires(at: float) -> str:
    if not at:
        return ""
    if at < time.time():
        return f"expired {age(at)}"
    return f"expires {age(at)}" if at < time.time() + _SOON else ""


def _show(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    found = opened(settings).details(arguments.name)
    if terminal.as_json:
        terminal.document(found)
        return SUCCEEDED
    info = found.info
    lines = [
        ("name", info.name),
        ("kind", info.kind),
        ("created", clock(info.created)),
        ("changed", f"{clock(info.changed)} ({age(info.changed)})"),
        ("expires", f"{clock(info.expires)} ({age(info.expires)})" if info.expires else ""),
        ("last used", _used(info)),
        *((name, value) for name, value in found.shown.items()),
        *((name, MASK) for name in found.hidden),
    ]
    width = max(len(name) for name, value in lines if value)
    for name, value in lines:
        if value:
            first, *more = value.splitlines()
            terminal.say(f"{terminal.style(f'{name:<{width}}', 'dim')}  {printable(first)}")
            if more:
                terminal.say(f"{'':<{width}}  ({len(more)} more lines)")
    return SUCCEEDED


def _add_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("--kind", choices=tuple(KINDS), default="", help=f"one of {', '.join(KINDS)}", metavar="KIND")
    _fields(parser)
    add_json(parser)


def _add(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    kind = arguments.kind
    if not kind:
        if not asking.somebody():
            raise UsageError("a new credential needs --kind", hint=f"the kinds are {', '.join(KINDS)}")
        for one in KINDS.values():
            terminal.say(f"  {one.name:<12}{one.label}")
        kind = asking.line("Kind: ").strip()
    if kind not in KINDS:
        raise UsageError(f"there is no kind of credential {kind[:60]!r}", hint=f"the kinds are {', '.join(KINDS)}")
    fields = given(arguments.fields, kind)
    if asking.somebody():
        _ask_for_the_rest(kind, fields)
    vault = opened(settings)
    first = vault.lock is None
    record = vault.add(arguments.name, kind, fields, use("add"))
    if terminal.as_json:
        terminal.document({"name": record.name, "kind": kind, "fields": list(fields), "expires": record.expires})
        return SUCCEEDED
    terminal.say(f"{terminal.symbol('succeeded')} {record.name} is in the vault.")
    if record.expires:
        terminal.say(f"  Its certificate {_expires(record.expires) or f'expires {age(record.expires)}'}.")
    for name, value in fields.items():
        if _secret(kind, name) and len(value) < 4:
            terminal.say(f"  {name} is so short that it cannot be masked in logs and outputs.")
    if first:
        places = {"keyring": "the keyring of this system", "passphrase": "your passphrase", "variable": "RPA_VAULT_KEY"}
        origin = vault.lock.origin if vault.lock is not None else ""
        terminal.say(f"  The vault {vault.path} is new; its key is {places.get(origin, origin)}.")
        terminal.say("  Without that key nothing in it can be read: keep an export too (rpa credentials export FILE).")
    return SUCCEEDED


def given(texts: Sequence[str], kind: str) -> dict[str, str]:
    """The fields of a command line. Raises `UsageError` for a secret that stands in it."""
    found: dict[str, str] = {}
    from_input = 0
    for text in texts:
        name, value = pair(text, "--field", "password=@-")
        if name in found:
            raise UsageError(f"--field {name} is given twice")
        if value.startswith("@") and not value.startswith("@@"):
            from_input += value == "@-"
            if from_input > 1:
                raise UsageError("standard input can hold one field only", hint="put the others into files")
            found[name] = asking.content(value[1:], keep_end=_long(kind, name))
        elif _secret(kind, name):
            raise UsageError(
                f"--field {name}: a secret does not belong in a command line, which others see and the shell keeps",
                hint=f"write --field {name}=@FILE or --field {name}=@- , or leave it out to be asked",
            )
        else:
            found[name] = value[1:] if value.startswith("@@") else value
    return found


def _declared(kind: str, name: str) -> CredentialField | None:
    return KINDS[kind].by_name.get(name)


def _secret(kind: str, name: str) -> bool:
    known = _declared(kind, name)
    return known is None or known.secret


def _long(kind: str, name: str) -> bool:
    known = _declared(kind, name)
    return known is not None and known.long


def _ask_for_the_rest(kind: str, fields: dict[str, str]) -> None:
    if kind == CUSTOM:
        while not fields or asking.line("Another field? [y/N] ").strip().lower() in ("y", "yes"):
            name = asking.line("Name of the field: ").strip()
            if name:
                fields[name] = asking.hidden(f"{name}: ")
        return
    for field in KINDS[kind].fields:
        if field.name not in fields:
            value = _asked(field, "" if field.required else " (Enter for none)")
            if value:
                fields[field.name] = value


def _asked(field: CredentialField, note: str) -> str:
    if field.long:
        path = asking.line(f"{field.label}, path of the file{note}: ").strip()
        return asking.content(path, keep_end=True) if path else ""
    return asking.hidden(f"{field.label}{note}: ") if field.secret else asking.line(f"{field.label}{note}: ").strip()


def _edit_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _fields(parser)
    parser.add_argument("--unset", metavar="FIELD", action="append", default=[], help="take a field away")
    add_json(parser)


def _edit(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    vault = opened(settings)
    kind = vault.record(arguments.name).kind
    fields: dict[str, str | None] = dict(given(arguments.fields, kind))
    fields.update(dict.fromkeys(arguments.unset))
    if not fields:
        if not asking.somebody():
            raise UsageError("nothing is to be changed", hint="write for example --field password=@-")
        known = KINDS[kind].fields or tuple(
            CredentialField(name, name, secret=True) for name in vault.details(arguments.name).hidden
        )
        for field in known:
            value = _asked(field, " (Enter to keep it)")
            if value:
                fields[field.name] = value
    if not fields:
        terminal.say("Nothing was changed.")
        return SUCCEEDED
    record = vault.change(arguments.name, fields, use("edit"))
    if terminal.as_json:
        terminal.document({"name": record.name, "kind": kind, "fields": list(fields), "expires": record.expires})
    else:
        terminal.say(f"{terminal.symbol('succeeded')} {record.name} was changed: {', '.join(fields)}.")
    return SUCCEEDED


def _rename_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("to", metavar="NEW", help="its new name")
    add_json(parser)


def _rename(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    record = opened(settings).rename(arguments.name, arguments.to, use("rename"))
    if terminal.as_json:
        terminal.document({"name": record.name, "former": arguments.name})
    else:
        terminal.say(f"{terminal.symbol('succeeded')} {arguments.name} is called {record.name} now.")
        terminal.say("  Workflows that name it have to be changed; rpa validate finds them.")
    return SUCCEEDED


def _remove_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    add_yes(parser)
    add_json(parser)


def _remove(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    vault = opened(settings)
    record = vault.record(arguments.name)
    if not arguments.yes and not asking.agreed(f"Remove {record.name} ({record.kind})?"):
        terminal.say("Nothing was removed.")
        return FAILED
    vault.remove(record.name, use("remove"))
    if terminal.as_json:
        terminal.document({"removed": record.name})
    else:
        terminal.say(f"{terminal.symbol('succeeded')} {record.name} was removed.")
    return SUCCEEDED


def _reveal_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("field", metavar="FIELD", nargs="?", default="", help="which field (default: the chief one)")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why, for the audit log")
    add_json(parser)


def _reveal(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    value = opened(settings).reveal(
        arguments.name, arguments.field, by="rpa credentials reveal", reason=arguments.reason
    )
    if terminal.as_json:
        terminal.document({"name": arguments.name, "field": arguments.field, "value": value})
    else:
        terminal.raw(value if value.endswith("\n") else value + "\n")
    return SUCCEEDED


def _one(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    add_json(parser)


COMMANDS = (
    Group(
        "credentials",
        "keep passwords, keys and tokens in the vault, and see who used them",
        (
            Command("credentials list", "list what there is", "rpa credentials list", add_json, _list),
            Command(
                "credentials show", "show a credential, its secrets masked", "rpa credentials show erp", _one, _show
            ),
            Command(
                "credentials add",
                "keep a new credential",
                "rpa credentials add erp --kind login\n"
                "rpa credentials add shop --kind api_key --field key=@- < key.txt\n"
                "rpa credentials add sftp --kind ssh_key --field username=ada --field key=@id_ed25519",
                _add_options,
                _add,
            ),
            Command(
                "credentials edit",
                "give a credential other values",
                "rpa credentials edit erp\nrpa credentials edit erp --field password=@-",
                _edit_options,
                _edit,
            ),
            Command(
                "credentials rename",
                "call a credential by another name",
                "rpa credentials rename erp erp-test",
                _rename_options,
                _rename,
            ),
            Command(
                "credentials remove", "forget a credential", "rpa credentials remove erp", _remove_options, _remove
            ),
            Command(
                "credentials reveal",
                "print a secret; who did so and why is written to the audit log",
                "rpa credentials reveal erp\nrpa credentials reveal erp username --reason 'ticket 12'",
                _reveal_options,
                _reveal,
            ),
            *VAULT,
        ),
    ),
)
