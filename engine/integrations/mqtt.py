"""An MQTT broker."""

from __future__ import annotations

import importlib
import socket
import ssl
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import Credential, redact
from engine.core.sentences import say
from engine.integrations.adapter import Adapter, Authority, Flaw, Site, Verify, apart
from engine.sdk import endpoint
from engine.sdk.endpoint import host_and_port, unreached
from engine.sdk.params import Param

_REFUSED = {134, 135, 138, 140}
"""Reason codes: wrong user or password, not allowed, banned, another way to sign in."""


@dataclass(frozen=True, kw_only=True)
class Mqtt(Adapter):
    """An MQTT broker; it is checked by connecting and leaving."""

    kind: ClassVar = "mqtt"
    label: ClassVar = say("MQTT")
    icon: ClassVar = "broadcast"
    example: ClassVar = "mqtts://broker.example.com"
    accepts: ClassVar[tuple[str, ...]] = ("login", "token", "certificate")
    ports: ClassVar = {"mqtt": 1883, "tcp": 1883, "mqtts": 8883, "ssl": 8883, "tls": 8883}
    encrypted: ClassVar = frozenset({"mqtts", "ssl", "tls"})

    security: Annotated[
        Literal["tls", "none"], Param(say("Encryption"), say("Where the address does not say it, as mqtts:// does."))
    ] = "tls"
    username: Annotated[str, Param(say("Sign in as"), say("With a token: the name that goes with it."))] = ""
    version: Annotated[Literal["5", "3.1.1"], Param(say("Version of MQTT"), advanced=True)] = "5"
    verify: Verify = True
    authority: Authority = None

    @property
    def tls(self) -> bool:
        return super().tls or (self.security == "tls" and not self.scheme)

    def host_and_port(self) -> tuple[str, int] | None:
        return host_and_port(self.address.strip(), 8883 if self.tls else 1883)

    def flaws(self) -> Iterator[Flaw]:
        yield from super().flaws()
        if self.scheme and self.scheme not in self.ports:
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
            protocol=enums.MQTTProtocolVersion.MQTTv5 if self.version == "5" else enums.MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = site.timeout
        client.on_connect = lambda client, data, flags, reason, properties: answers.append(reason)
        credential = site.credential
        certified = credential is not None and credential.kind == "certificate"
        if credential is not None and not certified:
            name = self.username or credential.text("username")
            client.username_pw_set(name, credential.secret().reveal())
        try:
            if self.tls:
                trust = certified_by(credential, self) if certified and credential else self.trust()
                client.tls_set_context(trust)
                # A handshake that fails leaves the library with an open socket; ours is closed.
                with socket.create_connection((host, port), site.timeout) as plain:
                    trust.wrap_socket(plain, server_hostname=host).close()
            client.connect(host, port, keepalive=max(5, round(site.timeout)))
            deadline = time.monotonic() + site.timeout
            while not answers and time.monotonic() < deadline:
                if client.loop(timeout=0.2) != mqtt.MQTT_ERR_SUCCESS and not answers:
                    raise unreached(ConnectionResetError(), f"{host}:{port}")
            client.disconnect()
        except OSError as error:
            raise unreached(error, f"{host}:{port}") from None
        finally:
            client.on_connect = None
            client._reset_sockets()  # which it leaves to the collection of garbage otherwise
        if not answers:
            raise unreached(TimeoutError(), f"{host}:{port}")
        if answers[0].value in _REFUSED:
            raise BusinessError(
                say("it does not let us in: {said}", said=redact(str(answers[0]))), hint=say("Check the credential.")
            )
        if answers[0].is_failure:
            raise SystemFault(say("it refuses the connection: {said}", said=redact(str(answers[0]))))
        return say("it takes connections")


def certified_by(credential: Credential, adapter: Adapter) -> ssl.SSLContext:
    """What to trust, with the certificate of the client, which TLS reads from a file only: it is there for that moment.

    Raises `BusinessError` for a credential that holds none.
    """
    trust = endpoint.trust(bool(getattr(adapter, "verify", True)), getattr(adapter, "authority", None))
    passphrase = credential.hidden.get("passphrase")
    with tempfile.TemporaryDirectory(prefix="rpa-") as folder:
        pem = Path(folder) / "client.pem"
        pem.touch(0o600)
        pem.write_text(f"{credential.secret('key').reveal()}\n{credential.text('certificate')}\n", "utf-8")
        try:
            trust.load_cert_chain(pem, password=passphrase.reveal() if passphrase else "")
        except (ssl.SSLError, ValueError):
            raise BusinessError(
                say("the credential {name!r} holds no certificate with its key", name=credential.name),
                hint=say("Check its fields, and the passphrase of the key."),
            ) from None
    return trust
