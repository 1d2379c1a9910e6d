"""The live preview below a field: its value with the data of the last execution."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.base.i18n import number, tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.forms.context import FormContext
from studio.forms.preview import Preview, State, names_of, preview
from studio.forms.worker import Worker
from studio.widgets.icon_button import IconButton

_WAIT = 150
"""Milliseconds without typing after which a value is computed."""
_LOOKS: dict[State, tuple[str, str]] = {
    "value": ("eye", "text"),
    "null": ("eye", "text-3"),
    "empty": ("eye", "text-3"),
    "not_run": ("clock", "text-3"),
    "skipped": ("arrow-bend-up-right", "text-3"),
    "missing": ("warning", "paused"),
    "error": ("warning", "paused"),
}


class PreviewLine(QWidget):
    """Computes in a worker thread, and drops what is no longer asked for. `fault_found` tells what the data has against
    an expression."""

    fault_found = Signal(object)

    def __init__(self, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._text = ""
        self._round = 0
        self.answer: Preview | None = None
        self._worker = Worker(self)
        self._worker.answered.connect(self._answered)
        self._timer = QTimer(self, singleShot=True, interval=_WAIT)
        self._timer.timeout.connect(self._compute)
        self._icon = QLabel(self)
        self._value = QLabel(self)
        self._value.setTextFormat(Qt.TextFormat.PlainText)
        self._value.setMaximumHeight(theme().px(34))
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_kind(self._value, "small")
        self._caption = QLabel(tr("Preview from last run"), self)
        set_kind(self._caption, "muted")
        self._place = QLabel(self)
        set_kind(self._place, "muted")
        self._back = IconButton("caret-left", tr("Previous item"), lambda: self.go(-1), self, icon_side=12)
        self._next = IconButton("caret-right", tr("Next item"), lambda: self.go(1), self, icon_side=12)
        px = theme().px
        top = QHBoxLayout()
        top.setSpacing(px(6))
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._value, 1)
        self._below = QWidget(self)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(px(20), 0, 0, 0)
        below.setSpacing(px(2))
        below.addWidget(self._caption)
        below.addStretch(1)
        for widget in (self._back, self._place, self._next):
            below.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(px(2))
        whole.addLayout(top)
        whole.addWidget(self._below)
        self._whole = False
        self._below.hide()
        self.hide()
        theme().changed.connect(self._write)

    def show_value_of(self, text: str) -> None:
        """Compute what `text` gives, soon."""
        self._text = text
        self._timer.start()

    def set_whole(self, whole: bool) -> None:
        """Show two lines, and where they come from; or a single line where nobody works on the field."""
        self._whole = whole
        self._below.setVisible(whole)
        self._write()

    def clear(self) -> None:
        """Show nothing, and forget what is under way."""
        self._timer.stop()
        self._worker.forget()
        self.answer = None
        self.hide()

    def go(self, by: int) -> None:
        """Show another round of the loop around the step."""
        count = self._context.rounds()
        if count:
            self._round = (self._round + by) % count
            self._compute()

    def _compute(self) -> None:
        count = self._context.rounds()
        self._round = min(self._round, max(0, count - 1))
        lookup = self._context.lookup(self._round)
        if lookup is None:
            self.clear()
            return
        self._worker.ask(preview, self._text, names_of(lookup))

    def _answered(self, answer: Preview | None) -> None:
        self.answer = answer
        self._write()
        if answer is not None and answer.fault is not None:
            self.fault_found.emit(answer.fault)

    def _write(self) -> None:
        answer = self.answer
        self.setVisible(answer is not None)
        if answer is None:
            return
        name, color = _LOOKS[answer.state]
        size = theme().px(14)
        self._icon.setPixmap(icon(name, color="text-3" if name == "eye" else color).pixmap(QSize(size, size)))
        self._value.setToolTip(answer.text)
        self._value.setWordWrap(self._whole)
        self._fit()
        self._value.setStyleSheet(f"color: {theme().color(color).name()};")
        caption = tr("Preview from last run")
        self._caption.setText(f"{caption} · {answer.more}" if answer.more else caption)
        count = self._context.rounds()
        for widget in (self._back, self._place, self._next):
            widget.setVisible(count > 1)
        self._place.setText(tr("item {n} of {all}", n=number(self._round + 1), all=number(count)))

    def _fit(self) -> None:
        """As much of the value as there is room for."""
        if self.answer is None:
            return
        room = max(60, self.width() - theme().px(22))
        metrics = self._value.fontMetrics()
        text = metrics.elidedText(
            self.answer.text, Qt.TextElideMode.ElideRight, int(room * (1.85 if self._whole else 1))
        )
        if self._value.text() != text:
            self._value.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
