"""The zoom bar: smaller, the zoom in per cent (press: back to 100 %), larger, fit, minimap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme

if TYPE_CHECKING:
    from studio.designer.canvas.view import CanvasView


class ZoomBar(QWidget):
    def __init__(self, view: CanvasView) -> None:
        super().__init__(view.viewport())
        self._view = view
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 3, 3, 3)
        row.setSpacing(1)
        self.smaller = self._button("minus", tr("Zoom out"))
        self.percent = self._button("", tr("Zoom to 100 %"))
        self.larger = self._button("plus", tr("Zoom in"))
        self.everything = self._button("corners-out", tr("Show everything"))
        self.map = self._button("map-trifold", tr("Minimap"))
        self.map.setCheckable(True)
        self.map.setChecked(True)
        for button in (self.smaller, self.percent, self.larger, self.everything, self.map):
            row.addWidget(button)
        self.smaller.clicked.connect(view.zoom_out)
        self.percent.clicked.connect(lambda: view.zoom_to(view.natural))
        self.larger.clicked.connect(view.zoom_in)
        self.everything.clicked.connect(lambda: view.fit())
        self.map.toggled.connect(view.set_minimap)
        view.zoomed.connect(self._show)
        theme().changed.connect(self._restyle)
        self._show(view.zoom)
        self._restyle()

    def _button(self, name: str, text: str) -> QToolButton:
        button = QToolButton(self)
        set_kind(button, "tool")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setAutoRaise(True)
        if name:
            button.setIcon(icon(name))
            button.setIconSize(QSize(16, 16))
        return button

    def _restyle(self) -> None:
        side = max(26, theme().px(26))
        for button in (self.smaller, self.larger, self.everything, self.map):
            button.setFixedSize(side, side)
        self.percent.setFixedSize(theme().px(50), side)
        self.resize(self.sizeHint())
        self.update()

    def set_minimap(self, on: bool) -> None:
        """Show whether the minimap is there."""
        if self.map.isChecked() != on:
            self.map.setChecked(on)

    def _show(self, zoom: float) -> None:
        self.percent.setText(f"{max(1, round(zoom / self._view.natural * 100))} %")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("line"), 1))
        painter.setBrush(theme().color("panel"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()
