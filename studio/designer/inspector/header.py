"""The head of the inspector: what the step is called, what it is, how it goes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.icons import paint_icon
from studio.base.theme import set_kind, theme
from studio.forms.line import Line
from studio.widgets.chip import Chip
from studio.widgets.icon_button import IconButton


class Tile(QWidget):
    """The icon of a step on the colour of its category; dashed where its activity is unknown."""

    def __init__(self, parent: QWidget | None = None, side: int = 36) -> None:
        super().__init__(parent)
        self._side = side
        self._icon, self._color, self._known = "cube", "cat-code", True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_icon(self, icon: str, color: str, known: bool = True) -> None:
        self._icon, self._color, self._known = icon, color, known
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(self._side), theme().px(self._side))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self._known:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(self._color))
        else:
            pen = painter.pen()
            pen.setColor(theme().color("warn-mark"))
            pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
        painter.drawRoundedRect(area, 7, 7)
        size = self.width() * 0.58
        inner = QRectF(area.center().x() - size / 2, area.center().y() - size / 2, size, size)
        paint_icon(painter, inner, self._icon, theme().color("on-accent" if self._known else "warn-mark"))


class EditableLabel(QWidget):
    """A text that becomes a field when it is clicked, or reached with Tab and answered with Enter or F2.

    `committed` tells the new text; Esc leaves the old one. An empty text is shown as `placeholder`.
    """

    committed = Signal(str)

    def __init__(self, kind: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._fallback = ""
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        set_kind(self._label, kind)
        self._line = Line(self)
        self._line.hide()
        self._line.editingFinished.connect(self._finish)
        self._line.setAccessibleName(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label)
        row.addWidget(self._line)

    def text(self) -> str:
        return self._text

    @property
    def line(self) -> Line:
        """The field, while it is open."""
        return self._line

    def set_text(self, text: str, fallback: str = "") -> None:
        """Show `text`, or `fallback` where it is empty. A field that is open stays as it is typed."""
        self._text, self._fallback = text, fallback
        self._elide()

    def edit(self) -> None:
        """Open the field."""
        self._line.setText(self._text)
        self._line.setPlaceholderText(self._fallback)
        self._label.hide()
        self._line.show()
        self._line.setFocus()
        self._line.selectAll()

    def _finish(self) -> None:
        if self._line.isHidden():
            return
        text = self._line.text().strip()
        self._close()
        if text != self._text:
            self.committed.emit(text)

    def _close(self) -> None:
        back = self._line.hasFocus()
        self._line.hide()
        self._label.show()
        if back:
            self.setFocus()

    def _elide(self) -> None:
        shown = self._text or self._fallback
        width = max(40, self.width())
        self._label.setText(self._label.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, width))
        self.setAccessibleDescription(shown)

    def sizeHint(self) -> QSize:
        width = self._label.fontMetrics().horizontalAdvance(self._text or self._fallback) + 4
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(40), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._line.isHidden():
            self.edit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._line.isHidden() and event.key() == Qt.Key.Key_Escape:
            self._line.setText(self._text)
            self._close()
        elif self._line.isHidden() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus() and self._line.isHidden():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme().color("focus"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class _Elided(QLabel):
    """A short text that gives way where there is no room for it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        set_kind(self, "small")

    def set_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self.updateGeometry()
        self._elide()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(30), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


class Header(QWidget):
    """Tile, label and id of a step; both can be edited in place. `labelled` and `renamed` tell what was typed."""

    labelled = Signal(str)
    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tile = Tile(self)
        self.label = EditableLabel("heading", tr("Name of the step"), self)
        self.label.committed.connect(self.labelled)
        self._activity = _Elided(self)
        self.id = EditableLabel("code", tr("Id of the step, which expressions use"), self)
        self.id.committed.connect(self.renamed)
        self.chip = Chip("", "", self)
        self.chip.hide()
        px = theme().px
        below = QHBoxLayout()
        below.setSpacing(px(4))
        below.addWidget(self._activity)
        below.addWidget(self.id)
        below.addStretch(1)
        below.addWidget(self.chip)
        texts = QVBoxLayout()
        texts.setSpacing(px(1))
        texts.addWidget(self.label)
        texts.addLayout(below)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(14), px(12), px(12), px(8))
        row.setSpacing(px(10))
        row.addWidget(self.tile, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(px(2))
        row.addLayout(self._buttons)
        row.setAlignment(self._buttons, Qt.AlignmentFlag.AlignTop)

    def add_button(self, icon: str, text: str, act: Callable[[], object]) -> IconButton:
        """A button at the right end."""
        button = IconButton(icon, text, act, self, side=24, icon_side=16)
        self._buttons.addWidget(button)
        return button

    def show_step(self, label: str, fallback: str, activity: str, id: str) -> None:
        self.label.set_text(label, fallback)
        self._activity.set_text(f"{activity} ·")
        self._activity.setVisible(activity != (label or fallback))
        self.id.set_text(id)

    def show_status(self, status: str, text: str) -> None:
        """The chip below the name; none where there is nothing to say."""
        self.chip.set(status, text)
        self.chip.setVisible(bool(text))
