"""The description of a service (WSDL 1.1), fetched once, and what it offers.

It comes from a stranger: it may refer to nothing but its own server or folder, and hold no document type.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Integration, Param
from engine.sdk.files import read_bytes
from engine.sdk.http.call import shown_url
from engine.sdk.http.exchange import client_for, exchange
from engine.sdk.http.service import Service

Address = Annotated[
    str,
    Param("WSDL", "The address or the file that describes the service.", "https://erp.example.com/orders?wsdl"),
]
System = Annotated[
    Integration | None, Param("Integration", "Instead of an address and a credential.", accepts=("soap",))
]
ServiceName = Annotated[str, Param("Service", "Where the WSDL has several.", advanced=True)]
PortName = Annotated[str, Param("Port", "Where the service has several.", advanced=True)]
_FRESH = 3600.0
_PATIENCE = 120.0


@dataclass(frozen=True)
class Door:
    """An operation behind a port that speaks SOAP."""

    service: str
    port: str
    operation: str
    binding: Any
    address: str

    @property
    def definition(self) -> Any:
        """What zeep knows of it."""
        return self.binding.get(self.operation)


class Wsdl:
    """A description that was read: a session that all executions share."""

    def __init__(self, client: Any, shown: str) -> None:
        self.client = client
        self.shown = shown
        self._read = time.monotonic()

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self._read < _FRESH

    async def close(self) -> None:
        self.client.transport.session.close()

    def doors(self) -> Iterator[Door]:
        """Every operation that can be called."""
        from zeep.wsdl.bindings.soap import SoapBinding

        for name, service in self.client.wsdl.services.items():
            for port_name, port in service.ports.items():
                if isinstance(port.binding, SoapBinding):
                    binding: Any = port.binding
                    for operation in sorted(binding.all()):
                        address = port.binding_options.get("address", "")
                        yield Door(name, port_name, operation, binding, address)

    def door(self, operation: str, service: str, port: str) -> Door:
        """The one that is meant. Raises `BusinessError` that names those there are."""
        doors = [one for one in self.doors() if service in ("", one.service) and port in ("", one.port)]
        found = [one for one in doors if one.operation == operation]
        if found:
            return found[0]
        if not doors:
            known = [f"{one.service}/{one.port}" for one in self.doors()]
            raise _unknown(say("{shown} has no such service or port", shown=self.shown), "", list(dict.fromkeys(known)))
        names = list(dict.fromkeys(one.operation for one in doors))
        raise _unknown(say("{shown} has no operation {name!r}", shown=self.shown, name=operation), operation, names)


async def described(ctx: Context, at: Service, timeout: float) -> Wsdl:
    """The description, read if that was not done in the last hour."""
    who = at.credential.name if at.credential is not None else ""
    key = "\0".join((at.address, str(ctx.folder), who, at.integration.name if at.integration is not None else ""))

    async def make() -> Wsdl:
        loop = asyncio.get_running_loop()

        async def fetch(url: str) -> bytes:
            call = at.call(ctx, "GET", url, timeout=timeout)
            async with at.turn(), client_for(call) as client:
                return (await exchange(client, call))[1]

        def load(url: str) -> bytes:
            return asyncio.run_coroutine_threadsafe(fetch(url), loop).result(_PATIENCE)

        return await asyncio.to_thread(_read, at.address, ctx.folder, load)

    known = await ctx.sessions.shared(Wsdl, make, key)
    if not known.fresh:
        ctx.sessions.drop(known)
        await known.close()
        known = await ctx.sessions.shared(Wsdl, make, key)
    return known


def _read(address: str, folder: Path, load: Callable[[str], bytes]) -> Wsdl:
    from lxml.etree import LxmlError
    from zeep.exceptions import Error
    from zeep.transports import Transport

    zeep: Any = import_module("zeep")

    remote = urlsplit(address).scheme in ("http", "https")
    file = (folder / Path(address).expanduser()).resolve()
    shown = shown_url(address) if remote else str(file)

    class Careful(Transport):
        """Fetches what belongs to the description, and nothing else."""

        def load(self, url: str) -> bytes:
            if urlsplit(url).scheme in ("http", "https"):
                if not remote or _host(url) != _host(address):
                    raise _elsewhere(shown, shown_url(url))
                return load(url)
            path = Path(unquote(urlsplit(url).path) if url.startswith("file:") else url).resolve()
            if remote or not path.is_relative_to(file.parent):
                raise _elsewhere(shown, url)
            return read_bytes(path)

    transport: Any = _made(Careful)
    try:
        client = zeep.Client(address if remote else str(file), transport=transport, settings=settings())
    except (Error, LxmlError, ValueError, TypeError, KeyError, AttributeError, LookupError) as error:
        transport.session.close()
        raise BusinessError(
            say("{shown} is not a WSDL that can be read: {reason}", shown=shown, reason=reason_of(error)),
            hint=say("Open the address in a browser and see what it gives."),
        ) from None
    except BaseException:
        transport.session.close()
        raise
    if not client.wsdl.services:
        transport.session.close()
        reason = say("it describes no service")
        raise BusinessError(
            say("{shown} is not a WSDL that can be read: {reason}", shown=shown, reason=reason),
            hint=say("Open the address in a browser and see what it gives."),
        )
    return Wsdl(client, shown)


def _made(kind: Any) -> Any:
    return kind()


def settings() -> Any:
    """How zeep reads what comes from others: no document type, no entities, no endless trees."""
    from zeep.settings import Settings

    return Settings(forbid_dtd=True, forbid_entities=True, xml_huge_tree=False)


def reason_of(error: BaseException) -> str:
    """What zeep says, without secrets, in one line."""
    said = getattr(error, "message", "") or str(error)
    if type(error).__name__ in ("DTDForbidden", "EntitiesForbidden"):
        return say("it holds a document type or entities, which are refused")
    return redact(" ".join(str(said).split()))[:400] or type(error).__name__


def _host(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port


def _elsewhere(shown: str, url: str) -> BusinessError:
    return BusinessError(
        say("{shown} refers to {url}, which is not of its own server or folder", shown=shown, url=url[:200]),
        hint=say("Save the WSDL with all it needs to one folder, and use that."),
    )


def _unknown(message: str, name: str, there: list[str]) -> BusinessError:
    close = get_close_matches(name, there, 3, 0.5)
    if close:
        return BusinessError(message, hint=say("Is {names} meant?", names=", ".join(close)))
    return BusinessError(message, hint=say("There are: {names}.", names=", ".join(there[:40]) or "none"))
