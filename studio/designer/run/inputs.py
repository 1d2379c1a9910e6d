"""What a workflow is started with, asked in a form that remembers what was given last; secrets it never does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.api import Input, Workflow
from engine.core import values
from studio.base.i18n import tr
from studio.base.preferences import preferences
from studio.base.theme import set_kind, theme


def remembered(workflow: Workflow, key: str) -> dict[str, Any]:
    """What was given last time, as far as the workflow still asks for it."""
    kept = preferences().state(_place(key), {})
    found: dict[str, Any] = {}
    for item in workflow.inputs:
        if item.type != "secret" and isinstance(kept, dict) and isinstance(kept.get(item.name), str):
            try:
                found[item.name] = values.decode(kept[item.name])
            except (ValueError, KeyError, TypeError):
                continue
    return found


def remember(workflow: Workflow, key: str, given: Mapping[str, Any]) -> None:
    """Keep what was given, but for secrets."""
    kept = {}
    for item in workflow.inputs:
        if item.type != "secret" and item.name in given:
            kept[item.name] = values.encode(values.plain(given[item.name]))
    preferences().set_state(_place(key), kept)


def _place(key: str) -> str:
    return f"inputs:{key}"


class InputsDialog(QDialog):
    """Asks for the inputs; `given` holds them once it was accepted."""

    def __init__(self, parent: QWidget | None, workflow: Workflow, title: str, key: str, folder: Path | None) -> None:
        super().__init__(parent)
        from studio.forms.expression_edit import ExpressionEdit
        from studio.forms.value_form import InputsForm

        self.given: dict[str, Any] = {}
        self.setWindowTitle(tr("Run {workflow}", workflow=title))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme().px(440))
        heading = QLabel(title, self)
        set_kind(heading, "heading")
        words = QLabel(tr("What should it start with?"), self)
        set_kind(words, "muted")
        self._last = remembered(workflow, key)
        self.form = InputsForm(_with_last(workflow.inputs, self._last), folder)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has it
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self.form)
        area.viewport().setAutoFillBackground(False)
        self.form.setAutoFillBackground(False)
        area.setMinimumHeight(min(theme().px(460), self.form.sizeHint().height() + 8))
        self.run_button = QPushButton(tr("Run"), self)
        set_kind(self.run_button, "primary")
        self.run_button.setDefault(True)
        self.run_button.clicked.connect(self._run)
        for edit in self.form.findChildren(ExpressionEdit):
            edit.returned.connect(self.run_button.click)  # a field that takes Enter keeps it from the dialog
        self.cancel_button = QPushButton(tr("Cancel"), self)
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.run_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(words)
        column.addSpacing(4)
        column.addWidget(area, 1)
        column.addLayout(row)
        self._workflow, self._key = workflow, key

    def _run(self) -> None:
        if self.form.problems():
            return
        self.given = {**self._last, **self.form.values()}  # what was left alone stays as it is shown
        remember(self._workflow, self._key, self.given)
        self.accept()


def _with_last(inputs: tuple[Input, ...], last: Mapping[str, Any]) -> tuple[Input, ...]:
    return tuple(replace(item, default=last[item.name]) if item.name in last else item for item in inputs)


async def ask_inputs(
    parent: QWidget | None, workflow: Workflow, title: str, key: str, folder: Path | None
) -> dict[str, Any] | None:
    """The inputs that a person gives, or None where they think better of it."""
    if not workflow.inputs:
        return {}
    dialog = InputsDialog(parent, workflow, title, key, folder)
    answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def answer(result: int) -> None:
        if not answered.done():
            answered.set_result(result)

    dialog.finished.connect(answer)
    dialog.open()
    result = await answered
    return dialog.given if result == QDialog.DialogCode.Accepted else None
