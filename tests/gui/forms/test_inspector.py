"""The pane beside the canvas, on a real document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from engine.api import Edge, check
from engine.core.errors import StoreError
from studio.base.i18n import set_language
from studio.designer.canvas.live import StepLive
from studio.designer.editor import Editor
from studio.designer.inspector import Inspector
from studio.designer.inspector.docs import documentation
from studio.designer.inspector.failure import FailurePart
from studio.designer.inspector.reach import names_of_step
from studio.designer.inspector.several import SeveralPage, WirePage
from studio.designer.inspector.step_page import DOCS, NOTES, OUTPUT, STEP, StepPage
from studio.designer.selection import Selected
from studio.forms.editors.choice import choice_label
from tests.gui.forms.conftest import CATALOG, type_keys
from tests.gui.panes.conftest import actions as actions
from tests.gui.panes.conftest import bridge as bridge
from tests.gui.panes.conftest import opened as opened

TEXT = """\
rpa: 1
inputs:
  day: {type: date}
variables: {seen: 0}
steps:
  - id: read
    activity: data.read_csv
    with: {path: orders.csv}
  - id: each
    activity: control.foreach
    with: {items: '{{ steps.read.output.rows }}'}
  - id: write
    label: Write it
    activity: files.append
    with:
      # kept
      path: out.txt
      text: '{{ item.name }}'
  - id: odd
    activity: plug.in
    with: {a: 1}
edges:
  - read.next -> each
  - each.body -> write
"""


class Value:
    def __init__(self, status: str, output: Any = None, error: dict[str, Any] | None = None) -> None:
        self.status, self.output, self.error, self.took = status, output, error, 0.42


class Data(QObject):
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Value] = {}

    def lookup(self, step: str, round: int = 0) -> Any:
        return {"steps": {"read": {"output": {"rows": [1, 2]}, "status": "succeeded"}}, "item": {"name": f"n{round}"}}

    def rounds(self, step: str) -> int:
        return 2 if step == "write" else 0

    def read(self, step: str, round: int | None = None) -> Value:
        if step == "each":
            raise StoreError("the store is gone", hint="look for it")
        return self.values.get(step, Value("not_run"))


@pytest.fixture
def data() -> Data:
    return Data()


@pytest.fixture
def editor(opened: Callable[..., Editor]) -> Editor:
    return opened(TEXT)


@pytest.fixture
def inspector(editor: Editor, data: Data, qtbot: Any) -> Inspector:
    made = Inspector(
        data=lambda editor: data,
        live=lambda editor, step: StepLive("failed", "2 attempts") if step == "write" else None,
        secrets=lambda: ["mail"],
    )
    made.resize(328, 860)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.show_editor(editor)
    return made


def page(inspector: Inspector, step: str, qtbot: Any) -> StepPage:
    assert inspector.editor is not None
    inspector.editor.selection.select_steps([step])
    qtbot.waitUntil(lambda: isinstance(inspector.page, StepPage) and inspector.page.step_id == step)
    assert isinstance(inspector.page, StepPage)
    return inspector.page


def test_it_follows_the_selection(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    assert inspector.page is inspector.nothing
    shown = page(inspector, "write", qtbot)
    assert shown.header.label.text() == "Write it"
    assert shown.header.chip.text == "Failed"
    again = page(inspector, "write", qtbot)
    assert again is shown
    editor.selection.set(Selected(frozenset(("read", "write"))))
    qtbot.waitUntil(lambda: isinstance(inspector.page, SeveralPage))
    several: Any = inspector.page
    assert several.count.text() == "2 steps selected"
    editor.selection.set(Selected(edges=frozenset((Edge("read", "next", "each"),))))
    qtbot.waitUntil(lambda: isinstance(inspector.page, WirePage))
    editor.selection.clear()
    qtbot.waitUntil(lambda: inspector.page is inspector.nothing)
    inspector.show_editor(None)
    assert inspector.page is inspector.nothing


def test_typing_is_one_edit_and_undo_keeps_the_focus(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    shown = page(inspector, "write", qtbot)
    shown.focus_form("path")
    edit: Any = shown.form.group.fields["path"].editor.edit  # type: ignore[union-attr]
    assert edit.hasFocus()
    QTest.keyClick(edit, Qt.Key.Key_End)
    type_keys(edit, ".bak")
    assert editor.document.workflow.step("write").parameters["path"] == "out.txt.bak"
    assert editor.document.undo_stack.count() == 1
    assert editor.document.undo_stack.undoText() == "Change File"
    place = edit.textCursor().position()
    editor.document.undo()
    assert edit.text() == "out.txt" and edit.hasFocus() and edit.textCursor().position() <= place
    assert shown is inspector.page
    editor.document.redo()
    assert edit.text() == "out.txt.bak" and edit.hasFocus()


def test_nothing_else_of_the_file_changes(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    before = editor.document.text()
    shown = page(inspector, "write", qtbot)
    for tab in (OUTPUT, NOTES, DOCS, STEP):
        shown.show_tab(tab)
    assert editor.document.text() == before and not editor.document.dirty
    shown.focus_form("path")
    type_keys(QApplication.focusWidget(), "x")
    changed = editor.document.text()
    assert "# kept" in changed
    difference = [one for one in changed.splitlines() if one not in before.splitlines()]
    assert len(difference) == 1 and "path:" in difference[0]


def test_label_and_id_are_edited_in_place(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    shown = page(inspector, "read", qtbot)
    qtbot.mouseClick(shown.header.label, Qt.MouseButton.LeftButton)
    type_keys(shown.header.label.line, "Orders\n")
    assert editor.document.workflow.step("read").label == "Orders"
    shown.header.id.setFocus()
    QTest.keyClick(shown.header.id, Qt.Key.Key_F2)
    type_keys(shown.header.id.line, "orders\n")
    assert editor.document.workflow.steps[0].id == "orders"
    assert editor.document.workflow.step("each").parameters["items"] == "{{ steps.orders.output.rows }}"
    assert editor.selection.only_step == "orders"
    qtbot.wait(20)
    assert inspector.page is shown and shown.step_id == "orders"
    shown.header.id.edit()
    type_keys(shown.header.id.line, "write\n")
    assert "already" in shown._message.text()
    shown.header.id.edit()
    type_keys(shown.header.id.line, "not an id\n")
    assert "takes letters" in shown._message.text()
    shown.header.label.edit()
    type_keys(shown.header.label.line, "x")
    QTest.keyClick(shown.header.label.line, Qt.Key.Key_Escape)
    assert editor.document.workflow.step("orders").label == "Orders"


def test_undoing_a_rename_shows_the_step_under_its_old_id(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    shown = page(inspector, "read", qtbot)
    shown.header.id.edit()
    type_keys(shown.header.id.line, "orders\n")
    editor.document.undo()
    editor.selection.set(editor.selection.value.within(editor.document.workflow))
    qtbot.waitUntil(lambda: inspector.page is not shown)


def test_failure_is_filled_in(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    shown = page(inspector, "read", qtbot)
    failure = shown.failure
    assert failure is not None and failure.retry.isHidden()
    line: Any = failure.first.fields["attempts"].editor
    line.line.setFocus()
    type_keys(line.line, "3")
    step = editor.document.workflow.step("read")
    assert step.retry is not None and step.retry.attempts == 3
    assert not failure.retry.isHidden()
    delay: Any = failure.retry.fields["delay"].editor
    delay.edit.setFocus()
    type_keys(delay.edit, "2s")
    assert editor.document.workflow.step("read").retry.delay == "2s"  # type: ignore[union-attr]
    line.line.setFocus()
    line.line.selectAll()
    type_keys(line.line, "x")
    assert "whole number" in failure.first.fields["attempts"]._message.text()
    assert editor.document.workflow.step("read").retry.attempts == 3  # type: ignore[union-attr]
    limit: Any = failure.first.fields["timeout"].editor
    limit.edit.setFocus()
    type_keys(limit.edit, "soon")
    assert "length of time" in failure.first.fields["timeout"]._message.text()
    assert editor.document.workflow.step("read").timeout == "soon"
    failure.first.fields["afterwards"].editor.segments._pick(1)  # type: ignore[attr-defined]
    assert editor.document.workflow.step("read").continue_on_error
    editor.document.undo()
    assert not editor.document.workflow.step("read").continue_on_error


def test_a_step_in_doubt_follows_its_policy(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    shown = page(inspector, "write", qtbot)
    effect = shown.effect
    assert effect is not None and effect.policy is not None
    assert effect.policy.index == -1
    width = effect.policy.width()
    place = effect.policy.rect().center()
    place.setX(width * 3 // 8)
    qtbot.mouseClick(effect.policy, Qt.MouseButton.LeftButton, pos=place)
    assert editor.document.workflow.step("write").in_doubt == "retry"


def test_what_the_check_says_stands_at_the_fields(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    document = editor.document
    shown = page(inspector, "write", qtbot)
    shown.form._changed("text", "{{ steps.raed.output }}")  # type: ignore[union-attr]
    document.set_problems(tuple(check(document.document, CATALOG)))
    field = shown.form.group.fields["text"]  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "raed" in field._message.text())
    field._message._text.linkActivated.emit("fix")
    assert document.workflow.step("write").parameters["text"] == "{{ steps.read.output }}"
    shown.form._changed("path", "")  # type: ignore[union-attr]
    document.edit("", lambda workflow: workflow)
    document.set_problems(tuple(check(document.document, CATALOG)))


def test_a_missing_parameter_is_asked_for(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    shown = page(inspector, "write", qtbot)
    assert shown.form is not None
    shown.form.group.fields["text"].setFocus()
    edit: Any = shown.form.group.fields["text"].editor
    edit.edit.selectAll()
    QTest.keyClick(edit.edit, Qt.Key.Key_Delete)
    editor.document.set_problems(tuple(check(editor.document.document, CATALOG)))
    assert shown.form.group.fields["text"]._message.text() == "Fill this in."


def test_an_unknown_activity_keeps_what_it_has(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    shown = page(inspector, "odd", qtbot)
    assert shown.form is None
    assert any("plug.in" in label.text() for label in shown.findChildren(QLabel))
    for tab in (OUTPUT, NOTES, DOCS):
        shown.show_tab(tab)
    assert editor.document.workflow.step("odd").parameters == {"a": 1}


def test_what_came_out_is_shown_in_full_and_by_field(
    inspector: Inspector, editor: Editor, data: Data, qtbot: Any
) -> None:
    data.values["read"] = Value("succeeded", {"rows": [{"a": 1}], "count": 1, "path": "orders.csv"})
    shown = page(inspector, "read", qtbot)
    assert shown.gives is not None
    gives = shown.gives
    qtbot.waitUntil(lambda: any(label.text() == "orders.csv" for label in gives.findChildren(QLabel)))
    shown.show_tab(OUTPUT)
    output = shown.output
    assert output is not None
    qtbot.waitUntil(lambda: output._value is not None and output._value.value == data.values["read"].output)
    assert output.chip.text == "Done"
    data.values["read"] = Value("failed", error={"message": "orders.csv is gone", "hint": "Put it back"})
    data.changed.emit()
    qtbot.waitUntil(lambda: output._message.text() == "orders.csv is gone")
    assert output._hint.text() == "Put it back"
    data.values["read"] = Value("skipped")
    data.changed.emit()
    qtbot.waitUntil(lambda: output.chip.text == "Skipped")
    assert output.empty.isVisible()


def test_a_value_that_cannot_be_read_is_said_to_be(inspector: Inspector, qtbot: Any) -> None:
    shown = page(inspector, "each", qtbot)
    shown.show_tab(OUTPUT)
    output = shown.output
    assert output is not None
    qtbot.waitUntil(lambda: "the store is gone" in output._message.text())


def test_notes_are_written(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    shown = page(inspector, "read", qtbot)
    shown.tabs.setCurrentIndex(NOTES)
    assert shown.notes is not None
    shown.notes.edit.setFocus()
    type_keys(shown.notes.edit, "why\nnot")
    assert editor.document.workflow.step("read").note == "why\nnot"
    # The tab stays when another step is selected.
    assert page(inspector, "write", qtbot).tabs.currentIndex() == NOTES


def test_the_preview_steps_through_the_rounds(inspector: Inspector, qtbot: Any) -> None:
    shown = page(inspector, "write", qtbot)
    field = shown.form.group.fields["text"]  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: field._preview is not None and field._preview.answer is not None)
    assert field._preview is not None and field._preview.answer is not None
    assert field._preview.answer.text == "n0"
    field._preview.go(1)
    qtbot.waitUntil(lambda: field._preview.answer.text == "n1")


def test_names_in_reach(editor: Editor) -> None:
    document = editor.document

    def names(id: str) -> Any:
        return names_of_step(document.workflow, document.plan, CATALOG, id)

    write = names("write")
    assert [(step.id, step.upstream) for step in write.steps][:2] == [("read", True), ("each", True)]
    assert write.in_loop and not write.in_handler
    assert write.inputs == {"day": "date"} and set(write.variables) == {"seen"}
    assert write.step("read") is not None and "rows" in write.step("read").schema["properties"]
    assert not names("read").in_loop
    assert [step.id for step in names("read").steps if step.upstream] == []


def test_the_wire_is_cut(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    editor.selection.set(Selected(edges=frozenset((Edge("read", "next", "each"),))))
    qtbot.waitUntil(lambda: isinstance(inspector.page, WirePage))
    wire = inspector.page
    assert isinstance(wire, WirePage) and "→" in wire.ends.text()
    qtbot.waitUntil(lambda: wire.value.text() == "not run yet")
    qtbot.mouseClick(wire.cut, Qt.MouseButton.LeftButton)
    assert Edge("read", "next", "each") not in editor.document.workflow.edges


def test_deleting_the_step_leaves_nothing_behind(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    from studio.designer.edits.removal import delete

    shown = page(inspector, "odd", qtbot)
    editor.document.edit("", lambda workflow: delete(workflow, ["odd"]))
    editor.selection.set(editor.selection.value.within(editor.document.workflow))
    qtbot.waitUntil(lambda: inspector.page is not shown)
    assert inspector.page is inspector.nothing


def test_without_a_selection_the_workflow_itself_is_shown(editor: Editor, qtbot: Any) -> None:
    class Properties(QWidget):
        def show_editor(self, editor: Editor | None) -> None:
            self.shown = editor

    made = Inspector(properties=Properties)
    qtbot.addWidget(made)
    made.show_editor(editor)
    assert isinstance(made.page, Properties) and made.page.shown is editor
    made.show_editor(None)
    assert made._rest is not None and made._rest.shown is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("id", CATALOG.ids())
def test_every_activity_is_documented_from_its_declaration(id: str) -> None:
    text = documentation(CATALOG.require(id))
    assert f"<code>{id}</code>" in text
    for parameter in CATALOG.require(id).parameters:
        assert f"<code>{parameter.name}</code>" in text


def test_an_editor_that_closes_is_let_go(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    page(inspector, "read", qtbot)
    host = QWidget()
    qtbot.addWidget(host)
    QVBoxLayout(host)
    inspector.show_editor(None)
    assert inspector.editor is None and inspector.page is inspector.nothing


def test_no_choice_of_what_happens_on_failure_is_left_in_english(qtbot: Any) -> None:
    set_language("bg")
    part = FailurePart()
    qtbot.addWidget(part)
    for group in (part.first, part.retry):
        for declared in group.declared:
            for choice in declared.shape.choices:
                assert not choice_label(choice).isascii(), choice


def test_the_kind_of_a_step_is_not_said_twice(inspector: Inspector, editor: Editor, qtbot: Any) -> None:
    header = page(inspector, "write", qtbot).header
    header.show_step("", "Write a file", "Write a file", "write")
    assert header._activity.isHidden()
    header.show_step("Letters", "Write a file", "Write a file", "write")
    assert not header._activity.isHidden()
