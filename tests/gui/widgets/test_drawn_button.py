"""What is drawn by hand and can be pressed shows the pointer over it, and answers to the keys of a button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.widgets.chip import Chip
from studio.widgets.icon_button import IconButton


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def on_screen(window: QWidget) -> QImage:
    """What is really there, which a widget that was not told to draw itself anew does not change."""
    return window.screen().grabWindow(window.winId()).toImage()


@pytest.mark.parametrize(
    "make",
    [
        lambda parent: IconButton("x", "Close", parent=parent),
        lambda parent: Chip("doubt", "2", parent, interactive=True),
    ],
)
def test_it_is_drawn_anew_as_the_pointer_comes_and_goes(
    qtbot: QtBot, window: QWidget, make: Callable[[QWidget], QWidget]
) -> None:
    button = make(window)
    button.setGeometry(100, 100, 60, 24)
    button.show()
    QTest.mouseMove(window, QPoint(5, 5))
    window.repaint()
    alone = on_screen(window)
    QTest.mouseMove(button)
    qtbot.waitUntil(lambda: on_screen(window) != alone)
    QTest.mouseMove(window, QPoint(5, 5))
    qtbot.waitUntil(lambda: on_screen(window) == alone)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_enter_and_space_press_it(qtbot: QtBot, window: QWidget, key: Qt.Key) -> None:
    pressed: list[bool] = []
    button = IconButton("x", "Close", lambda: pressed.append(True), window)
    button.show()
    button.setFocus()
    qtbot.keyClick(button, key)
    assert pressed == [True]


def test_an_ampersand_in_its_text_marks_no_key(qtbot: QtBot, window: QWidget) -> None:
    button = IconButton("x", "R&D", parent=window)
    button.show()
    qtbot.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
    assert not button.isDown()  # as it would be for a moment before it is clicked
