"""What happens to an execution whose process died, was stopped or paused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.api import Decision, Engine
from engine.core import events, faults
from engine.core.errors import ExecutionBusy, ExecutionError, NoSuchExecution
from engine.runtime.step import EFFECT_AFTER
from engine.store import open_store
from tests.support.workflows import catalog, workflow
from tests.unit.engine.runtime.conftest import history

CHAIN = """
inputs: {{ledger: {{type: file}}}}
{settings}
steps:
  - {{id: pure, activity: ledger.give, with: {{value: 1}}}}
  - {{id: a, activity: ledger.once, with: {{ledger: "{{{{ inputs.ledger }}}}", value: A}}}}
  - {{id: b, activity: ledger.once, with: {{ledger: "{{{{ inputs.ledger }}}}", value: "{{{{ steps.a.output }}}}B"}}}}
  - {{id: c, activity: ledger.again, with: {{ledger: "{{{{ inputs.ledger }}}}", value: "{{{{ steps.b.output }}}}C"}}}}
outputs: {{all: "{{{{ steps.c.output }}}}"}}
edges: [pure.next -> a, a.next -> b, b.next -> c]
"""


class Home:
    """A store on disk that outlives the engines opened on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = folder / "ledger"

    def engine(self, **options: Any) -> Engine:
        return Engine(open_store(self.folder / "store.db"), catalog=catalog(), **options)

    def lines(self) -> list[str]:
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


async def start_and_fail(home: Home, text: str, name: str, nth: int) -> str:
    """Run until a fault point stops the engine dead, as a crash would: nothing more reaches the store."""
    async with home.engine() as engine:
        execution = await engine.start(workflow(text), {"ledger": str(home.ledger)}, folder=home.folder)
        running = engine.machine._running[execution][1]
        with faults.arm(name, "raise", nth):
            await asyncio.wait({running})
        assert not running.cancelled() and running.exception() is not None
    return execution


@pytest.mark.parametrize("nth", [1, 2])
async def test_a_once_step_interrupted_after_its_effect_is_in_doubt(home: Home, nth: int) -> None:
    execution = await start_and_fail(home, CHAIN.format(settings=""), EFFECT_AFTER, nth)
    step = "ab"[nth - 1]
    assert len(home.lines()) == nth
    async with home.engine() as engine:
        await engine.resume(execution)
        outcome = await engine.wait(execution)
        assert (outcome.status, [doubt.step for doubt in outcome.in_doubt]) == ("in_doubt", [step])
        assert "ledger" in outcome.in_doubt[0].parameters and len(home.lines()) == nth
        with pytest.raises(ExecutionError, match="is not in doubt"):
            await engine.resume(execution, {"c": Decision("retry")})
        await engine.resume(execution, {step: Decision("done", "X")})
        outcome = await engine.wait(execution)
        assert outcome.status == "succeeded"
        assert outcome.output == {"all": "XBC" if step == "a" else "XC"}
        assert [line.split()[1] for line in home.lines()] == ["a", "b", "c"]


@pytest.mark.parametrize(("action", "status", "count"), [("retry", "succeeded", 2), ("fail", "failed", 1)])
async def test_a_person_can_decide_on_another_try_or_on_failure(
    home: Home, action: Any, status: str, count: int
) -> None:
    execution = await start_and_fail(home, CHAIN.format(settings=""), EFFECT_AFTER, 1)
    async with home.engine() as engine:
        await engine.resume(execution, {"a": Decision(action)})
        assert (await engine.wait(execution)).status == status
    assert [line.split()[1] for line in home.lines()].count("a") == count


@pytest.mark.parametrize(
    ("policy", "status", "count"), [("retry", "succeeded", 2), ("done", "succeeded", 1), ("fail", "failed", 1)]
)
async def test_the_workflow_can_decide_by_itself(home: Home, policy: str, status: str, count: int) -> None:
    text = CHAIN.format(settings=f"settings: {{in_doubt: {policy}}}")
    execution = await start_and_fail(home, text, EFFECT_AFTER, 1)
    async with home.engine(recover=True) as engine:
        for _ in range(200):
            outcome = await engine.outcome(execution)
            if outcome.status in ("succeeded", "failed"):
                break
            await asyncio.sleep(0.01)
        assert outcome.status == status
        decided = [event for event in await history(engine, execution) if isinstance(event, events.StepDecided)]
        assert [(event.address, event.decision, event.by) for event in decided] == [("a", policy, "policy")]
    assert [line.split()[1] for line in home.lines()].count("a") == count


async def test_an_effect_that_did_not_begin_simply_runs(home: Home) -> None:
    execution = await start_and_fail(home, CHAIN.format(settings=""), "runtime.step_started", 2)
    async with home.engine() as engine:
        await engine.resume(execution)
        assert (await engine.wait(execution)).status == "succeeded"
    assert [line.split()[1] for line in home.lines()] == ["a", "b", "c"]


async def test_a_pause_lets_running_steps_end_and_resume_goes_on(home: Home) -> None:
    text = """
steps:
  - {id: a, activity: ledger.slow, with: {seconds: 0.1}}
  - {id: b, activity: ledger.give, with: {value: "{{ steps.a.output }}"}}
outputs: {b: "{{ steps.b.output }}"}
edges: [a.next -> b]
"""
    async with home.engine() as engine:
        execution = await engine.start(workflow(text), folder=home.folder)
        await asyncio.sleep(0.03)
        await engine.pause(execution, "lunch")
        outcome = await engine.wait(execution)
        assert outcome.status == "paused"
    async with home.engine() as engine:
        assert (await engine.executions())[0].status == "paused"
        await engine.resume(execution)
        assert (await engine.wait(execution)).output == {"b": "done"}
        seen = [type(event).__name__ for event in await history(engine, execution)]
        assert seen.count("ExecutionStarted") == 2 and seen.count("StepStarted") == 2


async def test_closing_the_engine_pauses_what_runs(home: Home) -> None:
    text = "steps:\n  - {id: a, activity: control.delay, with: {length: 40s}}\n"
    async with home.engine() as engine:
        execution = await engine.start(workflow(text), folder=home.folder)
        await asyncio.sleep(0.02)
    async with home.engine() as engine:
        assert (await engine.outcome(execution)).status == "paused"


async def test_cancel_stops_the_running_step_at_once(home: Home) -> None:
    text = "steps:\n  - {id: a, activity: ledger.slow, with: {seconds: 60}}\n"
    async with home.engine() as engine:
        execution = await engine.start(workflow(text), folder=home.folder)
        await asyncio.sleep(0.05)
        await engine.cancel(execution, "enough")
        outcome = await engine.outcome(execution)
        assert outcome.status == "cancelled"
        failed = [event for event in await history(engine, execution) if isinstance(event, events.StepFailed)]
        assert [event.error["type"] for event in failed] == ["cancelled"]
        with pytest.raises(ExecutionError, match="already cancelled"):
            await engine.resume(execution)
        with pytest.raises(ExecutionError, match="already cancelled"):
            await engine.cancel(execution)


async def test_a_resting_execution_can_be_cancelled(home: Home) -> None:
    text = "steps:\n  - {id: a, activity: control.delay, with: {length: 3d}}\n"
    async with home.engine() as engine:
        execution = await engine.start(workflow(text), folder=home.folder)
        assert (await engine.wait(execution)).status == "waiting"
        await engine.cancel(execution)
        assert (await engine.outcome(execution)).status == "cancelled"


async def test_what_is_not_there_or_runs_already_is_said(home: Home) -> None:
    async with home.engine() as engine:
        with pytest.raises(NoSuchExecution):
            await engine.resume("0000nope")
        execution = await engine.start(
            workflow("steps:\n  - {id: a, activity: ledger.slow, with: {seconds: 0.2}}\n"), folder=home.folder
        )
        with pytest.raises(ExecutionBusy):
            await engine.resume(execution)
        await engine.wait(execution)


async def test_large_outputs_are_artifacts_and_come_back(home: Home) -> None:
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: big, activity: ledger.give, with: {value: "{{ [{'n': n, 'text': 'x' * 40} for n in range(2000)] }}"}}
  - {id: a, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ len(steps.big.output) }}"}}
  - {id: each, activity: control.foreach, with: {items: "{{ steps.big.output }}"}}
  - {id: n, activity: ledger.give, with: {value: "{{ item.n }}"}}
outputs: {sum: "{{ sum(steps.each.output.results) }}"}
edges: [big.next -> a, a.next -> each, each.body -> n]
"""
    execution = await start_and_fail(home, text, "runtime.outcome_recorded", 900)
    async with home.engine() as engine:
        sizes = [len(str(event)) for event in await history(engine, execution)]
        assert max(sizes) < 2000
        await engine.resume(execution)
        outcome = await engine.wait(execution)
        assert outcome.output == {"sum": 1999000} and len(home.lines()) == 1
