"""Integrations in the hands of steps: found by name, limited together, refused while they are down, and remembered."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.api import Engine
from engine.core.errors import BusinessError, NoSuchIntegration, SystemFault
from engine.core.secrets import Credential, Secret, Use
from engine.integrations.registry import IntegrationRegistry
from engine.sdk.integration import Integration
from tests.support.web_server import Answer, WebServer
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.integrations.conftest import Secrets, login

Serve = Callable[[Answer], WebServer]
Make = Callable[..., IntegrationRegistry]
STEP = Use("http.get", "e", "s")


async def test_a_step_gets_it_with_its_credential_and_says_who_it_is(registry: Make) -> None:
    secrets = Secrets(login("erp-login", "ada", "pw-12345"))
    entry = {"kind": "rest", "address": "https://erp.example.com/api", "credential": "erp-login", "timeout": "12s"}
    found = await registry(secrets, erp=entry).get("erp", STEP)
    assert isinstance(found, Integration)
    assert (found.name, found.kind, found.address, found.timeout) == (
        "erp",
        "rest",
        "https://erp.example.com/api",
        12.0,
    )
    assert found.credential is secrets.known["erp-login"] and secrets.uses == [("erp-login", STEP)]
    assert found.options["headers"]["Authorization"].startswith("Basic ")
    assert "pw-12345" not in repr(found) and "YWRh" not in repr(found)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"kind": "rest", "address": "https://a.example", "credential": "none"}, "no credential 'none'"),
        ({"kind": "rest", "address": "https://a.example", "credential": "ssh"}, "of the kind ssh_key"),
        ({"kind": "rest", "address": "nonsense"}, "cannot be used"),
    ],
)
async def test_what_keeps_one_from_being_used_is_told(registry: Make, entry: dict[str, Any], told: str) -> None:
    ssh = Credential("ssh", "ssh_key", "key", {"username": "a"}, {"key": Secret("pem-text")})
    with pytest.raises(BusinessError, match=told):
        await registry(Secrets(ssh), a=entry).get("a", STEP)


async def test_one_that_is_not_there(registry: Make) -> None:
    with pytest.raises(NoSuchIntegration, match="no integration 'crn'") as refused:
        await registry(crm={"kind": "custom", "address": "a:1"}).get("crn", STEP)
    assert refused.value.hint == "Did you mean 'crm'?"


async def test_a_changed_file_counts_at_once_and_what_did_not_change_keeps_its_state(
    registry: Make, tmp_path: Path
) -> None:
    entry = {"kind": "custom", "address": "a:1", "breaker": {"failures": 1, "pause": "1h"}}
    found = registry(a=entry, b=entry)
    for name in ("a", "b"):
        with pytest.raises(SystemFault, match="gone"):
            async with (await found.get(name, STEP)).call():
                raise SystemFault("gone")
    await found.put("b", {**entry, "breaker": {"failures": 2, "pause": "1h"}})
    await found.put("a", {**entry, "note": "ours"})
    with pytest.raises(SystemFault, match="'a' is down: gone"):
        async with (await found.get("a", STEP)).call():
            pass
    async with (await found.get("b", STEP)).call():
        pass
    await found.remove("a")
    with pytest.raises(NoSuchIntegration):
        await found.get("a", STEP)


async def test_what_is_wrong_is_not_written(registry: Make, tmp_path: Path) -> None:
    found = registry(a={"kind": "custom", "address": "a:1"})
    before = found.path.read_text()
    for name, entry, told in (
        ("b", {"kind": "rest", "address": "x"}, "not an address"),
        ("a", {"kind": "custom", "address": "a:1"}, "already"),
    ):
        with pytest.raises(BusinessError, match=told):
            await found.put(name, entry, new=True)
    assert found.path.read_text() == before


async def test_calls_breaker_and_changes_are_summed_up_and_remembered(registry: Make) -> None:
    entry = {"kind": "custom", "address": "a:1", "breaker": {"failures": 2, "pause": "200ms"}}
    found = registry(a=entry)
    alerts: list[tuple[str, str]] = []
    found.subscribe(lambda alert: alerts.append((alert.name, alert.state)))
    system = await found.get("a", STEP)
    async with system.call():
        pass
    for _ in range(2):
        with pytest.raises(SystemFault):
            async with system.call():
                raise SystemFault("gone")
    await asyncio.sleep(0.05)
    (one,) = await found.summary()
    assert (one.state, one.breaker, one.said, one.figures.calls, one.figures.failed) == ("down", "open", "gone", 3, 2)
    await asyncio.sleep(0.25)
    async with system.call():
        pass
    await found.close()
    assert alerts == [("a", "down"), ("a", "up")]
    again = registry()
    (one,) = await again.summary()
    assert (one.state, one.breaker, one.figures.calls) == ("up", "closed", 4)
    assert [change.state for change in await again.changes("a")] == ["up", "down"]


async def test_a_history_that_is_damaged_stops_nobody(registry: Make, tmp_path: Path) -> None:
    (tmp_path / "integrations.db").write_bytes(b"not a database" * 1000)
    found = registry(a={"kind": "custom", "address": "a:1"})
    async with (await found.get("a", STEP)).call():
        pass
    (one,) = await found.summary()
    assert one.state == "unknown"


async def test_two_processes_write_one_history(registry: Make, tmp_path: Path) -> None:
    registry(a={"kind": "custom", "address": "a:1"})
    program = """
import asyncio, sys
from pathlib import Path
from engine.core.secrets import Use
from engine.integrations.registry import IntegrationRegistry

async def main():
    registry = IntegrationRegistry(Path(sys.argv[1]), None)
    for _ in range(50):
        async with (await registry.get("a", Use("x"))).call():
            await registry._flush()
    await registry.close()

asyncio.run(main())
"""
    many = [await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(tmp_path)) for _ in range(3)]
    assert [await one.wait() for one in many] == [0, 0, 0]
    (one,) = await registry().summary()
    assert one.figures.calls == 150


def engine_of(folder: Path, **entries: Any) -> Engine:
    (folder / "integrations.yaml").write_text(yaml.safe_dump({"integrations": entries}), encoding="utf-8")
    return file_engine(folder, home=folder, secrets=Secrets(login("shop", "ada", "pw-12345")))


GET = """
steps:
  - {id: ask, activity: http.get, with: {integration: shop, url: orders}}
outputs: {got: "{{ steps.ask.output }}"}
"""


async def test_a_workflow_asks_a_system_by_its_name_and_its_secret_stays_hidden(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda request: request.reply(200, f'{{"you": "{request.headers["Authorization"]}"}}'.encode()))
    entry = {"kind": "rest", "address": f"{server.url}/api/", "credential": "shop", "headers": {"X-Tenant": "t1"}}
    async with engine_of(tmp_path, shop=entry) as engine:
        found = await engine.wait(await engine.start(workflow(GET), folder=tmp_path))
    assert found.status == "succeeded", found.error
    assert server.requests[0][:2] == ("GET", "/api/orders")
    assert server.requests[0][2]["X-Tenant"] == "t1"
    assert server.requests[0][2]["Authorization"] == "Basic YWRhOnB3LTEyMzQ1"
    assert "••••••" in found.output["got"]["body"]["you"]
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"pw-12345" not in stored and b"cHctMTIzNDU" not in stored and b"YWRhOnB3LTEyMzQ1" not in stored


async def test_executions_share_the_rate_limit(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda request: request.reply())
    entry = {"kind": "rest", "address": server.url, "rate": "20/s"}
    async with engine_of(tmp_path, shop=entry) as engine:
        start = time.monotonic()
        ids = [await engine.start(workflow(GET), folder=tmp_path) for _ in range(20)]
        assert {(await engine.wait(id)).status for id in ids} == {"succeeded"}
        assert time.monotonic() - start >= 19 / 20


async def test_a_system_that_answers_503_is_left_alone_and_asked_again_later(serve: Serve, tmp_path: Path) -> None:
    ill = True
    server = serve(lambda request: request.reply(503 if ill else 200))
    entry = {
        "kind": "rest",
        "address": server.url,
        "breaker": {"failures": 3, "pause": "300ms"},
        "retry": {"attempts": 1},
    }
    async with engine_of(tmp_path, shop=entry) as engine:

        async def run() -> Any:
            return await engine.wait(await engine.start(workflow(GET), folder=tmp_path))

        for _ in range(3):
            assert "answered with 503" in (await run()).error["message"]
        refused = await run()
        assert "the integration 'shop' is down" in refused.error["message"] and refused.error["kind"] == "system"
        assert "It is tried again at" in refused.error["hint"]
        assert len(server.requests) == 3
        ill = False
        await asyncio.sleep(0.35)
        assert (await run()).status == "succeeded"
        (one,) = await engine.integrations.summary()
        assert (one.breaker, one.state, one.figures.calls, one.figures.failed) == ("closed", "up", 4, 3)


async def test_a_system_that_answers_429_makes_all_wait_and_is_not_down(serve: Serve, tmp_path: Path) -> None:
    times: list[float] = []
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def answer(request: Any) -> None:
        times.append(time.monotonic())
        loop.call_soon_threadsafe(asked.set)
        if len(times) == 1:
            request.reply(429, retry_after="1")
        else:
            request.reply()

    server = serve(answer)
    entry = {"kind": "rest", "address": server.url, "breaker": {"failures": 1}}
    async with engine_of(tmp_path, shop=entry) as engine:
        first = await engine.start(workflow(GET), folder=tmp_path)
        await asyncio.wait_for(asked.wait(), 5)
        await asyncio.sleep(0.1)
        second = await engine.start(workflow(GET), folder=tmp_path)
        assert {(await engine.wait(id)).status for id in (first, second)} == {"succeeded"}
    assert len(times) == 3 and all(at - times[0] >= 0.95 for at in times[1:])


async def test_bad_data_never_opens_the_breaker(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda request: request.reply(404))
    async with engine_of(tmp_path, shop={"kind": "rest", "address": server.url, "breaker": {"failures": 1}}) as engine:
        for _ in range(3):
            found = await engine.wait(await engine.start(workflow(GET), folder=tmp_path))
            assert "answered with 404" in str(found.error)
    assert len(server.requests) == 3


async def test_a_run_that_uses_none_imports_and_reads_none(tmp_path: Path) -> None:
    (tmp_path / "integrations.yaml").write_text("no: [yaml", encoding="utf-8")
    (tmp_path / "one.rpa.yaml").write_text(
        "rpa: 1\nname: one\nsteps:\n- {id: a, activity: control.log, with: {message: hi}}\n"
    )
    program = """
import sys
from engine.cli.main import interpret
code = interpret(["run", sys.argv[1], "--home", sys.argv[2]])
assert code == 0
assert not [name for name in sys.modules if name.startswith("engine.integrations")]
"""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path / "one.rpa.yaml"), str(tmp_path), stdout=asyncio.subprocess.DEVNULL
    )
    assert await child.wait() == 0
    assert not (tmp_path / "integrations.db").exists()
