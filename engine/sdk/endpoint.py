"""The other end of a connection: where it is, whom it must prove to be, and why it could not be reached.

For activities whose connections are their own. Each takes a host with what belongs to it, or an integration.
"""

from __future__ import annotations

import os
import socket
import ssl
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from engine.core.errors import ActivityError, BusinessError, SystemFault
from engine.core.secrets import Credential, redact
from engine.core.sentences import say
from engine.sdk.files import file_errors
from engine.sdk.integration import Integration
from engine.sdk.params import Param

Verify = Annotated[bool, Param("Check the server's certificate", advanced=True)]
Authority = Annotated[
    Path | None,
    Param("Certificate authority", "A PEM file to trust beside the usual ones.", kind="file", advanced=True),
]
_LONGEST = 300


@dataclass(frozen=True)
class Endpoint:
    """A server as a step is to reach it. `timeout` is in seconds."""

    host: str
    port: int
    credential: Credential | None = None
    timeout: float = 30.0
    verify: bool = True
    authority: Path | None = None
    integration: Integration | None = None

    @property
    def shown(self) -> str:
        """It in a message."""
        return f"{self.host}:{self.port}"

    def call(self) -> AbstractAsyncContextManager[None]:
        """Around every request: the turn and the count of the integration, if it is one."""
        return self.integration.call() if self.integration is not None else nullcontext()

    def trust(self) -> ssl.SSLContext:
        """What to trust. It reads files: call it in a thread. Raises as `trust` does."""
        return trust(self.verify, self.authority)


def either(integration: Integration | None, host: str, what: str) -> str:
    """The address to use: that of the integration, or `host`. Raises `BusinessError` for both and for none.

    `what` is the label of the parameter that `host` came from.
    """
    if integration is not None and host:
        raise BusinessError(
            say("both an integration and an address of its own are given"), hint=say("Leave one of them empty.")
        )
    address = integration.address if integration is not None else host.strip()
    if not address:
        raise BusinessError(say("it is not said which server to use"), hint=say("Fill in {what!r}.", what=what))
    return address


def host_and_port(address: str, port: int) -> tuple[str, int]:
    """The parts of `host`, `host:port`, `scheme://host:port`; `port` is used where none is said.

    Raises `BusinessError` for another text.
    """
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        found = parts.hostname, parts.port or port
    except ValueError:
        found = None, port
    host, port = found
    if not host or not host.isprintable() or any(sign.isspace() for sign in host):
        raise BusinessError(
            say("{address!a} is not the address of a server", address=redact(address.rpartition("@")[2])),
            hint=say("Write for example mail.example.com, or mail.example.com:1234."),
        )
    return host, port


def trust(verify: bool = True, authority: Path | None = None) -> ssl.SSLContext:
    """A context for the client's side of TLS, with the system's authorities and those in the PEM file `authority`.

    Raises `BusinessError` for a file that holds none.
    """
    context = ssl.create_default_context()
    if authority is not None:
        with file_errors(authority, "read"):
            try:
                context.load_verify_locations(authority)
            except ssl.SSLError:
                raise BusinessError(say("{authority} holds no certificate in PEM form", authority=authority)) from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def unreached(error: BaseException, shown: str) -> ActivityError:
    """What a person is told when no connection to the server `shown` came about.

    A server that cannot prove who it is is a `BusinessError`, because no retry changes that; the rest a `SystemFault`.
    """
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in chain(error)):
        return BusinessError(
            say("the server {shown} cannot be trusted: {reason}", shown=shown, reason=reason(error)),
            hint=say("Give the certificate authority of your company, or see that the address is right."),
        )
    if any(isinstance(link, ssl.SSLError) for link in chain(error)):
        return SystemFault(
            say("no encrypted connection to {shown} came about: {reason}", shown=shown, reason=reason(error)),
            hint=say("See whether the port and the encryption fit together."),
        )
    return SystemFault(
        say("the server {shown} cannot be reached: {reason}", shown=shown, reason=reason(error)),
        hint=say("Check the address, and that it is running."),
    )


def reason(error: BaseException) -> str:
    """Why a connection failed, in a few words, without secrets."""
    for link in chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            return link.verify_message
        if isinstance(link, TimeoutError) and not link.errno:
            return say("it did not answer in time")
        if isinstance(link, ssl.SSLError | socket.gaierror) and link.strerror:
            return redact(link.strerror)[:_LONGEST]
        if isinstance(link, OSError) and link.strerror:
            return os.strerror(link.errno) if link.errno and link.errno > 0 else link.strerror
    return redact(" ".join(str(error).split()))[:_LONGEST] or say("it was closed")


def chain(error: BaseException | None) -> list[BaseException]:
    """An error and what it came of, the first cause first."""
    links: list[BaseException] = []
    while error is not None and len(links) < 10:
        links.insert(0, error)
        error = error.__cause__ or error.__context__
    return links
