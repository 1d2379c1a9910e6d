"""Choosing a file or folder for a field that holds its path as text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme

PathKind = Literal["file", "folder", "save"]


def relative(path: str, folder: Path | None) -> str:
    """`path` as a workflow in `folder` writes it: relative when it lies inside, with forward slashes; else as it is."""
    if folder is None:
        return path
    try:
        inside = os.path.relpath(path, folder)
    except ValueError:  # another drive
        return path
    if inside.split(os.sep, 1)[0] == os.pardir:
        return path
    return inside.replace(os.sep, "/")


def absolute(path: str, folder: Path | None) -> str:
    """Where `path`, as a workflow in `folder` writes it, points to."""
    expanded = os.path.expanduser(path)
    return expanded if folder is None or os.path.isabs(expanded) else str(folder / expanded)


class PathButton(QToolButton):
    """Opens the system's dialog for a file, a folder or a file to write; `chosen` tells the path.

    A path inside `folder` is told relative to it. `current` is the text of the field, for where the dialog begins.
    """

    chosen = Signal(str)

    def __init__(self, kind: PathKind, folder: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self.folder = folder
        self.current = ""
        set_kind(self, "tool")
        self.setIcon(icon("folder-open"))
        self.setIconSize(QSize(theme().px(16), theme().px(16)))
        self.setToolTip(tr("Choose a folder") if kind == "folder" else tr("Choose a file"))
        self.setAccessibleName(self.toolTip())
        self.clicked.connect(self.open_dialog)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is typed here is not meant for the field that the button stands in."""
        super().keyPressEvent(event)
        if event.text().isprintable():
            event.accept()

    def open_dialog(self) -> None:
        """Show the dialog; it does not block."""
        dialog = QFileDialog(self.window(), self.toolTip())
        dialog.setObjectName("path-dialog")
        if self.kind == "folder":
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        elif self.kind == "save":
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._begin(dialog)
        dialog.fileSelected.connect(lambda path: self.chosen.emit(relative(path, self.folder)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _begin(self, dialog: QFileDialog) -> None:
        start = "" if "{{" in self.current or "\0" in self.current else absolute(self.current, self.folder)
        while start and not os.path.isdir(start) and os.path.dirname(start) != start:
            start = os.path.dirname(start)
        if start and os.path.isdir(start):
            dialog.setDirectory(start)
        if self.kind == "save" and self.current and "{{" not in self.current:
            dialog.selectFile(os.path.basename(self.current))
