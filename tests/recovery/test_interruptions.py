"""Interruptions at the awkward moments, one by one: what stands beside a failure, a way out, a retry, a hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import engine.store.group  # noqa: F401  registers its fault points
from engine.api import Debugger, Decision, Held
from engine.core import events, faults
from engine.core.errors import ExecutionBusy
from tests.recovery.bench import Bench
from tests.support.workflows import workflow


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    yield Bench(tmp_path)


def failed(address: str) -> Any:
    return lambda event: isinstance(event, events.StepFailed) and event.address == address


def paused(event: Any) -> bool:
    return isinstance(event, events.StepPaused)


def ended(scope: str) -> Any:
    return lambda event: getattr(event, "scope", None) == scope and isinstance(event, events.IterationFinished)


BESIDE = """
inputs: {ledger: {type: file}}
steps:
  - {id: guard, activity: control.try}
  - {id: first, activity: ledger.give}
  - {id: slow, activity: ledger.slow, with: {seconds: 60}}
  - {id: nap, activity: control.delay, with: {length: 50ms}}
  - {id: bad, activity: ledger.fail}
  - {id: saved, activity: ledger.give, with: {value: saved}}
outputs: {went: "{{ steps.guard.output.output }}"}
edges: [guard.body -> first, first.next -> slow, guard.body -> nap, nap.next -> bad, guard.catch -> saved]
"""


async def test_a_doubt_beside_a_failure_is_asked_before_the_failure_is_handled(bench: Bench) -> None:
    execution = await bench.crash(BESIDE, failed("guard/bad"))
    async with bench.engine() as engine:
        await engine.resume(execution)
        outcome = await engine.wait(execution)
        assert (outcome.status, [doubt.step for doubt in outcome.in_doubt]) == ("in_doubt", ["guard/slow"])
        await engine.resume(execution, {"slow": Decision("done", "it was done")})
        outcome = await engine.wait(execution)
        assert (outcome.status, outcome.output) == ("succeeded", {"went": "saved"})


ROUNDS = """
inputs: {ledger: {type: file}}
steps:
  - {id: each, activity: control.foreach, with: {items: [slow, out, never, never], concurrency: 2}}
  - {id: check, activity: control.switch, with: {value: "{{ item }}", cases: [{port: slow}, {port: out}]}}
  - {id: slow, activity: ledger.slow, with: {seconds: 60}}
  - {id: nap, activity: control.delay, with: {length: 50ms}}
  - {id: way, activity: %s}
  - {id: rest, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: rest}}
  - {id: after, activity: control.delay, with: {length: 2ms}}
outputs: {count: "{{ steps.each.output.count }}"}
edges:
  - each.body -> check
  - check.slow -> slow
  - check.out -> nap
  - nap.next -> way
  - check.default -> rest
  - each.done -> after
"""


async def test_a_doubt_beside_a_break_is_asked_and_no_further_round_begins(bench: Bench) -> None:
    execution = await bench.crash(ROUNDS % "control.break", ended("each[1]"))
    async with bench.engine() as engine:
        await engine.resume(execution)
        outcome = await engine.wait(execution)
        assert (outcome.status, [doubt.step for doubt in outcome.in_doubt]) == ("in_doubt", ["each[0]/slow"])
        await engine.resume(execution, {"slow": Decision("done")})
        outcome = await engine.wait(execution)
        assert (outcome.status, outcome.output, bench.lines()) == ("succeeded", {"count": 2}, [])


async def test_a_doubt_beside_a_failed_round_is_asked_and_no_further_round_begins(bench: Bench) -> None:
    execution = await bench.crash(ROUNDS % "ledger.fail", ended("each[1]"))
    async with bench.engine() as engine:
        await engine.resume(execution)
        outcome = await engine.wait(execution)
        assert (outcome.status, [doubt.step for doubt in outcome.in_doubt]) == ("in_doubt", ["each[0]/slow"])
        await engine.resume(execution, {"slow": Decision("done")})
        assert ((await engine.wait(execution)).status, bench.lines()) == ("failed", [])


async def test_a_round_whose_result_cannot_be_had_fails_as_a_round_and_harms_no_other(bench: Bench) -> None:
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: each, activity: control.foreach, with: {items: [3, 0], concurrency: 2, on_item_error: continue, result: "{{ 6 / item }}"}}
  - {id: nap, activity: control.delay, with: {length: "{{ item / 50 }}"}}
  - {id: note, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ item }}"}}
outputs: {all: "{{ steps.each.output.results }}", bad: "{{ [one.index for one in steps.each.output.errors] }}"}
edges: [each.body -> nap, nap.next -> note]
"""
    async with bench.engine() as engine:
        outcome = await engine.wait(await engine.start(workflow(text), {"ledger": str(bench.ledger)}))
        assert (outcome.status, outcome.output) == ("succeeded", {"all": [2.0, None], "bad": [1]})
        assert sorted(bench.lines()) == ["each[0]/note 3", "each[1]/note 0"]


async def test_a_crash_in_one_of_several_rounds_is_no_failure_of_the_loop(bench: Bench) -> None:
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: each, activity: control.foreach, with: {items: 4, concurrency: 4, on_item_error: continue}}
  - {id: note, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ item }}"}}
edges: [each.body -> note]
"""
    async with bench.engine() as engine:
        with faults.arm("runtime.effect_before", "raise", 2):
            execution = await engine.start(workflow(text), {"ledger": str(bench.ledger)})
            with pytest.raises(faults.Injected):
                await engine.wait(execution)
        assert (await engine.outcome(execution)).status == "running"


async def test_a_variable_set_from_itself_is_set_once_however_large(bench: Bench) -> None:
    text = """
inputs: {ledger: {type: file}}
variables: {rows: []}
steps:
  - {id: add, activity: control.set, with: {values: {rows: "{{ vars.rows + ['x' * 60000] }}"}}}
outputs: {n: "{{ len(vars.rows) }}"}
"""
    for name, visits in (("store.before_insert", 8), ("runtime.before_publish", 4), ("runtime.event_recorded", 4)):
        for visit in range(1, visits):
            async with bench.engine() as engine:
                with faults.arm(name, "raise", visit):
                    execution = await engine.start(workflow(text), {"ledger": str(bench.ledger)})
                    await asyncio.wait({engine.machine._running[execution][1]})
            async with bench.engine() as engine:
                if (await engine.outcome(execution)).status != "succeeded":
                    await engine.resume(execution)
                assert (await engine.wait(execution)).output == {"n": 1}, (name, visit)


@pytest.mark.parametrize("died", ["while it ran", "after it failed"])
async def test_another_try_of_a_subworkflow_begins_with_fresh_variables(bench: Bench, died: str) -> None:
    (bench.folder / "part.rpa.yaml").write_text("""
rpa: 1
variables: {n: 0}
outputs: {n: "{{ vars.n }}"}
steps:
  - {id: add, activity: control.set, with: {values: {n: "{{ vars.n + 1 }}"}}}
  - {id: nap, activity: control.delay, with: {length: 50ms}}
  - {id: bad, activity: ledger.fail}
edges: [add.next -> nap, nap.next -> bad]
""")
    text = """
steps:
  - id: sub
    activity: control.subworkflow
    with: {workflow: part.rpa.yaml}
    retry: {attempts: 2, delay: 50ms, jitter: 0}
"""
    when = failed("sub") if died == "after it failed" else lambda event: isinstance(event, events.StepWaiting)
    execution = await bench.crash(text, when)
    async with bench.engine() as engine:
        await engine.resume(execution)
        assert (await engine.wait(execution)).status == "failed"
        history = [entry.event async for chunk in engine.journal(execution) for entry in chunk]
    assert [event.values for event in history if isinstance(event, events.VariablesSet)] == [{"n": 1}, {"n": 1}]


async def test_an_execution_that_waits_for_room_can_be_cancelled(bench: Bench) -> None:
    text = "steps:\n  - {id: a, activity: ledger.slow, with: {seconds: 60}}\n"
    async with bench.engine(limit=1) as engine:
        first = await engine.start(workflow(text))
        second = await engine.start(workflow(text))
        await asyncio.sleep(0.02)
        await engine.cancel(second, "not needed")
        assert (await engine.outcome(second)).status == "cancelled"
        await engine.cancel(first)


@pytest.mark.parametrize("on_disk", [False, True])
async def test_of_several_resumes_at_once_one_runs_it(tmp_path: Path, on_disk: bool) -> None:
    bench = Bench(tmp_path, on_disk=on_disk)
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: nap, activity: control.delay, with: {length: 100ms}}
  - {id: note, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: x}}
edges: [nap.next -> note]
"""
    execution = await bench.crash(text, lambda event: isinstance(event, events.StepWaiting))
    async with bench.engine() as engine:
        answers = await asyncio.gather(*(engine.resume(execution) for _ in range(3)), return_exceptions=True)
        assert [type(answer) for answer in answers].count(ExecutionBusy) == 2, answers
        assert (await engine.wait(execution)).status == "succeeded"
        history = [entry async for chunk in engine.journal(execution) for entry in chunk]
        assert sum(isinstance(entry.event, events.ExecutionStarted) for entry in history) == 2
    assert bench.lines() == ["note x"]


async def test_waiting_for_an_execution_that_another_process_took_over_is_no_cancellation(bench: Bench) -> None:
    text = "steps:\n  - {id: a, activity: control.delay, with: {length: 30s}}\n"
    async with bench.engine() as engine:
        execution = await engine.start(workflow(text))
        await asyncio.sleep(0.02)
        waiting = asyncio.ensure_future(engine.wait(execution))
        await asyncio.sleep(0.02)
        engine.machine._running[execution][1].cancel()  # as `Machine._renew` does with a lost lease
        async with asyncio.timeout(5):
            assert (await waiting).status == "running"


async def test_a_once_step_held_after_its_failure_is_in_doubt_when_the_process_dies(bench: Bench) -> None:
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: note, activity: ledger.once_fail, with: {ledger: "{{ inputs.ledger }}"}}
"""
    execution = await bench.crash(text, paused, debugger=Debugger(break_on_failure=True))
    async with bench.engine() as engine:
        await engine.resume(execution)
        assert (await engine.wait(execution)).status == "in_doubt"
    assert bench.lines() == ["note 1"]


async def test_a_step_held_before_it_starts_is_in_no_doubt(bench: Bench) -> None:
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: note, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}"}}
"""
    execution = await bench.crash(text, paused, debugger=Debugger(paused=True))
    async with bench.engine() as engine:
        await engine.resume(execution)
        assert (await engine.wait(execution)).status == "succeeded"
    assert bench.lines() == ["note None"]


async def test_a_condition_skipped_while_debugging_leads_the_same_way_after_a_crash(bench: Bench) -> None:
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: check, activity: control.condition, with: {condition: false}}
  - {id: yes, activity: ledger.slow, with: {seconds: 60}}
  - {id: no, activity: ledger.slow, with: {seconds: 60}}
edges: [check.true -> yes, check.false -> no]
"""
    debugger = Debugger(paused=True)

    def skip(held: Held) -> None:
        if held.address == "check":
            debugger.skip()
        else:
            debugger.resume()

    debugger.on_held = skip
    execution = await bench.crash(
        text, lambda event: isinstance(event, events.StepStarted) and event.activity == "ledger.slow", debugger=debugger
    )
    async with bench.engine() as engine:
        before = {step.address: step.status for step in (await engine.state(execution)).steps()}
        await engine.resume(execution)
        await engine.wait(execution)
        after = {step.address: step.status for step in (await engine.state(execution)).steps()}
    assert {name: status for name, status in after.items() if status == "skipped"} == {
        name: status for name, status in before.items() if status == "skipped"
    }
    assert "in_doubt" in after.values()


async def test_a_fork_between_a_step_and_what_it_set_takes_both(bench: Bench) -> None:
    text = """
variables: {n: 0}
steps:
  - {id: add, activity: control.set, with: {values: {n: "{{ vars.n + 1 }}"}}}
outputs: {n: "{{ vars.n }}"}
"""
    async with bench.engine() as engine:
        execution = await engine.start(workflow(text))
        await engine.wait(execution)
        last = (await engine.state(execution)).last_seq
        for at in range(1, last + 1):
            child = await engine.fork(execution, at=at)
            assert (await engine.wait(child)).output == {"n": 1}, at
