"""Whether what a person gives is a credential of its kind, before it is kept: names, fields, keys and certificates."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from engine.core.credentials import CUSTOM, KINDS, CredentialKind
from engine.core.errors import BusinessError, UsageError
from engine.core.secrets import Credential, Secret
from engine.core.sentences import say
from engine.vault import pem

LONGEST = 1_000_000
"""Characters of all fields of a credential."""
_FIELD = re.compile(r"[^\W\d]\w{0,49}")


def kind_of(name: str) -> CredentialKind:
    """Raises `UsageError` for a kind that there is not."""
    if name not in KINDS:
        raise UsageError(
            say("there is no kind of credential {name!r}", name=name[:60]),
            hint=say("There are: {kinds}.", kinds=", ".join(KINDS)),
        )
    return KINDS[name]


def checked_name(name: str) -> str:
    """The name as it is kept. Raises `UsageError` for one that could not be written in a workflow."""
    name = unicodedata.normalize("NFC", name.strip())
    if not 0 < len(name) <= 100 or not name.isprintable() or any(sign in name for sign in "./\\'\"{}"):
        raise UsageError(
            say("{name!a} cannot be the name of a credential", name=name[:60]),
            hint=say("Up to 100 characters, without dots, slashes, quotes and braces: erp-login."),
        )
    return name


def checked(kind: str, given: Mapping[str, str]) -> tuple[dict[str, str], float]:
    """The fields as they are kept, without the empty ones, and when the credential expires (0: never).

    Raises `UsageError` for a kind or field that there is not, `BusinessError` for a value that cannot be right.
    """
    declared = kind_of(kind)
    fields = {name: value for name, value in given.items() if value}
    if kind == CUSTOM:
        for name in given:
            if not _FIELD.fullmatch(name):
                raise UsageError(
                    say("{name!a} cannot be the name of a field", name=name[:60]),
                    hint=say("Letters, digits and _, such as account_number."),
                )
        if not fields:
            raise BusinessError(say("a credential needs a field that holds something"))
    else:
        for name in given:
            if name not in declared.by_name:
                raise UsageError(
                    say("a credential of the kind {kind} has no field {name!a}", kind=kind, name=name[:60]),
                    hint=say("It has: {fields}.", fields=", ".join(declared.by_name)),
                )
        missing = [field.name for field in declared.fields if field.required and field.name not in fields]
        if missing:
            raise BusinessError(
                say("a credential of the kind {kind} lacks: {fields}", kind=kind, fields=", ".join(missing)),
                hint=say("Fill them in."),
            )
    if sum(map(len, fields.values())) > LONGEST:
        raise BusinessError(say("the credential is longer than {count:,} characters", count=LONGEST))
    if kind == "certificate":
        return fields, pem.check_certificate(fields["certificate"], fields["key"], fields.get("passphrase", ""))
    if kind == "ssh_key":
        pem.check_ssh_key(fields["key"], fields.get("passphrase", ""))
    elif kind == "oauth2":
        _check_token_url(fields["token_url"])
    elif kind == "database":
        _check_without_password(fields["url"])
    return fields, 0.0


def register(kind: str, fields: Mapping[str, str]) -> None:
    """Have the secret ones among these values masked in whatever this process writes from here on."""
    for field, value in fields.items():
        if is_secret(kind, field):
            Secret(value)


def is_secret(kind: str, field: str) -> bool:
    known = KINDS[kind].by_name.get(field) if kind in KINDS else None
    return known is None or known.secret


def assembled(name: str, kind: str, fields: Mapping[str, str]) -> Credential:
    """The credential at the moment of its use."""
    declared = KINDS.get(kind, KINDS[CUSTOM])
    shown: dict[str, str] = {}
    hidden: dict[str, Secret] = {}
    for field, value in fields.items():
        if is_secret(kind, field):
            hidden[field] = Secret(value, name)
        else:
            shown[field] = value
    chief = declared.chief
    if kind == CUSTOM and chief not in hidden and len(hidden) == 1:
        chief = next(iter(hidden))
    return Credential(name, kind, chief, shown, hidden)


def _check_token_url(url: str) -> None:
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BusinessError(
            say("the token address is not an address"), hint=say("An address looks like https://host/path.")
        )
    if parts.scheme == "http" and not _local(parts.hostname):
        raise BusinessError(
            say("the token address sends the client's secret unencrypted"), hint=say("It has to begin with https://.")
        )


def _check_without_password(url: str) -> None:
    parts = _parts(url)
    if parts is None or parts.password:
        raise BusinessError(
            say("the address of the database holds a password, or is not an address"),
            hint=say("Leave user and password out of it: postgresql://host/database. They have fields of their own."),
        )


def _parts(url: str) -> SplitResult | None:
    try:
        return urlsplit(url.strip())
    except ValueError:
        return None


def _local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
