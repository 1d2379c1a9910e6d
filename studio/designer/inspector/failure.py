"""What happens when a step fails: how often it is tried, how long it may take, and what then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.api import Retry, Step
from engine.core.durations import seconds
from studio.base.i18n import N_, tr
from studio.base.theme import set_kind, theme
from studio.forms.context import FormContext
from studio.forms.field_group import FieldGroup
from studio.forms.shape import Declared, Shape
from studio.forms.unset import UNSET
from studio.forms.yaml_text import scalar

_FAIL, _GO_ON = "fail", "go_on"
_WORDS = (N_("Fail"), N_("Go on"), N_("Fixed"), N_("Linear"), N_("Exponential"))
"""What the choices are called: their labels are made of them, so the translation cannot find them by itself."""
_FIRST = (
    Declared("attempts", N_("Attempts"), Shape("integer", minimum=1), N_("All tries together."), default=1),
    Declared("timeout", N_("Time limit"), Shape("duration"), N_("For one try."), placeholder=N_("none")),
    Declared("afterwards", N_("Afterwards"), Shape("choice", choices=(_FAIL, _GO_ON)), default=_FAIL),
)
_RETRY = (
    Declared("delay", N_("Wait between"), Shape("duration"), N_("The pause before the second try."), default="1s"),
    Declared(
        "backoff",
        N_("Then wait"),
        Shape("choice", choices=("fixed", "linear", "exponential")),
        N_("Always as long, longer by the same each time, or twice as long each time."),
        default="exponential",
    ),
    Declared("max_delay", N_("At most"), Shape("duration"), default="5m"),
    Declared(
        "on",
        N_("Errors worth another try"),
        Shape("list", item=Shape("text")),
        N_("system, business, timeout, any, or words of the message. Without any: system."),
    ),
)


class FailurePart(QWidget):
    """`changed` tells fields of the step and their new values."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        context = FormContext(expressions=False)
        self._step: Step | None = None
        self.first = FieldGroup(_FIRST, context, self)
        self.first.changed.connect(self._first_changed)
        self.retry = FieldGroup(_RETRY, context, self)
        self.retry.changed.connect(self._retry_changed)
        self._about = QLabel(self)
        self._about.setWordWrap(True)
        set_kind(self._about, "muted")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme().px(10))
        whole.addWidget(self.first)
        whole.addWidget(self.retry)
        whole.addWidget(self._about)

    def show_step(self, step: Step, handled: bool) -> None:
        """`handled`: a wire leads out of its error port."""
        self._step = step
        values: dict[str, Any] = {}
        if step.retry is not None:
            values["attempts"] = step.retry.attempts
        if step.timeout is not None:
            values["timeout"] = scalar(step.timeout)
        if step.continue_on_error:
            values["afterwards"] = _GO_ON
        self.first.set_values(values)
        self.retry.setVisible(step.retry is not None)
        if step.retry is not None:
            plain = Retry()
            written = {"delay": step.retry.delay, "backoff": step.retry.backoff, "max_delay": step.retry.max_delay}
            values = {name: scalar(value) for name, value in written.items() if value != getattr(plain, name)}
            if step.retry.on != plain.on:
                values["on"] = list(step.retry.on)
            self.retry.set_values(values)
        if handled:
            self._about.setText(tr("After that the flow leaves through the error wire."))
        elif step.continue_on_error:
            self._about.setText(tr("After that the flow goes on as if it had worked; its output is null."))
        else:
            self._about.setText(
                tr(
                    "After that the loop or try around it fails, or else the execution. Draw a wire from the diamond"
                    " below the step to handle the error."
                )
            )

    def _first_changed(self, name: str, value: Any) -> None:
        step = self._step
        if step is None:
            return
        if name == "afterwards":
            self.changed.emit({"continue_on_error": value == _GO_ON})
        elif name == "timeout":
            self.first.set_problems({name: _duration_problem(value)})
            self.changed.emit({"timeout": None if value is UNSET else str(value)})
        elif value is UNSET:
            self.first.set_problems({})
            self.changed.emit({"retry": None})
        elif not isinstance(value, int) or isinstance(value, bool) or value < 1:
            # The document holds a number here and nothing else, so what is none stays in the field alone.
            self.first.set_problems({name: tr("A whole number from 1 on.")})
        else:
            self.first.set_problems({})
            self.changed.emit({"retry": replace(step.retry or Retry(), attempts=value)})

    def _retry_changed(self, name: str, value: Any) -> None:
        step = self._step
        if step is None or step.retry is None:
            return
        plain: Mapping[str, Any] = {field: getattr(Retry(), field) for field in ("delay", "backoff", "max_delay", "on")}
        if value is UNSET:
            value = plain[name]
        elif name == "on":
            value = tuple(value)
        elif name != "backoff":
            self.retry.set_problems({name: _duration_problem(value)})
            value = str(value)
        self.changed.emit({"retry": replace(step.retry, **{name: value})})


def _duration_problem(value: Any) -> str:
    try:
        if value is not UNSET:
            seconds(value)
    except ValueError:
        return tr("Write a length of time, such as 30s, 5m or 1h30m.")
    return ""
