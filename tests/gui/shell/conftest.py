"""A window with pages to show."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.base.actions import Actions
from studio.shell.window import MainWindow
from tests.gui.shell.rooms import ACTIONS, Rooms


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def actions() -> Actions:
    made = Actions()
    made.add(ACTIONS)
    return made


@pytest.fixture
def window(qtbot: QtBot, actions: Actions, rooms: Rooms) -> MainWindow:
    made = MainWindow(actions, rooms.entries())
    qtbot.addWidget(made)
    made.resize(1280, 720)
    made.show_page("home")
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    return made
