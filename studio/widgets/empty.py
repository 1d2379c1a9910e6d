"""What stands where the first item will appear."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.base.icons import icon
from studio.base.theme import set_kind, theme

_ICON = 22


class EmptyState(QFrame):
    """An icon, one sentence that names the next action, one line how, and at most one button (label, callback)."""

    def __init__(
        self,
        icon_name: str,
        title: str,
        text: str = "",
        button: tuple[str, Callable[[], object]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._picture = QLabel(self)
        self.title = QLabel(title, self)
        set_kind(self.title, "section")
        self.text = QLabel(text, self)
        set_kind(self.text, "muted")
        for label in (self.title, self.text):
            label.setWordWrap(True)
        self.text.setVisible(bool(text))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        self.button: QPushButton | None = None
        if button is not None:
            self.button = QPushButton(button[0], self)
            self.button.clicked.connect(lambda: button[1]())
            words.addSpacing(8)
            words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 16, 20, 16)
        row.setSpacing(12)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_text(self, title: str, text: str = "") -> None:
        """Say something else."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be no higher than the words are at this width: a size policy would not know how they wrap."""
        wrapped = self.hasHeightForWidth()  # not before any of the words is to be seen
        self.setMaximumHeight(self.heightForWidth(self.width()) if wrapped else self.sizeHint().height())

    def _restyle(self) -> None:
        side = theme().px(_ICON)
        self._picture.setPixmap(
            icon(self._icon_name, color="text-3").pixmap(QSize(side, side), self.devicePixelRatioF())
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme().color("line-field"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.end()
