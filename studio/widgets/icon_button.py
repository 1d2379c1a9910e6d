"""A small button that is nothing but its icon, for places where an ordinary one would be too heavy."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.widgets.drawn_button import DrawnButton


class IconButton(DrawnButton):
    """`text` is its tooltip and what a screen reader says."""

    def __init__(
        self,
        icon_name: str,
        text: str,
        act: Callable[[], object] | None = None,
        parent: QWidget | None = None,
        *,
        side: int = 18,
        icon_side: int = 13,
    ) -> None:
        super().__init__(text, parent)
        self._icon_name, self._side, self._icon_side = icon_name, side, icon_side
        self.setToolTip(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if act is not None:
            self.clicked.connect(act)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(self._side), theme().px(self._side))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme().color
        whole = QRectF(self.rect())
        if self.isEnabled() and (self.underMouse() or self.isDown() or self.isChecked()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(whole, 4, 4)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color("focus"), 1.5))
            painter.drawRoundedRect(whole.adjusted(1, 1, -1, -1), 4, 4)
        size = theme().px(self._icon_side)
        area = QRectF(whole.center().x() - size / 2, whole.center().y() - size / 2, size, size)
        token = "text-off" if not self.isEnabled() else "text-2" if self.underMouse() or self.isChecked() else "text-3"
        paint_icon(painter, area, self._icon_name, color(token))
