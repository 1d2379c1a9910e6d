"""PySide6 6.12.0 loses a reference to None with every call that gives nothing, on a Python where None can die."""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QGraphicsRectItem

ROUNDS = 2_000
STRAY = 50
"""What the interpreter itself may add or drop meanwhile."""


def test_calls_that_give_nothing_keep_the_references_to_none(qapp: QApplication) -> None:
    image = QImage(32, 32, QImage.Format.Format_ARGB32_Premultiplied)
    item = QGraphicsRectItem(0, 0, 10, 10)
    color, place, area = QColor("white"), QPointF(1, 2), QRectF(0, 0, 4, 4)
    painter = QPainter(image)
    gc.collect()
    before = sys.getrefcount(None)
    for _ in range(ROUNDS):
        painter.setPen(color)
        painter.drawRect(area)
        item.setPos(place)
        item.update()
    drift = sys.getrefcount(None) - before
    painter.end()
    assert abs(drift) < STRAY, f"{drift} references to None after {ROUNDS} rounds: this PySide6 will crash"
