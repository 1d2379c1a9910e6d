"""Where a running step gets the values of secrets from: the environment first, then the vault.

Imports nothing of the vault until a secret is asked for: most runs use none.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import (
    ActivityError,
    BusinessError,
    NoSuchCredential,
    SystemFault,
    VaultCorrupt,
    VaultError,
    VaultKeyWrong,
    VaultTooNew,
)
from engine.core.secrets import Credential, Secret, Use
from engine.core.sentences import joined, say

if TYPE_CHECKING:
    from engine.vault.keys import Ask
    from engine.vault.oauth import Tokens
    from engine.vault.vault import Held, Vault

PREFIX = "RPA_SECRET_"


def variable(name: str) -> str:
    """The environment variable of a secret, or of a field of one (`mail.password`)."""
    return PREFIX + "".join(letter if letter.isalnum() else "_" for letter in name).upper()


class EnvironmentSecrets:
    """Secrets from environment variables: `RPA_SECRET_MAIL` holds `mail`; `RPA_SECRET_ERP_USERNAME` and
    `RPA_SECRET_ERP_PASSWORD` are the login `erp`, and likewise with the fields of other kinds."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    async def credential(self, name: str, use: Use) -> Credential:
        found = self.find(name)
        if found is None:
            raise _missing(name)
        return found

    async def reveal(self, name: str, use: Use) -> Secret:
        found = self.find_secret(name)
        if found is None:
            raise _missing(name)
        return found

    def find(self, name: str) -> Credential | None:
        """The credential whose fields are all there, else that of the one variable, else None."""
        from engine.core.credentials import CUSTOM, KINDS

        names = {field.name for kind in KINDS.values() for field in kind.fields}
        given = {field: self._environment.get(variable(f"{name}.{field}")) for field in names}
        fields = {field: value for field, value in given.items() if value is not None}
        for kind in KINDS.values():
            required = {field.name for field in kind.fields if field.required}
            if kind.chief in fields and required <= set(fields) <= set(kind.by_name):
                from engine.vault.fields import assembled

                return assembled(name, kind.name, fields)
        value = self._environment.get(variable(name))
        return None if value is None else Credential(name, CUSTOM, hidden={"value": Secret(value, name)})

    def find_secret(self, name: str) -> Secret | None:
        """The secret of that name, or None."""
        value = self._environment.get(variable(name))
        if value is not None:
            return Secret(value, name)
        found = self.find(name)
        return None if found is None else found.secret()


class VaultSecrets:
    """Secrets of the vault in a home folder; what the environment holds of the same name comes first, as continuous
    integration needs it. `ask` asks a person for the passphrase."""

    def __init__(self, home: Path, *, ask: Ask | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._home = home
        self._ask = ask
        self._environment = os.environ if environment is None else environment
        self._given = EnvironmentSecrets(self._environment)
        self._guard = threading.Lock()
        self._vault: Vault | None = None
        self._tokens: Tokens | None = None

    @property
    def vault(self) -> Vault:
        with self._guard:
            if self._vault is None:
                from engine.vault.keys import Access
                from engine.vault.vault import Vault

                self._vault = Vault(self._home, Access(self._environment, self._ask))
            return self._vault

    async def reveal(self, name: str, use: Use) -> Secret:
        given = self._given.find_secret(name)
        if given is not None:
            return given
        whole, dot, field = name.rpartition(".")
        return (await self._credential(whole if dot else name, field if dot else "", use)).secret(field if dot else "")

    async def credential(self, name: str, use: Use) -> Credential:
        return self._given.find(name) or await self._credential(name, "", use)

    async def _credential(self, name: str, field: str, use: Use) -> Credential:
        try:
            held = await asyncio.to_thread(self._held, name, field, use)
            fields = dict(held.fields)
            if held.record.kind == "oauth2" and field in ("", "access_token"):
                fields["access_token"] = await self._token(held, use)
        except VaultError as error:
            raise _for_a_step(error, name) from error
        from engine.vault.fields import assembled

        if held.record.expires and held.record.expires < time.time():
            raise BusinessError(
                say(
                    "the certificate of the credential {name!r} expired on {day}",
                    name=name,
                    day=time.strftime("%Y-%m-%d", time.localtime(held.record.expires)),
                ),
                hint=say("Put the new one in its place with `rpa credentials edit`."),
            )
        return assembled(name, held.record.kind, fields)

    def _held(self, name: str, field: str, use: Use) -> Held:
        return self.vault.held(name, use, fields=(field,) if field else ())

    async def _token(self, held: Held, use: Use) -> str:
        if self._tokens is None:
            from engine.vault.oauth import Tokens

            self._tokens = Tokens(self.vault)
        return await self._tokens.token(held, use)


def _for_a_step(error: VaultError, name: str) -> ActivityError:
    """What the vault refuses with, as what a step fails with: a fault where another attempt may help."""
    if isinstance(error, NoSuchCredential):
        missing = _missing(name)
        hints = [error.hint, missing.hint] if error.hint else [missing.hint]
        return BusinessError(missing.message, hint=joined(hints, " "))
    if isinstance(error, (VaultCorrupt, VaultKeyWrong, VaultTooNew)):
        return BusinessError(error.message, hint=error.hint)
    return SystemFault(error.message, hint=error.hint)


def _missing(name: str) -> BusinessError:
    return BusinessError(
        say("there is no secret {name!r}", name=name),
        hint=say(
            "Add it with `rpa credentials add`, or set the environment variable {variable}.", variable=variable(name)
        ),
    )
