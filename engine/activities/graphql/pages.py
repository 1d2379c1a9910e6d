"""All pages of a list that a service gives by cursor (the connections of Relay, which many services have)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from engine.activities.graphql.request import Address, Operation, System, Variables, ask
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, activity
from engine.sdk.http.call import Authority, Headers, MaxSize, Retries, Timeout, Verify
from engine.sdk.http.service import SignIn, service


@dataclass(frozen=True)
class Connected:
    """The items of all pages, how many they are, how many pages were read, and whether there would have been more."""

    items: list[Any]
    count: int
    pages: int
    truncated: bool


@activity(
    "graphql.pages", label="GraphQL pages", icon="graph", effect=Effect.IDEMPOTENT,
    keywords=("paging", "cursor", "connection", "list", "api"),
)  # fmt: skip
async def pages(
    ctx: Context,
    operation: Operation,
    connection: Annotated[
        str, Param("List", "Where it is in the data; it has pageInfo, and nodes or edges.", "customer.orders")
    ],
    address: Address = "",
    variables: Variables = {},  # noqa: B006
    cursor: Annotated[str, Param("Variable of the cursor")] = "after",
    credential: SignIn = None,
    integration: System = None,
    headers: Headers = {},  # noqa: B006
    max_items: Annotated[int, Param("At most", unit="items", advanced=True)] = 100_000,
    timeout: Timeout = 30.0,
    retries: Retries = 3,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Connected:
    """Read a list that a GraphQL service gives page by page.

    The operation takes the cursor as a variable and asks for `pageInfo { hasNextPage endCursor }`. A limit that is
    reached is not an error: `truncated` tells. The output holds `items`, `count`, `pages` and `truncated`.
    """
    if max_items < 1:
        raise BusinessError(say("the limit must be at least 1"))
    at = service(address, credential, integration, headers, verify, authority, "Service")
    found: list[Any] = []
    after: Any = variables.get(cursor)
    seen = {str(after)}
    page = 0
    while True:
        page += 1
        body = {"query": operation, "variables": {**variables, cursor: after}}
        answer = await ask(ctx, at, body, "refuse", timeout=timeout, retries=retries, max_size=max_size)
        here = _at(answer.data, connection)
        found += _items(here, connection)
        ctx.progress(len(found), None, say("page {page}", page=page))
        info = here.get("pageInfo")
        if not isinstance(info, Mapping) or "hasNextPage" not in info:
            raise BusinessError(
                say("{connection} has no pageInfo", connection=connection),
                hint=say("Ask for pageInfo {{ hasNextPage endCursor }} there."),
            )
        if not info["hasNextPage"] or len(found) >= max_items:
            more = bool(info["hasNextPage"]) or len(found) > max_items
            return Connected(found[:max_items], min(len(found), max_items), page, more)
        after = info.get("endCursor")
        if after is None or str(after) in seen:
            handed = f"(after: ${cursor})"
            raise BusinessError(
                say(
                    "page {page} of {connection} leads back to a page that was read already",
                    page=page,
                    connection=connection,
                ),
                hint=say("See that the operation hands the cursor on: {name}.", name=handed),
            )
        seen.add(str(after))


def _at(data: Any, connection: str) -> Mapping[str, Any]:
    place = data
    for part in connection.split("."):
        place = place.get(part) if isinstance(place, Mapping) else None
    if isinstance(place, Mapping):
        return place
    there = ", ".join(data) if isinstance(data, Mapping) else "nothing"
    raise BusinessError(
        say("there is no list {connection!r} in the data", connection=connection),
        hint=say("The data has: {names}.", names=there),
    )


def _items(place: Mapping[str, Any], connection: str) -> list[Any]:
    if isinstance(place.get("nodes"), list):
        return list(place["nodes"])
    if isinstance(place.get("edges"), list):
        return [one.get("node") if isinstance(one, Mapping) else one for one in place["edges"]]
    raise BusinessError(
        say("{connection} has neither nodes nor edges", connection=connection),
        hint=say("Ask for nodes, or for edges with their node."),
    )
