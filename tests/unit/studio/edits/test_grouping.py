"""A group runs as before under one step, or is refused with a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import Edge, Input, Step, Workflow, check
from studio.designer.edits import CannotGroup, group
from tests.unit.studio.edits.workflows import catalog, chain, graph_problems, sound, workflows


def log(id: str, **parameters: Any) -> Step:
    return Step(id, "control.log", parameters)


@settings(deadline=None, max_examples=50)
@given(workflows(), st.sets(st.integers(0, 9), min_size=1))
def test_a_group_is_sound_on_both_sides_or_refused(workflow: Workflow, ranks: set[int]) -> None:
    chosen = {step.id for rank, step in enumerate(workflow.steps) if rank in ranks}
    try:
        made = group(workflow, catalog(), chosen, "Part", "part.rpa.yaml")
    except CannotGroup as refused:
        assert refused.message.endswith(".")
        return
    sound(made.outer)
    sound(made.inner)
    assert not graph_problems(made.outer) and not graph_problems(made.inner)
    everywhere = {step.id for step in made.outer.steps} | {step.id for step in made.inner.steps}
    assert everywhere == {step.id for step in workflow.steps} | {made.step}


SALES = Workflow(
    inputs=(Input("limit"),),
    variables={"page": 1, "kept": 2},
    outputs={"total": "{{ steps.sum.output.total }}"},
    steps=(
        log("read", message="x"),
        log(
            "filter",
            message="{{ steps.read.output.rows }} {{ inputs.limit }} {{ steps['read'].output }} {{ 'steps.read.output' }}",
        ),
        log("sum", message="{{ steps.filter.output }} {{ vars.kept }}"),
        log("write", message="{{ steps.sum.output.total | round(2) }}"),
    ),
    edges=(Edge("read", "next", "filter"), Edge("filter", "next", "sum"), Edge("sum", "next", "write")),
)


def test_what_crosses_the_border_becomes_inputs_and_outputs() -> None:
    made = group(SALES, catalog(), {"filter", "sum"}, "Total of sales", "total.rpa.yaml")
    assert made.step == "total_of_sales"
    step = made.outer.step(made.step)
    assert step.activity == "control.subworkflow"
    assert step.parameters == {
        "workflow": "total.rpa.yaml",
        "inputs": {"limit": "{{ inputs.limit }}", "read": "{{ steps.read.output }}", "kept": "{{ vars.kept }}"},
    }
    assert [item.name for item in made.inner.inputs] == ["limit", "read", "kept"]
    assert made.inner.step("filter").parameters["message"] == (
        "{{ inputs.read.rows }} {{ inputs.limit }} {{ inputs.read }} {{ 'steps.read.output' }}"
    )
    assert made.inner.step("sum").parameters["message"] == "{{ steps.filter.output }} {{ inputs.kept }}"
    assert made.inner.outputs == {"sum": "{{ steps.sum.output }}"}
    assert made.outer.outputs == {"total": "{{ steps.total_of_sales.output.sum.total }}"}
    assert made.outer.step("write").parameters["message"] == "{{ steps.total_of_sales.output.sum.total | round(2) }}"
    assert made.outer.edges == (Edge("read", "next", made.step), Edge(made.step, "next", "write"))
    assert made.outer.steps[1].id == made.step


def test_the_order_report_can_be_grouped_and_both_halves_are_checked_clean() -> None:
    from engine.api import load

    path = Path(__file__).parents[4] / "resources/examples/order-report/order-report.rpa.yaml"
    workflow = load(path).workflow
    made = group(workflow, catalog(), {"orders", "lines", "sales", "revenue"}, "Revenue", "revenue.rpa.yaml")
    assert check(made.inner, catalog()) == [] and check(made.outer, catalog()) == []


def test_a_loop_gives_its_item_to_the_group() -> None:
    workflow = Workflow(
        steps=(
            Step("each", "control.foreach", {"items": [1]}),
            log("one", message="{{ item.name }} {{ index }}"),
            Step("keep", "data.filter", {"rows": "{{ item.rows }}", "where": "{{ item.x > 1 }}"}),
            log("two", message="{{ steps.keep.output }}"),
        ),
        edges=(Edge("each", "body", "one"), Edge("one", "next", "keep"), Edge("keep", "next", "two")),
    )
    made = group(workflow, catalog(), {"one", "keep"}, "Inside", "inside.rpa.yaml")
    assert made.outer.step("inside").parameters["inputs"] == {"item": "{{ item }}", "index": "{{ index }}"}
    assert made.inner.step("one").parameters["message"] == "{{ inputs.item.name }} {{ inputs.index }}"
    assert made.inner.step("keep").parameters == {"rows": "{{ inputs.item.rows }}", "where": "{{ item.x > 1 }}"}
    assert Edge("each", "body", "inside") in made.outer.edges
    assert not graph_problems(made.outer)


def test_a_whole_loop_keeps_its_own_item() -> None:
    workflow = Workflow(
        steps=(Step("each", "control.foreach", {"items": [1]}), log("one", message="{{ item }}")),
        edges=(Edge("each", "body", "one"),),
    )
    made = group(workflow, catalog(), {"each"}, "Loop", "loop.rpa.yaml")
    assert {step.id for step in made.inner.steps} == {"each", "one"} and not made.inner.inputs


def test_variables_that_only_the_group_uses_go_with_it() -> None:
    setter = Step("next_page", "control.set", {"values": {"page": "{{ vars.page + 1 }}"}})
    workflow = replace(SALES, steps=(*SALES.steps, setter), edges=(*SALES.edges, Edge("write", "next", "next_page")))
    made = group(workflow, catalog(), {"write", "next_page"}, "Pages", "pages.rpa.yaml")
    assert made.inner.variables == {"page": 1} and made.outer.variables == {"kept": 2}


def _sets(name: Any) -> Workflow:
    setter = Step("set", "control.set", {"values": {"kept": 1} if name == "kept" else name})
    return replace(SALES, steps=(setter, *SALES.steps))


BRANCHES = Workflow(
    steps=(
        log("a"),
        Step("if", "control.condition"),
        log("yes"),
        log("no"),
        log("end"),
        log("stop_it"),
    ),
    edges=(
        Edge("a", "next", "if"),
        Edge("if", "true", "yes"),
        Edge("if", "false", "no"),
        Edge("yes", "next", "end"),
        Edge("no", "next", "end"),
    ),
)


@pytest.mark.parametrize(
    ("workflow", "steps", "said"),
    [
        (SALES, set(), "Select the steps"),
        (_sets("kept"), {"set"}, "“kept” is set in these steps and used outside them"),
        (_sets("{{ inputs.limit }}"), {"set"}, "known only when it runs"),
        (BRANCHES, {"a", "if"}, "follows only some ways"),
        (BRANCHES, {"yes", "end"}, "reached in another way"),
        (BRANCHES, {"yes", "no"}, "reached in another way"),
        (chain("a", "b", "c"), {"a", "c"}, "stands between these steps"),
        (replace(chain("a", "b"), steps=(Step("a", "control.stop"), log("b"))), {"a"}, "stops this workflow"),
        (replace(chain("a", "b"), edges=(Edge("a", "error", "b"),)), {"a"}, "handles an error"),
        (
            Workflow(
                steps=(Step("each", "control.foreach"), log("in"), log("out")),
                edges=(Edge("each", "body", "in"), Edge("each", "done", "out")),
            ),
            {"in", "out"},
            "different bodies",
        ),
        (
            Workflow(
                steps=(Step("each", "control.foreach"), Step("enough", "control.break")),
                edges=(Edge("each", "body", "enough"),),
            ),
            {"enough"},
            "leaves a loop that is not selected",
        ),
        (replace(chain("a", "b"), outputs={"x": "{{ steps.a.status }}"}), {"a"}, "More of"),
        (replace(chain("a", "b"), steps=(log("a"), log("b", message="{{ steps.a.status }}"))), {"b"}, "reads more of"),
        (replace(chain("a", "b"), steps=(log("a"), log("b", message="{{ inputs }}"))), {"b"}, "reads all of"),
        (
            replace(chain("a", "b"), steps=(log("a"), log("b", message="{{ [item.x for item in item.rows] }}"))),
            {"b"},
            "cannot be moved",
        ),
    ],
)
def test_what_would_not_do_the_same_is_refused(workflow: Workflow, steps: set[str], said: str) -> None:
    with pytest.raises(CannotGroup, match=said):
        group(workflow, catalog(), steps, "Part", "part.rpa.yaml")


def test_a_diamond_is_certain_to_reach_its_end() -> None:
    made = group(BRANCHES, catalog(), {"if", "yes", "no"}, "Decide", "decide.rpa.yaml")
    assert set(made.outer.edges) == {Edge("a", "next", "decide"), Edge("decide", "next", "end")}


def test_the_start_of_the_error_handler_stays_one() -> None:
    workflow = replace(chain("help", "more"), on_error="help", outputs={})
    made = group(workflow, catalog(), {"help"}, "Handler", "handler.rpa.yaml")
    assert made.outer.on_error == "handler" and made.outer.edges == (Edge("handler", "next", "more"),)
