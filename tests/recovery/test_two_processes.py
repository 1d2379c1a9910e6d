"""Two at once: on one store, on one execution."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.api import Engine
from engine.core import events
from engine.core.errors import ExecutionBusy, StaleFence, StoreLocked
from engine.core.events import Entry
from engine.store import open_store
from tests.recovery.bench import Bench
from tests.support.workflows import catalog, workflow

ONE = "steps:\n  - {id: a, activity: ledger.give, with: {value: 1}}\noutputs: {a: '{{ steps.a.output }}'}\n"
SLOW = """
inputs: {ledger: {type: file}}
steps:
  - {id: note, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: x}}
  - {id: nap, activity: control.delay, with: {length: 200ms}}
  - {id: more, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: y}}
edges: [note.next -> nap, nap.next -> more]
"""
HOLDER = """
import asyncio, sys
from pathlib import Path
from tests.support.workflows import file_engine
async def main():
    async with file_engine(Path(sys.argv[1])):
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""


@contextlib.contextmanager
def _holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the store open."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        yield holder
        holder.stdin.close()
        assert holder.wait(timeout=20) == 0


async def test_a_second_process_reads_and_does_not_run(tmp_path: Path) -> None:
    bench = Bench(tmp_path, on_disk=True)
    async with bench.engine() as engine:
        execution = await engine.start(workflow(ONE), folder=tmp_path)
        await engine.wait(execution)
        waiting = await engine.start(
            workflow("steps:\n  - {id: a, activity: control.delay, with: {length: 2d}}\n"), folder=tmp_path
        )
        assert (await engine.wait(waiting)).status == "waiting"
    with _holder(tmp_path) as holder:
        async with bench.engine(recover=True) as second:
            assert not second.writable
            assert (await second.outcome(execution)).output == {"a": 1}
            assert [record.id for record in await second.executions()] == [waiting, execution]
            for attempt in (second.start(workflow(ONE)), second.resume(waiting)):
                with pytest.raises(StoreLocked, match=str(holder.pid)):
                    await attempt
            with pytest.raises(StoreLocked):
                await second.fork(execution, at=1)
    async with bench.engine() as engine:
        assert engine.writable and (await engine.outcome(waiting)).status == "waiting"


@pytest.mark.parametrize("place", ["memory:", "store.db"])
async def test_what_an_owner_writes_that_has_been_replaced_is_refused(place: str, tmp_path: Path) -> None:
    store = open_store(place if place == "memory:" else tmp_path / place)
    async with Engine(store, catalog=catalog()) as engine:
        execution = await engine.start(workflow(ONE))
        await engine.wait(execution)
        waiting = await engine.start(workflow("steps:\n  - {id: a, activity: control.delay, with: {length: 2d}}\n"))
        await engine.wait(waiting)
        old = await store.claim(waiting, "old", 0.0)
        await asyncio.sleep(0.01)
        new = await store.claim(waiting, "new", 30.0)
        assert new.fence == old.fence + 1
        entry = Entry(waiting, old.last_seq + 1, time.time(), events.ExecutionCancelled("by the old owner"))
        with pytest.raises(StaleFence):
            await store.append(old, [entry])
        assert await store.renew([old, new], 30.0) == [old]
        await store.release(old)  # must not take the lease from the new owner
        with pytest.raises(ExecutionBusy):
            await engine.resume(waiting)
        await store.append(new, [entry])
        assert (await store.get(waiting)).status == "cancelled"


async def test_an_engine_that_lost_its_lease_stops_before_the_next_effect(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    async with bench.engine() as engine:
        execution = await engine.start(workflow(SLOW), {"ledger": str(bench.ledger)}, folder=tmp_path)
        await asyncio.sleep(0.05)
        held = bench.store._records[execution]
        bench.store._records[execution] = dataclasses.replace(held, owner="another", fence=held.fence + 1)
        with pytest.raises(StaleFence):
            await engine.wait(execution)
    assert bench.lines() == ["note x"]


async def test_of_two_engines_that_resume_an_execution_at_once_one_runs_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    execution = await bench.crash(SLOW, lambda event: isinstance(event, events.StepWaiting))
    async with bench.engine() as one, bench.engine() as other:
        two = await asyncio.gather(one.resume(execution), other.resume(execution), return_exceptions=True)
        assert sorted(isinstance(answer, ExecutionBusy) for answer in two) == [False, True], two
        for engine in (one, other):
            await engine.wait(execution)
        assert (await one.outcome(execution)).status == "succeeded"
        history = [entry.event async for chunk in one.journal(execution) for entry in chunk]
        assert sum(isinstance(event, events.ExecutionStarted) for event in history) == 2
    assert bench.lines() == ["note x", "more y"]
