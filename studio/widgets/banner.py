"""A message that stays until it is answered, above what it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.spoken import Role, Spoken, announce
from studio.base.theme import set_kind, theme

LEVELS: dict[str, tuple[str, str, str]] = {
    "info": ("accent-text", "expression-soft", "info-fill"),
    "warn": ("paused", "paused-soft", "warning-fill"),
    "error": ("failed", "failed-soft", "x-circle-fill"),
    "doubt": ("doubt", "doubt-soft", "question-fill"),
}
"""Level -> colour of line and glyph, colour behind, glyph."""


class Banner(QFrame):
    """Hidden until `show_message`; `margin` is what it keeps free around itself.

    `closed` is emitted when the person closes it, not when a button is pressed.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None, *, margin: int = 0) -> None:
        super().__init__(parent)
        self._inset = (margin + 0.5, margin + 0.5, -margin - 0.5, -margin - 0.5)
        self.level = ""
        self._glyph = QLabel(self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.close_button = QToolButton(self)
        self.close_button.setIcon(icon("x", color="text-2"))
        self.close_button.setToolTip(tr("Close"))
        self.close_button.setAccessibleName(tr("Close"))
        set_kind(self.close_button, "tool")
        self.close_button.clicked.connect(self._close)
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(margin + 14, margin + 8, margin + 8, margin + 8)
        self._row.setSpacing(10)
        self._row.addWidget(self._glyph)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self.close_button)
        theme().changed.connect(self._restyle)
        self.hide()

    def show_message(
        self,
        level: str,
        title: str,
        text: str = "",
        buttons: Sequence[tuple[str, Callable[[], object]]] = (),
        *,
        closable: bool = True,
    ) -> None:
        """Show a message of `level`, one of `LEVELS`; a pressed button hides it and calls what belongs to it."""
        self.level = level
        bold = f"<b>{_escaped(title)}</b>" if title else ""
        self._words.setText("&nbsp; ".join(filter(None, (bold, _escaped(text).replace("\n", "<br>")))))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for number, (label, callback) in enumerate(buttons):
            button = QPushButton(label, self)
            button.clicked.connect(lambda _=False, callback=callback: self._answer(callback))
            self._row.insertWidget(2 + number, button)
            self.buttons.append(button)
        self.close_button.setVisible(closable)
        self._restyle()
        self.show()
        announce(self, self.message, urgent=level in ("error", "doubt"))

    def spoken(self) -> Spoken:
        """What a screen reader takes it for."""
        return Spoken(Role.AlertMessage)

    @property
    def message(self) -> str:
        """What is shown, as plain text."""
        return " ".join(filter(None, (self.accessibleName(), self.accessibleDescription())))

    def _answer(self, callback: Callable[[], object]) -> None:
        self.hide()
        callback()

    def _close(self) -> None:
        self.hide()
        self.closed.emit()

    def _restyle(self) -> None:
        if not self.level:
            return
        color, _, glyph = LEVELS[self.level]
        side = theme().px(16)
        self._glyph.setPixmap(icon(glyph, color=color).pixmap(QSize(side, side), self.devicePixelRatioF()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.level:
            return
        color, soft, _ = LEVELS[self.level]
        line = QColor(theme().color(color))
        line.setAlphaF(0.6)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme().color(soft))
        painter.setPen(QPen(line, 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(*self._inset), 8, 8)
        painter.end()


def _escaped(text: str) -> str:
    import html  # the first window does without

    return html.escape(text)
