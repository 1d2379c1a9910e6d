"""What of a connection works and what does not: its name, its port, its encryption, and whether it lets us in."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from engine.core.errors import ActivityError, SystemFault
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.integrations.adapter import Adapter, Site, apart
from engine.sdk.endpoint import reason, unreached


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that was tried: `name`, address, connection, encryption or answer; what came of it, and what to do."""

    name: str
    good: bool
    said: str
    hint: str = ""
    ms: float = 0.0


async def examined(adapter: Adapter, site: Site) -> AsyncIterator[Stage]:
    """Try one thing after the other, and end with the first that fails."""
    started = time.monotonic()

    def stage(name: str, said: str, good: bool = True, hint: str = "") -> Stage:
        return Stage(name, good, said, hint, round((time.monotonic() - started) * 1000, 1))

    try:
        place = adapter.host_and_port()
    except ActivityError as error:
        yield stage(say("Address"), error.message, False, error.hint)
        return
    if place is not None:
        host, port = place
        try:
            addresses = ", ".join(await _resolved(host, port, site.timeout))
        except ActivityError as error:
            yield stage(say("Address"), error.message, False, error.hint)
            return
        yield stage(say("Address"), say("{host} is {addresses}", host=host, addresses=addresses))
        started = time.monotonic()
        try:
            async with asyncio.timeout(site.timeout):
                _, writer = await asyncio.open_connection(host, port)
        except OSError as error:
            failed = unreached(error, f"{host}:{port}")
            yield stage(say("Connection"), failed.message, False, failed.hint)
            return
        await _close(writer)
        yield stage(say("Connection"), say("port {port} takes connections", port=port))
        if adapter.tls:
            started = time.monotonic()
            try:
                trust = await apart(adapter.trust)
                async with asyncio.timeout(site.timeout):
                    _, writer = await asyncio.open_connection(host, port, ssl=trust, server_hostname=host)
            except ActivityError as error:
                yield stage(say("Encryption"), error.message, False, error.hint)
                return
            except OSError as error:
                failed = unreached(error, f"{host}:{port}")
                yield stage(say("Encryption"), failed.message, False, failed.hint)
                return
            version = writer.get_extra_info("ssl_object").version()
            await _close(writer)
            yield stage(say("Encryption"), say("{version}, and the certificate is good", version=version))
    started = time.monotonic()
    good, said, hint, ms = await checked(adapter, site)
    yield Stage(say("Answer"), good, said, hint, ms)


async def checked(adapter: Adapter, site: Site) -> tuple[bool, str, str, float]:
    """Whether a system works, what it said or what went wrong, what to do, and the milliseconds that it took."""
    started = time.monotonic()
    hint = ""
    try:
        async with asyncio.timeout(site.timeout):
            place = adapter.host_and_port()
            if place is not None:
                await _resolved(*place, site.timeout)  # a name server that hangs must not hold a thread of the loop
            said, good = await adapter.check(site), True
    except ActivityError as error:
        said, good, hint = error.message, False, error.hint
    except TimeoutError:
        said, good = say("it did not answer in time"), False
    except Exception as error:
        said, good = say("{kind}: {reason}", kind=type(error).__name__, reason=reason(error)), False
    return good, said if good else redact(said), hint, round((time.monotonic() - started) * 1000, 1)


async def _resolved(host: str, port: int, timeout: float) -> list[str]:
    """The addresses of a host. Raises `SystemFault`."""
    try:
        async with asyncio.timeout(timeout):
            found = await apart(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SystemFault(
            say("the name {host} leads nowhere: {reason}", host=host, reason=reason(error)),
            hint=say("Check the address, and that there is a network."),
        ) from None
    return list(dict.fromkeys(str(one[4][0]) for one in found))


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        pass  # it has hung up by itself
