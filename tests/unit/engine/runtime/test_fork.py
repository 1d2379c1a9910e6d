"""A new execution out of a moment of another one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.api import Changes, Engine
from engine.core import events
from engine.core.errors import UsageError
from tests.support.workflows import workflow
from tests.unit.engine.runtime.conftest import history

TEXT = """
inputs: {ledger: {type: file}, n: {type: integer, default: 3}}
steps:
  - {id: a, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: a}}
  - {id: each, activity: control.foreach, with: {items: "{{ inputs.n }}"}}
  - {id: b, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ item }}"}}
  - {id: check, activity: control.condition, with: {condition: "{{ item == 2 and steps.a.output == 'a' }}"}}
  - {id: bad, activity: ledger.fail}
  - {id: end, activity: ledger.give, with: {value: "{{ steps.a.output }}{{ steps.each.output.count }}"}}
outputs: {end: "{{ steps.end.output }}"}
edges: [a.next -> each, each.body -> b, b.next -> check, check.true -> bad, each.done -> end]
"""


async def start(engine: Engine, folder: Path) -> str:
    execution = await engine.start(workflow(TEXT), {"ledger": str(folder / "ledger")}, folder=folder)
    assert (await engine.wait(execution)).status == "failed"
    return execution


def lines(folder: Path) -> list[str]:
    return [line.split()[1] for line in (folder / "ledger").read_text().splitlines()]


async def test_from_right_before_the_failure_with_another_definition(engine: Engine, tmp_path: Path) -> None:
    parent = await start(engine, tmp_path)
    before = lines(tmp_path)
    source = await engine.definition(parent)
    mended = replace(
        source,
        steps=tuple(
            replace(step, activity="ledger.give", parameters={}) if step.id == "bad" else step for step in source.steps
        ),
    )
    child = await engine.fork(parent, changes=Changes(workflow=mended))
    outcome = await engine.wait(child)
    assert (outcome.status, outcome.output) == ("succeeded", {"end": "a3"})
    assert lines(tmp_path) == before, "what was done before the moment is not done again"
    assert (await engine.record(child)).parent == parent
    assert (await engine.outcome(parent)).status == "failed"


async def test_from_a_moment_with_changed_data(engine: Engine, tmp_path: Path) -> None:
    parent = await start(engine, tmp_path)
    seen = await history(engine, parent)
    after_a = 1 + next(
        n for n, event in enumerate(seen) if isinstance(event, events.StepSucceeded) and event.address == "a"
    )
    child = await engine.fork(parent, at=after_a, changes=Changes(outputs={"a": "Z"}, inputs={"n": 4}))
    assert (await engine.wait(child)).output == {"end": "Z4"}
    assert lines(tmp_path).count("a") == 1
    grandchild = await engine.fork(child, at=2)
    assert (await engine.wait(grandchild)).status == "failed"


async def test_moments_that_are_not_there(engine: Engine, tmp_path: Path) -> None:
    parent = await start(engine, tmp_path)
    with pytest.raises(UsageError, match="no event 9999"):
        await engine.fork(parent, at=9999)
    good = await engine.start(workflow("steps:\n  - {id: a, activity: ledger.give}\n"), folder=tmp_path)
    await engine.wait(good)
    with pytest.raises(UsageError, match="did not fail"):
        await engine.fork(good)
