"""Which steps run, and in what order."""

from __future__ import annotations

import pytest

from engine.api import Engine
from engine.core import events
from tests.unit.engine.runtime.conftest import Run, history

CONDITION = """
inputs: {{n: {{type: integer}}}}
outputs: {{end: "{{{{ steps.end.output }}}}"}}
steps:
  - {{id: check, activity: control.condition, with: {{condition: "{{{{ inputs.n > 2 }}}}"}}}}
  - {{id: big, activity: ledger.give, with: {{value: big}}}}
  - {{id: small, activity: ledger.give, with: {{value: small}}}}
  - {{id: end, activity: ledger.give, join: {join}, with: {{value: "{{{{ default(steps.big.output, '') }}}}-{{{{ default(steps.small.output, '') }}}}"}}}}
edges:
  - check.true -> big
  - check.false -> small
  - big.next -> end
  - small.next -> end
"""


@pytest.mark.parametrize("join", ["all", "any"])
@pytest.mark.parametrize(("n", "end"), [(3, "big-"), (1, "-small")])
async def test_a_join_after_a_condition_never_hangs(run: Run, n: int, end: str, join: str) -> None:
    outcome = await run(CONDITION.format(join=join), n=n)
    assert (outcome.status, outcome.output) == ("succeeded", {"end": end})


async def test_dead_paths_are_skipped_to_their_end_without_recursion(engine: Engine, run: Run) -> None:
    steps = "".join(f"  - {{id: s{n}, activity: ledger.give}}\n" for n in range(3000))
    edges = "".join(f"  - s{n}.next -> s{n + 1}\n" for n in range(2999))
    outcome = await run(
        "steps:\n  - {id: check, activity: control.condition, with: {condition: false}}\n"
        + steps
        + "edges:\n  - check.true -> s0\n"
        + edges
    )
    assert outcome.status == "succeeded"
    skipped = [event for event in await history(engine, outcome.execution) if isinstance(event, events.StepSkipped)]
    assert len(skipped) == 3000


async def test_join_any_runs_once_on_the_first_live_edge(engine: Engine, run: Run) -> None:
    outcome = await run("""
steps:
  - {id: quick, activity: ledger.give, with: {value: 1}}
  - {id: slow, activity: control.delay, with: {length: 0.05}}
  - {id: first, activity: ledger.give, join: any, with: {value: "{{ steps.slow.status }}"}}
outputs: {seen: "{{ steps.first.output }}"}
edges: [quick.next -> first, slow.next -> first]
""")
    assert outcome.output == {"seen": "not_run"}
    started = [event for event in await history(engine, outcome.execution) if isinstance(event, events.StepStarted)]
    assert [event.address for event in started].count("first") == 1


@pytest.mark.parametrize(("value", "port"), [("a", "first"), (" b ", "second"), (3, "second"), ("z", "default")])
async def test_switch_takes_the_first_case_that_fits(run: Run, value: object, port: str) -> None:
    outcome = await run(
        """
inputs: {v: {}}
steps:
  - id: choose
    activity: control.switch
    with:
      value: "{{ inputs.v }}"
      cases: [{port: first, equals: a}, {port: second, in: [b, 3]}]
  - {id: one, activity: ledger.give, with: {value: first}}
  - {id: two, activity: ledger.give, with: {value: second}}
  - {id: rest, activity: ledger.give, with: {value: default}}
outputs: {went: "{{ default(steps.one.output, default(steps.two.output, default(steps.rest.output, 'nowhere'))) }}"}
edges: [choose.first -> one, choose.second -> two, choose.default -> rest]
""",
        v=value,
    )
    assert outcome.output == {"went": port}


async def test_a_disabled_step_is_passed_over(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: a, activity: ledger.give, with: {value: 1}}
  - {id: b, activity: ledger.fail, disabled: true}
  - {id: c, activity: ledger.give, with: {value: "{{ steps.b.status }}"}}
outputs: {c: "{{ steps.c.output }}"}
edges: [a.next -> b, b.next -> c]
""")
    assert outcome.output == {"c": "skipped"}


async def test_not_run_skipped_and_null_are_three_answers(run: Run) -> None:
    base = """
steps:
  - {id: nothing, activity: ledger.give, with: {value: null}}
  - {id: check, activity: control.condition, with: {condition: false}}
  - {id: dead, activity: ledger.give}
  - {id: late, activity: control.delay, with: {length: 0.02}}
  - {id: reads, activity: ledger.give, with: {value: "{{ %s }}"}}
outputs: {value: "{{ steps.reads.output }}"}
edges: [nothing.next -> check, check.true -> dead, check.false -> reads]
"""
    assert (await run(base % "steps.nothing.output")).output == {"value": None}
    skipped = await run(base % "steps.dead.output")
    assert skipped.error is not None and "'dead' was skipped" in skipped.error["message"]
    assert "step 'reads', parameter value" in skipped.error["message"]
    unborn = await run(base % "steps.late.output")
    assert unborn.error is not None and "'late' has not run" in unborn.error["message"]
    assert (await run(base % "default(steps.dead.output, 7)")).output == {"value": 7}
    assert (await run(base % "default(steps.late.output, 8)")).output == {"value": 8}


async def test_parallel_branches_run_side_by_side_and_meet(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: both, activity: control.parallel}
  - {id: left, activity: control.delay, with: {length: 0.2}}
  - {id: right, activity: control.delay, with: {length: 0.2}}
  - {id: l, activity: ledger.give, with: {value: L}}
  - {id: r, activity: ledger.give, with: {value: R}}
outputs: {both: "{{ steps.both.output.output }}"}
edges: [both.body -> left, both.body -> right, left.next -> l, right.next -> r]
""")
    assert outcome.output == {"both": {"l": "L", "r": "R"}}
    assert outcome.duration_ms < 390


async def test_stop_ends_the_execution_from_inside_a_loop(run: Run) -> None:
    text = """
steps:
  - {id: each, activity: control.foreach, with: {items: 5}}
  - {id: check, activity: control.condition, with: {condition: "{{ item == 2 }}"}}
  - {id: halt, activity: control.stop, with: {status: %s, message: enough, output: 42}}
  - {id: never, activity: ledger.fail}
edges: [each.body -> check, check.true -> halt, each.done -> never]
"""
    good = await run(text % "succeeded")
    assert (good.status, good.output) == ("succeeded", 42)
    bad = await run(text % "failed")
    assert bad.status == "failed" and bad.error is not None
    assert (bad.error["message"], bad.error["step"]) == ("enough", "each[2]/halt")
