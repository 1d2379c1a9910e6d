"""What a followed execution shows, against what the engine itself says of it."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import pytest

from engine.api import Decision, Edge, load
from studio.base.resources import ROOT
from studio.bridge import Bridge
from studio.designer.run.fold import Fold
from studio.designer.run.model import RunModel
from tests.gui.bridge.stories import until
from tests.gui.run.conftest import Awaited, Follower, plan_of
from tests.support.workflows import workflow

ENGINE_WORDS = {"succeeded": "done", "failed": "failed", "skipped": "skipped"}


def edge(text: str) -> Edge:
    source, target = text.split(" -> ")
    step, _, port = source.rpartition(".")
    return Edge(step, port, target)


def statuses(model: RunModel) -> dict[str, str]:
    return {id: live.status for id, live in model.steps.items()}


def wires(model: RunModel) -> dict[str, str]:
    return {str(edge): wire.status for edge, wire in model.wires.items()}


def test_the_order_report_shows_what_the_engine_says(
    follower: Follower, awaited: Awaited, tmp_path: Path, bridge: Bridge
) -> None:
    folder = shutil.copytree(ROOT / "examples" / "order-report", tmp_path / "report")
    document = load(folder / "order-report.rpa.yaml")

    async def story() -> RunModel:
        model = await follower.start(document.workflow, source=document.path)
        await follower.rest(model)
        state = await bridge.call(lambda client: client.state(model.execution))
        for step in state.steps():
            if "/" not in step.address:
                assert model.steps[step.address].status == ENGINE_WORDS[step.status], step.address
        assert state.source == str(document.path) and state.folder == str(folder)
        return model

    model = awaited(story())
    assert model.status == "succeeded" and model.fold.steps_done == model.fold.steps_total == 28
    assert model.steps["each_customer"].chip == "35 of 35"
    assert model.steps["letter"].count == model.steps["send"].count == 35
    assert model.wires[edge("read_orders.next -> orders")].count == 830
    assert model.wires[edge("each_customer.body -> letter")].count == 35
    assert set(wires(model).values()) == {"done"}


def test_the_ports_that_were_taken_decide_the_wires(follower: Follower, awaited: Awaited) -> None:
    work = workflow(
        """
steps:
  - {id: pick, activity: ledger.pick, with: {port: left}}
  - {id: yes_, activity: ledger.give, with: {value: [1, 2, 3]}}
  - {id: no_, activity: ledger.give}
  - {id: later, activity: ledger.give}
  - {id: bad, activity: ledger.fail}
  - {id: mend, activity: ledger.give}
  - {id: off, activity: ledger.give, disabled: true}
  - {id: end, activity: ledger.give}
edges: [pick.left -> yes_, pick.right -> no_, no_.next -> later, yes_.next -> bad, bad.error -> mend, bad.next -> off, mend.next -> off, off.next -> end]
"""
    )

    async def story() -> RunModel:
        model = await follower.start(work)
        await follower.rest(model)
        return model

    model = awaited(story())
    assert model.status == "succeeded"
    assert statuses(model) == {
        "pick": "done", "yes_": "done", "no_": "skipped", "later": "skipped", "bad": "failed", "mend": "done",
        "off": "skipped", "end": "done",
    }  # fmt: skip
    assert wires(model) == {
        "pick.left -> yes_": "done", "pick.right -> no_": "dead", "no_.next -> later": "dead",
        "yes_.next -> bad": "done", "bad.error -> mend": "failed", "bad.next -> off": "dead",
        "mend.next -> off": "done", "off.next -> end": "done",
    }  # fmt: skip
    assert model.wires[edge("yes_.next -> bad")].count == 3
    assert "No luck." in model.steps["bad"].message


def test_a_failing_step_is_tried_again_and_says_when(follower: Follower, awaited: Awaited) -> None:
    work = workflow(
        "steps: [{id: bad, activity: ledger.fail, with: {times: 2}, retry: {attempts: 3, delay: 300ms, backoff: fixed}}]"
    )
    seen: list[tuple[str, str]] = []

    async def story() -> RunModel:
        model = await follower.start(work)
        model.live_changed.connect(lambda steps, wires: seen.append((steps["bad"].status, steps["bad"].text)))
        await follower.rest(model)
        return model

    model = awaited(story())
    assert ("retrying", "attempt 2 of 3") in seen and ("retrying", "attempt 3 of 3") in seen
    assert model.steps["bad"].status == "done" and model.status == "succeeded"


def test_what_fails_for_good_is_told_once(follower: Follower, awaited: Awaited) -> None:
    work = workflow("steps: [{id: bad, activity: ledger.fail, with: {message: 'the disk is gone'}}]")
    told: list[str] = []

    async def story() -> RunModel:
        model = await follower.start(work)
        model.failed.connect(told.append)
        await follower.rest(model)
        return model

    model = awaited(story())
    assert told == ["bad"] == model.fold.failures()
    assert model.status == "failed" and model.steps["bad"].message.startswith("The disk is gone.")
    failure = model.failure("bad")
    assert failure is not None and failure.address == "bad"


def test_loops_and_tries_and_branches_are_summed_up(follower: Follower, awaited: Awaited) -> None:
    work = workflow(
        """
steps:
  - {id: each, activity: control.foreach, with: {items: 6, concurrency: 3, on_item_error: continue}}
  - {id: guard, activity: control.try}
  - {id: odd, activity: control.condition, with: {condition: "{{ index % 2 == 1 }}"}}
  - {id: bad, activity: ledger.fail, with: {message: odd}}
  - {id: caught, activity: ledger.give}
  - {id: always, activity: ledger.give}
  - {id: side, activity: control.parallel}
  - {id: one, activity: ledger.give}
  - {id: two, activity: ledger.give}
edges: [each.body -> guard, guard.body -> odd, odd.true -> bad, guard.catch -> caught, guard.finally -> always, each.done -> side, side.body -> one, side.body -> two]
"""
    )

    async def story() -> RunModel:
        model = await follower.start(work)
        await follower.rest(model)
        return model

    model = awaited(story())
    assert model.status == "succeeded"
    assert model.steps["each"].chip == "6 of 6" and model.steps["each"].status == "done"
    assert model.steps["bad"].status == "failed" and model.steps["bad"].text == "3 of 3 failed"
    assert model.steps["caught"].count == 3 and model.steps["always"].count == 6
    assert model.steps["one"].status == model.steps["two"].status == model.steps["side"].status == "done"
    assert model.wires[edge("guard.catch -> caught")].count == 3
    assert model.wires[edge("odd.true -> bad")].count == 3
    assert len(model.fold.rounds["each"]) == 6
    assert model.fold.steps_done == model.fold.steps_total == 9


def test_steps_of_a_subworkflow_are_not_taken_for_those_around_it(
    follower: Follower, awaited: Awaited, tmp_path: Path
) -> None:
    (tmp_path / "inner.rpa.yaml").write_text(
        "rpa: 1\nsteps: [{id: each, activity: control.foreach, with: {items: 5}}, {id: give, activity: ledger.give}]\n"
        "edges: [each.body -> give]\n"
    )
    work = workflow(
        """
steps:
  - {id: call, activity: control.subworkflow, with: {workflow: inner.rpa.yaml}}
  - {id: each, activity: control.foreach, with: {items: 2}}
  - {id: give, activity: ledger.give}
edges: [call.next -> each, each.body -> give]
"""
    )

    async def story() -> RunModel:
        model = await follower.start(work, folder=tmp_path)
        await follower.rest(model)
        return model

    model = awaited(story())
    assert model.status == "succeeded"
    assert model.steps["give"].count == 2 and model.steps["each"].chip == "2 of 2"
    assert model.fold.shown_at("call/each[3]/give") == "call" and model.fold.shown_at("each[1]/give") == "give"


def test_a_step_in_doubt_is_shown_and_can_be_settled(follower: Follower, awaited: Awaited, bridge: Bridge) -> None:
    work = workflow(
        "steps: [{id: pay, activity: ledger.slow, with: {seconds: 30}}, {id: then, activity: ledger.give}]\n"
        "edges: [pay.next -> then]"
    )

    async def cut(id: str) -> None:
        async def abandon(client) -> None:  # type: ignore[no-untyped-def]
            _, task = client.machine._running[id]
            task.cancel()
            await asyncio.wait({task})

        await bridge.call(abandon)

    async def story() -> RunModel:
        model = await follower.start(work)
        await until(lambda: "pay" in model.steps)
        await cut(model.execution)
        model.mark_interrupted()
        assert model.status == "interrupted" and model.steps["pay"].text == "interrupted"
        await bridge.call(lambda client: client.resume(model.execution))
        await follower.rest(model)
        assert model.status == "in_doubt" and model.steps["pay"].status == "doubt"
        assert "seconds: 30" in model.fold.in_doubt["pay"][0]
        assert model.fold.failures() == ["pay"]
        decision = {"pay": Decision("done", 7)}
        await bridge.call(lambda client: client.resume(model.execution, decision))
        await follower.rest(model)
        return model

    model = awaited(story())
    assert model.status == "succeeded" and not model.fold.in_doubt
    assert statuses(model) == {"pay": "done", "then": "done"} and wires(model) == {"pay.next -> then": "done"}


def test_what_changed_is_shown_although_the_clock_ticks_in_between(
    follower: Follower, awaited: Awaited, bridge: Bridge
) -> None:
    work = workflow("steps: [{id: a, activity: ledger.give}, {id: b, activity: ledger.give}]\nedges: [a.next -> b]")

    async def story() -> None:
        model = await follower.start(work)
        await follower.rest(model)

        async def read(client) -> list:  # type: ignore[no-untyped-def, type-arg]
            return [entry async for chunk in client.journal(model.execution) for entry in chunk]

        slow = RunModel(model.execution, work, plan_of(work, bridge))
        for entry in await bridge.call(read):
            slow.take([entry])
            slow._tick()
        await until(lambda: slow.steps == model.steps and slow.wires == model.wires, 2)
        slow.close()

    awaited(story())


def test_two_at_once_are_kept_apart(follower: Follower, awaited: Awaited) -> None:
    def loop(count: int) -> object:
        return workflow(
            f"steps: [{{id: each, activity: control.foreach, with: {{items: {count}}}}}, {{id: give, activity: ledger.give}}]\n"
            "edges: [each.body -> give]"
        )

    async def story() -> tuple[RunModel, RunModel]:
        one, two = await follower.start(loop(300)), await follower.start(loop(200))  # type: ignore[arg-type]
        await asyncio.gather(follower.rest(one), follower.rest(two))
        return one, two

    one, two = awaited(story())
    assert (one.steps["give"].count, two.steps["give"].count) == (300, 200)


def test_ten_thousand_rounds_cost_a_few_counters(follower: Follower, awaited: Awaited, bridge: Bridge) -> None:
    work = workflow(
        "steps: [{id: each, activity: control.foreach, with: {items: 10000}}, {id: give, activity: ledger.give}]\n"
        "edges: [each.body -> give]"
    )

    async def story() -> RunModel:
        model = await follower.start(work)
        await follower.rest(model)
        again = Fold(model.execution, work, plan_of(work, bridge))

        async def read(client) -> list:  # type: ignore[no-untyped-def, type-arg]
            return [entry async for chunk in client.journal(model.execution) for entry in chunk]

        again.take(await bridge.call(read))
        assert again.step("give", time.time()) == model.steps["give"]
        assert again.step("each", time.time()) == model.steps["each"]
        return model

    model = awaited(story())
    assert model.steps["each"].chip == "10,000 of 10,000"
    assert model.wires[edge("each.body -> give")].count == 10_000
    assert len(model.fold._scopes) < 10 and not model.fold.tallies["give"].active


def test_events_in_the_wrong_order_wait_for_what_is_missing(
    follower: Follower, awaited: Awaited, bridge: Bridge
) -> None:
    work = workflow("steps: [{id: a, activity: ledger.give}, {id: b, activity: ledger.give}]\nedges: [a.next -> b]")

    async def story() -> None:
        model = await follower.start(work)
        await follower.rest(model)

        async def read(client) -> list:  # type: ignore[no-untyped-def, type-arg]
            return [entry async for chunk in client.journal(model.execution) for entry in chunk]

        entries = await bridge.call(read)
        other = RunModel(model.execution, work, plan_of(work, bridge))
        other.take(entries[3:])
        assert other.fold.seq == 0
        other.take(entries[:4])
        assert other.steps == model.steps and other.status == "succeeded"
        other.take(entries)
        assert other.steps["a"].count == 1
        other.close()

    awaited(story())


@pytest.mark.parametrize("at", [float("inf"), float("nan"), -1e20, 1e20])
def test_impossible_moments_are_said_as_nothing(at: float) -> None:
    from studio.designer.run import words

    assert words.moment(at) == ""
