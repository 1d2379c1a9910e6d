"""Typing into fields with real keys: what becomes of it, what is said about it, how it is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from studio.base.theme import theme
from studio.forms.editors.cells import CellsEditor
from studio.forms.editors.choice import ListBoxEditor, SegmentEditor
from studio.forms.editors.code import CodeEditor
from studio.forms.editors.name import NameEditor
from studio.forms.editors.number import NumberEditor
from studio.forms.editors.records import RecordsEditor
from studio.forms.editors.secret import SecretEditor, secret_name
from studio.forms.editors.text import HugeEditor, TextEditor
from studio.forms.field import Field
from studio.forms.form import Form
from studio.forms.message import Trouble
from studio.forms.unset import UNSET
from studio.widgets.path_edit import absolute, relative
from tests.gui.forms.conftest import Show, type_keys


def field(form: Form, name: str) -> Field:
    if name not in form.group.fields and form.group._section is not None:
        form.group._section.set_expanded(True)
    return form.group.fields[name]


def told(form: Form) -> dict[str, Any]:
    return form.told  # type: ignore[attr-defined,no-any-return]


def test_text_is_told_letter_by_letter(show: Show) -> None:
    form = show("files.append")
    editor = field(form, "text").editor
    assert isinstance(editor, TextEditor)
    editor.edit.setFocus()
    type_keys(editor.edit, "one\ntwo")
    assert told(form) == {"text": "one\ntwo"}
    QTest.keyClick(editor.edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(editor.edit, Qt.Key.Key_Delete)
    assert told(form) == {"text": UNSET}


def test_a_single_line_keeps_enter_out_and_pasted_lines_in(show: Show) -> None:
    form = show("files.append")
    edit = field(form, "path").editor.edit  # type: ignore[attr-defined]
    edit.setFocus()
    height = edit.height()
    type_keys(edit, "a\nb")
    assert told(form) == {"path": "ab"}
    QGuiApplication.clipboard().setText("\nc")
    QTest.keyClick(edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert told(form) == {"path": "ab\nc"}
    assert edit.height() > height


def test_what_is_no_number_is_kept_and_said(show: Show, qtbot: Any) -> None:
    form = show("control.foreach")
    one = field(form, "concurrency")
    editor = one.editor
    assert isinstance(editor, NumberEditor)
    editor.line.setFocus()
    type_keys(editor.line, "many")
    assert told(form)["concurrency"] == "many"
    form.check_now()
    assert one._message.text() == "“many” is not a whole number."
    form.set_values({"concurrency": "many"})
    assert editor.line.text() == "many"
    editor.line.selectAll()
    type_keys(editor.line, "2000")
    assert told(form)["concurrency"] == 2000
    form.check_now()
    assert one._message.text() == "At most 1000."
    QTest.keyClick(editor.line, Qt.Key.Key_Down)
    assert told(form)["concurrency"] == 1000
    form.check_now()
    assert one._message.text() == ""
    assert one._message.isHidden()


def test_numbers_are_written_as_the_world_writes_them(show: Show) -> None:
    form = show("files.read")
    line = field(form, "largest").editor.line  # type: ignore[attr-defined]
    line.setFocus()
    type_keys(line, "2,5")
    assert told(form)["largest"] == 2.5
    line.selectAll()
    type_keys(line, "1e3")
    assert told(form)["largest"] == 1000.0
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert told(form)["largest"] is UNSET


def test_a_switch_shows_its_default_and_can_be_reset(show: Show, qtbot: Any) -> None:
    form = show("files.append")
    one = next(found for found in form.group.fields.values() if found.declared.shape.kind == "switch")
    assert one.declared.default is True
    switch = one.editor.switch  # type: ignore[attr-defined]
    assert switch.isChecked()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert told(form) == {one.declared.name: False}
    assert one.buttons.reset is not None and one.buttons.reset.isVisible()
    qtbot.mouseClick(one.buttons.reset, Qt.MouseButton.LeftButton)
    assert told(form) == {one.declared.name: UNSET}
    assert switch.isChecked()


def test_segments_and_lists_are_picked_with_mouse_and_keys(show: Show, qtbot: Any) -> None:
    form = show("control.foreach")
    editor = field(form, "on_item_error").editor
    assert isinstance(editor, SegmentEditor)
    assert editor.segments.index == -1
    qtbot.mouseClick(editor.segments, Qt.MouseButton.LeftButton, pos=editor.segments.rect().center())
    assert told(form) == {"on_item_error": "continue"}
    QTest.keyClick(editor.segments, Qt.Key.Key_Right)
    assert told(form) == {"on_item_error": "collect"}
    form = show("data.join")
    box = field(form, "how").editor
    assert isinstance(box, ListBoxEditor)
    box.box.setFocus()
    QTest.keyClick(box.box, Qt.Key.Key_Down)
    assert told(form)["how"] == "left"


def test_a_choice_that_is_none_is_shown_as_it_is(show: Show) -> None:
    form = show("data.join", {"how": "sideways"})
    one = field(form, "how")
    form.check_now()
    assert "Choose one of" in one._message.text()
    assert one.editor.edit.text() == "sideways"  # type: ignore[attr-defined]


def test_typing_an_equals_sign_begins_an_expression(show: Show) -> None:
    form = show("control.foreach")
    one = field(form, "concurrency")
    line = one.editor.line  # type: ignore[attr-defined]
    line.setFocus()
    QTest.keyClicks(line, "=")
    assert one.in_expression
    edit = one.editor.edit  # type: ignore[attr-defined]
    assert edit.text() == "{{  }}" and QApplication.focusWidget() is edit
    type_keys(edit, "index + 1")
    assert told(form)["concurrency"] == "{{ index + 1 }}"
    form.set_values({"concurrency": "{{ index + 1 }}"})
    assert one.in_expression
    one.toggle_expression()
    assert not one.in_expression and told(form)["concurrency"] is UNSET


def test_a_value_becomes_an_expression_and_comes_back(show: Show, qtbot: Any) -> None:
    form = show("control.foreach", {"concurrency": 4})
    one = field(form, "concurrency")
    one.setFocus()
    one._show_buttons()
    assert one.buttons.switch is not None
    qtbot.mouseClick(one.buttons.switch, Qt.MouseButton.LeftButton)
    assert one.in_expression
    assert one.value == "{{  }}" or one.value == 4
    qtbot.mouseClick(one.buttons.switch, Qt.MouseButton.LeftButton)
    assert not one.in_expression
    assert one.value == 4


def test_the_expression_link_inserts_into_text(show: Show, qtbot: Any) -> None:
    form = show("files.append", {"path": "out.txt"})
    one = field(form, "path")
    one.setFocus()
    assert one.buttons.switch is not None
    qtbot.mouseClick(one.buttons.switch, Qt.MouseButton.LeftButton)
    type_keys(one.editor.edit, "index")  # type: ignore[attr-defined]
    assert "{{ index }}" in told(form)["path"]


def test_secrets_are_chosen_by_name_and_never_shown(show: Show) -> None:
    form = show("http.get", {"auth": "bearer", "credential": "hunter2"})
    editor = field(form, "credential").editor
    assert isinstance(editor, SecretEditor)
    assert "hunter2" not in editor.edit.currentText()
    assert [editor.edit.itemText(n) for n in range(editor.edit.count())] == ["erp", "mail"]
    line = editor.edit.lineEdit()
    assert line is not None
    line.setFocus()
    type_keys(line, "mail")
    assert told(form)["credential"] == "{{ secret('mail') }}"
    line.selectAll()
    type_keys(line, "my pass!")
    assert "my pass" not in str(told(form)["credential"])
    assert "by its name" in field(form, "credential")._message.text()
    form.set_values({"auth": "bearer", "credential": "{{ secret('erp') }}"})
    assert editor.edit.currentText() == "erp"
    assert secret_name("{{ secret('a') }} ") == "a" and secret_name("{{ secret(x) }}") is None


def test_credentials_are_taken_by_a_name_of_a_kind_that_will_do(show: Show) -> None:
    form = show("mail.send", {"credential": "{{ secret('erp') }}"})
    editor = field(form, "credential").editor
    assert isinstance(editor, NameEditor)
    assert editor.edit.currentText() == "erp"
    assert [editor.edit.itemText(n) for n in range(editor.edit.count())][:2] == ["credential of login", "credential of oauth2"]
    line = editor.edit.lineEdit()
    assert line is not None
    line.setFocus()
    line.selectAll()
    type_keys(line, "night mail")
    assert told(form)["credential"] == "night mail"
    line.selectAll()
    type_keys(line, "{x}")
    assert told(form)["credential"] == "night mail"
    assert "no braces" in field(form, "credential")._message.text()
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert told(form)["credential"] is UNSET
    system = field(form, "integration").editor
    assert isinstance(system, NameEditor) and system.edit.itemText(0) == "integration of smtp"


def test_a_list_is_typed_row_by_row(show: Show) -> None:
    form = show("data.deduplicate", {})
    editor = field(form, "by").editor
    assert isinstance(editor, CellsEditor)
    editor.table.add.click()
    for word in ("region", "month"):
        type_keys(QApplication.focusWidget(), word)
        focused: Any = QApplication.focusWidget()
        QTest.keyClick(focused, Qt.Key.Key_Return)
    assert told(form)["by"] == ["region", "month"]
    form.set_values({"by": ["region", "month"]})
    editor.table.view.setFocus()
    editor.table.view.setCurrentIndex(editor.table.model.index(1, 0))
    QTest.keyClick(editor.table.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert told(form)["by"] == ["month", "region"]
    QTest.keyClick(editor.table.view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert told(form)["by"] == ["region"]


def test_a_mapping_says_what_cannot_be_kept(show: Show) -> None:
    form = show("http.get", {"headers": {"A": "1"}})
    one = field(form, "headers")
    table = one.editor.table  # type: ignore[attr-defined]
    table.model.write(1, 0, [["A", "2"]], grow=False)
    assert told(form)["headers"] == {"A": "1"}
    assert "twice" in one._message.text()
    form.set_values({"headers": {"A": "1"}})
    assert table.rows() == [["A", "1"], ["A", "2"]]
    table.model.write(1, 0, [["B"]], grow=False)
    assert told(form)["headers"] == {"A": "1", "B": "2"}
    assert one._message.text() == ""


def test_rows_are_pasted_from_a_spreadsheet(show: Show) -> None:
    form = show("control.switch", {"value": 1})
    editor = field(form, "cases").editor
    assert isinstance(editor, CellsEditor)
    QGuiApplication.clipboard().setText('port\tequals\nsmall\t1\n"two\nlines"\t[1, 2]\n')
    editor.table.add.setFocus()
    QTest.keyClick(editor.table.add, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert told(form)["cases"] == [{"port": "small", "equals": 1}, {"port": "two\nlines", "equals": [1, 2]}]
    editor.table.view.setFocus()
    editor.table.view.selectAll()
    QTest.keyClick(editor.table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("small\t1\n")


def test_rows_that_nobody_touches_stay_the_very_same(show: Show) -> None:
    rows = [{"equals": 1, "port": "b"}, {"port": "a", "equals": ""}]
    form = show("control.switch", {"cases": rows})
    table = field(form, "cases").editor.table  # type: ignore[attr-defined]
    at = table.columns().index("port")
    table.model.setData(table.model.index(1, at), "c")
    found = told(form)["cases"]
    assert found[0] is rows[0]
    assert found[1] == {"port": "c", "equals": ""}


def test_records_are_added_moved_and_removed(show: Show, qtbot: Any) -> None:
    form = show("excel.write", {"sheets": [{"name": "One", "rows": "{{ steps.join.output.rows }}", "kept": {"x": 1}}]})
    editor = field(form, "sheets").editor
    assert isinstance(editor, RecordsEditor)
    qtbot.mouseClick(editor._add, Qt.MouseButton.LeftButton)
    assert told(form)["sheets"][1] == {}
    inner = editor._cards[1]._inner
    assert inner is not None
    name = inner.group.fields["name"]
    type_keys(name.editor.focusProxy(), "Two")
    assert told(form)["sheets"][1] == {"name": "Two"}
    assert told(form)["sheets"][0]["kept"] == {"x": 1}
    form.set_values({"sheets": told(form)["sheets"]})
    assert editor._cards[1].section._header._title.text() == "Two"
    editor.move_record(1, -1)
    assert [one["name"] for one in told(form)["sheets"]] == ["Two", "One"]
    editor.remove(0)
    assert [one["name"] for one in told(form)["sheets"]] == ["One"]


def test_code_keeps_what_was_typed(show: Show) -> None:
    form = show("script.python")
    editor = field(form, "code").editor
    assert isinstance(editor, CodeEditor)
    editor.edit.setFocus()
    type_keys(editor.edit, "if x:\ny = 1")
    assert told(form)["code"] == "if x:\n    y = 1"
    editor.open_large()
    assert len(QApplication.topLevelWidgets()) >= 1


def test_a_huge_value_is_kept_and_only_described(show: Show) -> None:
    value = "x" * 600_000
    form = show("files.append", {"text": value})
    one = field(form, "text")
    assert isinstance(one.editor, HugeEditor)
    assert "600,000" in one.editor._about.text()
    assert told(form) == {}


def test_a_repair_is_offered_at_its_field(show: Show, qtbot: Any) -> None:
    form = show("files.append", {"text": "x"})
    done: list[int] = []
    form.set_problems({"text": Trouble("This is wrong.", "Put it right", lambda: done.append(1))})
    one = field(form, "text")
    assert one._message.link() == "Put it right"
    one._message._text.linkActivated.emit("fix")
    assert done == [1]
    form.set_problems({})
    assert one._message.isHidden()


def test_undo_ends_where_the_document_begins(show: Show) -> None:
    form = show("files.append", {"path": "a"})
    edit = field(form, "path").editor.edit  # type: ignore[attr-defined]
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_End)
    type_keys(edit, "bc")
    QTest.keyClick(edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert edit.text() != "abc"
    form.set_values({"path": "from outside"})
    assert edit.text() == "from outside"
    assert not edit.document().isUndoAvailable()


def test_news_from_the_document_leave_the_cursor_alone(show: Show) -> None:
    form = show("files.append", {"path": "abcdef"})
    edit = field(form, "path").editor.edit  # type: ignore[attr-defined]
    edit.setFocus()
    for _ in range(3):
        QTest.keyClick(edit, Qt.Key.Key_Right)
    form.set_values({"path": "abcdef", "text": "x"})
    assert edit.textCursor().position() == 3 and edit.hasFocus()
    form.set_values({"path": "abcxyz"})
    assert edit.textCursor().position() == 3 and edit.hasFocus()


def test_help_is_there_for_those_who_ask(show: Show, qtbot: Any) -> None:
    form = show("files.append")
    one = next(found for found in form.group.fields.values() if found.declared.help)
    assert one._info is not None and one._help is None
    qtbot.mouseClick(one._info, Qt.MouseButton.LeftButton)
    assert one._help is not None and one._help.isVisible()
    assert one.editor.focusProxy().accessibleName() == one.declared.label


def test_files_are_picked_relative_to_the_workflow(show: Show, tmp_path: Path, qtbot: Any) -> None:
    form = show("files.append")
    editor = field(form, "path").editor
    assert isinstance(editor, TextEditor) and editor._picker is not None
    qtbot.mouseClick(editor._picker, Qt.MouseButton.LeftButton)
    dialog = form.window().findChild(QFileDialog)
    assert dialog is not None and not dialog.isHidden()
    dialog.fileSelected.emit(str(tmp_path / "data" / "a.txt"))
    dialog.reject()
    assert told(form) == {"path": "data/a.txt"}


def test_paths_outside_stay_absolute(tmp_path: Path) -> None:
    assert relative(str(tmp_path / "a" / "b.txt"), tmp_path) == "a/b.txt"
    assert relative(str(tmp_path.parent / "x.txt"), tmp_path) == str(tmp_path.parent / "x.txt")
    assert relative("/x", None) == "/x"
    assert absolute("a.txt", tmp_path) == str(tmp_path / "a.txt")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\xa0\u2028\u2029\x85\ufdd0\ufeff\t\n")))
def test_any_text_goes_in_and_comes_out(show: Show, text: str) -> None:
    form = show("files.append", {"text": text})
    one = field(form, "text")
    assert told(form) == {}
    assert one.value == text
    edit = getattr(one.editor, "edit", None)
    if type(one.editor) is TextEditor and edit is not None:
        edit.moveCursor(edit.textCursor().MoveOperation.End)
        edit.insertPlainText("!")
        assert told(form) == {"text": text + "!"}
    form.close()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_change_of_theme_redraws_everything(show: Show, scheme: Any, qapp: Any) -> None:
    form = show("http.send", {"json": {"a": 1}, "headers": {"a": "{{ inputs.day }}"}})
    theme().apply(qapp, scheme)
    form.repaint()
    assert form.grab().width() == form.width()
    theme().apply(qapp, "light")
    assert isinstance(form.findChild(QLineEdit), (QLineEdit, type(None)))


def test_shift_enter_breaks_a_line_like_any_other(show: Show) -> None:
    form = show("files.append")
    for name in ("path", "text"):
        edit = field(form, name).editor.edit  # type: ignore[attr-defined]
        edit.setFocus()
        type_keys(edit, "a")
        QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        type_keys(edit, "b")
        assert told(form)[name] == "a\nb"


def test_short_fields_stand_side_by_side_as_long_as_both_have_room(show: Show, qtbot: Any) -> None:
    form = show("data.read_csv")
    header, types = field(form, "header"), field(form, "types")
    form.resize(420, 700)
    qtbot.waitUntil(lambda: header.y() == types.y() and header.x() < types.x())
    form.resize(240, 700)
    qtbot.waitUntil(lambda: header.x() == types.x() and header.y() < types.y())


def test_nothing_moves_when_the_buttons_of_a_field_come(show: Show, qtbot: Any) -> None:
    form = show("data.read_csv", {"header": 2})
    form.resize(240, 700)
    one = field(form, "header")
    qtbot.waitUntil(lambda: one.width() == 240)
    before = one.geometry(), one.editor.geometry(), one._label.geometry()
    one.setFocus()
    assert one.buttons.switch is not None and one.buttons.switch.isVisible()
    qtbot.waitUntil(lambda: one.buttons.reset is not None and one.buttons.reset.width() > 0)
    assert (one.geometry(), one.editor.geometry(), one._label.geometry()) == before
