"""Workflows as steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.api import Engine
from engine.core import events, faults
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.runtime.conftest import history

CHILD = """
rpa: 1
name: child
inputs: {n: {type: integer}, ledger: {type: file}}
variables: {seen: 0}
steps:
  - {id: keep, activity: control.set, with: {values: {seen: "{{ inputs.n }}"}}}
  - {id: a, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ vars.seen }}"}}
outputs: {double: "{{ steps.a.output * 2 }}"}
edges: [keep.next -> a]
"""
PARENT = """
inputs: {ledger: {type: file}}
variables: {seen: parent}
steps:
  - {id: each, activity: control.foreach, with: {items: [1, 2, 3]}}
  - {id: call, activity: control.subworkflow, with: {workflow: child.rpa.yaml, inputs: {n: "{{ item }}", ledger: "{{ inputs.ledger }}"}}}
outputs: {all: "{{ [r.double for r in steps.each.output.results] }}", seen: "{{ vars.seen }}"}
edges: [each.body -> call]
"""


async def test_it_runs_in_place_with_variables_of_its_own(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "child.rpa.yaml").write_text(CHILD)
    execution = await engine.start(workflow(PARENT), {"ledger": str(tmp_path / "ledger")}, folder=tmp_path)
    outcome = await engine.wait(execution)
    assert outcome.output == {"all": [2, 4, 6], "seen": "parent"}
    assert (tmp_path / "ledger").read_text().split("\n")[1] == "once each[1]/call/a 2"


@pytest.mark.parametrize("nth", range(1, 12))
async def test_it_resumes_on_the_version_it_began_with(tmp_path: Path, nth: int) -> None:
    child = tmp_path / "child.rpa.yaml"
    child.write_text(CHILD)
    async with file_engine(tmp_path) as engine:
        execution = await engine.start(workflow(PARENT), {"ledger": str(tmp_path / "ledger")}, folder=tmp_path)
        running = engine.machine._running[execution][1]
        with faults.arm("runtime.outcome_recorded", "raise", nth):
            try:
                await running
            except faults.Injected:
                pass
    begun = (tmp_path / "ledger").exists()
    if begun:
        child.write_text(CHILD.replace("* 2", "* 3"))
    async with file_engine(tmp_path) as engine:
        if (await engine.outcome(execution)).status != "succeeded":
            await engine.resume(execution)
        outcome = await engine.wait(execution)
        if outcome.status == "in_doubt":
            from engine.api import Decision

            step = outcome.in_doubt[0].step
            done = any(step in line for line in (tmp_path / "ledger").read_text().splitlines())
            value = int(step[5]) + 1
            await engine.resume(execution, {step: Decision("done", value) if done else Decision("retry")})
            outcome = await engine.wait(execution)
        assert outcome.output is not None
        assert outcome.output["all"][0] == 2, "the first call had begun before the file changed"
    assert [line.split()[1] for line in (tmp_path / "ledger").read_text().splitlines()] == [
        f"each[{n}]/call/a" for n in range(3)
    ]


async def test_what_can_be_wrong_with_it(engine: Engine, tmp_path: Path) -> None:
    async def fails(**parameters: object) -> str:
        text = f"steps:\n  - {{id: call, activity: control.subworkflow, with: {parameters}}}\n"
        outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
        assert outcome.status == "failed" and outcome.error is not None
        return str(outcome.error["message"])

    assert "missing.rpa.yaml" in await fails(workflow="missing.rpa.yaml")
    (tmp_path / "wrong.rpa.yaml").write_text("rpa: 1\nsteps:\n  - {id: a, activity: no.such}\n")
    assert "no.such" in await fails(workflow="wrong.rpa.yaml")
    (tmp_path / "child.rpa.yaml").write_text(CHILD)
    assert "n: is missing" in await fails(workflow="child.rpa.yaml")
    (tmp_path / "endless.rpa.yaml").write_text(
        "rpa: 1\nsteps:\n  - {id: again, activity: control.subworkflow, with: {workflow: endless.rpa.yaml}}\n"
    )
    assert "more than 32 deep" in await fails(workflow="endless.rpa.yaml")


async def test_stop_ends_the_subworkflow_alone(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "child.rpa.yaml").write_text(
        "rpa: 1\nsteps:\n  - {id: halt, activity: control.stop, with: {output: early}}\n"
    )
    text = """
steps:
  - {id: call, activity: control.subworkflow, with: {workflow: child.rpa.yaml}}
  - {id: after, activity: ledger.give, with: {value: "{{ steps.call.output }}!"}}
outputs: {after: "{{ steps.after.output }}"}
edges: [call.next -> after]
"""
    execution = await engine.start(workflow(text), folder=tmp_path)
    assert (await engine.wait(execution)).output == {"after": "early!"}
    assert sum(isinstance(event, events.BodyFinished) for event in await history(engine, execution)) == 1
