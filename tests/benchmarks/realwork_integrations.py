"""Integrations under load: a minute of rate limit from 20 executions, the breaker on the clock, and 50 that are checked
while steps run."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from engine.api import Engine
from engine.core.errors import SystemFault
from engine.core.secrets import Use
from engine.workflow.emitter import emit
from tests.benchmarks.realwork import Figure
from tests.support.web_server import serving
from tests.support.workflows import file_engine, workflow

PER_MINUTE = 600
EXECUTIONS = 20
ROUNDS = 5
ASK = """
steps:
  - {id: each, activity: control.foreach, with: {items: "{{ range(100000) }}"}}
  - {id: ask, activity: http.get, with: {integration: shop, url: orders}}
edges: [each.body -> ask]
"""
SMALL = """
steps:
  - {id: each, activity: control.foreach, with: {items: "{{ range(2000) }}"}}
  - {id: log, activity: control.set, with: {values: {x: "{{ item }}"}}}
edges: [each.body -> log]
"""


def measured(quick: bool) -> Iterator[Figure]:
    """The figures, one by one."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        start = stack.enter_context(serving())
        yield from asyncio.run(_rate(Path(folder), start, 6.0 if quick else 60.0))
        yield from asyncio.run(_breaker(Path(folder) / "breaker"))
        yield from asyncio.run(_health(Path(folder) / "health", start, 5.0 if quick else 20.0))


def _engine(folder: Path, entries: dict[str, Any]) -> Engine:
    folder.mkdir(exist_ok=True)
    (folder / "integrations.yaml").write_text(emit({"integrations": entries}), "utf-8")
    return file_engine(folder, home=folder)


async def _rate(folder: Path, start: Any, seconds: float) -> list[Figure]:
    arrived: list[float] = []
    first, loop = asyncio.Event(), asyncio.get_running_loop()

    def answer(request: Any) -> None:
        arrived.append(time.monotonic())
        loop.call_soon_threadsafe(first.set)
        request.reply()

    server = start(answer)
    async with _engine(
        folder, {"shop": {"kind": "rest", "address": server.url, "rate": f"{PER_MINUTE}/min"}}
    ) as engine:
        ids = [await engine.start(workflow(ASK), folder=folder) for _ in range(EXECUTIONS)]
        await first.wait()
        await asyncio.sleep(seconds + 0.5)
        for id in ids:
            await engine.cancel(id)
    count = sum(1 for at in arrived if at - arrived[0] <= seconds)
    allowed = PER_MINUTE * seconds / 60
    off = (count - allowed) / allowed
    title = f"rate limit of {PER_MINUTE}/min, {EXECUTIONS} executions, {seconds:.0f} s"
    return [Figure(title, f"{count} of {allowed:.0f} ({off:+.2%})", "within 2%", abs(off) <= 0.02)]


async def _breaker(folder: Path) -> list[Figure]:
    entry = {"kind": "custom", "address": "a:1", "breaker": {"failures": 3, "window": "10s", "pause": "1s"}}
    seen: list[tuple[float, str]] = []
    async with _engine(folder, {"a": entry}) as engine:
        system = await engine.integrations.get("a", Use("benchmark"))
        began = time.monotonic()
        healthy_at = began + 1.5
        while time.monotonic() - began < 4.0:
            try:
                async with system.call():
                    if time.monotonic() < healthy_at:
                        raise SystemFault("gone")
            except SystemFault:
                pass
            state = (await engine.integrations.summary())[0].breaker
            if not seen or seen[-1][1] != state:
                seen.append((time.monotonic() - began, state))
            await asyncio.sleep(0.01)
    states = [state for _, state in seen]
    # It opens, is tried after 1 s and fails, is tried after another and answers.
    told = ", ".join(f"{state} {at:.2f} s" for at, state in seen)
    closed = seen[-1][0] if seen else 0.0
    kept = states[0] == "closed" and "open" in states and states[-1] == "closed" and 2.0 <= closed <= 2.3
    return [Figure("breaker: 3 failures, pause 1 s, well after 1.5 s", told, "closed after 2 pauses", kept)]


async def _health(folder: Path, start: Any, seconds: float) -> list[Figure]:
    folder.mkdir()
    server = start(lambda request: request.reply())
    connection = sqlite3.connect(folder / "shop.db")
    connection.execute("CREATE TABLE a (b)")
    connection.close()
    silent = socket.create_server(("127.0.0.1", 0), backlog=128)
    dead = f"127.0.0.1:{silent.getsockname()[1]}"
    health = {"every": "5s", "timeout": "2s"}
    addresses = {
        "rest": server.url,
        "graphql": f"{server.url}/graphql",
        "database": f"sqlite:///{folder}/shop.db",
        "smtp": dead,
        "ftp": f"ftp://{dead}",
    }
    entries = {
        f"{kind}{number}": {"kind": kind, "address": address, "health": health}
        for number in range(10)
        for kind, address in addresses.items()
    }
    try:
        async with _engine(folder, entries) as engine:
            rounds: list[tuple[tuple[float, float], tuple[float, float]]] = []
            for number in range(ROUNDS + 1):
                alone = await _stalls(engine, folder, seconds / ROUNDS)
                engine.integrations.watch()
                watched = await _stalls(engine, folder, seconds / ROUNDS)
                await engine.integrations.unwatch()
                if number:  # the first one imports drivers, which happens once
                    rounds.append((alone, watched))
            checks = sum(one.figures.checks for one in await engine.integrations.summary())
    finally:
        silent.close()
    ratio = statistics.median(watched[0] / alone[0] for alone, watched in rounds)
    late = [statistics.median(one[1] * 1000 for one in ones) for ones in zip(*rounds, strict=True)]
    return [
        Figure("50 integrations checked every 5 s, 20 of them dead", f"{checks} checks", "", checks >= 50),
        Figure("steps in a second of the loop, watched to alone", f"{ratio:.2f}", "at least 0.90", ratio >= 0.90),
        Figure(
            "the loop late, 99th percentile, watched and alone",
            f"{late[1]:.1f} ms, {late[0]:.1f} ms",
            "at most 5 ms more",
            late[1] <= late[0] + 5,
        ),
    ]


async def _stalls(engine: Engine, folder: Path, seconds: float) -> tuple[float, float]:
    """Steps in a second of the loop's processor time, whatever else the machine does, and how late the loop is (99th
    percentile, seconds)."""
    late: list[float] = []
    steps = 0
    stop = asyncio.Event()

    async def listen() -> None:
        while not stop.is_set():
            before = time.monotonic()
            await asyncio.sleep(0.005)
            late.append(time.monotonic() - before - 0.005)

    listening = asyncio.create_task(listen())
    began, busy = time.monotonic(), time.thread_time()
    while time.monotonic() < began + seconds:
        found = await engine.wait(await engine.start(workflow(SMALL), folder=folder))
        assert found.status == "succeeded", found.error
        steps += 2000
    busy = time.thread_time() - busy
    stop.set()
    await listening
    return steps / busy, statistics.quantiles(late, n=100)[98]
