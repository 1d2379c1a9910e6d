from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.errors import UsageError
from engine.workflow.expressions import compile_template
from engine.workflow.model import Edge, Input, Layout, Place, Step, Workflow
from engine.workflow.rename import rename_input, rename_step, rename_steps, rename_variable

BEFORE = Workflow(
    inputs=(Input("orders", "file"),),
    variables={"total": 0},
    outputs={"rows": "{{ steps.read.output.rows }}"},
    on_error="read",
    steps=(
        Step("read", "x.y", {"path": "{{ inputs.orders }} not inputs.orders"}, label="steps.read"),
        Step(
            "use",
            "x.y",
            {
                "a": ["{{ steps['read'].output + steps.reader.output }}", {"b": "{{ 'steps.read' }} {{ steps.read }}"}],
                "broken": "{{ steps.read + }}",
                "n": 5,
                "q": "{{ 'inputs.orders' + inputs['orders'] + xinputs.orders }}{{ vars.total + vars.totals }}",
            },
        ),
        Step("set", "control.set", {"values": {"total": "{{ vars . total }}"}}),
    ),
    edges=(Edge("read", "next", "use"), Edge("use", "read", "set")),
    layout=Layout({"read": Place(1, 2)}),
)


def test_a_step_is_renamed_wherever_it_is_meant_and_nowhere_else() -> None:
    after = rename_step(BEFORE, "read", "load")
    assert after.outputs == {"rows": "{{ steps.load.output.rows }}"}
    assert after.on_error == "load"
    assert [step.id for step in after.steps] == ["load", "use", "set"]
    assert after.steps[0].label == "steps.read"
    assert after.steps[1].parameters["a"] == [
        "{{ steps['load'].output + steps.reader.output }}",
        {"b": "{{ 'steps.read' }} {{ steps.load }}"},
    ]
    assert after.steps[1].parameters["broken"] == "{{ steps.read + }}"
    assert after.edges == (Edge("load", "next", "use"), Edge("use", "read", "set"))
    assert after.layout.steps == {"load": Place(1, 2)}
    assert rename_step(after, "load", "read") == BEFORE


def test_several_steps_are_renamed_at_once() -> None:
    after = rename_steps(BEFORE, {"read": "load", "use": "notes"})
    assert [step.id for step in after.steps] == ["load", "notes", "set"]
    assert after.edges == (Edge("load", "next", "notes"), Edge("notes", "read", "set"))
    assert rename_steps(after, {"notes": "use", "load": "read"}) == BEFORE
    for names in ({"read": "same", "use": "same"}, {"read": "set"}, {"no": "other"}):
        with pytest.raises(UsageError):
            rename_steps(BEFORE, names)


def test_an_input_is_renamed() -> None:
    after = rename_input(BEFORE, "orders", "sales")
    assert after.inputs == (Input("sales", "file"),)
    assert after.steps[0].parameters["path"] == "{{ inputs.sales }} not inputs.orders"
    assert after.steps[1].parameters["q"].startswith("{{ 'inputs.orders' + inputs['sales'] + xinputs.orders }}")
    assert rename_input(after, "sales", "orders") == BEFORE


def test_a_variable_is_renamed_also_where_it_is_set() -> None:
    after = rename_variable(BEFORE, "total", "sum")
    assert after.variables == {"sum": 0}
    assert after.steps[2].parameters == {"values": {"sum": "{{ vars . sum }}"}}
    assert after.steps[1].parameters["q"].endswith("{{ vars.sum + vars.totals }}")


def test_names_that_clash_or_do_not_exist_are_refused() -> None:
    with pytest.raises(UsageError, match="already a step 'use'"):
        rename_step(BEFORE, "read", "use")
    with pytest.raises(UsageError, match="no step 'none'"):
        rename_step(BEFORE, "none", "some")
    with pytest.raises(UsageError, match="no input"):
        rename_input(BEFORE, "none", "some")
    with pytest.raises(UsageError, match="already a variable"):
        rename_variable(replace(BEFORE, variables={"a": 1, "b": 2}), "a", "b")


@pytest.mark.parametrize(
    ("new", "reads"), [("the day", "['the day']"), ("for", "['for']"), ("it's", r"['it\'s']"), ("_own", "['_own']")]
)
def test_a_name_that_no_dot_can_read_is_written_in_brackets(new: str, reads: str) -> None:
    step = Step("a", "x.y", {"v": "{{ inputs.day }} {{ inputs [ \"day\" ] }} 'inputs.day'"})
    renamed = rename_input(Workflow(inputs=(Input("day"),), steps=(step,)), "day", new).steps[0].parameters["v"]
    assert renamed.startswith(f"{{{{ inputs{reads} }}}}") and renamed.endswith("'inputs.day'")
    expressions = compile_template(renamed).expressions
    assert [expression.paths_used for _, expression in expressions] == [{("inputs", new)}] * 2
