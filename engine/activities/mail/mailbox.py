"""A connection to an IMAP server, on a thread of its own, with every failure put into words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from engine.activities.mail.server import Server, no_user, plain_text, refused
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import BusinessError, SystemFault
from engine.sdk.endpoint import reason, unreached

if TYPE_CHECKING:
    from imapclient import IMAPClient

T = TypeVar("T")
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")
"""Response codes of a refusal that another try may not meet (RFC 5530)."""


class Mailbox:
    """One signed-in connection. What is done with it is done in its thread, one after the other."""

    def __init__(self, server: Server) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.server = server
        self._thread = ThreadPoolExecutor(1, "imap")
        self._client: IMAPClient | None = None
        self._given_up = False

    async def open(self) -> None:
        """Connect and sign in. Raises `SystemFault` and `BusinessError`."""
        await self._run(self._connect)

    async def do(self, work: Callable[[IMAPClient], T]) -> T:
        """Call `work` with the client. Raises what it raises, and errors of the connection in words."""

        def call() -> T:
            client = self._client
            assert client is not None
            with faults(self.server):
                return work(client)

        return await self._run(call)

    async def _run(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except asyncio.CancelledError:
            self._give_up()
            raise

    async def close(self) -> None:
        """Sign out."""
        if not self._given_up and self._client is not None:
            with contextlib.suppress(SystemFault, BusinessError):
                await self.do(_logout)
        self._give_up()

    def _give_up(self) -> None:
        """Let go of the connection, so that whatever waits for it ends."""
        self._given_up = True
        if self._client is not None:
            _cut(self._client)
        self._thread.shutdown(wait=False)

    def _connect(self) -> None:
        from imapclient import IMAPClient, SocketTimeout
        from imapclient.exceptions import IMAPClientError

        logging.getLogger("imapclient").setLevel(logging.WARNING)  # it would write down what it sends
        server = self.server
        trust = None if server.security == "none" else server.trust()
        try:
            client = IMAPClient(
                server.host,
                server.port,
                ssl=server.security == "tls",
                ssl_context=trust,
                timeout=SocketTimeout(server.timeout, server.timeout),
            )
        except (OSError, IMAPClientError) as error:
            raise unreached(error, server.shown) from None
        self._client = client
        try:
            if self._given_up:
                raise SystemFault(say("it was given up"))
            client.normalise_times = False
            if server.security == "starttls":
                self._encrypt(client, trust)
            self._sign_in(client)
        except BaseException:
            self._client = None
            _cut(client)
            raise

    def _encrypt(self, client: IMAPClient, trust: Any) -> None:
        with faults(self.server):
            if not client.has_capability("STARTTLS"):
                raise BusinessError(
                    say("{shown} offers no encryption", shown=self.server.shown),
                    hint=say("Choose 'tls' with its port, or 'none' if the network can be trusted."),
                )
            try:
                client.starttls(trust)
            except OSError as error:
                raise unreached(error, self.server.shown) from None

    def _sign_in(self, client: IMAPClient) -> None:
        from imapclient.exceptions import LoginError

        server = self.server
        if server.credential is None:
            raise BusinessError(say("{shown} wants a sign-in", shown=server.shown), hint=say("Name a credential."))
        if not server.username:
            raise no_user(server)
        secret = server.credential.secret().reveal()
        with faults(server):
            try:
                if server.token:
                    client.oauth2_login(server.username, secret)
                elif client.has_capability("AUTH=PLAIN"):
                    client.plain_login(server.username, secret)
                else:
                    client.login(server.username, plain_text(secret))
            except LoginError as error:
                said = _said(error)
                if any(code in str(error).upper() for code in _PASSING):
                    raise SystemFault(
                        say("{shown} does not let anybody in now: {said}", shown=server.shown, said=said)
                    ) from None
                if "abort" in type(error.__context__).__name__:
                    raise _broke(server, error) from None
                raise refused(server, said) from None


@asynccontextmanager
async def mailbox(server: Server) -> AsyncIterator[Mailbox]:
    """A mailbox, open inside the block; the whole is one request to the server's integration."""
    async with server.call():
        box = Mailbox(server)
        try:
            await box.open()
            yield box
        finally:
            await box.close()


def select(client: IMAPClient, folder: str, validity: int | None = None, *, change: bool = False) -> dict[bytes, Any]:
    """Enter a folder, and give what the server says of it.

    Raises `BusinessError` if there is none, and if its UIDVALIDITY is not the one the mails were found under.
    """
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

    try:
        said: dict[bytes, Any] = client.select_folder(plain_text(folder), readonly=not change)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise no_folder(folder, error) from None
    if validity is not None and said.get(b"UIDVALIDITY") != validity:
        raise BusinessError(
            say("the mails of the folder {folder!r} were numbered anew since they were found", folder=folder),
            hint=say("The ids of before are of no use any more (UIDVALIDITY changed): find the mails again."),
        )
    return said


def no_folder(folder: str, error: Exception) -> BusinessError:
    """What a step fails with that cannot enter a folder."""
    return BusinessError(
        say("the mailbox has no folder {folder!r} that can be used: {said}", folder=folder, said=_said(error)),
        hint=say("'Mail folders' lists what there is."),
    )


@contextmanager
def faults(server: Server) -> Iterator[None]:
    """Turn what IMAP and the network say into errors for a person."""
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

    try:
        yield
    except (OSError, IMAPClientAbortError) as error:
        raise _broke(server, error) from None
    except IMAPClientError as error:
        said = _said(error)
        if any(code in str(error).upper() for code in _PASSING):
            raise SystemFault(say("{shown} cannot do it now: {said}", shown=server.shown, said=said)) from None
        raise BusinessError(
            say("{shown} does not do it: {said}", shown=server.shown, said=said),
            hint=say("See what the server says of it."),
        ) from None


def _broke(server: Server, error: BaseException) -> SystemFault:
    return SystemFault(
        say("the connection to {shown} broke: {reason}", shown=server.shown, reason=reason(error)),
        hint=say("Retry the step."),
    )


def _logout(client: IMAPClient) -> None:
    client.logout()


def _cut(client: IMAPClient) -> None:
    with contextlib.suppress(Exception):
        client.socket().shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(Exception):
        client.shutdown()


def _said(error: BaseException) -> str:
    text = str(error)
    if text.startswith(("b'", 'b"')):
        text = text[2:-1]
    return redact(" ".join(text.split()))[:300]
