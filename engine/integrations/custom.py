"""A system of any other kind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from engine.core.credentials import KINDS
from engine.core.errors import BusinessError
from engine.core.secrets import Credential
from engine.core.sentences import say
from engine.integrations.adapter import Adapter, Site, apart
from engine.sdk.endpoint import unreached
from engine.sdk.params import Param


@dataclass(frozen=True, kw_only=True)
class Custom(Adapter):
    """A system that no other kind describes. Whoever writes activities for it says what its options mean.

    It is checked by opening a connection to its host and port.
    """

    kind: ClassVar = "custom"
    label: ClassVar = say("Custom")
    icon: ClassVar = "puzzle-piece"
    example: ClassVar = "erp.example.com:9000"
    accepts: ClassVar[tuple[str, ...]] = tuple(KINDS)
    ports: ClassVar = {"http": 80, "https": 443}
    encrypted: ClassVar = frozenset({"https", "tls"})

    extras: Annotated[
        dict[str, Any], Param(say("Options"), say("What its activities want to know of it."), kind="table")
    ] = field(default_factory=dict)

    def options(self, credential: Credential | None) -> dict[str, Any]:
        found = super().options(credential)
        return {**found, **found.pop("extras")}

    async def check(self, site: Site) -> str:
        place = self.host_and_port()
        if place is None:
            raise BusinessError(
                say("{address!a} has no host to connect to", address=self.address),
                hint=say("Write for example {text}.", text=self.example),
            )
        host, port = place
        trust = await apart(self.trust) if self.tls else None
        try:
            async with asyncio.timeout(site.timeout):
                _, writer = await asyncio.open_connection(host, port, ssl=trust)
        except OSError as error:
            raise unreached(error, f"{host}:{port}") from None
        writer.close()
        try:
            await writer.wait_closed()
        except OSError:
            pass  # it has hung up by itself
        return say("it takes connections")
