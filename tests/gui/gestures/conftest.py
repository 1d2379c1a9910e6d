"""A canvas of three steps in a row, in a window of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.api import Workflow
from tests.gui.gestures.canvas import Canvas, row

Draw = Callable[[Workflow], Canvas]


@pytest.fixture
def draw(qtbot: QtBot) -> Iterator[Draw]:
    """Shows a workflow; the point 240, 160 of the canvas is in the middle, at zoom 1."""
    windows: list[QWidget] = []

    def shown(workflow: Workflow) -> Canvas:
        window = QWidget()
        windows.append(window)
        canvas = Canvas(workflow, window)
        column = QVBoxLayout(window)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(canvas.view)
        window.resize(1000, 640)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        canvas.view.look_at(QPointF(240, 160))
        window.activateWindow()
        canvas.view.setFocus()
        return canvas

    yield shown


@pytest.fixture
def canvas(draw: Draw) -> Canvas:
    return draw(row())
