from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap

from studio.base.icons import icon


def test_drawing_an_icon_leaves_the_painter_as_it_was() -> None:
    surface = QPixmap(32, 32)
    painter = QPainter(surface)
    font = QFont("Inter")
    font.setPixelSize(17)
    painter.setFont(font)
    painter.setPen(QColor("red"))
    icon("x").paint(painter, QRect(0, 0, 16, 16))
    after, pen = painter.font(), painter.pen().color()
    painter.end()
    assert (after.family(), after.pixelSize()) == ("Inter", 17)
    assert pen == QColor("red")
