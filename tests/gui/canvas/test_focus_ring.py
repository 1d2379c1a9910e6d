"""A canvas that was reached by keys says so, with and without a selection; one that was clicked does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.base.theme import theme

from .conftest import Canvas

Open = Callable[..., Canvas]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def beside(canvas: Open, qtbot: QtBot) -> Iterator[tuple[Canvas, QLineEdit]]:
    """A canvas below a field, which has the focus."""
    shown = canvas()
    window = QWidget()
    qtbot.addWidget(window)
    field = QLineEdit(window)
    column = QVBoxLayout(window)
    column.addWidget(field)
    column.addWidget(shown.view)
    window.resize(1000, 760)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    yield shown, field
    shown.view.setParent(None)


def edges(shown: Canvas) -> list[QColor]:
    """The colours in the middle of each edge of the canvas."""
    image = shown.picture()
    ratio, last, bottom = image.devicePixelRatio(), image.width() - 1, image.height() - 1
    inside = round(ratio)
    return [
        image.pixelColor(*at)
        for at in (
            (last // 2, inside - 1),
            (last // 2, bottom - inside + 1),
            (inside - 1, bottom // 2),
            (last - inside + 1, bottom // 2),
        )
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tab_shows_where_the_keys_go_and_the_mouse_takes_it_away(
    beside: tuple[Canvas, QLineEdit], qtbot: QtBot, qapp: QApplication, scheme: str
) -> None:
    shown, field = beside
    theme().apply(qapp, scheme)  # type: ignore[arg-type]
    assert theme().color("focus") not in edges(shown)
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert shown.view.hasFocus() and not shown.selection.value
    assert edges(shown) == [theme().color("focus")] * 4
    qtbot.mouseClick(shown.view.viewport(), LEFT, pos=QPoint(30, 30))
    assert theme().color("focus") not in edges(shown)
    theme().apply(qapp, "light")


def test_it_stays_at_the_edges_while_the_canvas_moves_below_and_goes_with_the_focus(
    beside: tuple[Canvas, QLineEdit], qtbot: QtBot
) -> None:
    shown, field = beside
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    shown.view.look_at(shown.scene.box("stamp").center())
    shown.view.resize(shown.view.width() - 40, shown.view.height() - 30)
    assert edges(shown) == [theme().color("focus")] * 4
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert theme().color("focus") not in edges(shown)


def test_a_click_alone_shows_none(beside: tuple[Canvas, QLineEdit], qtbot: QtBot) -> None:
    shown, _ = beside
    qtbot.mouseClick(shown.view.viewport(), LEFT, pos=shown.step("read"))
    assert theme().color("focus") not in edges(shown)
