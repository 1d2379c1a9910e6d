"""Commands of the whole designer: when they are possible, and how long their refusals stay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.bridge import Bridge
from studio.designer import edits
from studio.designer.canvas.hits import Hit
from studio.designer.canvas.menus import context_menu
from studio.designer.canvas_actions import surface_of
from tests.gui.bridge.stories import until
from tests.gui.workspace.test_leaks import made

INNER = "rpa: 1\nname: Inner\nsteps:\n  - {id: say, activity: control.log}\n"
OUTER = """rpa: 1
name: Outer
steps:
  - {id: say, activity: control.log}
  - {id: call, activity: control.subworkflow, with: {workflow: inner.rpa.yaml}}
  - {id: empty, activity: control.subworkflow}
  - {id: told, activity: control.subworkflow, with: {workflow: "{{ inputs.file }}"}}
"""


def test_the_called_workflow_is_opened_from_a_step_that_names_one(
    bridge: Bridge, awaited: Callable[[Awaitable[Any]], Any], qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "inner.rpa.yaml").write_text(INNER)
    (tmp_path / "outer.rpa.yaml").write_text(OUTER)

    async def visit() -> None:
        workspace = await made(bridge, qtbot)
        await workspace.open([tmp_path / "outer.rpa.yaml"])
        editor = workspace.page.editor
        assert editor is not None

        def possible(*steps: str) -> bool:
            editor.selection.select_steps(steps)
            texts = [
                action.objectName() for action in context_menu(workspace.actions, Hit("step", ""), editor).actions()
            ]
            assert ("group.open" in texts) == workspace.actions.possible("group.open")
            return workspace.actions.possible("group.open")

        assert [possible(id) for id in ("say", "call", "empty", "told")] == [False, True, False, False]
        assert not possible() and not possible("say", "call")

        # What an edit makes of the step is known at once.
        assert not possible("empty")
        named = edits.set_parameter(editor.document.workflow, "empty", "workflow", "inner.rpa.yaml")
        editor.document.edit("Choose", named)
        assert workspace.actions.possible("group.open")
        editor.view.setFocus()
        QTest.keyClick(editor.view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: len(workspace.page.editors) == 2)
        editor.document.undo()
        workspace.close()

    awaited(visit())


def test_what_was_refused_is_forgotten_when_it_is_done(
    bridge: Bridge, awaited: Callable[[Awaitable[Any]], Any], qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "outer.rpa.yaml").write_text(OUTER)

    async def visit() -> None:
        workspace = await made(bridge, qtbot)
        await workspace.open([tmp_path / "outer.rpa.yaml"])
        editor = workspace.page.editor
        assert editor is not None
        surface = surface_of(editor)
        control = Qt.KeyboardModifier.ControlModifier
        QGuiApplication.clipboard().clear()
        editor.view.setFocus()
        QTest.keyClick(editor.view, Qt.Key.Key_V, control)
        assert "holds no text" in surface.said
        editor.selection.select_steps(["say"])
        QTest.keyClick(editor.view, Qt.Key.Key_C, control)
        QTest.keyClick(editor.view, Qt.Key.Key_V, control)
        assert len(editor.document.workflow.steps) == 5
        assert surface.said == ""
        editor.document.undo()
        workspace.close()

    awaited(visit())
