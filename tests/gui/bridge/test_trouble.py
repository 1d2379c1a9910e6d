"""The bridge when the store is locked, damaged or full, when a step does not end, and when the engine dies."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from engine.api import Client
from engine.core.errors import ExecutionError, RpaError, SettingsError, StoreCorrupt, StoreFull, StoreLocked
from engine.core.settings import Settings
from studio.bridge import Bridge, engine_thread
from studio.bridge.bridge import BOUND
from tests.gui.bridge.stories import Awaited, hold, let_go, loop_of, ran, slow, until
from tests.support.workflows import workflow


def test_a_store_that_another_process_holds_can_be_read_and_is_taken_when_it_is_free(
    bridge: Bridge, settings: Settings, awaited: Awaited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_thread, "AGAIN", 0.2)
    other = hold(settings)
    opened: list[bool] = []
    bridge.opened.connect(lambda: opened.append(bridge.writable))

    async def story() -> None:
        bridge.start()
        await until(lambda: bool(opened))
        assert bridge.ready and not bridge.writable
        assert isinstance(bridge.refusal, StoreLocked) and str(other.pid) in bridge.refusal.message
        assert await bridge.call(lambda client: client.executions()) == []
        with pytest.raises(StoreLocked, match=str(other.pid)):
            await bridge.call(lambda client: client.start(loop_of(1)))
        await asyncio.sleep(0.5)
        assert opened == [False]
        let_go(other)
        await until(lambda: bridge.writable)
        assert bridge.refusal is None
        assert (await ran(bridge, loop_of(1))).status == "succeeded"

    try:
        awaited(story())
    finally:
        other.kill()
        let_go(other)
    assert opened == [False, True]


def test_a_damaged_store_says_so_and_can_be_moved_aside(bridge: Bridge, settings: Settings, awaited: Awaited) -> None:
    settings.make_home()
    settings.store.write_bytes(b"this is no database at all" * 100)
    errors: list[RpaError] = []
    bridge.failed.connect(errors.append)

    async def story() -> Path:
        bridge.start()
        await until(lambda: bool(errors))
        assert isinstance(errors[0], StoreCorrupt) and bridge.state == "failed" and not bridge.ready
        with pytest.raises(StoreCorrupt):
            await bridge.call(lambda client: client.executions())
        aside = await bridge.move_store_aside()
        await until(lambda: bridge.ready)
        assert (await ran(bridge, loop_of(1))).status == "succeeded"
        return aside

    aside = awaited(story())
    assert aside.read_bytes().startswith(b"this is no database")
    assert aside.parent == settings.home and len(errors) == 1


def test_a_good_store_is_never_moved(bridge: Bridge, settings: Settings, awaited: Awaited) -> None:
    async def story() -> None:
        bridge.start()
        await ran(bridge, loop_of(1))
        assert await bridge.move_store_aside() == settings.store
        assert len(await bridge.call(lambda client: client.executions())) == 1

    awaited(story())


def test_a_home_that_cannot_be_made_is_tried_again(bridge: Bridge, settings: Settings, awaited: Awaited) -> None:
    settings.home.write_text("a file where a folder should be")
    errors: list[RpaError] = []
    bridge.failed.connect(errors.append)

    async def story() -> None:
        bridge.start()
        await until(lambda: bool(errors))
        assert isinstance(errors[0], SettingsError)
        settings.home.unlink()
        bridge.retry()
        await until(lambda: bridge.ready)

    awaited(story())


def test_a_full_disk_stops_the_execution_and_not_the_engine(
    bridge: Bridge, settings: Settings, awaited: Awaited
) -> None:
    work = workflow("steps: [{id: big, activity: ledger.give, with: {value: \"{{ 'x' * 20000 }}\"}}]")

    async def story() -> None:
        bridge.start()
        await ran(bridge, work)
        await bridge.call(limit_pages)
        with pytest.raises(StoreFull):
            for _ in range(200):
                await ran(bridge, work)
        assert bridge.ready
        records = await bridge.call(lambda client: client.executions(limit=500))
        assert records
        await bridge.call(unlimit_pages)
        assert (await ran(bridge, work)).status == "succeeded"

    awaited(story())


async def limit_pages(client: Client) -> None:
    await client.store._writer.execute("PRAGMA max_page_count = 60")  # type: ignore[attr-defined]


async def unlimit_pages(client: Client) -> None:
    await client.store._writer.execute("PRAGMA max_page_count = 1000000")  # type: ignore[attr-defined]


def test_a_step_that_does_not_end_is_stopped_where_it_is(
    bridge: Bridge, settings: Settings, awaited: Awaited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_thread, "GRACE", 0.3)

    async def story() -> str:
        bridge.start()
        id: str = await bridge.call(lambda client: client.start(slow(30)))
        await asyncio.sleep(0.3)
        return id

    id = awaited(story())
    began = time.monotonic()
    bridge.stop()
    assert time.monotonic() - began < BOUND / 2
    with sqlite3.connect(settings.store) as store:
        [[status]] = store.execute("SELECT status FROM executions WHERE id = ?", (id,)).fetchall()
    store.close()
    assert status == "running"

    async def look() -> tuple[str, ...]:
        bridge.start()
        await bridge.call(lambda client: client.resume(id))
        outcome = await bridge.call(lambda client: client.wait(id))
        return tuple(doubt.step for doubt in outcome.in_doubt)

    assert awaited(look()) == ("slow",)


def test_an_engine_that_dies_says_so_and_can_be_started_again(
    bridge: Bridge, awaited: Awaited, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[RpaError] = []
    bridge.failed.connect(errors.append)

    async def broken(seconds: float | None) -> None:
        raise RuntimeError("out of order")

    async def dawdle(client: Client) -> None:
        await asyncio.sleep(60)

    async def story() -> None:
        bridge.start()
        await ran(bridge, loop_of(1))
        asking = asyncio.ensure_future(bridge.call(dawdle))
        await asyncio.sleep(0.1)
        monkeypatch.setattr(bridge._engine, "_rest", broken)
        bridge.retry()
        with pytest.raises(ExecutionError, match="engine has ended"):
            await asking
        await until(lambda: bool(errors))
        assert bridge.state == "failed" and "RuntimeError: out of order" in errors[0].message
        with pytest.raises(ExecutionError, match="unexpectedly"):
            await bridge.call(lambda client: client.executions())
        monkeypatch.undo()
        bridge.retry()
        assert (await ran(bridge, loop_of(2))).status == "succeeded"

    monkeypatch.setattr(engine_thread, "GRACE", 0.2)
    awaited(story())


def test_nothing_is_left_after_stop_whatever_was_under_way(bridge: Bridge, awaited: Awaited) -> None:
    async def story() -> None:
        bridge.start()
        bridge.stop()
        bridge.start()
        work = asyncio.ensure_future(bridge.run(time.sleep, 0.3))
        await asyncio.sleep(0.01)
        bridge.stop()
        await work

    awaited(story())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("engine", "work-"))]


def test_executions_whose_wait_is_over_go_on_by_themselves(
    bridge: Bridge, awaited: Awaited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_thread, "WAKE", 0.1)
    work = workflow("steps: [{id: nap, activity: control.delay, with: {length: 62s}}]")

    async def sleepy(client: Client) -> str:
        client.machine.patience = 0.0  # type: ignore[attr-defined]
        client.machine.clock.now = lambda: time.time() - 61.5  # type: ignore[attr-defined]
        id = await client.start(work)
        assert (await client.wait(id)).status == "waiting"
        del client.machine.clock.now  # type: ignore[attr-defined]
        return id

    async def story() -> None:
        bridge.start()
        id = await bridge.call(sleepy)
        for _ in range(200):
            if (await bridge.call(lambda client: client.record(id))).status == "succeeded":
                return
            await asyncio.sleep(0.05)
        raise AssertionError("it did not wake")

    awaited(story())
