"""Questions to the person, asked without stopping anything: `await ask(...)` runs on Qt's loop.

No dialog here has a loop of its own, so the run that is going on, and every other window, goes on while it is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from studio.base.i18n import tr
from studio.base.theme import set_kind, theme

_WIDTH = 440


@dataclass(frozen=True, slots=True)
class Button:
    """An answer. `role` is "primary" (Enter chooses it), "danger" (never chosen by Enter) or nothing."""

    id: str
    label: str
    role: str = ""


class Dialog(QDialog):
    """One question with its answers; `answer` is the id of the one that was given, "" when it was dismissed."""

    def __init__(self, parent: QWidget | None, title: str, text: str, buttons: Sequence[Button], details: str = ""):
        super().__init__(parent)
        self.answer = ""
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme().px(_WIDTH))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        heading = QLabel(title, self)
        set_kind(heading, "heading")
        words = QLabel(text, self)
        words.setVisible(bool(text))
        for label in (heading, words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.setSpacing(8)
        if details:
            self._add_details(column, row, details)
        row.addStretch(1)
        column.addSpacing(8)
        column.addLayout(row)
        self.buttons = {one.id: self._button(one) for one in buttons}
        for button in self.buttons.values():
            row.addWidget(button)
        calm = [one for one in buttons if one.role != "danger"]
        first = next((one for one in calm if one.role == "primary"), calm[0] if calm else None)
        if first is not None:
            self.buttons[first.id].setFocus()

    def _button(self, one: Button) -> QPushButton:
        button = QPushButton(one.label, self)
        button.setAutoDefault(one.role == "primary")
        button.setDefault(one.role == "primary")
        if one.role:
            set_kind(button, one.role)
        button.clicked.connect(lambda: self._give(one.id))
        return button

    def _add_details(self, column: QVBoxLayout, row: QHBoxLayout, details: str) -> None:
        shown = QPlainTextEdit(details, self)
        shown.setReadOnly(True)
        shown.setFont(theme().font("code"))
        shown.hide()
        column.addWidget(shown, 1)
        toggle = QPushButton(tr("Details"), self)
        set_kind(toggle, "ghost")
        toggle.setCheckable(True)
        toggle.setAutoDefault(False)
        toggle.toggled.connect(shown.setVisible)
        row.addWidget(toggle)

    def _give(self, answer: str) -> None:
        self.answer = answer
        self.accept()


async def ask(parent: QWidget | None, title: str, text: str, buttons: Sequence[Button], *, details: str = "") -> str:
    """The id of the button that was pressed, or "" when the question was dismissed (Esc, the window's close button).

    `details` stand behind one click, for the person who helps.
    """
    dialog = Dialog(parent, title, text, buttons, details)
    await _shown(dialog)
    return dialog.answer


async def open_file(parent: QWidget | None, title: str, folder: Path | None = None, filters: str = "") -> Path | None:
    """A file that is there, chosen by the person. `filters` are as Qt writes them: "Tables (*.csv *.xlsx)"."""
    dialog = _file_dialog(parent, title, folder, filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return await _chosen(dialog)


async def open_files(parent: QWidget | None, title: str, folder: Path | None = None, filters: str = "") -> list[Path]:
    """Files that are there, chosen by the person."""
    dialog = _file_dialog(parent, title, folder, filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    return await _files_chosen(dialog)


async def save_file(
    parent: QWidget | None, title: str, proposed: Path | None = None, filters: str = "", suffix: str = ""
) -> Path | None:
    """The file to write, which may be a new one; the person has agreed to replace one that is there.

    `suffix` is added to a name that has none of its own, without its first dot: "rpa.yaml".
    """
    dialog = _file_dialog(parent, title, proposed.parent if proposed else None, filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    if proposed is not None:
        dialog.selectFile(proposed.name)
    return await _chosen(dialog)


def _file_dialog(parent: QWidget | None, title: str, folder: Path | None, filters: str) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(folder) if folder else "", filters)
    # Qt's own translation leaves these out.
    dialog.setLabelText(QFileDialog.DialogLabel.LookIn, tr("Folder:"))
    dialog.setLabelText(QFileDialog.DialogLabel.FileType, tr("Kind of file:"))
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    return dialog


async def _chosen(dialog: QFileDialog) -> Path | None:
    files = await _files_chosen(dialog)
    return files[0] if files else None


async def _files_chosen(dialog: QFileDialog) -> list[Path]:
    accepted = await _shown(dialog)
    if not isValid(dialog):  # its window went away
        return []
    # Deleted only now: one that deletes itself when it closes has forgotten what was chosen.
    dialog.deleteLater()
    return [Path(one) for one in dialog.selectedFiles()] if accepted else []


async def _shown(dialog: QDialog) -> bool:
    """Open `dialog` and wait for its end; False when it was dismissed, or its window went away."""
    ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def end(accepted: bool) -> None:
        if not ended.done():
            ended.set_result(accepted)

    dialog.finished.connect(lambda result: end(result == QDialog.DialogCode.Accepted))
    dialog.destroyed.connect(lambda: end(False))
    dialog.open()
    try:
        return await ended
    except asyncio.CancelledError:
        dialog.close()
        raise
