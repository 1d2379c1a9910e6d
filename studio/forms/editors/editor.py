"""What every editor keeps."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.forms.context import FormContext
from studio.forms.shape import Declared

_UNSHOWN = frozenset("\r\0\u2029\ufdd0\ufdd1")
"""Characters that an editor of text would turn into others."""


def shows(text: str) -> bool:
    """Whether an editor of text gives back every character of `text`."""
    return _UNSHOWN.isdisjoint(text)


class ValueEditor(QWidget):
    """Shows one value.

    `edited` tells a new value, or `UNSET`. `expression_wanted` tells that a person began to type an expression where
    this editor takes none: the text so far. `complained` tells what is wrong with something typed that no value can
    hold, and is empty when that is over. `templates` says that a text with `{{ … }}` is at home here.
    """

    edited = Signal(object)
    expression_wanted = Signal(str)
    complained = Signal(str)
    templates = False
    beside = False
    """Whether it stands beside its label instead of below."""

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.declared = declared
        self.shape = declared.shape
        self.context = context

    @property
    def comfortable(self) -> int:
        """The width at which nothing of it is cut off or folded; where there is less, it stands alone in its row."""
        return self.minimumSizeHint().width()

    def accepts(self, value: Any) -> bool:
        """Whether it can show `value` so that it reads the same back."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show an accepted value, or `UNSET`, without telling, and without moving a cursor that is in it."""
        raise NotImplementedError

    def set_wrong(self, wrong: bool) -> None:
        """Outline it as wrong, or no longer."""
        inner = self.focusProxy() or self
        if bool(inner.property("problem")) != wrong:
            inner.setProperty("problem", wrong)
            inner.style().unpolish(inner)
            inner.style().polish(inner)
