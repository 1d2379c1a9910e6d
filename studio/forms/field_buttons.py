"""What a field offers at the end of its label: another kind of value, and the way back to none."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from studio.base.i18n import tr
from studio.base.theme import set_kind, theme
from studio.widgets.icon_button import IconButton

_HEIGHT, _ROOM = 18, 44


class FieldButtons(QWidget):
    """Holds room for the buttons, so that nothing moves when they come; each is made when it is first offered."""

    switch_wanted = Signal()
    reset_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.switch: QPushButton | None = None
        self.reset: IconButton | None = None
        self.setFixedHeight(theme().px(_HEIGHT))
        self.setMinimumWidth(theme().px(_ROOM))

    @property
    def room(self) -> int:
        """The pixels that are kept for them."""
        return theme().px(_ROOM)

    def offer(self, *, switch: bool, reset: bool) -> None:
        """Show those that can be used."""
        if switch and self.switch is None:
            self.switch = QPushButton(self)
            set_kind(self.switch, "link")
            self.switch.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.switch.setCursor(Qt.CursorShape.PointingHandCursor)
            self.switch.setFixedHeight(theme().px(_HEIGHT))
            self.switch.clicked.connect(self.switch_wanted)
            self._row().insertWidget(1, self.switch)
        if reset and self.reset is None:
            self.reset = IconButton("arrow-counter-clockwise", tr("Back to the default"), parent=self)
            self.reset.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.reset.clicked.connect(self.reset_wanted)
            self._row().addWidget(self.reset)
        if self.switch is not None:
            self.switch.setVisible(switch)
        if self.reset is not None:
            self.reset.setVisible(reset)

    def name_switch(self, *, in_expression: bool, most: int) -> None:
        """Say what the switch leads to, in words where they need `most` pixels at the most."""
        if self.switch is None:
            return
        text, short = (tr("Value"), "abc") if in_expression else ("{ } " + tr("Expression"), "{ }")
        wide = QFontMetrics(theme().font("strong")).horizontalAdvance(text)
        self.switch.setText(text if wide <= most else short)
        self.switch.setToolTip(tr("Type a value") if in_expression else tr("Insert an expression"))
        self.switch.setAccessibleName(text)

    def _row(self) -> QHBoxLayout:
        row = self.layout()
        if not isinstance(row, QHBoxLayout):
            row = QHBoxLayout(self)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(theme().px(2))
            row.addStretch(1)
        return row
