"""Services that a WSDL describes, spoken to over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.activities.soap import call, operations, query
from engine.core.secrets import Credential, Secret
from engine.sdk import BusinessError, StepTimeout, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.soap_service import SCHEMA, fault
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.activities.http.conftest import Exchange
from tests.unit.engine.activities.soap.conftest import LOGIN, Running

ORDER = {
    "day": "2026-11-24",
    "customer": {"name": "Ada & Söhne"},
    "line": [{"article": "nut", "amount": 2.5}, {"article": "bolt", "amount": "3"}],
}


@pytest.fixture
async def soap(tmp_path: Path) -> AsyncIterator[ActivityEnvironment]:
    wrong = Credential("wrong", "login", "password", {"username": "ada"}, {"password": Secret("not-the-word", "wrong")})
    environment = ActivityEnvironment(tmp_path, credentials=[LOGIN, wrong])
    yield environment
    await environment.close()


async def test_an_operation_is_called_with_what_it_takes(shop: Running, soap: ActivityEnvironment) -> None:
    assert (await soap.run(query, wsdl=shop.wsdl, operation="Add", arguments={"a": 2, "b": "3"})).result == 5
    placed = await soap.run(call, wsdl=shop.wsdl, operation="PlaceOrder", arguments=ORDER)
    assert placed.result == {
        "number": "A-1",
        "day": date(2026, 11, 24),
        "total": 5.5,
        "line": [{"article": "nut", "amount": 2.5}, {"article": "bolt", "amount": 3}],
    }
    assert "Ada &amp; S" in shop.server.requests[-1].body.decode()
    assert [one.command for one in shop.server.requests].count("GET") == 1


async def test_what_a_service_offers(shop: Running, soap: ActivityEnvironment) -> None:
    found = await soap.run(operations, wsdl=shop.wsdl)
    assert [one.name for one in found.operations] == ["Add", "PlaceOrder"]
    place = found.operations[1]
    assert (place.service, place.port) == ("ShopService", "Shop")
    assert [(one.path, one.type, one.required, one.many) for one in place.takes] == [
        ("day", "date", True, False),
        ("customer", "customer", False, False),
        ("customer.name", "string", True, False),
        ("line", "Line", True, True),
        ("line[].article", "string", True, False),
        ("line[].amount", "decimal", True, False),
    ]
    assert [one.path for one in place.gives][:3] == ["number", "day", "total"]


@pytest.mark.parametrize(
    ("operation", "arguments", "told", "hint"),
    [
        ("Ad", {}, "no operation 'Ad'", "Add"),
        ("Add", {"a": 1, "c": 2}, "takes no 'c'", "a, b"),
        ("PlaceOrder", {**ORDER, "line": [{"article": "x", "amont": 1}]}, r"takes no 'line\[0\].amont'", "amount"),
        ("PlaceOrder", {**ORDER, "customer": "Ada"}, "'customer' is a mapping", "name"),
        ("Add", {"a": 1}, "do not fit Add: Missing element b", "SOAP operations"),
        ("Add", {"a": "one", "b": 1}, "a: 'one' is not int", "SOAP operations"),
        ("PlaceOrder", {**ORDER, "day": "soon"}, "day: 'soon' is not date", "SOAP operations"),
    ],
)
async def test_arguments_that_do_not_fit(
    shop: Running, soap: ActivityEnvironment, operation: str, arguments: dict[str, Any], told: str, hint: str
) -> None:
    with pytest.raises(BusinessError, match=told) as refused:
        await soap.run(call, wsdl=shop.wsdl, operation=operation, arguments=arguments)
    assert hint in refused.value.hint
    assert shop.shop.orders == 0 and "POST" not in {one.command for one in shop.server.requests}


async def test_a_fault_is_a_business_error_with_its_detail(shop: Running, soap: ActivityEnvironment) -> None:
    shop.first = lambda exchange: exchange.reply(
        500, fault("soap:Client", "no stock", "<code>E17</code>"), Content_Type="text/xml"
    )
    with pytest.raises(BusinessError, match="fault Client: no stock") as refused:
        await soap.run(query, wsdl=shop.wsdl, operation="Add", arguments={"a": 1, "b": 1})
    assert "E17" in refused.value.hint
    assert [one.command for one in shop.server.requests] == ["GET", "POST"]


@pytest.mark.parametrize(("sign_in", "user"), [("token", "ada"), ("digest", "ada")])
async def test_a_token_of_ws_security(shop: Running, soap: ActivityEnvironment, sign_in: str, user: str) -> None:
    arguments = {"a": 1, "b": 1}
    await soap.run(query, wsdl=shop.wsdl, operation="Add", arguments=arguments, credential="erp", sign_in=sign_in)
    await soap.run(query, wsdl=shop.wsdl, operation="Add", arguments=arguments, credential="wrong", sign_in=sign_in)
    assert shop.shop.users == [f"{user} in", f"{user} out"]
    assert shop.server.requests[1].headers["authorization"] is None
    with pytest.raises(BusinessError, match="no credential to sign in with"):
        await soap.run(query, wsdl=shop.wsdl, operation="Add", arguments=arguments, sign_in=sign_in)


async def test_a_server_that_is_busy_is_asked_again_and_an_order_is_not(
    shop: Running, soap: ActivityEnvironment
) -> None:
    shop.first = lambda exchange: exchange.reply(503, b"busy", Retry_After="0")
    assert (await soap.run(query, wsdl=shop.wsdl, operation="Add", arguments={"a": 1, "b": 1})).result == 2
    shop.first = lambda exchange: exchange.reply(429, b"slowly", Retry_After="0")
    assert (await soap.run(call, wsdl=shop.wsdl, operation="Add", arguments={"a": 1, "b": 1})).result == 2

    def cut(exchange: Exchange) -> None:
        shop.shop.answer(exchange.body)
        exchange.close_connection = True

    shop.first = cut
    with pytest.raises(StepTimeout, match="nobody knows"):
        await soap.run(call, wsdl=shop.wsdl, operation="PlaceOrder", arguments=ORDER)
    assert shop.shop.orders == 1


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
LEAK = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize("text", [BOMB, LEAK, "<html>not found</html>", "Dear Ada", ""])
async def test_a_wsdl_that_is_none(serve: Callable[..., Any], soap: ActivityEnvironment, text: str) -> None:
    server = serve(lambda exchange: exchange.reply(body=text.encode()))
    with pytest.raises(BusinessError, match="is not a WSDL that can be read") as refused:
        await soap.run(operations, wsdl=f"{server.url}/x?wsdl")
    assert "root:" not in str(refused.value)


@pytest.mark.parametrize("body", [BOMB, LEAK, "Dear Ada", "<a/>"])
async def test_an_answer_that_is_none(shop: Running, soap: ActivityEnvironment, body: str) -> None:
    for status, kind in ((200, BusinessError), (500, SystemFault)):
        shop.first = lambda exchange, status=status: exchange.reply(status, body.encode(), Content_Type="text/xml")
        with pytest.raises((BusinessError, SystemFault)) as refused:
            await soap.run(call, wsdl=shop.wsdl, operation="Add", arguments={"a": 1, "b": 1})
        assert isinstance(refused.value, kind) or body == "<a/>"
        assert "root:" not in str(refused.value)


async def test_a_wsdl_leads_nowhere_else(serve: Callable[..., Any], soap: ActivityEnvironment, tmp_path: Path) -> None:
    other = serve(lambda exchange: exchange.reply(body=SCHEMA.encode()))
    imports = '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:import namespace="urn:shop" schemaLocation="{}"/></xsd:schema>'
    for place in (f"{other.url}/shop.xsd", "file:///etc/passwd"):
        running = Running(serve, imports.format(place))
        with pytest.raises(BusinessError, match="not of its own server or folder"):
            await soap.run(operations, wsdl=running.wsdl)
    assert other.requests == []
    running = Running(serve, imports.format("shop.xsd"))
    assert (await soap.run(operations, wsdl=running.wsdl)).count == 2
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/shop.wsdl").write_text(running.text)
    (tmp_path / "kept/shop.xsd").write_text(SCHEMA)
    assert (await soap.run(query, wsdl="kept/shop.wsdl", operation="Add", arguments={"a": 4, "b": 4})).result == 8
    (tmp_path / "kept/shop.wsdl").write_text(running.text.replace('"shop.xsd"', '"../shop.xsd"'))
    await soap.close()
    with pytest.raises(BusinessError, match="not of its own server or folder"):
        await soap.run(operations, wsdl="kept/shop.wsdl")
    with pytest.raises(BusinessError, match="no file or folder"):
        await soap.run(operations, wsdl="gone.wsdl")


async def test_in_a_workflow(shop: Running, tmp_path: Path) -> None:
    text = f"""
steps:
  - {{id: add, activity: soap.call, with: {{wsdl: "{shop.wsdl}", operation: Add, arguments: {{a: 20, b: 22}}}}}}
outputs: {{sum: "{{{{ steps.add.output.result }}}}"}}
"""
    async with file_engine(tmp_path) as engine:
        outcome: Any = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.status == "succeeded", outcome.error
    assert outcome.output == {"sum": 42}
