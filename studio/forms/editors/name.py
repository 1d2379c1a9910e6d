"""The name of a credential or an integration; the step gets what the name stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.forms.context import FormContext
from studio.forms.editors.editor import ValueEditor
from studio.forms.editors.secret import secret_name
from studio.forms.shape import Declared
from studio.forms.unset import UNSET
from studio.widgets.name_edit import NameEdit

_NAME = re.compile(r"[^\s{}=](?:[^{}\r\n\t]{0,126}[^\s{}])?")


class NameEditor(ValueEditor):
    """Names of fitting kinds to choose from, and room for one that is not there yet."""

    templates = False

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        credential = self.shape.kind == "credential"
        text = tr("Name of a credential") if credential else tr("Name of an integration")
        self.edit = NameEdit(self._names, "key" if credential else "plugs-connected", text, self)
        self.edit.edited.connect(self._tell)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.edit)
        self.setFocusProxy(self.edit)

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and (secret_name(value) is not None or _NAME.fullmatch(value) is not None)

    def set_value(self, value: Any) -> None:
        self.edit.set_name("" if value is UNSET else secret_name(value) or value)

    def _names(self) -> Sequence[str]:
        return self.context.named(self.shape.kind, self.shape.accepts)

    def _tell(self, text: str) -> None:
        if text.startswith("=") or "{{" in text:
            self.expression_wanted.emit("" if text.startswith("=") else text)
        elif not text:
            self.complained.emit("")
            self.edited.emit(UNSET)
        else:
            named = _NAME.fullmatch(text) is not None
            self.complained.emit("" if named else tr("A name has no braces, and no space around it."))
            if named:
                self.edited.emit(text)
