"""A service behind one address, with one way to sign in: from a step's own parameters, or from an integration."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from engine.core.secrets import Credential
from engine.sdk.context import Context
from engine.sdk.endpoint import either
from engine.sdk.http.call import AuthKind, Call
from engine.sdk.integration import Integration
from engine.sdk.params import Param

SignIn = Annotated[
    Credential | None,
    Param("Credential", "Login, token or key.", accepts=("login", "token", "api_key", "oauth2")),
]
_SIGNS: Mapping[str, AuthKind] = {"login": "basic", "api_key": "header"}
_KEY_NAME = "X-API-Key"


@dataclass(frozen=True)
class Service:
    """Where a service is, and what every request to it carries. An integration's `headers` and `query` sign in."""

    address: str
    credential: Credential | None = None
    integration: Integration | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    verify: bool = True
    authority: Path | None = None

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Around every request: the turn and the count of the integration, if it is one."""
        return self.integration.call() if self.integration is not None else nullcontext()

    def call(self, ctx: Context, method: str, url: str = "", **more: Any) -> Call:
        """A request to it, or to another of its addresses; `more` are fields of the `Call`."""
        headers = {**{name.lower(): value for name, value in self.headers.items()}, **more.pop("headers", {})}
        return Call(
            ctx, method, url or self.address, headers=headers, query=self.query, verify=self.verify,
            authority=self.authority, **self._signed(), **more,
        )  # fmt: skip

    def _signed(self) -> dict[str, Any]:
        credential = self.credential
        if credential is None:
            return {}
        return {
            "auth": _SIGNS.get(credential.kind, "bearer"),
            "username": credential.text("username"),
            "credential": credential.secret(),
            "key_name": credential.text("header") or _KEY_NAME,
        }


def service(
    address: str,
    credential: Credential | None,
    integration: Integration | None,
    headers: Mapping[str, str],
    verify: bool,
    authority: Path | None,
    what: str,
) -> Service:
    """The service that is meant by the parameters of a step; `what` is the label of the one that holds the address.

    Raises `BusinessError` for an address and an integration at once, and for none.
    """
    address = either(integration, address, what)
    if integration is None:
        return Service(address, credential, None, headers, {}, verify, authority)
    options = integration.options
    trusted = options.get("authority") or authority
    return Service(
        address,
        credential,
        integration,
        {**dict(options.get("headers") or {}), **headers},
        dict(options.get("query") or {}),
        bool(options.get("verify", True)) and verify,
        Path(trusted) if trusted else None,
    )
