"""A few choices side by side, one of them taken; a list of them where there is no room for that."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from studio.base.icons import paint_icon
from studio.base.spoken import Role, Spoken, changed
from studio.base.theme import theme

_HEIGHT = 28
_BESIDE = 16
"""What a choice needs beside its text."""
_FOLDED = 40
"""What the list needs beside the text of the one taken."""
_SHORTEST = 96
"""The list elides below that."""


class Segmented(QWidget):
    """`Segmented([tr("Ask"), tr("Retry"), tr("Fail")])`.

    `index` is the one taken, -1 where none is; `picked` tells what a person took. The arrow keys move along. A
    `ghost` is filled calmly: what holds as long as nothing is taken. Narrower than `narrowest` it shows the one taken,
    and a menu of all.
    """

    picked = Signal(int)

    def __init__(self, texts: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = list(texts)
        self._index = -1
        self._ghost = -1
        self._hovered = -1
        self._menu: QMenu | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    @property
    def index(self) -> int:
        return self._index

    def set_index(self, index: int) -> None:
        """Take the choice at `index` without telling; -1 takes none."""
        self._index = index if index < len(self._texts) else -1
        changed(self, value=True)
        self.update()

    def set_ghost(self, index: int) -> None:
        """Draw the choice at `index` lightly as long as none is taken."""
        self._ghost = index
        changed(self, value=True)
        self.update()

    def texts(self) -> Sequence[str]:
        return tuple(self._texts)

    def spoken(self) -> Spoken:
        """What a screen reader takes it for."""
        shown = self._index if self._index >= 0 else self._ghost
        return Spoken(Role.ComboBox, value=self._texts[shown] if 0 <= shown < len(self._texts) else "")

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self._metrics()
        width = sum(metrics.horizontalAdvance(text) + theme().px(24) for text in self._texts)
        return QSize(max(width, self.narrowest), theme().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        folded = min(self._widest() + theme().px(_FOLDED), theme().px(_SHORTEST))
        return QSize(min(folded, self.narrowest), theme().px(_HEIGHT))

    @property
    def narrowest(self) -> int:
        """The width that the choices need side by side."""
        return (self._widest() + theme().px(_BESIDE)) * len(self._texts)

    @property
    def folded(self) -> bool:
        """Whether it is a list now."""
        return self.width() < self.narrowest

    def _widest(self) -> int:
        metrics = self._metrics()
        return max((metrics.horizontalAdvance(text) for text in self._texts), default=0)

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(theme().font("body"))

    def _areas(self) -> list[QRectF]:
        count = len(self._texts)
        width = (self.width() - 1) / max(1, count)
        return [QRectF(0.5 + number * width, 0.5, width, self.height() - 1) for number in range(count)]

    def _at(self, x: float) -> int:
        if self.folded:
            return -1
        for number, area in enumerate(self._areas()):
            if area.left() <= x < area.right():
                return number
        return -1

    def _pick(self, index: int) -> None:
        if 0 <= index < len(self._texts) and index != self._index:
            self.set_index(index)
            self.picked.emit(index)

    def _open(self) -> None:
        """The list, below."""
        if self._menu is None:
            self._menu = QMenu(self)
        menu = self._menu
        menu.clear()
        menu.setMinimumWidth(self.width())
        shown = self._index if self._index >= 0 else self._ghost
        for number, text in enumerate(self._texts):
            action = menu.addAction(text.replace("&", "&&"), partial(self._pick, number))
            action.setCheckable(True)
            action.setChecked(number == shown)
            if number == shown:
                menu.setActiveAction(action)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.folded:
            self._open()
        else:
            self._pick(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._at(event.position().x())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        start = self._index if self._index >= 0 else self._ghost
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._pick(min(start + 1, len(self._texts) - 1))
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._pick(max(start - 1, 0))
        elif event.key() == Qt.Key.Key_Space:
            if self.folded:
                self._open()
            else:
                self._pick(max(start, 0))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        px, color = theme().px, theme().color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("body"))
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(whole, px(6), px(6))
        painter.fillPath(outline, color("field"))
        painter.setClipPath(outline)
        if self.folded:
            self._paint_folded(painter, whole)
        else:
            self._paint_side_by_side(painter)
        painter.setClipping(False)
        focused = self.hasFocus()
        painter.setPen(QPen(color("focus" if focused else "line-field"), 2 if focused else 1))
        painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5) if focused else whole, px(6), px(6))

    def _paint_folded(self, painter: QPainter, whole: QRectF) -> None:
        px, color = theme().px, theme().color
        shown = self._index if self._index >= 0 else self._ghost
        if self.underMouse() and self.isEnabled():
            painter.fillRect(whole, color("hover"))
        side = px(12)
        caret = QRectF(whole.right() - side - px(8), whole.center().y() - side / 2, side, side)
        paint_icon(painter, caret, "caret-down", color("text-2" if self.isEnabled() else "text-off"))
        if 0 <= shown < len(self._texts):
            area = whole.adjusted(px(9), 0, -(side + px(14)), 0)
            text = painter.fontMetrics().elidedText(self._texts[shown], Qt.TextElideMode.ElideRight, int(area.width()))
            painter.setPen(color("text" if self.isEnabled() else "text-off"))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_side_by_side(self, painter: QPainter) -> None:
        px, color = theme().px, theme().color
        for number, area in enumerate(self._areas()):
            taken = number == self._index
            ghost = self._index < 0 and number == self._ghost
            if taken or ghost:
                painter.fillRect(area, color("select" if taken else "pressed"))
            elif number == self._hovered and self.isEnabled():
                painter.fillRect(area, color("hover"))
            token = "accent-text" if taken else "text" if ghost else "text-2"
            painter.setPen(color(token if self.isEnabled() else "text-off"))
            text = painter.fontMetrics().elidedText(
                self._texts[number], Qt.TextElideMode.ElideRight, int(area.width()) - px(6)
            )
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
            if number:
                painter.setPen(color("line-field"))
                painter.drawLine(int(area.left()), 0, int(area.left()), self.height())
