"""The name of a secret; the document holds `{{ secret('name') }}`, never a value."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.core.secrets import MASK, SecretRef
from studio.base.i18n import tr
from studio.forms.context import FormContext
from studio.forms.editors.editor import ValueEditor
from studio.forms.shape import Declared
from studio.forms.unset import UNSET
from studio.widgets.name_edit import NameEdit

_REFERENCE = re.compile(r"\{\{\s*secret\(\s*(['\"])([\w.-]{1,128})\1\s*\)\s*\}\}")
_NAME = re.compile(r"[\w.-]{1,128}")


def secret_name(value: Any) -> str | None:
    """The name in `{{ secret('name') }}`, or None for anything else."""
    if isinstance(value, SecretRef):
        return value.name
    match = _REFERENCE.fullmatch(value.strip()) if isinstance(value, str) else None
    return match[2] if match else None


def secret_reference(name: str) -> str:
    """What the document holds for the secret of that name."""
    return f"{{{{ secret('{name}') }}}}"


class SecretEditor(ValueEditor):
    """Names to choose from. A value that somebody wrote into the file itself is never shown, only said to be there."""

    templates = False

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self.edit = NameEdit(context.secrets, "key", tr("Name of a secret"), self)
        self.edit.edited.connect(self._tell)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.edit)
        self.setFocusProxy(self.edit)

    def accepts(self, value: Any) -> bool:
        return secret_name(value) is not None or (isinstance(value, str) and "{{" not in value)

    def set_value(self, value: Any) -> None:
        name = "" if value is UNSET else secret_name(value)
        line = self.edit.lineEdit()
        assert line is not None
        line.setPlaceholderText(MASK if name is None else tr("Name of a secret"))
        self.edit.set_name(name or "")

    def _tell(self, text: str) -> None:
        if text.startswith("=") or "{{" in text:
            self.expression_wanted.emit("" if text.startswith("=") else text)
        elif not text:
            self.complained.emit("")
            self.edited.emit(UNSET)
        else:
            named = bool(_NAME.fullmatch(text))
            self.complained.emit("" if named else tr("Choose a secret by its name; a value does not belong in a file."))
            if named:
                self.edited.emit(secret_reference(text))
