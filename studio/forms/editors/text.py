"""Editors of text, in which expressions stand among the words."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QDate, QPoint, QSize, Qt
from PySide6.QtWidgets import QCalendarWidget, QFrame, QLabel, QToolButton, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.forms.context import FormContext
from studio.forms.editors.editor import ValueEditor, shows
from studio.forms.expression_edit import ExpressionEdit
from studio.forms.shape import Declared
from studio.forms.shown import brief, summary
from studio.forms.unset import UNSET, same
from studio.forms.yaml_text import TooLarge, any_text, any_value, scalar, scalar_text
from studio.widgets.path_edit import PathButton

_LONGEST = 100_000
"""Characters that a field shows; a longer text makes typing slow."""


class TextEditor(ValueEditor):
    """Text of one or several lines, a path, a date, a length of time, or any single value."""

    templates = True

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        kind = self.shape.kind
        code = kind in ("code", "expression") or (kind == "any" and not self.shape.computed)
        lines = {"lines": 3, "any": 1 if self.shape.computed else 4}.get(kind, 1)
        self.edit = ExpressionEdit(
            context,
            self,
            lines=lines,
            most=12 if kind in ("lines", "any") else 6,
            code=code,
            always=kind == "expression" or self.shape.computed,
            lazy=kind == "expression",
        )
        self.edit.setPlaceholderText(self._placeholder())
        self.edit.text_edited.connect(self._tell)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self._picker: PathButton | None = None
        if kind == "path":
            self._picker = PathButton(self.shape.path, context.folder, self)
            self._picker.chosen.connect(self._choose)
            self._small(self._picker)
            self.edit.set_trailing(self._picker)
        elif kind == "date":
            button = QToolButton(self)
            button.setIcon(icon("calendar-blank"))
            button.setToolTip(tr("Choose a day"))
            button.setAccessibleName(button.toolTip())
            button.clicked.connect(lambda: self._open_calendar(button))
            self._small(button)
            self.edit.set_trailing(button)
        elif self.shape.unit:
            unit = QLabel(tr(self.shape.unit), self)
            set_kind(unit, "small")
            self.edit.set_trailing(unit)

    def accepts(self, value: Any) -> bool:
        if self.shape.kind in ("scalar", "duration"):
            try:
                text = scalar_text(value)
                return len(text) <= _LONGEST and shows(text)
            except TooLarge:
                return False
        return isinstance(value, str) and len(value) <= _LONGEST and shows(value)

    def set_value(self, value: Any) -> None:
        if value is UNSET:
            text = ""
        elif same(self._value(self.edit.text()), value):
            return
        else:
            text = self._text(value)
        self.edit.set_text(text)
        self._tell_picker(text)

    def _text(self, value: Any) -> str:
        return scalar_text(value) if self.shape.kind in ("scalar", "duration") else str(value)

    def _value(self, text: str) -> Any:
        """What the text means. An empty one is no value, unless empty is something that can be meant."""
        if not text:
            return "" if self._empty_counts() else UNSET
        if self.shape.kind in ("scalar", "duration"):
            return scalar(text)
        return text

    def _empty_counts(self) -> bool:
        default = self.declared.default
        return self.shape.kind in ("text", "lines") and isinstance(default, str) and default != ""

    def _placeholder(self) -> str:
        if self.declared.default is not UNSET and self.declared.default != "":
            return brief(self.declared.default, 60)
        if self.declared.placeholder:
            return tr(self.declared.placeholder)
        if self.shape.kind == "duration":
            return tr("30s, 5m or 1h30m")
        return "2026-11-23" if self.shape.kind == "date" else ""

    def _tell(self, text: str) -> None:
        self._tell_picker(text)
        self.edited.emit(self._value(text))

    def _tell_picker(self, text: str) -> None:
        if self._picker is not None:
            self._picker.current = text

    def _choose(self, path: str) -> None:
        self.edit.selectAll()
        self.edit.insertPlainText(path)

    def _small(self, button: QToolButton) -> None:
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(QSize(theme().px(16), theme().px(16)))
        button.setCursor(Qt.CursorShape.PointingHandCursor)

    def _open_calendar(self, button: QToolButton) -> None:
        popup = QFrame(self, Qt.WindowType.Popup)
        set_kind(popup, "popover")
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar = QCalendarWidget(popup)
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        day = QDate.fromString(self.edit.text()[:10], Qt.DateFormat.ISODate)
        if day.isValid():
            calendar.setSelectedDate(day)
        rest = self.edit.text()[10:] if day.isValid() else ""

        def choose(picked: QDate) -> None:
            self._choose(picked.toString(Qt.DateFormat.ISODate) + rest)
            popup.close()

        calendar.clicked.connect(choose)
        calendar.activated.connect(choose)
        layout = QVBoxLayout(popup)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(calendar)
        popup.move(button.mapToGlobal(QPoint(button.width() - popup.sizeHint().width(), button.height() + 2)))
        popup.show()


class AnyEditor(TextEditor):
    """Any value at all, as YAML; JSON, which is YAML too, where that is its language."""

    def accepts(self, value: Any) -> bool:
        try:
            text = any_text(value, self.shape.language)
            return len(text) <= _LONGEST and shows(text)
        except TooLarge:
            return False

    def _text(self, value: Any) -> str:
        return any_text(value, self.shape.language)

    def _value(self, text: str) -> Any:
        return any_value(text) if text.strip() else UNSET


class HugeEditor(ValueEditor):
    """Stands for a value that is too large to be shown, or cannot be written as text; it is kept, or taken away."""

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self._about = QLabel(self)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setWordWrap(True)
        self._about.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_kind(self._about, "small")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._about)
        self.setFocusProxy(self._about)

    def accepts(self, value: Any) -> bool:
        return True

    def set_value(self, value: Any) -> None:
        what = summary(value)
        self._about.setText(
            tr("Too large to edit here ({size}): {start}", size=what, start=brief(value, 80))
            if what
            else tr("Cannot be edited here: {start}", start=brief(value, 80))
        )
