"""Everything that may happen to an execution, in any order: crashes, restarts, pauses, decisions, forks, clocks."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.api import Changes, ExecutionState
from engine.core import faults
from engine.core.clock import SystemClock
from engine.store.protocols import FINISHED
from engine.workflow import codec
from engine.workflow.model import Workflow
from tests.recovery.bench import Bench
from tests.recovery.reference import interpret
from tests.recovery.test_model import PLACES, agree, essence
from tests.recovery.workflows import workflows

T = TypeVar("T")
HOUR = 3600.0


class SetClock(SystemClock):
    """A wall clock that is set by hand."""

    offset = 0.0

    def now(self) -> float:
        return super().now() + self.offset


class ExecutionMachine(RuleBasedStateMachine):
    """One execution of a random workflow with long waits, on a store that outlives every engine."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.bench = Bench(Path(self.folder.name))
        self.clock = SetClock()
        self.stack = AsyncExitStack()
        self.execution = ""
        self.cancelled = False

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def open(self) -> None:
        self.engine = await self.stack.enter_async_context(self.bench.engine(clock=self.clock))

    async def close(self) -> None:
        await self.stack.aclose()

    async def status(self) -> str:
        return (await self.engine.record(self.execution)).status

    async def resume(self) -> bool:
        """Resume it where that is possible. Gives whether it is running now."""
        if self.execution in self.engine.machine.running():
            return True
        if await self.status() in FINISHED:
            return False
        await self.engine.resume(self.execution)
        return True

    @initialize(workflow=workflows(most=20, naps=(0, 0.001, "2h")))
    def start(self, workflow: Workflow) -> None:
        note(codec.dumps(workflow))
        self.workflow = workflow
        self.wanted = interpret(workflow)

        async def start() -> None:
            await self.open()
            inputs = {"ledger": str(self.bench.ledger)}
            self.execution = await self.engine.start(workflow, inputs, folder=self.bench.folder)

        self.run(start())

    @rule(turns=st.integers(0, 40))
    def go_on(self, turns: int) -> None:
        async def go_on() -> None:
            await self.resume()
            for _ in range(turns):
                await asyncio.sleep(0)

        self.run(go_on())

    @rule()
    def wait(self) -> None:
        async def wait() -> None:
            if await self.resume():
                async with asyncio.timeout(20):
                    outcome = await self.engine.wait(self.execution)
                assert outcome.status not in ("queued", "running", "paused")

        self.run(wait())

    @rule(place=st.sampled_from(PLACES), nth=st.integers(1, 10))
    def crash(self, place: str, nth: int) -> None:
        async def crash() -> None:
            with faults.arm(place, "raise", nth):
                if await self.resume():
                    with contextlib.suppress(faults.Injected):
                        await self.engine.wait(self.execution)
            await self.close()
            await self.open()

        self.run(crash())

    @rule()
    def die(self) -> None:
        async def die() -> None:
            await self.engine.machine.stop(pause=False)
            await self.close()
            await self.open()

        self.run(die())

    @rule()
    def restart(self) -> None:
        async def restart() -> None:
            await self.close()
            await self.open()

        self.run(restart())

    @rule()
    def pause(self) -> None:
        async def pause() -> None:
            if self.execution in self.engine.machine.running():
                await self.engine.pause(self.execution)
                await self.engine.wait(self.execution)

        self.run(pause())

    @rule()
    def decide(self) -> None:
        async def decide() -> None:
            outcome = await self.engine.outcome(self.execution)
            if outcome.status == "in_doubt" and self.execution not in self.engine.machine.running():
                await self.engine.resume(self.execution, await self.bench.answers(outcome))

        self.run(decide())

    @rule(hours=st.sampled_from([-3, -1, 1, 3]))
    def set_clock(self, hours: int) -> None:
        self.clock.offset += hours * HOUR

    @rule(share=st.floats(0, 1))
    def fork(self, share: float) -> None:
        """A fork from any moment ends as its parent ought to, on a ledger of its own."""

        async def fork() -> None:
            last = (await self.engine.state(self.execution)).last_seq
            at = max(1, round(last * share))
            with tempfile.TemporaryDirectory() as folder:
                bench = Bench(Path(folder))
                child = await self.engine.fork(
                    self.execution, at=at, changes=Changes(inputs={"ledger": str(bench.ledger)})
                )
                outcome = await bench.finish(self.engine, child, self.later)
                assert outcome.status == self.wanted.status, f"forked at {at}: {outcome.error}"
                if outcome.status == "succeeded":
                    assert essence(outcome.output) == self.wanted.output, f"forked at {at}"
                lines = Counter(bench.lines())
                assert lines.keys() <= {line.split(" ", 1)[1] for line in self.wanted.lines}
                assert all(count == 1 for line, count in lines.items())

        self.run(fork())

    @precondition(lambda self: not self.cancelled)
    @rule(chance=st.integers(0, 9))
    def cancel(self, chance: int) -> None:
        async def cancel() -> None:
            if await self.status() not in FINISHED and chance == 0:
                await self.engine.cancel(self.execution)
                self.cancelled = await self.status() == "cancelled"
                assert await self.status() in FINISHED

        self.run(cancel())

    def later(self) -> None:
        self.clock.offset += 3 * HOUR

    @invariant()
    def the_journal_is_whole(self) -> None:
        if not self.execution:
            return

        async def look() -> None:
            entries = [entry async for chunk in self.engine.journal(self.execution) for entry in chunk]
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            record = await self.engine.record(self.execution)
            state = ExecutionState().apply(entries)
            assert (state.status, state.last_seq) == (record.status, record.last_seq)
            lines = Counter(self.bench.lines())
            assert lines.keys() <= {line.split(" ", 1)[1] for line in self.wanted.lines}

        self.run(look())

    def teardown(self) -> None:
        try:
            if self.execution:
                self.run(self.end())
        finally:
            self.run(self.close())
            self.runner.close()
            self.folder.cleanup()

    async def end(self) -> None:
        if self.execution in self.engine.machine.running():
            await self.engine.wait(self.execution)
        outcome = await self.bench.finish(self.engine, self.execution, self.later)
        if not self.cancelled:
            await agree(self.engine, outcome, self.wanted, self.bench.ledger)


TestExecutionMachine = ExecutionMachine.TestCase
TestExecutionMachine.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=14)
