"""Durable waits, and clocks that jump."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.api import Engine
from engine.core.clock import SystemClock
from engine.store import open_store
from tests.support.workflows import catalog, file_engine, workflow

DELAY = "steps:\n  - {id: a, activity: control.delay, with: {length: %s}}\n"


class JumpingClock(SystemClock):
    """A wall clock that can be set; waits are real."""

    offset = 0.0

    def now(self) -> float:
        return super().now() + self.offset


async def test_a_long_wait_leaves_memory_and_wakes_when_its_time_has_come(tmp_path: Path) -> None:
    clock = JumpingClock()
    store = tmp_path / "store.db"
    async with Engine(open_store(store), catalog=catalog(), clock=clock) as engine:
        execution = await engine.start(workflow(DELAY % "3d"), folder=tmp_path)
        outcome = await engine.wait(execution)
        assert outcome.status == "waiting" and outcome.wake_at is not None
        assert abs(outcome.wake_at - clock.now() - 3 * 86400) < 5
        await engine.resume(execution)
        again = await engine.wait(execution)
        assert (again.status, again.wake_at) == ("waiting", outcome.wake_at)
    clock.offset = 3 * 86400 + 1
    async with Engine(open_store(store), catalog=catalog(), clock=clock, recover=True) as engine:
        for _ in range(300):
            if (await engine.outcome(execution)).status == "succeeded":
                break
            await asyncio.sleep(0.01)
        assert (await engine.outcome(execution)).status == "succeeded"


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
async def test_a_clock_that_jumps_does_not_stretch_a_wait(tmp_path: Path, jump: float) -> None:
    clock = JumpingClock()
    async with file_engine(tmp_path, clock=clock) as engine:
        loop = asyncio.get_running_loop()
        began = loop.time()
        execution = await engine.start(workflow(DELAY % "0.3"), folder=tmp_path)
        await asyncio.sleep(0.05)
        clock.offset = jump
        outcome = await engine.wait(execution)
        assert outcome.status == "succeeded" and loop.time() - began < 5
        assert outcome.duration_ms >= 0


async def test_a_clock_set_back_between_two_runs_waits_no_longer_than_the_length(tmp_path: Path) -> None:
    clock = JumpingClock()
    async with file_engine(tmp_path, clock=clock) as engine:
        execution = await engine.start(workflow(DELAY % "0.5"), folder=tmp_path)
        await asyncio.sleep(0.05)
    clock.offset = -3600.0
    async with file_engine(tmp_path, clock=clock) as engine:
        await engine.resume(execution)
        async with asyncio.timeout(5):
            assert (await engine.wait(execution)).status == "succeeded"


async def test_until_a_moment(tmp_path: Path) -> None:
    text = "steps:\n  - {id: a, activity: control.delay, with: {until: '%s'}}\n"
    async with file_engine(tmp_path) as engine:
        past = await engine.start(workflow(text % "2001-01-01T00:00"), folder=tmp_path)
        assert (await engine.wait(past)).status == "succeeded"
        soon = (datetime.now().astimezone() + timedelta(seconds=0.2)).isoformat()
        assert (await engine.wait(await engine.start(workflow(text % soon), folder=tmp_path))).status == "succeeded"
        far = await engine.start(workflow(text % "2999-01-01"), folder=tmp_path)
        assert (await engine.wait(far)).status == "waiting"
        wrong = await engine.wait(await engine.start(workflow(text % "tomorrow"), folder=tmp_path))
        assert wrong.error is not None and "not a date and time" in wrong.error["message"]


async def test_rounds_that_wait_do_not_hold_up_the_others(tmp_path: Path) -> None:
    text = """
steps:
  - {id: each, activity: control.foreach, with: {items: [0, 3, 0], concurrency: 3}}
  - {id: nap, activity: control.delay, with: {length: "{{ item }}d"}}
  - {id: note, activity: ledger.give, with: {value: "{{ item }}"}}
outputs: {all: "{{ steps.each.output.results }}"}
edges: [each.body -> nap, nap.next -> note]
"""
    clock = JumpingClock()
    async with file_engine(tmp_path, clock=clock) as engine:
        execution = await engine.start(workflow(text), folder=tmp_path)
        assert (await engine.wait(execution)).status == "waiting"
        state = await engine.state(execution)
        assert sorted(state.rounds["each"]) == [0, 2]
        clock.offset = 3 * 86400 + 1
        await engine.resume(execution)
        assert (await engine.wait(execution)).output == {"all": [0, 3, 0]}


async def test_a_retry_waits_durably(tmp_path: Path) -> None:
    clock = JumpingClock()
    text = (
        "steps:\n  - {id: a, activity: ledger.fail, with: {times: 1}, retry: {attempts: 2, delay: 2h, max_delay: 2h}}\n"
    )
    async with file_engine(tmp_path, clock=clock) as engine:
        execution = await engine.start(workflow(text), folder=tmp_path)
        assert (await engine.wait(execution)).status == "waiting"
        clock.offset = 3 * 3600
        await engine.resume(execution)
        assert (await engine.wait(execution)).status == "succeeded"
