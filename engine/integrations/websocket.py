"""A WebSocket server."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from engine.core.errors import BusinessError, SystemFault
from engine.core.sentences import say
from engine.integrations.adapter import Site, apart
from engine.integrations.web import Web
from engine.sdk.endpoint import unreached
from engine.sdk.params import Param


@dataclass(frozen=True, kw_only=True)
class WebSocket(Web):
    """A WebSocket server; it is checked by opening a connection and closing it."""

    kind: ClassVar = "websocket"
    label: ClassVar = say("WebSocket")
    icon: ClassVar = "plugs-connected"
    example: ClassVar = "wss://stream.example.com/prices"
    ports: ClassVar = {"ws": 80, "wss": 443}
    encrypted: ClassVar = frozenset({"wss"})

    subprotocols: Annotated[list[str], Param(say("Subprotocols"))] = field(default_factory=list)

    async def check(self, site: Site) -> str:
        client = await apart(importlib.import_module, "websockets.asyncio.client")
        errors = await apart(importlib.import_module, "websockets.exceptions")
        trust = await apart(self.trust) if self.tls else None
        headers, _ = self.signed(site.credential)
        _, url, _ = self.asked()
        try:
            async with client.connect(
                url,
                additional_headers=headers,
                subprotocols=self.subprotocols or None,
                ssl=trust,
                open_timeout=site.timeout,
                close_timeout=1,
                proxy=None,
            ):
                return say("it takes connections")
        except errors.InvalidStatus as error:
            status = error.response.status_code
            if status in (401, 403):
                raise BusinessError(
                    say("it does not let us in: {said}", said=status), hint=say("Check the credential.")
                ) from None
            raise SystemFault(say("it refuses the connection: {said}", said=status)) from None
        except (OSError, errors.WebSocketException) as error:
            raise unreached(error, self.address.partition("://")[2].partition("/")[0].rpartition("@")[2]) from None
