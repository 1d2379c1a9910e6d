"""Actions with keys, and the settings page over a home folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
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
