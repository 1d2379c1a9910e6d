from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.api import Edge, Step, Workflow
from studio.designer import edits
from studio.designer.editor import Editor
from studio.designer.yaml_view import YamlPane
from tests.gui.bridge.stories import until
from tests.gui.panes.conftest import Open

Key, Mod, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
TEXT = """\
rpa: 1
name: Orders
steps:
  - id: read  # never renamed
    activity: files.read
    with:
      path: a.txt
  - id: log
    activity: control.log
    with:
      message: "{{ steps.read.output }}"
edges:
  - read.next -> log
"""


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[Editor | None], YamlPane]:
    def show(editor: Editor | None) -> YamlPane:
        pane = YamlPane()
        qtbot.addWidget(pane)
        pane.resize(600, 400)
        pane.show()
        pane.show_editor(editor)
        qtbot.waitUntil(lambda: not pane._soon.isActive())
        return pane

    return show


def put(pane: YamlPane, old: str, new: str) -> None:
    """Select `old` in the text and type `new` over it."""
    text = pane.text.text()
    cursor = pane.text.textCursor()
    cursor.setPosition(text.index(old))
    cursor.setPosition(text.index(old) + len(old), QTextCursor.MoveMode.KeepAnchor)
    pane.text.setTextCursor(cursor)
    pane.text.setFocus()
    QTest.keyClicks(pane.text, new) if new else QTest.keyClick(pane.text, Key.Key_Delete)


def test_typing_changes_the_workflow_as_one_command(opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    assert pane.text.text() == TEXT and pane.title.text() == "The whole workflow"
    put(pane, "a.txt", "b.txt")
    assert pane.pending
    qtbot.waitUntil(lambda: not pane.pending)
    assert editor.document.workflow.step("read").parameters == {"path": "b.txt"}
    assert editor.document.undo_stack.undoText() == "Edit YAML"
    put(pane, "b.txt", "c.txt")
    qtbot.waitUntil(lambda: not pane.pending)
    assert editor.document.undo_stack.count() == 1
    editor.document.undo()
    qtbot.waitUntil(lambda: pane.text.text() == TEXT)
    assert editor.document.text() == TEXT


def test_it_follows_the_selection_and_edits_on_the_canvas(
    opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot
) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    editor.selection.select_steps(["log"])
    qtbot.waitUntil(lambda: pane.title.text() == "1 step")
    assert "read.next" not in pane.text.text() and "id: log" in pane.text.text()
    editor.document.edit("x", edits.set_fields(editor.document.workflow, "log", label="Say it"))
    qtbot.waitUntil(lambda: "Say it" in pane.text.text())
    editor.selection.clear()
    qtbot.waitUntil(lambda: pane.title.text() == "The whole workflow")


def test_what_is_wrong_stays_and_is_marked_and_esc_gives_it_up(
    opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot
) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    put(pane, "path: a.txt", "path: [")
    qtbot.waitUntil(lambda: bool(pane.state.text()))
    assert pane.state.text().startswith("Line 8: ") and 8 in pane.text._marks
    assert not editor.document.dirty
    editor.selection.select_steps(["log"])  # nothing typed is lost to another selection
    qtbot.wait(150)
    assert "path: [" in pane.text.text() and pane.give_up.isVisible()
    QTest.keyClick(pane.text, Key.Key_Escape)
    assert not pane.pending and "id: log" in pane.text.text() and not pane.state.text()
    pane.text.setFocus()
    QTest.keyClick(pane.text, Key.Key_Escape)
    assert editor.focusWidget() is editor.view


def test_putting_it_right_applies_it(opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    put(pane, "path: a.txt", "path: [")
    qtbot.waitUntil(lambda: bool(pane.state.text()))
    put(pane, "path: [", "path: [b]")
    qtbot.waitUntil(lambda: not pane.pending)
    assert editor.document.workflow.step("read").parameters == {"path": ["b"]}
    assert not pane.text._marks and not pane.give_up.isVisible()


def test_a_workflow_changed_meanwhile_is_not_overwritten_unasked(
    opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot
) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    editor.selection.select_steps(["read"])
    qtbot.waitUntil(lambda: pane.title.text() == "1 step")
    put(pane, "a.txt", "b.txt")
    editor.document.edit("x", edits.set_fields(editor.document.workflow, "read", label="Mine"))
    qtbot.waitUntil(lambda: pane.anyway.isVisible())
    assert editor.document.workflow.step("read").label == "Mine"
    QTest.mouseClick(pane.anyway, Left)
    step = editor.document.workflow.step("read")
    assert (step.label, step.parameters) == ("", {"path": "b.txt"})


def test_another_id_in_the_text_renames_the_step_and_keeps_it_selected(
    opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot
) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    editor.selection.select_steps(["read"])
    qtbot.waitUntil(lambda: pane.title.text() == "1 step")
    put(pane, "id: read", "id: load")
    qtbot.waitUntil(lambda: not pane.pending)
    assert editor.selection.only_step == "load"
    assert editor.document.workflow.step("log").parameters == {"message": "{{ steps.load.output }}"}
    assert editor.document.document.comments.inline == {("steps", "load", "id"): "# never renamed"}


def test_the_cursor_stays_where_it_is_typed(opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    put(pane, "name: Orders", "name:   Orders")
    position = pane.text.textCursor().position()
    qtbot.wait(600)
    assert pane.text.textCursor().position() == position and "name:   Orders" in pane.text.text()


def test_leaving_applies_what_was_typed(opened: Open, shown: Callable[..., YamlPane]) -> None:
    one, other = opened(TEXT), opened(Workflow("y"))
    pane = shown(one)
    put(pane, "a.txt", "b.txt")
    pane.show_editor(other)
    assert one.document.workflow.step("read").parameters == {"path": "b.txt"}


@pytest.mark.parametrize(
    "hostile", ["&a [*a, *a]", "!!python/object/apply:os.system [x]", "[" * 5000, "\x07", "a: b: c", "\ud800"]
)
def test_hostile_yaml_is_refused_and_kept(
    opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot, hostile: str
) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    pane.text.setFocus()
    cursor = pane.text.textCursor()
    cursor.setPosition(TEXT.index("a.txt"))
    pane.text.setTextCursor(cursor)
    pane.text.insertPlainText(hostile)
    qtbot.waitUntil(lambda: not pane._pause.isActive())
    harmless = hostile in ("\ud800", "a: b: c")  # Qt writes U+FFFD for the one; the other is text on one line
    assert pane.pending or harmless
    assert [step.id for step in editor.document.workflow.steps] == ["read", "log"]


def test_a_large_workflow_is_shown_when_asked_for(opened: Open, shown: Callable[..., YamlPane], qtbot: QtBot) -> None:
    steps = tuple(Step(f"s{number}", "control.log", {"message": "m"}) for number in range(5000))
    edges = tuple(Edge(f"s{number}", "next", f"s{number + 1}") for number in range(4999))
    editor = opened(Workflow("big", steps=steps, edges=edges))
    pane = shown(editor)
    assert pane.nothing.isVisible() and "5,000" in pane.nothing.text.text()
    editor.selection.select_steps(["s7"])
    qtbot.waitUntil(lambda: "id: s7" in pane.text.text())
    editor.selection.clear()
    qtbot.waitUntil(lambda: pane.nothing.isVisible())
    assert pane.nothing.button is not None
    QTest.mouseClick(pane.nothing.button, Left)
    assert pane.text.blockCount() > 20_000
    pane.show_editor(None)
    qtbot.waitUntil(lambda: pane.nothing.title.text() == "No workflow is open.")


def test_a_long_text_is_read_beside_the_window(awaited: Any, opened: Open, qtbot: QtBot) -> None:
    async def story() -> None:
        steps = tuple(Step(f"s{number}", "control.log", {"message": "m" * 200}) for number in range(300))
        editor = opened(Workflow("long", steps=steps))
        pane = YamlPane()
        qtbot.addWidget(pane)
        pane.show()
        pane.show_editor(editor)
        await until(lambda: bool(pane.text.text()))
        put(pane, "name: long", "name: longer")
        await until(lambda: not pane.pending)
        assert editor.document.workflow.name == "longer"
        put(pane, "name: longer", "name: [")
        await until(lambda: bool(pane.text._marks))
        assert pane.pending and editor.document.workflow.name == "longer"
        pane.show_editor(None)

    awaited(story())
