"""Writing expressions: completion, faults, preview, with real keys."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.forms.context import FormContext
from studio.forms.expression_edit import ExpressionEdit
from studio.forms.expression_marks import expression_spans
from tests.gui.forms.conftest import Show, type_keys


@pytest.fixture
def edit(context: FormContext, qtbot: Any) -> ExpressionEdit:
    made = ExpressionEdit(context)
    made.resize(320, 30)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return made


def offered(edit: ExpressionEdit) -> list[str]:
    return [] if edit.completer.popup is None else [one.label for one in edit.completer.popup._model.found]


def test_braces_close_themselves(edit: ExpressionEdit) -> None:
    type_keys(edit, "a {{")
    assert edit.text() == "a {{  }}"
    type_keys(edit, "index }}")
    assert edit.text() == "a {{ index  }}"
    assert edit.textCursor().position() == len(edit.text())


def test_completion_goes_from_step_to_field(edit: ExpressionEdit) -> None:
    type_keys(edit, "{{st")
    assert offered(edit)[0] == "steps"
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "{{ steps }}"
    type_keys(edit, ".")
    assert offered(edit) == ["join", "read"]
    QTest.keyClick(edit, Qt.Key.Key_Down)
    QTest.keyClick(edit, Qt.Key.Key_Up)
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.text() == "{{ steps.join }}" and edit.hasFocus()
    type_keys(edit, ".o")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    type_keys(edit, ".")
    assert set(offered(edit)) >= {"rows", "count"}
    type_keys(edit, "co")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "{{ steps.join.output.count }}"
    assert edit.completer.popup is None


def test_real_data_is_offered_a_moment_later(edit: ExpressionEdit, qtbot: Any) -> None:
    type_keys(edit, "{{item.")
    qtbot.waitUntil(lambda: offered(edit) == ["email"])
    assert edit.completer.popup is not None and edit.completer.popup.current() is not None
    assert edit.completer.popup.current().detail == "A0@ACME.BG"  # type: ignore[union-attr]


def test_a_pipe_offers_functions_and_their_help(edit: ExpressionEdit) -> None:
    type_keys(edit, "{{item.email | low")
    popup = edit.completer.popup
    assert popup is not None and offered(edit)[0] == "lower"
    assert popup._help.text().startswith("lower(")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "{{ item.email | lower }}"


def test_a_function_is_called_with_the_cursor_inside(edit: ExpressionEdit) -> None:
    type_keys(edit, "{{repl")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "{{ replace() }}"
    type_keys(edit, "item.email, ")
    assert edit.text() == "{{ replace(item.email, ) }}"
    assert edit.completer.popup is not None and "replace(" in edit.completer.popup._help.text()


def test_escape_closes_the_list_and_nothing_else(edit: ExpressionEdit) -> None:
    type_keys(edit, "{{st")
    assert edit.completer.popup is not None
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert edit.completer.popup is None and edit.text() == "{{ st }}"
    QTest.keyClick(edit, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert edit.completer.popup is not None
    edit.clearFocus()
    assert edit.completer.popup is None


def test_a_click_takes_a_suggestion(edit: ExpressionEdit, qtbot: Any) -> None:
    type_keys(edit, "{{")
    popup = edit.completer.popup
    assert popup is not None
    row = popup.list.visualRect(popup.list.model().index(1, 0))
    qtbot.mouseClick(popup.list.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    assert edit.text() == "{{ steps }}"


def test_an_equals_sign_at_the_start_and_its_way_back(edit: ExpressionEdit) -> None:
    type_keys(edit, "=")
    assert edit.text() == "{{  }}"
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert edit.text() == "="
    type_keys(edit, "=")
    assert edit.text() == "=="


@pytest.mark.parametrize("typed", ["steps", "=steps", "{{steps"])
def test_where_a_value_is_nearly_always_computed_the_braces_come_by_themselves(show: Show, typed: str) -> None:
    form = show("excel.write_table")
    form.group.fields["path"].setFocus()
    rows = form.group.fields["rows"]
    for _ in range(4):
        focused = QApplication.focusWidget()
        assert focused is not None
        if rows.isAncestorOf(focused):
            break
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    edit = QApplication.focusWidget()
    assert isinstance(edit, ExpressionEdit) and rows.isAncestorOf(edit) and edit.text() == ""
    type_keys(edit, typed)
    assert edit.text() == "{{ steps }}"


def test_faults_are_underlined_and_put_right_with_one_click(show: Show, qtbot: Any) -> None:
    form = show("files.append", {"text": "{{ steps.jion.output.count }}"})
    one = form.group.fields["text"]
    qtbot.waitUntil(lambda: one._message.text() != "")
    assert one._message.text() == "There is no step “jion”." and one._message.link() == "join"
    edit = one.editor.edit  # type: ignore[attr-defined]
    assert [(fault.start, fault.end) for fault in edit.faults()] == [(9, 13)]
    one._message._text.linkActivated.emit("fix")
    assert form.told == {"text": "{{ steps.join.output.count }}"}  # type: ignore[attr-defined]
    assert one._message.isHidden()


def test_the_preview_shows_the_last_run(show: Show, qtbot: Any) -> None:
    form = show("files.append", {"text": "{{ item.email | lower }} of {{ steps.join.output.count }}"})
    one = form.group.fields["text"]
    qtbot.waitUntil(lambda: one._preview is not None and one._preview.answer is not None)
    line: Any = one._preview
    assert line is not None
    assert line.answer.text == "a0@acme.bg of 0"
    one.setFocus()
    qtbot.waitUntil(lambda: line._below.isVisible())
    assert line._place.text() == "item 1 of 3"
    qtbot.mouseClick(line._next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: line.answer.text == "a1@acme.bg of 1")
    qtbot.mouseClick(line._back, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(line._back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: line.answer.text == "a2@acme.bg of 2")
    form.set_values({"text": "plain"})
    assert line.isHidden()


def test_what_the_data_has_against_it_is_underlined_too(show: Show, qtbot: Any) -> None:
    form = show("files.append", {"text": "{{ steps.join.output.rows[0].totl }}"})
    one = form.group.fields["text"]
    qtbot.waitUntil(lambda: bool(one.editor.edit.faults()))  # type: ignore[attr-defined]
    assert one._message.isHidden()
    assert one._preview is not None and "“rows[0]” has no “totl”" in one._preview.answer.text  # type: ignore[union-attr]


def test_an_expression_that_never_ends_is_stopped(show: Show, qtbot: Any) -> None:
    form = show("files.append", {"text": "{{ [a for a in range(400000) for b in range(400000)] }}"})
    one = form.group.fields["text"]
    qtbot.waitUntil(lambda: one._preview is not None and one._preview.answer is not None, timeout=10_000)
    assert one._preview is not None and one._preview.answer is not None
    assert one._preview.answer.state == "error"


def test_nothing_is_previewed_of_names_the_activity_gives(show: Show, qtbot: Any) -> None:
    form = show("data.filter", {"where": "{{ item.total > 1 }}"})
    one = form.group.fields["where"]
    qtbot.wait(250)
    assert one._preview is None
    assert one.in_expression or one.editor.templates


def test_without_expressions_braces_are_text(qtbot: Any) -> None:
    edit = ExpressionEdit(FormContext(expressions=False))
    qtbot.addWidget(edit)
    edit.show()
    edit.setFocus()
    type_keys(edit, "={{x")
    assert edit.text() == "={{x"
    assert edit.completer.popup is None and not edit.spans()


def test_spans_cover_expressions_with_their_braces() -> None:
    assert expression_spans("a {{ b }} c {{ '}}' }}d") == [(2, 9), (12, 22)]
    assert expression_spans("{{ open") == [(0, 7)]
    assert expression_spans("none") == []
    assert expression_spans("{{") == [(0, 2)]


def test_a_long_text_stays_quick_and_drawn(edit: ExpressionEdit) -> None:
    edit.set_text("{{ item.email }} and more\n" * 400)
    edit.repaint()
    assert len(edit.spans()) == 400
    assert edit.height() < 400


def test_the_list_is_turned_by_pages(edit: ExpressionEdit) -> None:
    type_keys(edit, "{{item.email | ")
    popup = edit.completer.popup
    assert popup is not None and len(offered(edit)) > 8
    first = popup.current()
    QTest.keyClick(edit, Qt.Key.Key_PageDown)
    assert popup.current() is not None and popup.current().label == offered(edit)[7]  # type: ignore[union-attr]
    QTest.keyClick(edit, Qt.Key.Key_PageUp)
    assert popup.current() == first


def test_a_function_gets_no_second_pair_of_brackets(edit: ExpressionEdit) -> None:
    edit.set_text("{{ repl(item) }}")
    for _ in range(len("{{ repl")):
        QTest.keyClick(edit, Qt.Key.Key_Right)
    QTest.keyClick(edit, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "{{ replace(item) }}"


def test_what_is_wrong_is_underlined(edit: ExpressionEdit, qtbot: Any) -> None:
    type_keys(edit, "{{stepz")
    wave = QTextCharFormat.UnderlineStyle.WaveUnderline

    def underlined() -> list[str]:
        marks = edit.document().firstBlock().layout().formats()
        return [edit.text()[one.start : one.start + one.length] for one in marks if one.format.underlineStyle() == wave]

    qtbot.waitUntil(lambda: underlined() == ["stepz"])
