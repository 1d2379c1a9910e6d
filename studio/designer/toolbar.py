"""The row of buttons above the canvas: run, stop, undo, arrange; what the run says at its end."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from studio.base.actions import Actions
from studio.base.i18n import tr, trn
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.widgets.key_cap import cap_width, paint_cap

HEIGHT = 40
BUTTONS = (
    ("edit.undo", "edit.redo"),
    ("arrange.layout", "insert.note", "insert.frame", "view.fit"),
)
"""The buttons behind Run and Stop, in groups."""


class ActionButton(QPushButton):
    """A wide button of an action, with its key."""

    def __init__(self, id: str, actions: Actions, kind: str, color: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._id = id
        self._actions = actions
        self._action = actions.qaction(id)
        declared = actions.declared(id)
        self.setIcon(icon(declared.icon, color))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_kind(self, kind)
        self._keys = ""
        self.setStyleSheet("text-align: left;")
        self.clicked.connect(lambda: actions.trigger(id))
        self._action.changed.connect(self._show)
        actions.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.setText(self._action.text())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())
        self._keys = self._actions.shown_keys(self._id)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        return QSize(size.width() + (cap_width(self._keys) + 4 if self._keys else 0), size.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._keys:
            return
        painter = QPainter(self)
        if self.property("kind") == "primary" and self.isEnabled():
            painter.setPen(theme().color("on-accent"))
            painter.setFont(theme().font("label"))
            end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect().adjusted(0, 0, -12, 0), end, self._keys)
        else:
            paint_cap(painter, self.rect().adjusted(0, 0, -8, 0), self._keys)


class ToolRow(QFrame):
    """Run and Stop never leave it; what has no room goes behind ». `end` is where a run says how it is."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "panel")
        self.run = ActionButton("run.start", actions, "primary", "on-accent", self)
        self.stop = ActionButton("run.stop", actions, "", "failed", self)
        self.bar = QToolBar(self)
        self.bar.setMovable(False)
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for group in BUTTONS:
            self.bar.addSeparator()
            for id in group:
                self.bar.addAction(actions.qaction(id))
        for button in self.bar.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        more = self.bar.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is not None:
            more.setToolTip(tr("More"))
            more.setAccessibleName(tr("More"))
        self.end = QHBoxLayout()
        self.end.setSpacing(8)
        self.problems = QToolButton(self)
        self.problems.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.problems.setStyleSheet("padding: 0 6px;")
        self.problems.clicked.connect(lambda: actions.trigger("run.problems"))
        self.problems.hide()
        self.end.addWidget(self.problems)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.run)
        row.addWidget(self.stop)
        row.addWidget(self.bar, 1)
        row.addLayout(self.end)
        self._resize()
        theme().changed.connect(self._resize)

    def _resize(self) -> None:
        """As large as the text is."""
        px = theme().px
        self.setFixedHeight(px(HEIGHT))
        self.bar.setIconSize(QSize(px(17), px(17)))
        for button in self.bar.findChildren(QToolButton):
            button.setFixedSize(px(28), px(28))
        for action in (self.run, self.stop):
            action.setIconSize(QSize(px(16), px(16)))

    def show_problems(self, errors: int, warnings: int) -> None:
        """Say how many there are; nothing where there are none."""
        count = errors + warnings
        self.problems.setVisible(bool(count))
        if count:
            self.problems.setIcon(icon("x-circle-fill", "failed") if errors else icon("warning-fill", "warn-mark"))
            self.problems.setText(" " + trn("{n} problem", "{n} problems", count))
            self.problems.setToolTip(tr("{errors} errors, {warnings} warnings", errors=errors, warnings=warnings))
