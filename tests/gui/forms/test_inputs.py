"""Asking for the inputs of a workflow."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.api import Input, Workflow, check_inputs
from engine.core.secrets import SecretRef
from studio.forms.unset import UNSET
from studio.forms.value_form import InputsForm
from tests.gui.forms.conftest import type_keys

INPUTS = (
    Input("day", "date", label="Day", help="Which day to report."),
    Input("count", "integer", default=3),
    Input("rate", "number", required=False),
    Input("dry", "boolean", default=True),
    Input("title", "text", default="Orders"),
    Input("region", "text", choices=("North", "South", "East", "West"), default="South"),
    Input("names", "list", required=False),
    Input("map", "mapping", required=False),
    Input("file", "file"),
    Input("folder", "folder", required=False),
    Input("token", "secret"),
    Input("data", "any", required=False),
    Input("at", "datetime", required=False),
)


@pytest.fixture
def form(qtbot: Any, tmp_path: Any) -> InputsForm:
    made = InputsForm(INPUTS, tmp_path, secrets=lambda: ["mail"])
    made.resize(420, 900)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def test_what_is_left_alone_is_not_given(form: InputsForm) -> None:
    assert form.values() == {}
    found = form.problems()
    assert set(found) == {"day", "file", "token"}
    assert form.group.fields["day"]._message.text() == "Fill this in."
    assert form.focusWidget() is form.group.fields["day"].editor.focusProxy()


def test_what_is_typed_is_given_and_the_engine_takes_it(form: InputsForm) -> None:
    def edit(name: str) -> Any:
        editor: Any = form.group.fields[name].editor
        return getattr(editor, "edit", None) or editor.line

    typed = {"day": "2026-11-23", "count": "12", "rate": "1,5", "title": "{{ plain }}", "file": "a.csv", "data": "[1]"}
    for name, text in typed.items():
        edit(name).setFocus()
        type_keys(edit(name), text)
    line = edit("token").lineEdit()
    line.setFocus()
    type_keys(line, "mail")
    form.group.fields["dry"].editor.switch.click()  # type: ignore[attr-defined]
    assert form.values() == {
        "day": "2026-11-23",
        "count": 12,
        "rate": 1.5,
        "title": "{{ plain }}",
        "file": "a.csv",
        "data": [1],
        "token": "mail",
        "dry": False,
    }
    assert form.problems() == {}
    typed_values = check_inputs(Workflow(inputs=INPUTS), form.values())
    assert typed_values["token"] == SecretRef("mail") and typed_values["region"] == "South"


def test_problems_come_up_as_a_person_types(form: InputsForm) -> None:
    day = form.group.fields["day"]
    edit: Any = day.editor
    edit.edit.setFocus()
    type_keys(edit.edit, "tomorrow")
    assert "must be a date" in day._message.text().lower()
    assert form.group.fields["file"]._message.text() == ""
    QTest.keyClick(edit.edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    type_keys(edit.edit, "2026-11-23")
    assert day._message.text() == ""
    day.reset()
    assert day.value is UNSET and "day" not in form.values()


def test_no_inputs_are_no_empty_window(qtbot: Any) -> None:
    made = InputsForm(())
    qtbot.addWidget(made)
    assert made.values() == {} and made.problems() == {}


def test_there_are_no_expressions_here(form: InputsForm) -> None:
    one = form.group.fields["count"]
    one.setFocus()
    assert one.buttons.switch is None
    QTest.keyClicks(one.editor.line, "=")  # type: ignore[attr-defined]
    assert not one.in_expression
