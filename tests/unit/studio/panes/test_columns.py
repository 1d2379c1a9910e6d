from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.api import Document, Input, Workflow, loads
from engine.core.errors import UsageError
from studio.designer.properties import columns

TEXT = """
rpa: 1
name: x
inputs:
  day: {type: date}  # of the orders
  many: {type: integer, default: 3, choices: [1, 2, 3]}
variables: {count: 0}
outputs: {total: "{{ vars.count }}"}
steps:
  - {id: a, activity: control.log, with: {message: "{{ inputs.day }} {{ vars.count }}"}}
"""


def rows(document: Document, declared: columns.Declarations) -> list[list[Any]]:
    return [[column.read(row) for column in declared.columns] for row in declared.rows(document.workflow)]


def test_the_tables_show_what_is_declared() -> None:
    document = loads(TEXT)
    assert rows(document, columns.inputs()) == [
        ["day", "date", "", True, "", "", ""],
        ["many", "integer", "", True, "3", "1, 2, 3", ""],
    ]
    assert rows(document, columns.variables()) == [["count", "0"]]
    assert rows(document, columns.outputs()) == [["total", "{{ vars.count }}"]]


def test_a_new_name_is_new_wherever_it_is_read_and_keeps_its_comment() -> None:
    document = columns.inputs().changed(0, 0, "date of order")(loads(TEXT))
    document = columns.variables().changed(0, 0, "rows")(document)
    document = columns.outputs().changed(0, 0, "sum")(document)
    message = document.workflow.steps[0].parameters["message"]
    assert "date of order" in message and "vars.rows" in message
    assert list(document.workflow.outputs.items()) == [("sum", "{{ vars.rows }}")]
    assert document.comments.inline == {("inputs", "date of order"): "# of the orders"}


@pytest.mark.parametrize("declared", [columns.inputs(), columns.variables(), columns.outputs()])
def test_a_name_that_is_taken_or_empty_is_refused(declared: columns.Declarations) -> None:
    document = declared.added()(declared.added()(Document(Workflow())))
    names = [declared.name(row) for row in declared.rows(document.workflow)]
    assert len(set(names)) == 2
    for wrong in (names[0], " "):
        with pytest.raises(UsageError):
            declared.changed(1, 0, wrong)(document)
    assert declared.changed(1, 0, names[1])(document) is document


@pytest.mark.parametrize("declared", [columns.inputs(), columns.variables(), columns.outputs()])
def test_rows_are_added_moved_and_removed(declared: columns.Declarations) -> None:
    document = Document(Workflow())
    for _ in range(3):
        document = declared.added()(document)
    names = [declared.name(row) for row in declared.rows(document.workflow)]
    document = declared.moved(2, -2)(document)
    assert [declared.name(row) for row in declared.rows(document.workflow)] == [names[2], names[0], names[1]]
    document = declared.removed([0, 1])(document)
    assert [declared.name(row) for row in declared.rows(document.workflow)] == [names[1]]


def test_the_cells_of_an_input_mean_values() -> None:
    declared = columns.inputs()
    document = loads(TEXT)
    for column, value in ((1, "text"), (2, "Count"), (3, False), (4, "true"), (5, "a, 2, [x]"), (6, "How many")):
        document = declared.changed(1, column, value)(document)
    changed = document.workflow.inputs[1]
    assert changed == Input("many", "text", "Count", "How many", False, True, ("a", 2, ["x"]))
    assert declared.changed(1, 4, "")(document).workflow.inputs[1].default is None
    assert declared.changed(1, 5, "")(document).workflow.inputs[1].choices == ()


values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(values, max_size=4))
@example(["\r"])
@example([1, True, "a, b", ""])
def test_choices_that_are_shown_are_read_back(choices: list[Any]) -> None:
    declared = columns.inputs()
    document = Document(Workflow(inputs=(Input("a", choices=tuple(choices)),)))
    shown = declared.columns[5].read(document.workflow.inputs[0])
    back = declared.columns[5].write(document.workflow.inputs[0], shown).choices
    assert list(back) == choices


@given(values)
def test_a_value_that_is_shown_is_read_back(value: Any) -> None:
    assert columns.value_of(columns.value_text(value)) == value
