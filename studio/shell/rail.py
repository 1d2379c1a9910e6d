"""The rail at the left: one entry a page, as icons or with names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEasingCurve, QPropertyAnimation, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.icons import paint_icon
from studio.base.preferences import preferences
from studio.base.theme import set_kind, theme
from studio.shell.page_entry import PageEntry
from studio.widgets.drawn_button import DrawnButton

NARROW, WIDE = 52, 184
STATE = "rail"
"""Where the preferences remember for each page whether the names are shown."""


class RailButton(DrawnButton):
    """An icon, its name where there is room, and a count."""

    def __init__(self, icon_name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._icon_name = icon_name
        self.badge = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_badge(self, count: int) -> None:
        """Show how many wait there for an answer."""
        self.badge = count
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(NARROW) - 12, theme().px(36))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        active = self.isChecked()
        ground = "select" if active else "pressed" if self.isDown() else "hover" if self.underMouse() else ""
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(ground))
            painter.drawRoundedRect(whole, 7, 7)
        color = theme().color("accent-text" if active else "text-2")
        side = theme().px(20)
        left = (theme().px(NARROW) - 12 - side) / 2
        glyph = QRectF(left, (whole.height() - side) / 2, side, side)
        paint_icon(painter, glyph, self._icon_name + ("-fill" if active else ""), color)
        named = self.width() > theme().px(NARROW) + 20
        right = whole.right() - 8
        if self.badge:
            right = self._paint_badge(painter, named)
        if named:
            painter.setFont(theme().font("strong"))
            painter.setPen(color)
            words = QRectF(glyph.right() + 12, 0, right - glyph.right() - 16, whole.height())
            text = QFontMetrics(painter.font()).elidedText(
                self.text(), Qt.TextElideMode.ElideRight, int(words.width()) + 1
            )
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.drawRoundedRect(whole.adjusted(1, 1, -1, -1), 7, 7)
        painter.end()

    def _paint_badge(self, painter: QPainter, named: bool) -> float:
        """Draw the count and say where what stands left of it must end."""
        text = str(self.badge) if self.badge < 100 else "99+"
        font = theme().font("count")
        height = theme().px(16)
        width = max(height, QFontMetrics(font).horizontalAdvance(text) + theme().px(8))
        top = (self.height() - height) / 2 if named else 2.0
        box = QRectF(self.width() - width - (8 if named else 1), top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("doubt"))
        painter.drawRoundedRect(box, height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(theme().color("raised"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return box.left()


class Rail(QWidget):
    """The entries of the pages; `chosen` carries the id of the page that was asked for."""

    chosen = Signal(str)
    expanded_changed = Signal(bool)

    def __init__(self, entries: Sequence[PageEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Pages"))
        self._entries = {entry.id: entry for entry in entries}
        self._page = ""
        self.expanded = True
        self.buttons: dict[str, RailButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        for place in ("top", "bottom"):
            if place == "bottom":
                column.addStretch(1)
            for entry in entries:
                if entry.place == place:
                    button = RailButton(entry.icon, tr(entry.title), self)
                    button.setCheckable(True)
                    button.clicked.connect(lambda _=False, id=entry.id: self._choose(id))
                    column.addWidget(button)
                    self.buttons[entry.id] = button
        self.toggle = RailButton("sidebar-simple", "", self)
        self.toggle.clicked.connect(lambda: self.set_expanded(not self.expanded))
        column.addWidget(self.toggle)
        self._motion = QPropertyAnimation(self, b"minimumWidth", self)
        self._motion.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._motion.valueChanged.connect(lambda width: self.setMaximumWidth(int(width)))
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_keys(self, keys: dict[str, str]) -> None:
        """Show the keys of the pages in the tooltips, by id, as the platform writes them."""
        for id, button in self.buttons.items():
            shown = keys.get(id, "")
            button.setToolTip(button.text() + (f" ({shown})" if shown else ""))

    def show_page(self, id: str) -> None:
        """Mark the page that is shown, with names or without, as was chosen for it."""
        self._page = id
        for name, button in self.buttons.items():
            button.setChecked(name == id)
        entry = self._entries.get(id)
        remembered = _remembered().get(id)
        self._apply(remembered if isinstance(remembered, bool) else entry is None or not entry.compact, moving=False)

    def set_expanded(self, on: bool) -> None:
        """Show the names, or hide them, and remember it for this page."""
        preferences().set_state(STATE, {**_remembered(), self._page: on})
        self._apply(on, moving=True)

    def set_badge(self, id: str, count: int) -> None:
        """Show at a page how many wait there for an answer; nothing for a page that is not there."""
        if id in self.buttons:
            self.buttons[id].set_badge(count)

    def _choose(self, id: str) -> None:
        self.buttons[id].setChecked(id == self._page)  # the window says when the page is really shown
        self.chosen.emit(id)

    def _apply(self, on: bool, *, moving: bool) -> None:
        changed = on != self.expanded
        self.expanded = on
        label = tr("Collapse") if on else tr("Show names")
        self.toggle.setText(label)
        self.toggle.setAccessibleName(label)
        self.toggle.setToolTip("" if on else label)
        self._motion.stop()
        duration = theme().duration("move")
        if moving and duration and self.isVisible():
            self._motion.setDuration(duration)
            self._motion.setStartValue(self.width())
            self._motion.setEndValue(self._target())
            self._motion.start()
        else:
            self.setFixedWidth(self._target())
        if changed:
            self.expanded_changed.emit(on)

    def _target(self) -> int:
        return theme().px(WIDE if self.expanded else NARROW)

    def _restyle(self) -> None:
        self._motion.stop()
        self.setFixedWidth(self._target())
        self.update()


def _remembered() -> dict[str, object]:
    found = preferences().state(STATE, {})
    return dict(found) if isinstance(found, dict) else {}
