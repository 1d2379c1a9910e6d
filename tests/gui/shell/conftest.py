"""A loop that is Qt's and asyncio's at once, and a window with pages to show."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import qasync
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.base.actions import Actions
from studio.shell.window import MainWindow
from tests.gui.shell.rooms import ACTIONS, Rooms


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    qapp.setQuitOnLastWindowClosed(False)  # as the program does: a closed window is not the end of the loop
    made = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(made)
    yield made
    made.run_until_complete(asyncio.sleep(0))
    made.close()
    qapp.setQuitOnLastWindowClosed(True)
    asyncio.set_event_loop(None)


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
