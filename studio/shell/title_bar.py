"""The row at the top: the menus, the command field, what runs and waits, and the engine."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from studio.base.i18n import tr, trn
from studio.base.icons import icon, paint_icon
from studio.base.theme import set_kind, theme
from studio.shell.menu_bar import MenuBar
from studio.widgets.chip import Chip
from studio.widgets.drawn_button import DrawnButton
from studio.widgets.key_cap import cap_width, paint_cap
from studio.widgets.logo import Logo

HEIGHT = 36
_FIELD = (180, 380)
"""Least and greatest width of the command field."""


class CommandField(DrawnButton):
    """Looks like a search field and opens the command palette: typing happens there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Search or run a command"), parent)
        self.keys = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._restyle()

    def set_keys(self, keys: str) -> None:
        """The keys that do the same, as the platform writes them."""
        self.keys = keys
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(_FIELD[1]), theme().px(26))

    def _restyle(self) -> None:
        self.setMinimumSize(theme().px(_FIELD[0]), theme().px(26))
        self.setMaximumWidth(theme().px(_FIELD[1]))
        super()._restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = 2 if self.hasFocus() else 1
        painter.setPen(
            QPen(theme().color("focus" if self.hasFocus() else "line-field" if self.underMouse() else "line"), line)
        )
        painter.setBrush(theme().color("field"))
        inset = line / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 6, 6)
        side = theme().px(14)
        glass = QRectF(10, (self.height() - side) / 2, side, side)
        paint_icon(painter, glass, "magnifying-glass", theme().color("text-2"))
        left = int(glass.right()) + 8
        right = self.width() - 5
        if self.keys and cap_width(self.keys) + theme().px(110) < self.width():
            paint_cap(painter, QRect(0, 0, right, self.height()), self.keys)
            right -= cap_width(self.keys) + 8
        painter.setFont(theme().font("body"))
        painter.setPen(theme().color("text-2"))
        text = QFontMetrics(painter.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, right - left)
        room = QRect(left, 0, right - left, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()


class TitleBar(QWidget):
    """Menus left, command field in the centre, counts and engine right. The menus are the system's own on macOS."""

    palette_wanted = Signal()
    count_clicked = Signal(str)
    """`running` or `doubt`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.menu_bar = MenuBar(self)
        self.field = CommandField(self)
        self.field.clicked.connect(self.palette_wanted)
        self.doubt = Chip("doubt", "", self, interactive=True)
        self.running = Chip("running", "", self, interactive=True)
        for name, chip in (("doubt", self.doubt), ("running", self.running)):
            chip.hide()
            chip.activated.connect(lambda name=name: self.count_clicked.emit(name))
        self.engine = QToolButton(self)
        self.engine.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.engine.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.engine_menu = QMenu(self.engine)
        self.engine_menu.setToolTipsVisible(True)
        self.engine.setMenu(self.engine_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 10, 1)
        row.setSpacing(6)
        row.addWidget(Logo(18, self))
        row.addSpacing(2)
        if self.menu_bar.isNativeMenuBar():
            row.addStretch(1)
        else:
            row.addWidget(self.menu_bar, 0, Qt.AlignmentFlag.AlignVCenter)
            self.menu_bar.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        row.addStretch(1)
        row.addWidget(self.field, 4)
        row.addStretch(1)
        row.addWidget(self.doubt)
        row.addWidget(self.running)
        row.addWidget(self.engine)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.set_engine("opening", tr("Starting…"))

    def set_counts(self, running: int, doubt: int) -> None:
        """How many executions run, and how many wait for an answer; nothing is shown for none."""
        self.running.set("running", trn("{n} running", "{n} running", running))
        self.running.setVisible(running > 0)
        self.doubt.set("doubt", trn("{n} in doubt", "{n} in doubt", doubt))
        self.doubt.setVisible(doubt > 0)

    def set_engine(self, state: str, text: str, details: str = "") -> None:
        """How the engine is: `opening`, `open`, `reading` (another process writes) or `failed`, in a word or two."""
        marks = {"open": ("monitor", "text-2"), "opening": ("hourglass", "text-3"), "reading": ("lock", "paused")}
        name, color = marks.get(state, ("warning-circle-fill", "failed"))
        self.engine.setIcon(icon(name, color=color))
        self.engine.setText(" " + text)
        self.engine.setToolTip(details or text)
        self.engine.setAccessibleName(tr("Engine: {state}", state=text))

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.engine.setIconSize(QSize(theme().px(16), theme().px(16)))
        self.engine.setStyleSheet(f"QToolButton {{ padding: 0 8px; min-height: {theme().px(24)}px; }}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(theme().color("line-subtle"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.end()
