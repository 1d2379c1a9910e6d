"""Access tokens of OAuth 2 clients (RFC 6749): asked for where there is none that is still good, and kept in the vault.

The grant is the refresh token where the credential has one (section 6), else that of the client itself (section 4.4).
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from engine.core.errors import BusinessError, SystemFault, VaultBusy
from engine.core.secrets import Use, redact
from engine.core.sentences import say
from engine.vault.vault import Held, Token, Vault

if TYPE_CHECKING:
    import httpx

MARGIN = 60.0
"""Seconds before its end in which a token is not given any more; for short ones it is half their time."""
GRACE = 5.0
"""Seconds that a request under way is given when nobody waits for it any more."""
UNSAID = 300.0
"""Seconds that a token is kept whose server does not say how long it is good."""
TIMEOUT = 30.0
LARGEST = 1_000_000
_PAUSE = 0.05


class Tokens:
    """The access tokens of a vault. For one event loop."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._locks: dict[str, asyncio.Lock] = {}

    async def token(self, held: Held, use: Use) -> str:
        """A token that is good for another minute at least.

        One process at a time asks for a new one: a refresh token is often good for one use only. Raises
        `BusinessError` where the server refuses, `SystemFault` where it does not answer.
        """
        if held.token is not None and _good(held.token):
            return held.token.text
        task = asyncio.ensure_future(self._refreshed(held, use))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # The server may have taken the refresh token back already: what it gave instead has to be kept.
            await asyncio.wait({task}, timeout=GRACE)
            task.cancel()
            raise

    async def _refreshed(self, held: Held, use: Use) -> str:
        async with self._locks.setdefault(held.record.id, asyncio.Lock()), _Alone(self._vault, held.record.id):
            newest = await asyncio.to_thread(self._vault.peek, held.record.name)
            if newest.token is not None and _good(newest.token):
                return newest.token.text
            token, fields = _read(newest, await _granted(newest))
            await asyncio.to_thread(self._vault.keep_token, newest, token, fields, use)
            return token.text


class _Alone:
    """Keeps other processes from refreshing the same credential."""

    def __init__(self, vault: Vault, id: str) -> None:
        from filelock import FileLock

        self._lock = FileLock(_lock_path(vault.path, id), thread_local=False, mode=0o600)

    async def __aenter__(self) -> None:
        from filelock import Timeout

        until = time.monotonic() + 2 * TIMEOUT
        while True:
            try:
                self._lock.acquire(blocking=False)
                return
            except Timeout:
                if time.monotonic() > until:
                    raise VaultBusy(
                        say("another process has been asking for the same token for {count:.0f} s", count=2 * TIMEOUT),
                        hint=say("See what it is waiting for."),
                    ) from None
            await asyncio.sleep(_PAUSE)

    async def __aexit__(self, *exc: object) -> None:
        self._lock.release()


def _lock_path(vault: Path, id: str) -> Path:
    return vault.with_name(f"{vault.stem}-token-{id[-12:]}.lock")


def _good(token: Token) -> bool:
    """Whether it can still be given; one from the future means that the clock was set back, and says nothing."""
    now = time.time()
    return token.granted <= now + 1 and now < token.expires - min(MARGIN, (token.expires - token.granted) / 2)


async def _granted(held: Held) -> dict[str, Any]:
    """The answer of the token server to a grant."""
    import httpx

    fields = held.fields
    form = {"grant_type": "client_credentials"}
    if fields.get("refresh_token"):
        form = {"grant_type": "refresh_token", "refresh_token": fields["refresh_token"]}
    if fields.get("scope"):
        form["scope"] = fields["scope"]
    name, url = held.record.name, fields["token_url"]
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client:
            response, answer = await _asked(client, url, form, fields, in_body=False)
            if answer.get("error") == "invalid_client" and fields.get("client_secret"):
                # Servers need not take both ways (section 2.3.1), and one that refuses the client uses nothing up.
                response, answer = await _asked(client, url, form, fields, in_body=True)
    except httpx.TimeoutException:
        raise SystemFault(
            say("{host}, which gives the tokens of {name!r}, did not answer in time", host=_host(url), name=name),
            hint=say("Try again; check the network if it stays away."),
        ) from None
    except httpx.HTTPError as error:
        raise SystemFault(
            say(
                "{host}, which gives the tokens of {name!r}, cannot be reached: {error}",
                host=_host(url),
                name=name,
                error=redact(str(error) or type(error).__name__)[:200],
            ),
            hint=say("Check the token address of the credential, and the network."),
        ) from None
    if response.status_code == 200 and isinstance(answer.get("access_token"), str) and answer["access_token"]:
        return answer
    raise _refusal(name, url, response.status_code, answer)


async def _asked(
    client: httpx.AsyncClient, url: str, form: Mapping[str, str], fields: Mapping[str, str], *, in_body: bool
) -> tuple[httpx.Response, dict[str, Any]]:
    headers = {"Accept": "application/json"}
    data = dict(form)
    secret = fields.get("client_secret", "")
    if secret and not in_body:
        pair = f"{quote_plus(fields['client_id'])}:{quote_plus(secret)}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
    else:
        data["client_id"] = fields["client_id"]
        if secret:
            data["client_secret"] = secret
    async with client.stream("POST", url, data=data, headers=headers) as response:
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > LARGEST:
                break

    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = {}
    return response, answer if isinstance(answer, dict) else {}


def _refusal(name: str, url: str, status: int, answer: Mapping[str, Any]) -> BusinessError | SystemFault:
    code = str(answer.get("error", ""))[:60]
    told = str(answer.get("error_description", ""))[:200]
    reason = redact(": ".join(text for text in (code, told) if text) or f"HTTP {status}")
    message = say(
        "{host} gave no token for the credential {name!r} ({reason})", host=_host(url), name=name, reason=reason
    )
    if status in (408, 425, 429) or status >= 500:
        return SystemFault(message, hint=say("Try again later."))
    hints = {
        "invalid_grant": say("The refresh token is used up or was withdrawn: sign in again, and edit the credential."),
        "invalid_client": say("Check the client id and the client secret of the credential."),
        "unauthorized_client": say("The client may not ask this way; ask whoever runs the service."),
        "invalid_scope": say("Check the scopes of the credential."),
    }
    return BusinessError(message, hint=hints.get(code) or say("Check the token address and the client."))


def _read(held: Held, answer: Mapping[str, Any]) -> tuple[Token, dict[str, str]]:
    """The token of an answer, and the fields that it changes: some servers give a new refresh token each time."""
    now = time.time()
    try:
        length = float(answer.get("expires_in") or UNSAID)
    except (TypeError, ValueError):
        length = UNSAID
    former, fresh = held.fields.get("refresh_token"), answer.get("refresh_token")
    fields = {"refresh_token": fresh} if former and isinstance(fresh, str) and fresh not in ("", former) else {}
    return Token(answer["access_token"], now + length, now), fields


def _host(url: str) -> str:
    import httpx

    return httpx.URL(url).host
