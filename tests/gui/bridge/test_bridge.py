"""The bridge: an engine on a thread of its own, and what reaches the GUI of it."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from engine.api import Client, Entry, Outcome, Progress
from engine.core import events
from engine.core.errors import ExecutionError
from engine.core.settings import Settings
from studio.bridge import Bridge, delivery
from tests.gui.bridge.stories import Awaited, loop_of, ran, slow, until


def test_a_call_waits_until_the_engine_is_open(bridge: Bridge, awaited: Awaited) -> None:
    async def story() -> Outcome:
        asking = asyncio.ensure_future(ran(bridge, loop_of(3)))
        await asyncio.sleep(0.05)
        assert not asking.done() and not bridge.ready
        bridge.start()
        return await asking

    outcome = awaited(story())
    assert outcome.status == "succeeded"
    assert bridge.ready and bridge.writable and bridge.refusal is None


def test_starting_takes_no_time_of_the_gui(bridge: Bridge, awaited: Awaited) -> None:
    threads: list[threading.Thread] = []

    async def story() -> None:
        bridge.start()
        bridge.start()
        threads.extend(thread for thread in threading.enumerate() if thread.name == "engine")
        await ran(bridge, loop_of(1))

    awaited(story())
    assert len(threads) == 1


def test_every_event_arrives_once_in_order_and_in_batches(bridge: Bridge, awaited: Awaited) -> None:
    batches: list[list[Entry | Progress]] = []
    moments: list[float] = []
    threads: set[int] = set()

    def receive(batch: list[Entry | Progress]) -> None:
        batches.append(batch)
        moments.append(time.monotonic())
        threads.add(threading.get_ident())

    async def story() -> None:
        bridge.arrived.connect(receive)
        bridge.start()
        outcome = await ran(bridge, loop_of(2000))
        last = (await bridge.call(lambda client: client.record(outcome.execution))).last_seq
        await until(lambda: bool(batches) and isinstance(batches[-1][-1], Entry) and batches[-1][-1].seq == last)

    awaited(story())
    entries = [news for batch in batches for news in batch if isinstance(news, Entry)]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert threads == {threading.get_ident()}
    assert len(entries) > 50 * len(batches) > 0
    for batch in batches:
        reports = [(news.execution, news.address) for news in batch if isinstance(news, Progress)]
        assert len(reports) == len(set(reports))


def test_the_last_report_of_a_step_is_kept() -> None:
    entry = Entry("x", 1, 0.0, events.ExecutionPaused())
    reports = [Progress("x", address, done, 9, "") for done in (1, 2, 3) for address in ("a", "b")]
    assert delivery.without_old_progress([*reports[:4], entry, *reports[4:]]) == [entry, *reports[4:]]


def test_a_slow_window_gets_small_batches_and_slows_the_engine(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, awaited: Awaited
) -> None:
    monkeypatch.setattr(delivery, "CROWD", 300)
    sizes: list[int] = []
    waiting: list[int] = []

    def receive(batch: list[Entry | Progress]) -> None:
        sizes.append(len(batch))
        waiting.append(len(bridge._delivery.queue))
        time.sleep(len(batch) * 0.0002)

    async def story() -> Outcome:
        bridge.arrived.connect(receive)
        bridge.start()
        outcome = await ran(bridge, loop_of(1500))
        await until(lambda: not bridge._delivery.queue)
        return outcome

    assert awaited(story()).status == "succeeded"
    assert min(sizes[1:]) <= delivery.BATCH[0]
    assert max(waiting) < 4000


def test_errors_of_the_engine_come_back(bridge: Bridge, awaited: Awaited) -> None:
    async def story() -> None:
        bridge.start()
        with pytest.raises(ExecutionError, match="no execution"):
            await bridge.call(lambda client: client.record("nowhere"))
        with pytest.raises(ZeroDivisionError):
            await bridge.run(lambda: 1 / 0)

    awaited(story())


def test_plain_work_runs_beside_the_gui(bridge: Bridge, awaited: Awaited) -> None:
    async def story() -> list[int]:
        return await asyncio.gather(*(bridge.run(threading.get_ident) for _ in range(6)))

    assert threading.get_ident() not in awaited(story())


def test_a_call_that_is_given_up_is_cancelled_there(bridge: Bridge, awaited: Awaited) -> None:
    ended: list[str] = []

    async def dawdle(client: Client) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def story() -> None:
        bridge.start()
        asking = asyncio.ensure_future(bridge.call(dawdle))
        await until(lambda: bridge.ready)
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await until(lambda: bool(ended))

    awaited(story())


def test_stopping_pauses_what_runs_and_it_goes_on_next_time(
    bridge: Bridge, settings: Settings, awaited: Awaited
) -> None:
    started = bridge

    async def begin() -> str:
        started.start()
        id = await started.call(lambda client: client.start(slow(0.8)))
        await until(lambda: started.ready)
        await asyncio.sleep(0.3)
        asking = asyncio.ensure_future(started.call(lambda client: client.wait(id)))
        await started.close()
        with pytest.raises(ExecutionError, match="engine has ended") if not asking.done() else pytest.raises(Exception):
            await asking
        return id

    async def look(id: str) -> tuple[str, str]:
        started.start()
        before = (await started.call(lambda client: client.record(id))).status
        await started.call(lambda client: client.resume(id))
        return before, (await started.call(lambda client: client.wait(id))).status

    id = awaited(begin())
    assert started.state == "closed" and not started.ready
    before, after = awaited(look(id))
    assert before in ("paused", "succeeded")
    assert after == "succeeded"
