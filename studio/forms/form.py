"""The form of an activity: derived from its declaration, and checked while a person types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import tr, tr_sentence
from studio.forms.context import FormContext
from studio.forms.field_group import FieldGroup, with_value
from studio.forms.message import Trouble
from studio.forms.shape import Declared, Shape, declared_fields
from studio.forms.shown import brief

if TYPE_CHECKING:
    from engine.api import Activity

_CHECK = 200
"""Milliseconds without typing after which constants are checked."""


class Form(QWidget):
    """`Form(activity, step.parameters, context=context)`.

    `changed` tells the name and the new value (`UNSET`: take it away) of the parameter a person edits. Parameters that
    the activity does not declare are shown as YAML, and can be taken away.
    """

    changed = Signal(str, object)

    def __init__(
        self, activity: Activity, values: Mapping[str, Any], *, context: FormContext, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.activity = activity
        self._context = context
        self._values: Mapping[str, Any] = dict(values)
        self._told: Mapping[str, str | Trouble] = {}
        self._own: dict[str, str] = {}
        self.group = FieldGroup(declared_fields(activity), context, self)
        self.group.changed.connect(self._changed)
        self._strangers: FieldGroup | None = None
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addWidget(self.group)
        self._timer = QTimer(self, singleShot=True, interval=_CHECK)
        self._timer.timeout.connect(self.check_now)
        self.setFocusProxy(self.group)
        self.set_values(values)

    def values(self) -> dict[str, Any]:
        """The parameters as the form shows them."""
        return dict(self._values)

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show other values, without telling; a field in which a person is typing keeps its cursor."""
        self._values = dict(values)
        self.group.set_values(self._values)
        self._show_strangers()
        self._timer.start()

    def set_problems(self, problems: Mapping[str, str | Trouble]) -> None:
        """Show problems of the document by parameter."""
        self._told = dict(problems)
        self._show_problems()

    def focus(self, name: str) -> bool:
        """Give the focus to a parameter. Tells whether there is such a one."""
        return self.group.focus(name) or (self._strangers is not None and self._strangers.focus(name))

    def focus_first(self) -> None:
        self.group.focus_first()

    def refresh(self) -> None:
        """Look again at the data of the last execution, and at the names in reach."""
        self.group.refresh()

    def check_now(self) -> None:
        """Check the constants against their types."""
        self._timer.stop()
        constants = {
            name: value for name, value in self._values.items() if name in self.activity.by_name and not _holds(value)
        }
        try:
            found = self.activity.check(constants)
        except Exception as error:  # the types of a plug-in may be such that nothing can be checked
            found = {}
            for name in constants:
                found.setdefault(name, tr("This cannot be checked: {error}", error=error))
        shapes = {one.name: one.shape for one in self.group.declared}
        self._own = {name: complaint(shapes[name], constants[name], reason) for name, reason in found.items()}
        self._show_problems()

    def _changed(self, name: str, value: Any) -> None:
        self._values = with_value(self._values, name, value, self.group.declared)
        self._timer.start()
        self.changed.emit(name, value)

    def _show_problems(self) -> None:
        # What the check of the document says of a constant, the form has said already, and in fewer words.
        self.group.set_problems({**self._told, **self._own})
        if self._strangers is not None:
            strangers = {one.name: tr("{activity} has no such parameter.", activity=self.activity.label)
                         for one in self._strangers.declared}  # fmt: skip
            self._strangers.set_problems({**strangers, **self._told})

    def _show_strangers(self) -> None:
        names = [name for name in self._values if name not in self.activity.by_name]
        shown = [one.name for one in self._strangers.declared] if self._strangers is not None else []
        if names != shown:
            if self._strangers is not None:
                self._whole.removeWidget(self._strangers)
                self._strangers.deleteLater()
                self._strangers = None
            if names:
                declared = [Declared(name, name, Shape("any")) for name in names]
                self._strangers = FieldGroup(declared, self._context, self)
                self._strangers.changed.connect(self._changed)
                self._whole.addWidget(self._strangers)
        if self._strangers is not None:
            self._strangers.set_values(self._values)


def _holds(value: Any) -> bool:
    """Whether an expression stands anywhere in a value."""
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, dict):
        return any(map(_holds, value.values()))
    return isinstance(value, (list, tuple)) and any(map(_holds, value))


def complaint(shape: Shape, value: Any, reason: str) -> str:
    """What is wrong with a constant, in one sentence: in the words of a form where they are known, else `reason`."""
    if shape.kind in ("integer", "number"):
        if isinstance(value, str):
            shown = brief(value, 40)
            if shape.kind == "integer":
                return tr("“{typed}” is not a whole number.", typed=shown)
            return tr("“{typed}” is not a number.", typed=shown)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if shape.kind == "integer" and value != value // 1:
                return tr("{number} is not a whole number.", number=brief(value))
            if shape.minimum is not None and value < shape.minimum:
                return tr("At least {bound}.", bound=brief(shape.minimum))
            if shape.maximum is not None and value > shape.maximum:
                return tr("At most {bound}.", bound=brief(shape.maximum))
    if shape.kind == "choice" and not shape.free:
        return tr("Choose one of: {choices}.", choices=", ".join(map(str, shape.choices)))
    return _sentence(reason)


def _sentence(reason: str) -> str:
    reason = reason.removeprefix("value error, ")
    reason = tr_sentence(reason)
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith((".", "?")) else ".")
