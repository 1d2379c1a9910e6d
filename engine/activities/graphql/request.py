"""One operation sent to a service, and its answer: data, errors, or both (GraphQL over HTTP)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Integration, Param, SystemFault, activity
from engine.sdk.http.call import REPEATABLE, Authority, Headers, MaxSize, Retries, Timeout, Verify, json_body
from engine.sdk.http.exchange import client_for, exchange
from engine.sdk.http.service import Service, SignIn, service
from engine.sdk.tables import shown

Address = Annotated[str, Param("Service", placeholder="https://api.example.com/graphql")]
System = Annotated[
    Integration | None, Param("Integration", "Instead of an address and a credential.", accepts=("graphql",))
]
Operation = Annotated[
    str,
    Param(
        "Operation",
        "A value stands in it by its variable, `$name`.",
        "query ($id: ID!) { order(id: $id) { total } }",
        kind="code",
        language="graphql",
    ),
]
Variables = Annotated[
    dict[str, Any], Param("Variables", "What the variables of the operation stand for.", kind="table")
]
Partial = Annotated[
    Literal["refuse", "keep"],
    Param("An answer with errors and data", "keep: give both, and leave it to the workflow.", advanced=True),
]
Name = Annotated[str, Param("Name of the operation", "Where the text holds several.", advanced=True)]
_PASSING = {"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "THROTTLED", "RATE_LIMITED", "TOO_MANY_REQUESTS", "TIMEOUT"}
"""Codes of errors after which another try may help; not a part of the specification, but of many services."""


@dataclass(frozen=True)
class Answered:
    """The data; the errors that came with it (only where they are kept); and what the service adds of its own."""

    data: Any
    errors: list[dict[str, Any]]
    extensions: Any


@activity(
    "graphql.query", label="GraphQL query", icon="graph", effect=Effect.IDEMPOTENT,
    keywords=("api", "request", "read", "service"),
)  # fmt: skip
async def query(
    ctx: Context,
    operation: Operation,
    address: Address = "",
    variables: Variables = {},  # noqa: B006
    credential: SignIn = None,
    integration: System = None,
    headers: Headers = {},  # noqa: B006
    partial: Partial = "refuse",
    operation_name: Name = "",
    timeout: Timeout = 30.0,
    retries: Retries = 3,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Answered:
    """Ask a GraphQL service for something, which changes nothing there.

    Passing failures are tried again by themselves. An error in the answer fails the step and says where it is.
    The output holds `data`, `errors` and `extensions`.
    """
    at = service(address, credential, integration, headers, verify, authority, "Service")
    body = {"query": operation, "variables": variables, "operationName": operation_name or None}
    return await ask(ctx, at, body, partial, timeout=timeout, retries=retries, max_size=max_size)


@activity(
    "graphql.mutate", label="GraphQL mutation", icon="graph", effect=Effect.ONCE,
    keywords=("api", "request", "change", "send", "service"),
)  # fmt: skip
async def mutate(
    ctx: Context,
    operation: Operation,
    address: Address = "",
    variables: Variables = {},  # noqa: B006
    credential: SignIn = None,
    integration: System = None,
    headers: Headers = {},  # noqa: B006
    partial: Partial = "refuse",
    operation_name: Name = "",
    timeout: Timeout = 30.0,
    retries: Retries = 3,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Answered:
    """Have a GraphQL service change something, once.

    It is tried again by itself only when the service did not take it: no connection was made, or it asked to wait.
    When the connection breaks after that, nobody knows whether it acted: no retry of the step repeats that.
    The output holds `data`, `errors` and `extensions`.
    """
    at = service(address, credential, integration, headers, verify, authority, "Service")
    body = {"query": operation, "variables": variables, "operationName": operation_name or None}
    return await ask(
        ctx, at, body, partial, timeout=timeout, retries=retries, max_size=max_size, once=True, retry_on="429"
    )


async def ask(ctx: Context, at: Service, body: Mapping[str, Any], partial: str, **limits: Any) -> Answered:
    """Send an operation and judge the answer. `limits` are fields of the `Call`."""
    content = await asyncio.to_thread(json_body, {name: value for name, value in body.items() if value is not None})
    accepted = {"content-type": "application/json", "accept": "application/graphql-response+json, application/json"}
    call = at.call(
        ctx, "POST", headers=accepted, content=content, expect="2xx, 400, 422",
        **{"retry_on": REPEATABLE, **limits},
    )  # fmt: skip
    async with at.turn(), client_for(call) as client:
        response, found = await exchange(client, call)
    answer = await asyncio.to_thread(_read, found)
    if answer is None:
        said = shown(redact(" ".join(found[:200].decode("utf-8", "replace").split())), 200)
        raise BusinessError(
            say(
                "{shown} did not answer as GraphQL does, but with {status}: {said}",
                shown=call.shown,
                status=response.status_code,
                said=said,
            ),
            hint=say("Check the address."),
        )
    errors = [one for one in answer.get("errors") or [] if isinstance(one, dict)]
    data = answer.get("data")
    if errors and (data is None or partial == "refuse"):
        raise _refusal(call.shown, errors)
    return Answered(data, errors, answer.get("extensions"))


def _read(content: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and ("data" in answer or answer.get("errors")) else None


def _refusal(shown: str, errors: list[dict[str, Any]]) -> BusinessError | SystemFault:
    """What a person is told about errors in an answer: the first one, where it is, and how many more there are."""
    first = errors[0]
    message = redact(str(first.get("message") or "error"))[:600]
    place = ".".join(str(part) for part in first.get("path") or [])
    if not place and isinstance(first.get("locations"), list) and first["locations"]:
        spot = first["locations"][0]
        place = f"{spot.get('line')}:{spot.get('column')}" if isinstance(spot, dict) else ""
    said = say("{message} (at {place})", message=message, place=place) if place else message
    more = "; ".join(redact(str(one.get("message")))[:200] for one in errors[1:4])
    hint = say("There are {count} more: {more}.", count=len(errors) - 1, more=more) if more else ""
    extensions = first.get("extensions")
    code = str(extensions.get("code", "")) if isinstance(extensions, dict) else ""
    kind = SystemFault if code.upper() in _PASSING else BusinessError
    return kind(say("{shown} answered with an error: {said}", shown=shown, said=said), hint=hint)
