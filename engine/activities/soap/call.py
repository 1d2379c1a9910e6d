"""One operation called: its arguments checked against the WSDL, its faults put into words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.soap.fields import check
from engine.activities.soap.wsdl import Address, Door, PortName, ServiceName, System, described, reason_of, settings
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.core.values import plain
from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, activity
from engine.sdk.http.call import Authority, Headers, MaxSize, Retries, Timeout, Verify
from engine.sdk.http.exchange import client_for, exchange
from engine.sdk.http.service import Service, SignIn, service
from engine.sdk.tables import shown

if TYPE_CHECKING:
    import httpx

OperationName = Annotated[str, Param("Operation", placeholder="GetOrder")]
Arguments = Annotated[
    dict[str, Any],
    Param("Arguments", "As the WSDL names them; fields inside are mappings.", kind="code", language="yaml"),
]
Signing = Annotated[
    Literal["http", "token", "digest"],
    Param("Sign in by", "http: as the web does; token, digest: a user name token of WS-Security.", advanced=True),
]
Endpoint = Annotated[str, Param("Address of the service", "Empty for that in the WSDL.", advanced=True)]
_PASSING = "408, 425, 429, 502, 503, 504"
"""Statuses to try again on; a fault arrives with 500, and would be the same again."""


@dataclass(frozen=True)
class Returned:
    """What the operation gave back: a mapping by name, or a single value."""

    result: Any


@activity(
    "soap.call", label="SOAP call", icon="brackets-angle", effect=Effect.ONCE,
    keywords=("wsdl", "service", "api", "request", "xml"),
)  # fmt: skip
async def call(
    ctx: Context,
    operation: OperationName,
    wsdl: Address = "",
    arguments: Arguments = {},  # noqa: B006
    credential: SignIn = None,
    integration: System = None,
    sign_in: Signing = "http",
    service_name: ServiceName = "",
    port: PortName = "",
    endpoint: Endpoint = "",
    headers: Headers = {},  # noqa: B006
    timeout: Timeout = 30.0,
    retries: Retries = 3,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Returned:
    """Call an operation of a SOAP service, once.

    It is tried again by itself only when the service did not take it. When the connection breaks after that, nobody
    knows whether it acted: no retry of the step repeats that. Use "SOAP query" for what may be repeated.
    The output holds `result`.
    """
    at = service(wsdl, credential, integration, headers, verify, authority, "WSDL")
    limits = {"timeout": timeout, "retries": retries, "max_size": max_size, "once": True, "retry_on": "429"}
    return await _called(ctx, at, operation, arguments, sign_in, service_name, port, endpoint, limits)


@activity(
    "soap.query", label="SOAP query", icon="brackets-angle", effect=Effect.IDEMPOTENT,
    keywords=("wsdl", "service", "api", "request", "xml", "read"),
)  # fmt: skip
async def query(
    ctx: Context,
    operation: OperationName,
    wsdl: Address = "",
    arguments: Arguments = {},  # noqa: B006
    credential: SignIn = None,
    integration: System = None,
    sign_in: Signing = "http",
    service_name: ServiceName = "",
    port: PortName = "",
    endpoint: Endpoint = "",
    headers: Headers = {},  # noqa: B006
    timeout: Timeout = 30.0,
    retries: Retries = 3,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Returned:
    """Call an operation of a SOAP service that may safely be repeated, such as one that only reads.

    Like "SOAP call", with the author's word that doing it twice is like doing it once: it is tried again freely, and
    runs again after a crash. The output holds `result`.
    """
    at = service(wsdl, credential, integration, headers, verify, authority, "WSDL")
    limits = {"timeout": timeout, "retries": retries, "max_size": max_size, "retry_on": _PASSING}
    return await _called(ctx, at, operation, arguments, sign_in, service_name, port, endpoint, limits)


async def _called(
    ctx: Context,
    at: Service,
    operation: str,
    arguments: Mapping[str, Any],
    sign_in: str,
    service_name: str,
    port: str,
    endpoint: str,
    limits: Mapping[str, Any],
) -> Returned:
    known = await described(ctx, at, limits["timeout"])
    door = await asyncio.to_thread(known.door, operation, service_name, port)
    address = endpoint.strip() or door.address
    stand_in = await asyncio.to_thread(_client, at, sign_in)
    envelope, headers = await asyncio.to_thread(_written, door, arguments, stand_in, address)
    if sign_in != "http":
        at = Service(at.address, None, at.integration, at.headers, at.query, at.verify, at.authority)
    request = at.call(ctx, "POST", address, headers=headers, content=envelope, expect="2xx, 500", **limits)
    async with at.turn(), client_for(request) as client:
        response, body = await exchange(client, request)
        return Returned(await asyncio.to_thread(_read, door, stand_in, response, body, request.shown))


def _client(at: Service, sign_in: str) -> Any:
    """What zeep asks of its client while it writes and reads a message."""
    wsse = None
    if sign_in != "http":
        token: Any = import_module("zeep.wsse.username")
        if at.credential is None:
            raise BusinessError(say("there is no credential to sign in with"), hint=say("Name a credential."))
        wsse = token.UsernameToken(
            at.credential.text("username"), at.credential.secret().reveal(), use_digest=sign_in == "digest"
        )
    return SimpleNamespace(wsse=wsse, settings=settings(), plugins=[])


def _written(door: Door, arguments: Mapping[str, Any], client: Any, address: str) -> tuple[bytes, dict[str, str]]:
    """The envelope and its headers. Raises `BusinessError` for arguments that do not fit."""
    from lxml import etree
    from zeep.exceptions import Error

    definition = door.definition
    check(arguments, definition.input.body.type)
    try:
        envelope, headers = door.binding._create(
            door.operation, (), dict(arguments), client=client, options={"address": address}
        )
    except (Error, ValueError, TypeError, AttributeError, KeyError, ArithmeticError) as error:
        raise BusinessError(
            say("the arguments do not fit {name}: {reason}", name=door.operation, reason=reason_of(error)),
            hint=say("'SOAP operations' shows what it takes."),
        ) from None
    content = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return content, {str(name).lower(): str(value) for name, value in headers.items()}


def _read(door: Door, client: Any, response: httpx.Response, body: bytes, where: str) -> Any:
    """The result as plain data. Raises `BusinessError` for a fault, `SystemFault` for what is no SOAP."""
    from lxml.etree import LxmlError
    from zeep.exceptions import Error, Fault

    helpers: Any = import_module("zeep.helpers")
    reply = SimpleNamespace(
        status_code=response.status_code, content=body, headers=response.headers, encoding=response.encoding
    )
    try:
        result = helpers.serialize_object(door.binding.process_reply(client, door.definition, reply), dict)
    except Fault as fault:
        raise _fault(fault, where) from None
    except (Error, LxmlError, ValueError, TypeError, AttributeError, KeyError) as error:
        kind = SystemFault if response.status_code == 500 else BusinessError
        raise kind(
            say("the answer of {shown} cannot be read: {reason}", shown=where, reason=shown(reason_of(error), 400))
        ) from None
    return _plain(result)


def _fault(fault: Any, where: str) -> BusinessError:
    code = str(fault.code or "").rpartition(":")[2] or "fault"
    message = redact(" ".join(str(fault.message or "").split()))[:600] or say("without a reason")
    detail = ""
    if fault.detail is not None:
        texts = fault.detail.itertext() if hasattr(fault.detail, "itertext") else [str(fault.detail)]
        detail = redact(" ".join(" ".join(texts).split()))[:600]
    return BusinessError(
        say("{shown} answered with the fault {code}: {message}", shown=where, code=code, message=message),
        hint=say("In detail: {detail}.", detail=detail) if detail else "",
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value.as_tuple().exponent == 0 else float(value)
    if hasattr(value, "itertext"):
        return "".join(value.itertext())
    try:
        return plain(value)
    except TypeError:
        return str(value)
