"""A connection to an MQTT broker: its parameters, declared once, and what its thread tells the engine's loop."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import ActivityError, BusinessError, Context, Credential, Integration, Param, SystemFault
from engine.sdk.durations import Duration
from engine.sdk.endpoint import Endpoint, either, host_and_port, unreached

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

Version = Literal["5", "3.1.1"]

Configured = Annotated[Integration | None, Param("Integration", "Or the broker below.", accepts=("mqtt",))]
Host = Annotated[str, Param("Broker", placeholder="mqtt.example.com")]
SignIn = Annotated[
    Credential | None,
    Param(
        "Credential", "A login, a token as the password, or a certificate.", accepts=("login", "token", "certificate")
    ),
]
Encryption = Annotated[Literal["tls", "none"], Param("Encryption", "none: passwords can be read on the way.")]
Port = Annotated[int | None, Param("Port", "Empty for the usual one.", advanced=True)]
Username = Annotated[str, Param("Sign in as", "With a token: the name that goes with it.", advanced=True)]
Protocol = Annotated[
    Version, Param("Version of MQTT", "A broker of 3.1.1 does not say when it refuses a message.", advanced=True)
]
Quality = Annotated[
    Literal[0, 1, 2], Param("Quality", "0: at most once; 1: at least once; 2: exactly once, as far as the broker.")
]
Timeout = Annotated[Duration, Param("Time limit", "For each answer of the broker.", advanced=True)]

_KEEP_ALIVE = 60
_PASSING = {0x83, 0x88, 0x89, 0x8B, 0x8D, 0x8E, 0x93, 0x96, 0x97, 0x9F}
"""Reason codes of MQTT 5 that another try may not meet: busy, unavailable, shutting down, quotas, rates."""
_SIGN_IN = {0x86, 0x87, 0x8C}


@dataclass(frozen=True)
class Broker(Endpoint):
    """A broker, how it is spoken to, and as whom."""

    encrypted: bool = True
    username: str = ""
    version: Version = "5"
    client_id: str = ""


def broker(
    integration: Integration | None,
    host: str,
    credential: Credential | None,
    username: str,
    port: int | None,
    security: Literal["tls", "none"],
    version: Version,
    timeout: float,
    verify: bool,
    authority: Path | None,
) -> Broker:
    """What the parameters of a step come to. Raises `BusinessError` for what does not fit together.

    Of an integration the scheme of its address says whether it is encrypted; its options `client_id`, `verify` and
    `authority` say the rest.
    """
    address = either(integration, host, "Broker")
    client_id = ""
    if integration is not None:
        options: dict[str, Any] = dict(integration.options)
        credential = credential or integration.credential
        security = "none"  # its address says mqtts otherwise
        client_id = str(options.get("client_id") or "")
        verify = verify and bool(options.get("verify", True))
        authority = authority or (Path(options["authority"]) if options.get("authority") else None)
        timeout = integration.timeout
    scheme = address.partition("://")[0] if "://" in address else ""
    encrypted = scheme in ("mqtts", "ssl", "tls") or (security == "tls" and scheme not in ("mqtt", "tcp"))
    name, number = host_and_port(address, port or (8883 if encrypted else 1883))
    if credential is not None:
        username = username or credential.text("username")
    return Broker(
        name, number, credential, timeout, verify, authority, integration, encrypted, username, version, client_id
    )


def refusal(code: ReasonCode, message: str) -> ActivityError:
    """The error for a reason code: some pass by themselves, most do not."""
    if code.value in _PASSING:
        return SystemFault(message, hint=say("Retry the step."))
    if code.value in _SIGN_IN:
        return BusinessError(message, hint=say("Check the credential, and what it may do at the broker."))
    if code.value in (0x81, 0x84):
        return BusinessError(message, hint=say("Choose version 3.1.1 of MQTT."))
    return BusinessError(message, hint=say("See what the broker says of it."))


class Link:
    """An open connection. What comes is in `messages`; `lost` is done when the connection ends."""

    def __init__(self, target: Broker, client: Client) -> None:
        self._loop = asyncio.get_running_loop()
        self._target = target
        self._answers: dict[tuple[str, int], asyncio.Future[ReasonCode]] = {}
        self.client = client
        self.messages: asyncio.Queue[MQTTMessage] = asyncio.Queue()
        self.connected: asyncio.Future[ReasonCode] = self._loop.create_future()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        client.on_connect = lambda client, userdata, flags, code, properties: self._tell(self.connected, code)
        client.on_disconnect = lambda client, userdata, flags, code, properties: self._tell(self.lost, str(code))
        client.on_publish = lambda client, userdata, mid, code, properties: self._answer("publish", mid, code)
        client.on_subscribe = lambda client, userdata, mid, codes, properties: self._answer("subscribe", mid, codes[0])
        client.on_message = lambda client, userdata, message: self._call(self.messages.put_nowait, message)

    def answer(self, kind: Literal["publish", "subscribe"], mid: int) -> asyncio.Future[ReasonCode]:
        """What the broker answers to the packet of that number."""
        return self._answers.setdefault((kind, mid), self._loop.create_future())

    async def unless_lost(self, wanted: asyncio.Future[Any]) -> bool:
        """Wait for it, and give whether it came before the connection was lost or the time over."""
        await asyncio.wait({wanted, self.lost}, timeout=self._target.timeout, return_when=asyncio.FIRST_COMPLETED)
        return wanted.done()

    @property
    def why(self) -> str:
        """Why it ended, in a few words."""
        return redact(self.lost.result()) if self.lost.done() else say("it did not answer in time")

    def _call(self, function: Any, *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            pass  # the loop has ended

    def _tell(self, future: asyncio.Future[Any], value: Any) -> None:
        def told() -> None:
            if not future.done():
                future.set_result(value)

        self._call(told)

    def _answer(self, kind: Literal["publish", "subscribe"], mid: int, code: ReasonCode) -> None:
        self._call(lambda: self._tell(self.answer(kind, mid), code))


@asynccontextmanager
async def linked(
    target: Broker, ctx: Context, session: str = "", around: AbstractAsyncContextManager[None] | None = None
) -> AsyncIterator[Link]:
    """A connection, open inside the block. With `session` the broker keeps what arrives while nobody is connected.

    `around` is entered while it connects.

    Raises `SystemFault` and `BusinessError` for one that does not come about.
    """
    client = await asyncio.to_thread(_client, target, ctx.scratch, session)
    link = Link(target, client)
    try:
        async with around or nullcontext():
            await _connect(target, link, session)
        yield link
    finally:
        client.disconnect()
        await asyncio.shield(asyncio.to_thread(_end, client))


async def _connect(target: Broker, link: Link, session: str) -> None:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    options: dict[str, Any] = {}
    if target.version == "5":
        options["clean_start"] = not session
        if session:
            options["properties"] = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            options["properties"].SessionExpiryInterval = 7 * 86400
    try:
        await asyncio.to_thread(link.client.connect, target.host, target.port, _KEEP_ALIVE, **options)
    except (OSError, ValueError) as error:
        raise unreached(error, target.shown) from None
    link.client.loop_start()
    if not await link.unless_lost(link.connected):
        raise SystemFault(
            say("{shown} did not take the connection: {reason}", shown=target.shown, reason=link.why),
            hint=say("See whether it is a broker, and the port and the encryption fit together."),
        )
    code = link.connected.result()
    if code.is_failure:
        raise refusal(code, say("{shown} refuses the connection: {reason}", shown=target.shown, reason=str(code)))


def _client(target: Broker, scratch: Path, session: str) -> Client:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

    credential = target.credential
    if target.encrypted:
        trust = target.trust()
        if credential is not None and credential.kind == "certificate":
            _prove(trust, credential, scratch)
    elif credential is not None and credential.kind == "certificate":
        raise BusinessError(say("a certificate is of no use without encryption"), hint=say("Choose 'tls'."))

    class Encrypted(Client):
        def _ssl_wrap_socket(self, tcp_sock: Any) -> ssl.SSLSocket:
            """As it is, but it closes the socket when the server is not to be trusted."""
            wrapped = trust.wrap_socket(tcp_sock, server_hostname=self.host, do_handshake_on_connect=False)
            try:
                wrapped.settimeout(target.timeout)
                wrapped.do_handshake()
            except BaseException:
                wrapped.close()
                raise
            return wrapped

    kind = Encrypted if target.encrypted else Client
    old = target.version == "3.1.1"
    client = kind(
        CallbackAPIVersion.VERSION2,
        client_id=session or target.client_id,
        clean_session=not session if old else None,
        protocol=MQTTProtocolVersion.MQTTv311 if old else MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
        manual_ack=True,
    )
    client.connect_timeout = target.timeout
    if target.encrypted:
        client.tls_set_context(trust)
    if credential is not None and credential.kind != "certificate":
        client.username_pw_set(target.username, credential.secret().reveal())
    elif target.username:
        client.username_pw_set(target.username)
    return client


def _prove(trust: ssl.SSLContext, credential: Credential, scratch: Path) -> None:
    """Take the client's certificate, which TLS reads from a file only: it is there for that moment."""
    passphrase = credential.hidden.get("passphrase")
    pem = scratch / f"{os.urandom(8).hex()}.pem"
    try:
        handle = os.open(pem, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as stream:
            stream.write(f"{credential.secret('key').reveal()}\n{credential.text('certificate')}\n")
        trust.load_cert_chain(pem, password=passphrase.reveal() if passphrase else "")
    except (ssl.SSLError, ValueError):
        raise BusinessError(
            say("the credential {name!r} holds no certificate with its key", name=credential.name),
            hint=say("Both are texts in PEM form; see also the passphrase."),
        ) from None
    finally:
        pem.unlink(missing_ok=True)


def _end(client: Client) -> None:
    """Wait for its thread, and close what else it holds, which it leaves to the collection of garbage otherwise."""
    client.loop_stop()
    client._reset_sockets()
