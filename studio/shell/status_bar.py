"""The row at the bottom: what happens now at the left, the file and the language at the right."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.base.i18n import language, tr
from studio.base.icons import icon
from studio.base.spoken import announce
from studio.base.theme import set_kind, theme
from studio.widgets.chip import STATUSES, paint_glyph

HEIGHT = 24
_MOMENT = 6000


class ElidedLabel(QLabel):
    """A line that gives way: what does not fit is left out in the middle (or at the end) and stands in the tooltip."""

    def __init__(self, parent: QWidget | None = None, mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__(parent)
        self._text = ""
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        set_kind(self, "small")

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        if text == self._text:
            return
        metrics = self.fontMetrics()
        wide = metrics.horizontalAdvance(text) != metrics.horizontalAdvance(self._text)
        self._text = text
        if wide:
            super().setText(text)
        else:  # a clock in it ticks; the window need not be laid out anew each time
            self.setAccessibleName(text)
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(24), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = QFontMetrics(self.font()).elidedText(self.text(), self._mode, self.width())
        tip = self.text() if shown != self.text() else ""
        if self.toolTip() != tip:
            self.setToolTip(tip)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | self.alignment(), shown)
        painter.end()


class _Glyph(QWidget):
    """The glyph of a status, or a quiet check while nothing happens."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.status = ""

    def sizeHint(self) -> QSize:
        return QSize(theme().px(12), theme().px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = theme().px(12)
        box = QRectF(0, (self.height() - side) / 2, side, side)
        if self.status:
            paint_glyph(painter, box, self.status)
        else:
            icon("check-circle", color="text-3").paint(painter, box.toRect())
        painter.end()


class StatusBar(QWidget):
    """`show_now` says what goes on and stays; `say` says what has just happened and goes after a moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._now = ("", tr("Ready"))
        self._glyph = _Glyph(self)
        self.now = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.detail = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.file = ElidedLabel(self)
        self.file.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.language = QLabel(language().upper(), self)
        set_kind(self.language, "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 12, 0)
        row.setSpacing(6)
        row.addWidget(self._glyph)
        row.addWidget(self.now)
        row.addSpacing(8)
        row.addWidget(self.detail)
        row.addStretch(1)
        row.addWidget(self.file)
        row.addSpacing(8)
        row.addWidget(self.language)
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.timeout.connect(self._show)
        theme().changed.connect(self._restyle)
        self._restyle()
        self._show()

    def show_now(self, text: str = "", status: str = "", detail: str = "") -> None:
        """What goes on now: `status` is one of the chips', `detail` a second, quieter text. Nothing means ready."""
        if status not in STATUSES:
            raise ValueError(f"there is no status {status!r}")
        self._now = (status, text or tr("Ready"))
        self.detail.setText(detail)
        if not self._moment.isActive():
            self._show()

    def say(self, text: str, status: str = "done") -> None:
        """Say for a few seconds what has just happened: "Saved order-report.rpa.yaml"."""
        self._put(status, text)
        announce(self, text)
        self._moment.start(_MOMENT)

    def show_file(self, text: str) -> None:
        """The file that is open, or nothing."""
        self.file.setText(text)

    def _show(self) -> None:
        self._put(*self._now)

    def _put(self, status: str, text: str) -> None:
        self._glyph.status = status
        self._glyph.update()
        self.now.setText(text)
        self.now.setAccessibleName(text)

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.language.setText(language().upper())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(theme().color("line-subtle"))
        painter.drawLine(0, 0, self.width(), 0)
        painter.end()
