"""Loops: items, rounds, ways out of them, and what they give."""

from __future__ import annotations

import pytest

from engine.api import Engine
from engine.core import events
from tests.unit.engine.runtime.conftest import Run, history


@pytest.mark.parametrize("concurrency", [1, 3, 50])
async def test_results_stand_in_item_order(run: Run, concurrency: int) -> None:
    outcome = await run(f"""
steps:
  - {{id: each, activity: control.foreach, with: {{items: [5, 1, 3, 2], concurrency: {concurrency}}}}}
  - {{id: nap, activity: control.delay, with: {{length: "{{{{ item / 100 }}}}"}}}}
  - {{id: give, activity: ledger.give, with: {{value: "{{{{ item * 10 + index }}}}"}}}}
outputs: {{all: "{{{{ steps.each.output.results }}}}", n: "{{{{ steps.each.output.count }}}}"}}
edges: [each.body -> nap, nap.next -> give]
""")
    assert outcome.output == {"all": [50, 11, 32, 23], "n": 4}


@pytest.mark.parametrize(
    ("items", "seen"),
    [("null", []), ("[]", []), ("3", [0, 1, 2]), ("{a: 1}", [{"key": "a", "value": 1}]), ('"{{ range(2) }}"', [0, 1])],
)
async def test_items_can_be_written_in_several_ways(run: Run, items: str, seen: list[object]) -> None:
    outcome = await run(f"""
steps:
  - {{id: each, activity: control.foreach, with: {{items: {items}}}}}
  - {{id: give, activity: ledger.give, with: {{value: "{{{{ item }}}}"}}}}
outputs: {{all: "{{{{ steps.each.output.results }}}}"}}
edges: [each.body -> give]
""")
    assert outcome.output == {"all": seen}


async def test_text_is_not_a_list_of_items(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: each, activity: control.foreach, with: {items: abc}}
  - {id: give, activity: ledger.give}
edges: [each.body -> give]
""")
    assert outcome.status == "failed" and outcome.error is not None and "not a list" in outcome.error["message"]


LOOP = """
steps:
  - {id: each, activity: control.foreach, with: {items: [1, 2, 3, 4]}}
  - {id: check, activity: control.condition, with: {condition: "{{ item == 3 }}"}}
  - {id: out, activity: control.%s}
  - {id: give, activity: ledger.give, with: {value: "{{ item }}"}}
outputs: {all: "{{ steps.each.output.results }}"}
edges: [each.body -> check, check.true -> out, check.false -> give]
"""


async def test_break_ends_the_loop_and_continue_the_round(run: Run) -> None:
    assert (await run(LOOP % "break")).output == {"all": [{"give": 1}, {"give": 2}, None, None]}
    assert (await run(LOOP % "continue")).output == {"all": [{"give": 1}, {"give": 2}, None, {"give": 4}]}


async def test_result_is_evaluated_inside_the_round(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: each, activity: control.foreach, with: {items: [1, 2], result: "{{ steps.a.output + item }}"}}
  - {id: a, activity: ledger.give, with: {value: "{{ item * 10 }}"}}
  - {id: b, activity: ledger.give, with: {value: other}}
outputs: {all: "{{ steps.each.output.results }}"}
edges: [each.body -> a, a.next -> b]
""")
    assert outcome.output == {"all": [11, 22]}


FAILING = """
steps:
  - {id: each, activity: control.foreach, with: {items: [1, 2, 3], on_item_error: %s}}
  - {id: check, activity: control.condition, with: {condition: "{{ item == 2 }}"}}
  - {id: bad, activity: ledger.fail}
  - {id: good, activity: ledger.give, with: {value: "{{ item }}"}}
outputs:
  results: "{{ default(steps.each.output.results, null) }}"
  errors: "{{ default(steps.each.output.errors, null) }}"
edges: [each.body -> check, check.true -> bad, check.false -> good]
"""


async def test_what_becomes_of_an_item_that_fails(run: Run) -> None:
    failed = await run(FAILING % "fail")
    assert failed.status == "failed" and failed.error is not None and failed.error["step"] == "each[1]/bad"
    went_on = await run(FAILING % "continue")
    assert went_on.status == "succeeded"
    assert went_on.output["results"] == [{"good": 1}, None, {"good": 3}]
    assert [(one["index"], one["item"]) for one in went_on.output["errors"]] == [(1, 2)]
    collected = await run(FAILING % "collect")
    assert collected.status == "failed" and collected.error is not None
    assert collected.error["message"].startswith("1 of 3 items failed")


async def test_loops_nest_and_inner_steps_see_their_own_round(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: outer, activity: control.foreach, with: {items: [1, 2], concurrency: 2}}
  - {id: base, activity: ledger.give, with: {value: "{{ item * 100 }}"}}
  - {id: inner, activity: control.foreach, with: {items: [1, 2, 3], concurrency: 2}}
  - {id: sum, activity: ledger.give, with: {value: "{{ steps.base.output + item }}"}}
outputs: {all: "{{ [o.results for o in steps.outer.output.results] }}"}
edges: [outer.body -> base, base.next -> inner, inner.body -> sum]
""")
    assert outcome.output == {"all": [[101, 102, 103], [201, 202, 203]]}


async def test_while_counts_with_a_variable(run: Run) -> None:
    outcome = await run("""
variables: {n: 1}
steps:
  - {id: loop, activity: control.while, with: {condition: "{{ vars.n < 20 }}"}}
  - {id: double, activity: control.set, with: {values: {n: "{{ vars.n * 2 }}"}}}
outputs: {n: "{{ vars.n }}", rounds: "{{ steps.loop.output.count }}"}
edges: [loop.body -> double]
""")
    assert outcome.output == {"n": 32, "rounds": 5}


async def test_while_can_look_after_the_round_at_its_steps(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: loop, activity: control.while, with: {condition: "{{ steps.page.output < 3 }}", check: after}}
  - {id: page, activity: ledger.give, with: {value: "{{ index + 1 }}"}}
outputs: {pages: "{{ steps.loop.output.results }}"}
edges: [loop.body -> page]
""")
    assert outcome.output == {"pages": [1, 2, 3]}


async def test_while_without_end_fails_at_its_limit(run: Run) -> None:
    outcome = await run("""
steps:
  - {id: loop, activity: control.while, with: {condition: "{{ true }}", limit: 7}}
  - {id: a, activity: ledger.give}
edges: [loop.body -> a]
""")
    assert outcome.error is not None and "did not end after 7 rounds" in outcome.error["message"]


async def test_rounds_that_are_over_leave_the_state(engine: Engine, run: Run) -> None:
    outcome = await run("""
steps:
  - {id: each, activity: control.foreach, with: {items: 50}}
  - {id: a, activity: ledger.give}
edges: [each.body -> a]
""")
    state = await engine.state(outcome.execution)
    assert [step.address for step in state.steps()] == ["each"]
    assert not state.rounds
    seen = await history(engine, outcome.execution)
    half = await engine.state(outcome.execution, until=len(seen) // 2)
    assert half.rounds["each"] and any(isinstance(event, events.IterationFinished) for event in seen)
