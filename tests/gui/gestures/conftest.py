"""A canvas of three steps in a row, in a window of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.api import Workflow
from tests.gui.gestures.canvas import Canvas, row

Draw = Callable[[Workflow], Canvas]


@pytest.fixture(scope="session", autouse=True)
def _painted_once(qapp: QApplication) -> None:
    """Qt starts threads of its own for its first large picture, and keeps them: not within a test."""
    QImage(2000, 2000, QImage.Format.Format_ARGB32).convertToFormat(QImage.Format.Format_RGB32)
    picture = QImage(1000, 640, QImage.Format.Format_ARGB32)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(0, 0, 1000, 640), QImage(1500, 900, QImage.Format.Format_ARGB32))
    painter.end()


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
