"""Actions with keys, and the settings page over a home folder of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.core import settings
from studio.base.actions import Action, Actions
from studio.settings.page import SettingsPage

ACTIONS = (
    Action("file.save", "Save", ("Ctrl+S",), "floppy-disk", "File"),
    Action("run.start", "Run", ("F5",), "play-fill", "Run", help="Runs the workflow."),
    Action("edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "", "Edit"),
    Action("step.disable", "Disable or enable", ("D",), "", "Workflow", scope="canvas"),
    Action("file.compare", "With another file…", (), "", "File/Compare"),
)


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    qapp.setQuitOnLastWindowClosed(False)
    made = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(made)
    yield made
    made.run_until_complete(asyncio.sleep(0))
    made.close()
    qapp.setQuitOnLastWindowClosed(True)
    asyncio.set_event_loop(None)


@pytest.fixture
def awaited(loop: qasync.QEventLoop) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine on Qt's loop to its end."""
    return lambda coroutine: loop.run_until_complete(asyncio.wait_for(coroutine, 30))


@pytest.fixture
def actions() -> Actions:
    made = Actions()
    made.add(ACTIONS)
    for action in ACTIONS:
        made.bind(action.id, lambda: None)
    return made


@pytest.fixture
def page(qtbot: QtBot, actions: Actions, own_home: Path) -> SettingsPage:
    own_home.mkdir(exist_ok=True)
    made = SettingsPage(actions, settings.read(environment={"RPA_HOME": str(own_home)}))
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show()
    made.activateWindow()
    return made
