"""An MQTT broker."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.integrations.adapter import Adapter, Authority, Flaw, Site, Verify, apart
from engine.sdk.endpoint import unreached
from engine.sdk.params import Param

_REFUSED = {4, 5, 134, 135, 138}
"""Reason codes of MQTT 3 and 5: wrong user or password, not allowed, banned."""


@dataclass(frozen=True, kw_only=True)
class Mqtt(Adapter):
    """An MQTT broker; it is checked by connecting and leaving."""

    kind: ClassVar = "mqtt"
    label: ClassVar = say("MQTT")
    icon: ClassVar = "broadcast"
    example: ClassVar = "mqtts://broker.example.com"
    ports: ClassVar = {"": 1883, "mqtt": 1883, "mqtts": 8883}
    encrypted: ClassVar = frozenset({"mqtts"})

    client_id: Annotated[str, Param(say("Client id"), say("Empty: a new one each time."), advanced=True)] = ""
    verify: Verify = True
    authority: Authority = None

    def flaws(self) -> Iterator[Flaw]:
        yield from super().flaws()
        if self.scheme not in self.ports:
            yield Flaw(
                "address",
                say("{address!a} is not an address of this kind", address=self.address[:200]),
                say("Write for example {text}.", text=self.example),
            )

    async def check(self, site: Site) -> str:
        return await apart(self._connect, site, *(self.host_and_port() or ("", 0)))

    def _connect(self, site: Site, host: str, port: int) -> str:
        mqtt = importlib.import_module("paho.mqtt.client")
        enums = importlib.import_module("paho.mqtt.enums")
        answers: list[Any] = []
        client = mqtt.Client(
            enums.CallbackAPIVersion.VERSION2,
            client_id=f"rpa-health-{uuid.uuid4().hex[:12]}",
            reconnect_on_failure=False,
        )
        client.connect_timeout = site.timeout
        client.on_connect = lambda client, data, flags, reason, properties: answers.append(reason)
        if site.credential is not None:
            client.username_pw_set(site.credential.text("username"), site.credential.secret().reveal())
        if self.tls:
            client.tls_set_context(self.trust())
        try:
            client.connect(host, port, keepalive=max(5, round(site.timeout)))
            deadline = _now() + site.timeout
            while not answers and _now() < deadline:
                if client.loop(timeout=0.2) != mqtt.MQTT_ERR_SUCCESS and not answers:
                    raise unreached(ConnectionResetError(), f"{host}:{port}")
            client.disconnect()
        except OSError as error:
            raise unreached(error, f"{host}:{port}") from None
        finally:
            client.on_connect = None
            _close(client)
        if not answers:
            raise unreached(TimeoutError(), f"{host}:{port}")
        if answers[0].value in _REFUSED:
            raise BusinessError(
                say("it does not let us in: {said}", said=redact(str(answers[0]))), hint=say("Check the credential.")
            )
        if answers[0].is_failure:
            raise SystemFault(say("it refuses the connection: {said}", said=redact(str(answers[0]))))
        return say("it takes connections")


def _now() -> float:
    import time

    return time.monotonic()


def _close(client: Any) -> None:
    """Close the socket, also of a client that never came as far as to disconnect."""
    sock = client.socket()
    if sock is not None:
        sock.close()
