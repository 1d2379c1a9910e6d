"""A WebSocket connection: its parameters, declared once, and every failure put into words."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode, urlsplit

from pydantic import BeforeValidator

from engine.core.errors import ExpressionError
from engine.core.secrets import MASK, redact
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Credential, Expression, Integration, Param, SystemFault
from engine.sdk.durations import Duration
from engine.sdk.endpoint import Endpoint, either, reason, unreached
from engine.sdk.integration import Overloaded
from engine.sdk.payload import Form, read, written

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

Configured = Annotated[Integration | None, Param("Integration", "Or the address below.", accepts=("websocket",))]
Url = Annotated[str, Param("Address", placeholder="wss://api.example.com/events")]
Named = Annotated[
    str, Param("Session", "The name of one that is in use; instead of an address.", "socket", advanced=True)
]
SignIn = Annotated[
    Credential | None,
    Param("Credential", "A login, a token or an API key.", accepts=("login", "token", "oauth2", "api_key")),
]
Headers = Annotated[dict[str, str], Param("Headers", kind="table", advanced=True)]
Subprotocols = Annotated[
    list[str], Param("Subprotocols", "Those that would do, the best first.", "graphql-transport-ws", advanced=True)
]
MaxSize = Annotated[float, Param("Largest message", unit="MB", advanced=True)]
Timeout = Annotated[Duration, Param("Time limit for connecting", advanced=True)]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Messages = Annotated[list[Any], BeforeValidator(_listed, json_schema_input_type=Any)]
"""Parameter: one message, or a list of several."""

_WAITING = 10_000
_CLOSING = 5.0


@dataclass(frozen=True)
class Target(Endpoint):
    """Where to connect, with what."""

    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()
    max_size: float = 20.0

    @property
    def shown(self) -> str:
        """Without user, password and query, where secrets live."""
        from engine.sdk.http.call import shown_url

        return shown_url(self.url)


def target(
    integration: Integration | None,
    url: str,
    credential: Credential | None,
    headers: Mapping[str, str],
    subprotocols: list[str],
    max_size: float,
    timeout: float,
    verify: bool,
    authority: Path | None,
) -> Target:
    """What the parameters of a step come to. Raises `BusinessError` for what does not fit together.

    Of an integration the options `headers` and `query` hold what signs in already; `subprotocols`, `verify` and
    `authority` say the rest.
    """
    address = either(integration, url, "Address")
    if integration is not None:
        options: dict[str, Any] = dict(integration.options)
        headers = {**(options.get("headers") or {}), **headers}
        if options.get("query"):
            address += ("&" if "?" in address else "?") + urlencode(options["query"])
        subprotocols = subprotocols or list(options.get("subprotocols") or ())
        verify = verify and bool(options.get("verify", True))
        authority = authority or (Path(options["authority"]) if options.get("authority") else None)
        timeout = integration.timeout
    sent = dict(headers)
    if credential is not None:
        name, value = _signed(credential)
        sent[name] = value
    made = Target(
        "", 0, credential, timeout, verify, authority, integration, address, sent, tuple(subprotocols), max_size
    )
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("ws", "wss"):
        raise BusinessError(
            say("{address!a} is not the address of a WebSocket", address=made.shown),
            hint=say("It looks like wss://host/path."),
        )
    if any(MASK in text for text in (address, *sent.values())):
        raise BusinessError(
            say("the address or a header of {shown} holds a masked secret", shown=made.shown),
            hint=say("Name it as the credential instead."),
        )
    if any(sign in "\r\n\0" or not sign.isascii() for pair in headers.items() for text in pair for sign in text):
        raise BusinessError(
            say("a header for {shown} is not fit for one", shown=made.shown),
            hint=say("It may hold one line of ASCII characters."),
        )
    return replace(made, host=host, port=port or (443 if parts.scheme == "wss" else 80))


class Channel:
    """An open connection. What comes is taken in all the time, so that the other side is not kept waiting."""

    def __init__(self, target: Target, connection: ClientConnection) -> None:
        self.target = target
        self._connection = connection
        self._came: asyncio.Queue[str | bytes | None] = asyncio.Queue(_WAITING)
        self._reader = asyncio.create_task(self._read())

    async def send(self, message: Any) -> None:
        """Send one message. Raises `Gone` when the connection is closed."""
        from websockets.exceptions import ConnectionClosed

        try:
            await self._connection.send(written(message))
        except ConnectionClosed as error:
            raise Gone(self.target, error) from None

    async def receive(self, form: Form) -> Any:
        """The next message. Raises `Gone` when there is none and the connection is closed."""
        message = await self._came.get()
        if message is None:
            self._came.put_nowait(None)
            raise Gone(self.target, self._connection.protocol.close_exc)
        return read(message, form)

    async def matching(self, condition: Expression | None, form: Form) -> Any:
        """The next message for which the condition holds."""
        while True:
            message = await self.receive(form)
            if condition is None:
                return message
            try:
                if condition(message=message):
                    return message
            except ExpressionError as error:
                raise BusinessError(
                    say(
                        "the condition on a message of {shown}: {message}",
                        shown=self.target.shown,
                        message=error.message,
                    ),
                    hint=error.hint,
                ) from None

    async def close(self) -> None:
        """Say goodbye. Raises `Gone` if the other side did not say it too: it may not have read what was sent."""
        try:
            await self._connection.close()
        finally:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        if self._connection.close_code == 1006:
            raise Gone(self.target, self._connection.protocol.close_exc)

    async def _read(self) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                await self._came.put(await self._connection.recv())
        except ConnectionClosed:
            await self._came.put(None)


class Gone(SystemFault):
    """The connection is closed."""

    def __init__(self, target: Target, error: BaseException) -> None:
        said = reason(error.__cause__ or error)
        received = getattr(error, "rcvd", None)
        if received is not None:
            said = redact(f"{received.code} {received.reason}".strip())[:300]
        super().__init__(
            say("the connection to {shown} was closed: {reason}", shown=target.shown, reason=said),
            hint=say("See what the other side says of it, or retry the step."),
        )


async def opened(target: Target) -> Channel:
    """Connect. Raises `SystemFault` and `BusinessError` for a connection that does not come about."""
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus, InvalidURI
    from websockets.typing import Subprotocol

    encrypted: dict[str, Any] = {}
    if target.url.startswith("wss:"):
        encrypted["ssl"] = await asyncio.to_thread(target.trust)
    try:
        connection = await connect(
            target.url,
            additional_headers=dict(target.headers),
            subprotocols=[Subprotocol(one) for one in target.subprotocols] or None,
            user_agent_header="rpa-studio",
            open_timeout=target.timeout,
            close_timeout=_CLOSING,
            max_size=int(target.max_size * 1e6),
            **encrypted,
        )
    except InvalidStatus as error:
        raise _answered(target, error.response.status_code, error.response.headers.get("Retry-After", "")) from None
    except (InvalidMessage, OSError, TimeoutError) as error:
        raise unreached(error, target.shown) from None
    except InvalidURI:
        raise BusinessError(
            say("{address!a} is not the address of a WebSocket", address=target.shown),
            hint=say("It looks like wss://host/path."),
        ) from None
    except InvalidHandshake as error:
        raise BusinessError(
            say("{shown} speaks no WebSocket that fits: {reason}", shown=target.shown, reason=reason(error)),
            hint=say("Check the address and the subprotocols."),
        ) from None
    return Channel(target, connection)


@asynccontextmanager
async def channel(
    ctx: Context, session: str, target: Target | None, around: AbstractAsyncContextManager[None] | None = None
) -> AsyncIterator[Channel]:
    """The channel of that session, or one that is open inside the block; `around` is entered while it connects.

    Raises `BusinessError` for no such session.
    """
    if target is None:
        found = ctx.sessions.get(Channel, session)
        if found is None:
            raise BusinessError(
                say("there is no WebSocket session {name!r} in use here", name=session),
                hint=say("Put the step into the body of 'Use a WebSocket', or give an address."),
            )
        yield found
        return
    async with around or nullcontext():
        made = await opened(target)
    try:
        yield made
    except BaseException:
        try:
            await made.close()
        except SystemFault:
            pass  # there is an error already
        raise
    await made.close()


def _answered(target: Target, status: int, wait: str) -> SystemFault | BusinessError:
    message = say("{shown} was answered with {status}", shown=target.shown, status=status)
    if status == 429:
        return Overloaded(
            message, hint=say("Ask less often."), wait=float(wait[:6]) if wait.isascii() and wait.isdigit() else 0.0
        )
    if status >= 500 or status in (408, 425, 429):
        return SystemFault(message, hint=say("Retry the step."))
    if status in (401, 403, 407):
        return BusinessError(message, hint=say("Check the credential, and what it may do."))
    return BusinessError(message, hint=say("Check the address: it may be none of a WebSocket."))


def _signed(credential: Credential) -> tuple[str, str]:
    """The header that a credential becomes."""
    value = credential.secret().reveal()
    if credential.kind == "login":
        pair = f"{credential.text('username')}:{value}".encode("utf-8", "surrogatepass")
        header = "Authorization", f"Basic {base64.b64encode(pair).decode('ascii')}"
    elif credential.kind == "api_key":
        header = credential.text("header") or "X-API-Key", value
    else:
        header = "Authorization", f"Bearer {value}"
    if not header[1].isascii() or not header[1].isprintable():
        raise BusinessError(
            say("the credential {name!r} holds characters that no header may hold", name=credential.name),
            hint=say("Check that it is whole, and one line."),
        )
    return header
