"""Health is watched in the background: with patience, once for all processes, and never in the way of steps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.integrations.adapter import Health
from engine.integrations.health import IntegrationAlert, observed
from engine.integrations.history import KEPT, History, Standing
from engine.integrations.history import HealthCheck as Check
from engine.integrations.registry import IntegrationRegistry
from tests.support.web_server import Answer, WebServer

Serve = Callable[[Answer], WebServer]
Make = Callable[..., IntegrationRegistry]


def states(results: str, health: Health) -> str:
    standing, seen = Standing(), ""
    for now, result in enumerate(results, 1):
        standing = observed(standing, result == "+", "", health, float(now))
        seen += standing.state[0]
    return seen


@pytest.mark.parametrize(
    ("results", "seen"),
    [("+", "u"), ("++-+-+", "uuuuuu"), ("+--", "uud"), ("+--+-+", "uudddd"), ("+--++", "uuddu"), ("--", "ud")],
)
def test_one_failure_is_not_yet_bad_and_one_answer_not_yet_good(results: str, seen: str) -> None:
    # The first letter of `unknown` is that of `up`.
    assert states(results, Health(bad_after=2, good_after=2)) == seen


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.02)


async def test_it_tells_when_one_turns_bad_and_recovers(
    registry: Make, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    status = 200
    server = serve(lambda request: request.reply(status))
    found = registry(
        a={"kind": "rest", "address": server.url, "health": {"every": "200ms", "bad_after": 2, "good_after": 2}},
        off={"kind": "rest", "address": server.url + "/off", "health": {"every": 0}},
    )
    alerts: list[IntegrationAlert] = []

    def broken(alert: IntegrationAlert) -> None:
        raise ValueError("a subscriber's own trouble")

    found.subscribe(broken)
    end = found.subscribe(alerts.append)
    found.watch()
    await until(lambda: len(server.requests) >= 2)
    assert not alerts
    status = 500
    await until(lambda: len(alerts) == 1)
    status = 200
    await until(lambda: len(alerts) == 2)
    end()
    await found.close()
    assert [(alert.name, alert.kind, alert.state) for alert in alerts] == [("a", "rest", "down"), ("a", "rest", "up")]
    assert "answers with an error: 500" in alerts[0].said and alerts[1].lasted > 0
    assert "the integration 'a' is down" in caplog.text
    assert all(path == "/" for _, path, _ in server.requests)
    again = registry()
    summary = {one.name: one for one in await again.summary()}
    assert summary["a"].state == "up" and summary["off"].state == "unknown"
    figures = summary["a"].figures
    assert figures.checks >= 6 and figures.good is not None and 0 < figures.good < 1
    assert figures.median is not None and figures.p95 is not None and figures.median <= figures.p95
    assert len(summary["a"].recent) == figures.checks


async def test_two_that_watch_make_each_check_once(registry: Make, serve: Serve) -> None:
    server = serve(lambda request: request.reply())
    entry = {"kind": "rest", "address": server.url, "health": {"every": "500ms"}}
    first, second = registry(a=entry), registry()
    first.watch()
    second.watch()
    await until(lambda: len(server.requests) >= 1)
    start = time.monotonic()
    await until(lambda: len(server.requests) >= 5)
    assert time.monotonic() - start >= 4 * 0.5 * 0.75


async def test_one_that_is_added_is_watched_and_one_that_is_removed_is_not(
    registry: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.integrations.health.LOOK", 0.05)
    server = serve(lambda request: request.reply())
    found = registry()
    found.watch()
    await asyncio.sleep(0.1)
    await found.put("a", {"kind": "rest", "address": server.url, "health": {"every": "200ms"}})
    await until(lambda: len(server.requests) >= 2)
    await found.remove("a")
    await asyncio.sleep(0.2)
    count = len(server.requests)
    await asyncio.sleep(0.5)
    assert len(server.requests) == count


async def test_a_file_that_breaks_while_it_is_watched_is_logged_and_watched_again(
    registry: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("engine.integrations.health.LOOK", 0.05)
    server = serve(lambda request: request.reply())
    found = registry(a={"kind": "rest", "address": server.url, "health": {"every": "200ms"}})
    text = found.path.read_text()
    found.watch()
    await until(lambda: len(server.requests) >= 1)
    found.path.write_text("integrations: [")
    await until(lambda: "cannot be watched" in caplog.text)
    found.path.write_text(text)
    count = len(server.requests)
    await until(lambda: len(server.requests) > count)


async def test_fifty_that_are_checked_do_not_delay_the_loop(registry: Make, serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda request: request.reply())
    entry: dict[str, Any] = {"kind": "rest", "address": server.url, "health": {"every": "10m"}}
    found = registry(**{f"s{number}": entry for number in range(50)})
    checks = await asyncio.gather(*(found.check(f"s{number}") for number in range(50)))
    assert all(check.good for check in checks) and len(server.requests) == 50


async def test_a_credential_that_is_missing_counts_as_down_and_says_so(registry: Make) -> None:
    found = registry(a={"kind": "rest", "address": "https://a.example", "credential": "gone"})
    check = await found.check("a")
    assert not check.good and "no credential 'gone'" in check.said


async def test_the_history_is_bounded_and_forgets(tmp_path: Path) -> None:
    history = History(tmp_path / "integrations.db")
    now = time.time()
    for age in (0.0, 100.0, KEPT + 1):
        await history.check("a", Check(now - age, True, 5.0, "ok"), Standing("up", now, 0, "ok"))
    await history.tidy(now)
    assert len(await history.checks("a")) == 2
    assert (await history.figures("a")).median == 5.0
    await history.forget("a")
    assert await history.checks("a") == [] and await history.standing("a") == Standing()
    await history.close()


async def test_a_history_of_a_newer_version_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    import sqlite3

    connection = sqlite3.connect(tmp_path / "integrations.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    history = History(tmp_path / "integrations.db")
    await history.check("a", Check(time.time(), True, 5.0, "ok"), Standing())
    assert await history.checks("a") == []
    assert "version 99" in caplog.text
    await history.close()


async def test_a_clock_that_jumped_stops_no_check(tmp_path: Path) -> None:
    history = History(tmp_path / "integrations.db")
    now = time.time()
    assert await history.claim("a", now + 1e9, now + 1e9 + 60)
    assert await history.claim("a", now, now + 60)
    assert not await history.claim("a", now + 1, now + 61)
    assert await history.claim("a", now + 61, now + 121)
    await history.close()
