from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.api import Edge, Step, Workflow
from studio.designer import edits
from studio.designer.editor import Editor
from studio.designer.problems import ProblemsPane
from tests.gui.bridge.stories import until
from tests.gui.panes.conftest import Open, codes

Key, Mod, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
TEXT = """
rpa: 1
name: x
inputs: {"my day": {type: date}}
steps:
  - {id: read, activity: files.read}
  - {id: log, activity: control.log, with: {message: "{{ steps.raed.output }}"}}
edges: [read.nxt -> log]
"""


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[Editor | None], ProblemsPane]:
    def show(editor: Editor | None) -> ProblemsPane:
        pane = ProblemsPane()
        qtbot.addWidget(pane)
        pane.resize(800, 200)
        pane.show_editor(editor)
        pane.show()
        return pane

    return show


async def checked(editor: Editor) -> None:
    await until(lambda: ProblemsPane.checker(editor).current)


def choose(pane: ProblemsPane, code: str) -> None:
    row = next(row for row, problem in enumerate(pane.model.problems) if problem.code == code)
    QTest.mouseClick(pane.view.viewport(), Left, pos=pane.view.visualRect(pane.model.index(row)).center())


def test_it_lists_errors_first_and_counts(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        editor = opened(TEXT)
        pane = shown(editor)
        counts: list[tuple[int, int]] = []
        pane.counts_changed.connect(lambda *found: counts.append(found))
        assert pane.none.title.text() == "Checking…"
        await checked(editor)
        assert [problem.code for problem in pane.model.problems] == [
            "missing-parameter", "unknown-step", "unknown-port", "bad-name",
        ]  # fmt: skip
        assert counts == [(3, 1)]
        assert editor.scene.steps["read"].problem == editor.scene.steps["log"].problem == "error"
        said = pane.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
        assert said.startswith("Error, Read text file, ")

    awaited(story())


def test_a_click_goes_to_the_place(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        editor = opened(TEXT)
        pane = shown(editor)
        await checked(editor)
        sections: list[str] = []
        pane.section_requested.connect(sections.append)
        choose(pane, "unknown-step")
        assert editor.selection.only_step == "log"
        choose(pane, "unknown-port")
        assert editor.selection.value.edges == {Edge("read", "nxt", "log")}
        choose(pane, "bad-name")
        assert sections == ["inputs"]
        QTest.keyClick(pane.view, Key.Key_Home)
        QTest.keyClick(pane.view, Key.Key_Return)
        assert editor.selection.only_step == "read"

    awaited(story())


def test_a_button_repairs_it_as_one_command(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        editor = opened(TEXT)
        pane = shown(editor)
        await checked(editor)
        choose(pane, "unknown-step")
        assert [button.text() for button in pane.buttons] == ["Read steps.read instead"]
        QTest.mouseClick(pane.buttons[0], Left)
        assert editor.document.workflow.steps[1].parameters == {"message": "{{ steps.read.output }}"}
        assert editor.document.undo_stack.undoText() == "Read steps.read instead"
        await checked(editor)
        assert "unknown-step" not in codes(editor.document.problems)
        editor.document.undo()
        await checked(editor)
        assert "unknown-step" in codes(editor.document.problems)

    awaited(story())


def test_the_menu_has_every_fix(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        editor = opened(TEXT)
        pane = shown(editor)
        await checked(editor)
        choose(pane, "unknown-port")
        QTest.keyClick(pane.view, Key.Key_Period, Mod.ControlModifier)
        menu = pane.findChild(QMenu)
        assert menu is not None
        texts = [action.text() for action in menu.actions()]
        assert texts[0] == "Lead it from the outlet “next”" and texts[-1] == "Remove the wire"
        menu.actions()[0].trigger()
        menu.close()
        assert editor.document.workflow.edges == (Edge("read", "next", "log"),)

    awaited(story())


def test_what_only_a_person_knows_is_asked_for(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        editor = opened(TEXT)
        pane = shown(editor)
        await checked(editor)
        fields: list[tuple[str, str]] = []
        pane.field_requested.connect(lambda *found: fields.append(found))
        choose(pane, "missing-parameter")
        QTest.mouseClick(pane.buttons[0], Left)
        assert fields == [("read", "path")] and not editor.document.dirty

    awaited(story())


def test_the_newest_version_wins(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        editor = opened(TEXT)
        pane = shown(editor)
        document = editor.document
        for label in ("a", "b", "c"):
            document.edit("x", edits.set_fields(document.workflow, "read", label=label))
            await asyncio.sleep(0.05)
        document.edit("Delete", edits.delete(document.workflow, ["read", "log"]))
        await checked(editor)
        assert codes(document.problems) == ["bad-name", "empty"]
        # An edit while a check runs: what it found is of no use.
        document.edit("y", replace(document.workflow, inputs=()))
        await asyncio.sleep(0.16)
        document.edit("z", replace(document.workflow, steps=(Step("a", "control.stop"),)))
        await checked(editor)
        assert not document.problems
        assert pane.none.isVisible() and pane.none.title.text() == "No problems."

    awaited(story())


def test_what_was_written_twice_is_told_until_it_is_saved(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        editor = opened("name: a\nname: b\nsteps: [{id: a, activity: control.stop}]\n")
        shown(editor)
        await checked(editor)
        assert codes(editor.document.problems) == ["missing-key", "duplicate-key"]
        editor.document.mark_saved()
        await checked(editor)
        assert not editor.document.problems

    awaited(story())


def test_a_new_workflow_has_no_problem_yet(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        new = opened(Workflow())
        pane = shown(new)
        await checked(new)
        assert not pane.model.problems and pane.none.title.text() == "No problems."

    awaited(story())


def test_a_workflow_in_the_background_is_checked_too(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        one, other = opened(TEXT), opened(Workflow("y"))
        pane = shown(one)
        pane.show_editor(other)
        await checked(one)
        await checked(other)
        assert len(one.document.problems) == 4
        assert [problem.code for problem in pane.model.problems] == ["empty"]
        pane.show_editor(None)
        assert not pane.model.problems and pane.none.title.text() == "No workflow is open."

    awaited(story())


def test_five_thousand_steps_are_checked_beside_the_window(awaited: Any, opened: Open, shown: Any) -> None:
    async def story() -> None:
        steps = tuple(Step(f"s{number}", "control.log", {"mesage": "m"}) for number in range(5000))
        edges = tuple(Edge(f"s{number}", "next", f"s{number + 1}") for number in range(4999))
        editor = opened(Workflow("big", steps=steps, edges=edges))
        pane = shown(editor)
        turns = 0
        while not ProblemsPane.checker(editor).current:
            await asyncio.sleep(0.002)
            turns += 1
        assert turns > 20
        assert len(pane.model.problems) == 10_000
        pane.view.setCurrentIndex(pane.model.index(9_999))
        assert pane.buttons

    awaited(story())


def test_a_closed_editor_takes_its_check_along(awaited: Any, opened: Open, shown: Any, qtbot: QtBot) -> None:
    async def story() -> None:
        editor = opened(TEXT)
        pane = shown(editor)
        await asyncio.sleep(0.01)
        pane.show_editor(None)
        editor.close()
        editor.deleteLater()
        await asyncio.sleep(0.3)

    awaited(story())
