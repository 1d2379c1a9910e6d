"""What a service offers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from engine.activities.soap.fields import Field, fields
from engine.activities.soap.wsdl import Address, Door, System, Wsdl, described
from engine.sdk import Context, Effect, activity
from engine.sdk.http.call import Authority, Headers, Timeout, Verify
from engine.sdk.http.service import SignIn, service


@dataclass(frozen=True)
class Operation:
    """An operation: of which service and port, at which address, what it takes, and what it gives."""

    name: str
    service: str
    port: str
    address: str
    takes: list[Field]
    gives: list[Field]


@dataclass(frozen=True)
class Operations:
    """The operations, and how many they are."""

    operations: list[Operation]
    count: int


@activity(
    "soap.operations", label="SOAP operations", icon="list-bullets", effect=Effect.IDEMPOTENT,
    keywords=("wsdl", "service", "describe"),
)  # fmt: skip
async def operations(
    ctx: Context,
    wsdl: Address = "",
    credential: SignIn = None,
    integration: System = None,
    headers: Headers = {},  # noqa: B006
    timeout: Timeout = 30.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Operations:
    """List what a SOAP service offers, as its WSDL describes it.

    The output holds `operations` (each with `name`, `service`, `port`, `address`, `takes`, `gives`) and `count`.
    """
    at = service(wsdl, credential, integration, headers, verify, authority, "WSDL")
    known = await described(ctx, at, timeout)
    found = await asyncio.to_thread(_listed, known)
    return Operations(found, len(found))


def _listed(known: Wsdl) -> list[Operation]:
    return [_shown(door) for door in known.doors()]


def _shown(door: Door) -> Operation:
    definition = door.definition
    takes = list(fields(definition.input.body.type)) if definition.input is not None else []
    body = getattr(definition.output, "body", None)
    gives = list(fields(body.type)) if body is not None else []
    return Operation(door.operation, door.service, door.port, door.address, takes, gives)
