"""What is closed is gone: a studio is open for weeks, and workflows are opened, run and closed in it all the time."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from studio.base.actions import Actions
from studio.bridge import Bridge
from studio.designer.actions import ACTIONS
from studio.designer.run.runs import KEPT
from studio.designer.workspace import Workspace
from tests.gui.bridge.stories import until

TEXT = """rpa: 1
name: Small
steps:
  - {id: each, activity: control.foreach, with: {items: 3}}
  - {id: say, activity: control.log, with: {message: "item {{ item }}"}}
edges: [each.body -> say]
layout:
  steps:
    each: {x: 0, y: 0}
    say: {x: 240, y: 80}
"""


async def made(bridge: Bridge, qtbot: QtBot) -> Workspace:
    bridge.start()
    await bridge.call(lambda client: client.executions(limit=1))
    actions = Actions()
    actions.add(ACTIONS)
    workspace = Workspace(bridge, actions)
    qtbot.addWidget(workspace.page)
    workspace.page.resize(1200, 800)
    workspace.page.show()
    return workspace


async def collected() -> None:
    """Let everything that was put off happen, and look through all that is left."""
    for _ in range(3):
        await asyncio.sleep(0.02)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()


async def ran(workspace: Workspace) -> Any:
    editor = workspace.page.editor
    assert editor is not None
    model = await workspace.runs.run(editor, ask=False)
    assert model is not None
    await until(lambda: model.fold.finished)
    return model


def test_what_is_closed_is_gone(awaited: Any, bridge: Bridge, qtbot: QtBot, tmp_path: Path) -> None:
    async def story() -> None:
        workspace = await made(bridge, qtbot)
        kept: list[weakref.ref[Any]] = []
        widgets = 0
        for number in range(6):
            file = tmp_path / f"w{number}.rpa.yaml"
            file.write_text(TEXT)
            await workspace.open([file])
            editor = workspace.page.editor
            assert editor is not None
            editor.selection.select_steps(["say"])
            model = await ran(workspace)
            runs = workspace.runs.runs(editor)
            things = (editor, editor.document, editor.scene, editor.view, runs, model, runs.log(model), runs.values)
            kept = [weakref.ref(thing) for thing in things]
            del editor, model, runs, things
            tab = workspace.page.current
            assert tab is not None
            await workspace.files.close_tab(tab)
            del tab
            await collected()
            left = [type(thing).__name__ for one in kept if (thing := one()) is not None and isValid(thing)]
            assert not left
            # What is still known to Python is held by nobody but the last frames.
            if number == 2:
                widgets = len(QApplication.allWidgets())
        assert len(QApplication.allWidgets()) <= widgets + 2
        assert not workspace.runs._by_execution
        held = [type(thing).__name__ for one in kept if (thing := one()) is not None]
        assert not held
        workspace.close()

    awaited(story())


def test_many_runs_of_one_workflow_leave_the_newest(
    awaited: Any, bridge: Bridge, qtbot: QtBot, tmp_path: Path
) -> None:
    async def story() -> None:
        workspace = await made(bridge, qtbot)
        file = tmp_path / "again.rpa.yaml"
        file.write_text(TEXT)
        await workspace.open([file])
        editor = workspace.page.editor
        assert editor is not None
        first = weakref.ref(await ran(workspace))
        for _ in range(KEPT + 3):
            await ran(workspace)
        await collected()
        runs = workspace.runs.runs(editor)
        assert first() is None
        assert len(runs.models) <= KEPT + 1
        assert set(runs.models) == set(workspace.runs._by_execution)
        assert len(runs._logs) == len(runs._edited) == len(runs.models)
        await workspace.files.close_tab(editor)
        workspace.close()

    awaited(story())


def test_selecting_step_after_step_makes_no_heap_of_forms(
    awaited: Any, bridge: Bridge, qtbot: QtBot, tmp_path: Path
) -> None:
    async def story() -> None:
        workspace = await made(bridge, qtbot)
        file = tmp_path / "forms.rpa.yaml"
        file.write_text(TEXT)
        await workspace.open([file])
        editor = workspace.page.editor
        assert editor is not None

        async def round_trip() -> int:
            for step in ("each", "say"):
                editor.selection.select_steps([step])
                await collected()
            return len(QApplication.allWidgets())

        for _ in range(2):
            await round_trip()
        before = await round_trip()
        page: QWidget | None = workspace.inspector.page
        gone = weakref.ref(page)
        del page
        for _ in range(4):
            after = await round_trip()
        assert after <= before + 2
        assert gone() is None
        await workspace.files.close_tab(editor)
        workspace.close()

    awaited(story())
