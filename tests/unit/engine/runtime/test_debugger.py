"""Holding an execution, looking, and letting it go on otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from engine.api import Breakpoint, Debugger, Engine, Held, Outcome
from engine.core import events
from engine.core.errors import UsageError
from tests.support.workflows import workflow
from tests.unit.engine.runtime.conftest import history

TEXT = """
steps:
  - {id: a, activity: ledger.give, with: {value: 1}}
  - {id: each, activity: control.foreach, with: {items: [10, 20, 30]}}
  - {id: x, activity: ledger.give, with: {value: "{{ item + steps.a.output }}"}}
  - {id: y, activity: ledger.give, with: {value: "{{ steps.x.output * 2 }}"}}
  - {id: end, activity: ledger.give, with: {value: "{{ steps.each.output.results }}"}}
outputs: {end: "{{ steps.end.output }}"}
edges: [a.next -> each, each.body -> x, x.next -> y, each.done -> end]
"""
PLAIN = {"end": [22, 42, 62]}


class Session:
    """An execution under a debugger, and what it is held at."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.execution = ""

    async def start(self, debugger: Debugger, text: str = TEXT) -> None:
        self.debugger = debugger
        self.stops: asyncio.Queue[Held] = asyncio.Queue()
        debugger.on_held = self.stops.put_nowait
        self.execution = await self.engine.start(workflow(text), folder=self.folder, debugger=debugger)

    async def stop(self) -> Held:
        async with asyncio.timeout(5):
            return await self.stops.get()

    async def trace(self, go: Callable[[], None], count: int) -> list[str]:
        """The addresses it is held at, when each time `go` lets it go on."""
        seen = []
        for _ in range(count):
            seen.append((await self.stop()).address)
            go()
        return seen

    async def end(self) -> Outcome:
        async with asyncio.timeout(5):
            return await self.engine.wait(self.execution)


@pytest.fixture
async def session(engine: Engine, tmp_path: Path) -> AsyncIterator[Session]:
    yield Session(engine, tmp_path)


async def test_stepping_into_visits_every_step(session: Session) -> None:
    await session.start(Debugger(paused=True))
    seen = await session.trace(session.debugger.step_into, 9)
    rounds = [f"each[{n}]/{step}" for n in range(3) for step in "xy"]
    assert seen == ["a", "each", *rounds, "end"]
    assert (await session.end()).output == PLAIN


async def test_stepping_over_stays_outside_and_out_leaves_the_body(session: Session) -> None:
    await session.start(Debugger(paused=True))
    assert await session.trace(session.debugger.step_over, 3) == ["a", "each", "end"]
    await session.end()
    await session.start(Debugger(paused=True))
    await session.trace(session.debugger.step_into, 2)
    assert (await session.stop()).address == "each[0]/x"
    session.debugger.step_out()
    assert (await session.stop()).address == "end"
    session.debugger.resume()
    assert (await session.end()).output == PLAIN


async def test_breakpoints_with_condition_hits_and_log(session: Session) -> None:
    debugger = Debugger()
    debugger.breakpoints = [
        Breakpoint("x", condition="item > 10"),
        Breakpoint("y", hits=3),
        Breakpoint("end", log="got {{ len(steps.each.output.results) }}"),
    ]
    await session.start(debugger)
    assert await session.trace(debugger.resume, 3) == ["each[1]/x", "each[2]/x", "each[2]/y"]
    assert (await session.end()).output == PLAIN
    logged = [event for event in await history(session.engine, session.execution) if isinstance(event, events.Logged)]
    assert [event.message for event in logged] == ["got 3"]


async def test_run_to_and_evaluate(session: Session) -> None:
    debugger = Debugger(paused=True)
    await session.start(debugger)
    await session.stop()
    debugger.run_to("each[2]/y")
    held = await session.stop()
    assert held.address == "each[2]/y" and debugger.evaluate("steps.x.output + index") == 33
    debugger.resume()
    await session.end()
    with pytest.raises(UsageError, match="no step is being held"):
        debugger.evaluate("1")


async def test_edit_and_skip_change_what_happens_and_are_journaled(session: Session) -> None:
    debugger = Debugger()
    debugger.breakpoints = [Breakpoint("each[0]/x"), Breakpoint("each[1]/x")]
    await session.start(debugger)
    await session.stop()
    debugger.edit({"value": 500})
    await session.stop()
    debugger.skip(7)
    assert (await session.end()).output == {"end": [1000, 14, 62]}
    seen = await history(session.engine, session.execution)
    assert any(isinstance(event, events.StepEdited) and event.parameters == {"value": 500} for event in seen)
    assert any(isinstance(event, events.StepDecided) and event.by == "debugger" for event in seen)
    assert [event.address for event in seen if isinstance(event, events.StepPaused)] == ["each[0]/x", "each[1]/x"]


async def test_a_failed_step_can_be_retried_with_other_parameters(session: Session) -> None:
    text = """
steps:
  - {id: bad, activity: ledger.fail, with: {message: "{{ 'bro' + 'ken' }}"}}
outputs: {tries: "{{ steps.bad.output }}"}
"""
    await session.start(Debugger(break_on_failure=True), text)
    held = await session.stop()
    assert held.error is not None and held.error["message"] == "broken"
    session.debugger.retry({"times": 1})
    assert (await session.end()).output == {"tries": 2}
    await session.start(Debugger(break_on_failure=True), text)
    await session.stop()
    session.debugger.fail()
    assert (await session.end()).status == "failed"


async def test_a_held_execution_can_be_paused_and_resumed_without_a_debugger(session: Session) -> None:
    debugger = Debugger()
    debugger.breakpoints = [Breakpoint("each[1]/y")]
    await session.start(debugger)
    await session.stop()
    await session.engine.pause(session.execution)
    assert (await session.end()).status == "paused"
    await session.engine.resume(session.execution)
    assert (await session.end()).output == PLAIN
