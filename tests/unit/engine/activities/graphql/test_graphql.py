"""A real GraphQL schema behind a real server: asking, changing, paging, and what goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, graphql_sync

from engine.activities.graphql import mutate, pages, query
from engine.core.secrets import Credential, Secret
from engine.sdk import BusinessError, StepTimeout, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.activities.http.conftest import Exchange, Server

SCHEMA = build_schema("""
  type Order { id: ID!, total: Float, secret: String }
  type PageInfo { hasNextPage: Boolean!, endCursor: String }
  type Edge { node: Order }
  type Orders { edges: [Edge], nodes: [Order], pageInfo: PageInfo! }
  type Query { order(id: ID!): Order, orders(first: Int = 2, after: String): Orders, stuck: Orders, down: String }
  type Mutation { place(total: Float!): Order }
""")
TOKEN = "t0ken-of-the-shop"
LIST = "query ($after: String) { orders(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"


class Shop:
    """The orders of a shop, and the server they are behind; `first` may answer a request in its place."""

    def __init__(self) -> None:
        self.totals = [1.5, 2.5, 3.5, 4.5, 5.5]
        self.first: Any = None
        self.server = Server()
        self.server.answer = self.answer

    def order(self, info: Any, id: str) -> dict[str, Any] | None:
        number = int(id)
        if number >= len(self.totals):
            raise ValueError(f"no order {id}")
        return {"id": id, "total": self.totals[number], "secret": self.secret}

    def secret(self, info: Any) -> str:
        raise PermissionError("not for you")

    def orders(self, info: Any, first: int, after: str | None = None) -> dict[str, Any]:
        start = int(after) + 1 if after else 0
        found = [{"id": str(number)} for number in range(start, min(start + first, len(self.totals)))]
        more = start + first < len(self.totals)
        return {
            "nodes": found,
            "edges": [{"node": one} for one in found],
            "pageInfo": {"hasNextPage": more, "endCursor": str(start + first - 1)},
        }

    def stuck(self, info: Any) -> dict[str, Any]:
        return {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "same"}}

    def down(self, info: Any) -> str:
        from graphql import GraphQLError

        raise GraphQLError("the warehouse is down", extensions={"code": "SERVICE_UNAVAILABLE"})

    def place(self, info: Any, total: float) -> dict[str, Any]:
        self.totals.append(total)
        return {"id": str(len(self.totals) - 1), "total": total}

    def answer(self, exchange: Exchange) -> None:
        if self.first is not None:
            first, self.first = self.first, None
            first(exchange)
            return
        asked = json.loads(exchange.body)
        result = graphql_sync(
            SCHEMA,
            asked["query"],
            self,
            variable_values=asked.get("variables"),
            operation_name=asked.get("operationName"),
        )
        status = 200 if result.data is not None else 400
        exchange.reply(status, json.dumps(result.formatted).encode(), Content_Type="application/graphql-response+json")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Shop()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


class System:
    """An integration as the registry gives it."""

    name, kind, timeout, credential = "shop", "graphql", 5.0, None

    def __init__(self, address: str) -> None:
        self.address = address
        self.options = {"headers": {"Authorization": f"Bearer {TOKEN}"}, "query": {"shop": "7"}}
        self.calls: list[str] = []

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        self.calls.append("begun")
        try:
            yield
        except Exception as error:
            self.calls.append(type(error).__name__)
            raise
        self.calls.append("ended")


@pytest.fixture
def env(tmp_path: Path, shop: Shop) -> ActivityEnvironment:
    token = Credential("token", "token", "token", {}, {"token": Secret(TOKEN, "token")})
    key = Credential("key", "api_key", "key", {"header": "X-Shop-Key"}, {"key": Secret(TOKEN, "key")})
    return ActivityEnvironment(tmp_path, credentials=[token, key], integrations=[System(shop.server.url)])


async def test_asking_and_changing(env: ActivityEnvironment, shop: Shop) -> None:
    text = "query One($id: ID!) { order(id: $id) { id total } } query Other { orders { nodes { id } } }"
    found = await env.run(query, address=shop.server.url, operation=text, variables={"id": 1}, operation_name="One")
    assert (found.data, found.errors) == ({"order": {"id": "1", "total": 2.5}}, [])
    placed = await env.run(
        mutate,
        address=shop.server.url,
        operation="mutation ($t: Float!) { place(total: $t) { id } }",
        variables={"t": 9},
    )
    assert placed.data == {"place": {"id": "5"}} and shop.totals[-1] == 9


async def test_signing_in(env: ActivityEnvironment, shop: Shop) -> None:
    for given in ({"credential": "token"}, {"credential": "key"}):
        await env.run(query, address=shop.server.url, operation="{ orders { nodes { id } } }", **given)
    await env.run(query, integration="shop", operation="{ orders { nodes { id } } }")
    first, second, third = shop.server.requests
    assert first.headers["authorization"] == third.headers["authorization"] == f"Bearer {TOKEN}"
    assert second.headers["x-shop-key"] == TOKEN and third.path == "/?shop=7"
    system: Any = env.integrations["shop"]
    assert system.calls == ["begun", "ended"]
    with pytest.raises(BusinessError, match="both an integration and an address"):
        await env.run(query, integration="shop", address=shop.server.url, operation="{ x }")


async def test_errors_say_where_they_are(env: ActivityEnvironment, shop: Shop) -> None:
    with pytest.raises(BusinessError, match=r"no order 77 \(at order\)"):
        await env.run(query, address=shop.server.url, operation='{ order(id: "77") { id } }')
    with pytest.raises(BusinessError, match=r"Cannot query field 'totl'.* \(at 1:20\)"):
        await env.run(query, address=shop.server.url, operation='{ order(id: "1") { totl } }')
    with pytest.raises(BusinessError, match=r"Variable .\$id. "):
        await env.run(query, address=shop.server.url, operation="query ($id: ID!) { order(id: $id) { id } }")
    both = '{ order(id: "1") { id secret } }'
    with pytest.raises(BusinessError, match=r"not for you \(at order.secret\)"):
        await env.run(query, address=shop.server.url, operation=both)
    kept = await env.run(query, address=shop.server.url, operation=both, partial="keep")
    assert kept.data == {"order": {"id": "1", "secret": None}} and kept.errors[0]["path"] == ["order", "secret"]
    with pytest.raises(SystemFault, match="the warehouse is down"):
        await env.run(query, address=shop.server.url, operation="{ down }")


async def test_all_pages(env: ActivityEnvironment, shop: Shop) -> None:
    found = await env.run(pages, address=shop.server.url, operation=LIST, connection="orders")
    assert [one["id"] for one in found.items] == ["0", "1", "2", "3", "4"] and (found.pages, found.truncated) == (
        3,
        False,
    )
    edges = LIST.replace("nodes { id }", "edges { node { id } }")
    some = await env.run(pages, address=shop.server.url, operation=edges, connection="orders", max_items=3)
    assert (some.count, some.truncated) == (3, True)
    for text, connection, told in (
        (LIST, "order", "no list 'order'"),
        (LIST.replace("nodes { id }", ""), "orders", "neither nodes nor edges"),
        ("query ($after: String) { orders(after: $after) { nodes { id } } }", "orders", "no pageInfo"),
        ("{ stuck { nodes { id } pageInfo { hasNextPage endCursor } } }", "stuck", "read already"),
    ):
        with pytest.raises(BusinessError, match=told):
            await env.run(pages, address=shop.server.url, operation=text, connection=connection)


async def test_a_server_that_is_busy_or_breaks_off(env: ActivityEnvironment, shop: Shop) -> None:
    ask = {"address": shop.server.url, "operation": "{ orders { nodes { id } } }"}
    for status in (429, 503):
        shop.first = lambda exchange, status=status: exchange.reply(status, b"wait", Retry_After="0")
        assert (await env.run(query, **ask)).data
    shop.first = lambda exchange: exchange.reply(503, b"no")
    with pytest.raises(SystemFault, match="503"):
        await env.run(query, **ask, retries=0)
    shop.first = lambda exchange: exchange.reply(200, b"<html>hello</html>")
    with pytest.raises(BusinessError, match="did not answer as GraphQL does"):
        await env.run(query, **ask)

    def cut(exchange: Exchange) -> None:
        shop.totals.append(1.0)
        exchange.close_connection = True

    shop.first = cut
    with pytest.raises(StepTimeout, match="nobody knows"):
        await env.run(mutate, address=shop.server.url, operation="mutation { place(total: 1) { id } }")
    assert len(shop.totals) == 6


async def test_in_a_workflow(shop: Shop, tmp_path: Path) -> None:
    text = f"""
steps:
  - {{id: ask, activity: graphql.query, with: {{address: "{shop.server.url}", operation: "query ($id: ID!) {{ order(id: $id) {{ total }} }}", variables: {{id: 2}}}}}}
outputs: {{total: "{{{{ steps.ask.output.data.order.total }}}}"}}
"""
    async with file_engine(tmp_path) as engine:
        outcome: Any = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.status == "succeeded", outcome.error
    assert outcome.output == {"total": 3.5}
