"""What a workflow is started with, asked in a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.core.errors import InputError
from studio.base.i18n import tr, tr_sentence
from studio.base.theme import set_kind
from studio.forms.context import FormContext, no_secrets
from studio.forms.editors.secret import secret_name
from studio.forms.field_group import FieldGroup, with_value
from studio.forms.shape import Declared, Shape
from studio.forms.unset import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.api import Input

_SHAPES: Mapping[str, Shape] = {
    "text": Shape("text"),
    "number": Shape("number"),
    "integer": Shape("integer"),
    "boolean": Shape("switch"),
    "date": Shape("date"),
    "datetime": Shape("date"),
    "list": Shape("list", item=Shape("scalar")),
    "mapping": Shape("mapping", item=Shape("scalar")),
    "file": Shape("path"),
    "folder": Shape("path", path="folder"),
    "secret": Shape("secret"),
    "any": Shape("any"),
}


def input_field(item: Input) -> Declared:
    """The field in which one input is asked for."""
    shape = _SHAPES.get(item.type, _SHAPES["any"])
    if item.choices:
        shape = Shape("choice", choices=tuple(item.choices))
    default = UNSET if item.default is None else item.default
    required = item.required and item.default is None
    placeholder = "2026-11-23T08:30" if item.type == "datetime" else ""
    return Declared(item.name, item.label or item.name, shape, item.help, placeholder, required, default)


class InputsForm(QWidget):
    """`values()` are those that a person gave; an input left alone is not among them, and keeps its default.

    What is wrong is shown at a field once it was touched, and at all of them by `problems()`.
    """

    changed = Signal()

    def __init__(
        self,
        inputs: Sequence[Input],
        folder: Path | None = None,
        parent: QWidget | None = None,
        *,
        secrets: Callable[[], Sequence[str]] = no_secrets,
    ) -> None:
        super().__init__(parent)
        self._inputs = {item.name: item for item in inputs}
        self._values: dict[str, Any] = {}
        self._touched: set[str] = set()
        context = FormContext(folder=folder, secrets=secrets, expressions=False)
        self.group = FieldGroup([input_field(item) for item in self._inputs.values()], context, self)
        self.group.changed.connect(self._changed)
        self.group.set_values({})
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.group)
        if not inputs:
            nothing = QLabel(tr("This workflow asks for nothing."), self)
            set_kind(nothing, "muted")
            whole.addWidget(nothing)
        whole.addStretch(1)
        self.setFocusProxy(self.group)

    def values(self) -> dict[str, Any]:
        """The values that were given, by name; of a secret its name."""
        return dict(self._values)

    def problems(self) -> dict[str, str]:
        """What is wrong, by name, one sentence each; shown at the fields from now on. The first one gets the focus."""
        self._touched = set(self._inputs)
        found = self._check()
        self.group.set_problems(found)
        if found:
            self.group.focus(next(name for name in self._inputs if name in found))
        return found

    def _changed(self, name: str, value: Any) -> None:
        known = secret_name(value) if self._inputs[name].type == "secret" else None
        self._values = with_value(self._values, name, known or value, self.group.declared)
        self._touched.add(name)
        found = self._check()
        self.group.set_problems({name: message for name, message in found.items() if name in self._touched})
        self.changed.emit()

    def _check(self) -> dict[str, str]:
        from engine.api import Workflow, check_inputs

        found: dict[str, str] = {}
        for name, item in self._inputs.items():
            given = {name: self._values[name]} if name in self._values else {}
            try:
                check_inputs(Workflow(inputs=(item,)), given)
            except InputError as error:
                if not given:
                    found[name] = tr("Fill this in.")
                    continue
                reason = tr_sentence(error.message).removeprefix(f"{name}: ")
                found[name] = reason[:1].upper() + reason[1:] + "."
        return found
