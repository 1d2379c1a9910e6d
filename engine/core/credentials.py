"""What kinds of credentials there are, and the fields of each: the one declaration that the vault checks against, forms
and commands are derived from, and parameters name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.core.sentences import say

CUSTOM = "custom"
"""The kind that has whatever fields a person gives it, all of them secret."""


@dataclass(frozen=True, slots=True)
class CredentialField:
    """A field of a credential. A `secret` one is masked wherever it could be seen; `long` ones have several lines."""

    name: str
    label: str
    secret: bool = False
    required: bool = False
    long: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class CredentialKind:
    """A kind of credential. `chief` is the secret that stands for the whole where one text is asked for."""

    name: str
    label: str
    icon: str
    fields: tuple[CredentialField, ...]
    chief: str

    @property
    def by_name(self) -> Mapping[str, CredentialField]:
        return {field.name: field for field in self.fields}


_USERNAME = CredentialField("username", say("User name"), required=True)
_PASSWORD = CredentialField("password", say("Password"), secret=True, required=True)

KINDS: Mapping[str, CredentialKind] = {
    kind.name: kind
    for kind in (
        CredentialKind("login", say("Login"), "user", (_USERNAME, _PASSWORD), "password"),
        CredentialKind(
            "api_key",
            say("API key"),
            "key",
            (
                CredentialField("key", say("Key"), secret=True, required=True),
                CredentialField("header", say("Header or parameter"), help=say("What the service expects it in.")),
            ),
            "key",
        ),
        CredentialKind(
            "token",
            say("Token"),
            "ticket",
            (CredentialField("token", say("Token"), secret=True, required=True),),
            "token",
        ),
        CredentialKind(
            "oauth2",
            say("OAuth 2 client"),
            "identification-card",
            (
                CredentialField("token_url", say("Token address"), required=True),
                CredentialField("client_id", say("Client id"), required=True),
                CredentialField("client_secret", say("Client secret"), secret=True),
                CredentialField("scope", say("Scopes"), help=say("Separated by spaces.")),
                CredentialField(
                    "refresh_token",
                    say("Refresh token"),
                    secret=True,
                    help=say("Without one, the client itself is granted access (client credentials)."),
                ),
            ),
            "access_token",
        ),
        CredentialKind(
            "certificate",
            say("Certificate"),
            "certificate",
            (
                CredentialField("certificate", say("Certificate (PEM)"), required=True, long=True),
                CredentialField("key", say("Private key (PEM)"), secret=True, required=True, long=True),
                CredentialField("passphrase", say("Passphrase of the key"), secret=True),
            ),
            "key",
        ),
        CredentialKind(
            "ssh_key",
            say("SSH key"),
            "terminal-window",
            (
                _USERNAME,
                CredentialField("key", say("Private key"), secret=True, required=True, long=True),
                CredentialField("passphrase", say("Passphrase of the key"), secret=True),
            ),
            "key",
        ),
        CredentialKind(
            "database",
            say("Database"),
            "database",
            (
                CredentialField("url", say("Address"), required=True, help="postgresql://host/database"),
                _USERNAME,
                _PASSWORD,
            ),
            "password",
        ),
        CredentialKind(CUSTOM, say("Custom fields"), "list-dashes", (), "value"),
    )
}
