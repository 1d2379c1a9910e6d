"""Some actions and pages for a window."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from studio.base.actions import Action
from studio.shell.page_entry import PageEntry

ACTIONS = (
    Action("file.new", "New workflow", ("Ctrl+N",), "plus", "File", 0),
    Action("file.save", "Save", ("Ctrl+S",), "floppy-disk", "File", 1, when=("document",)),
    Action("edit.delete", "Delete", ("Del",), "trash", "Edit", 0, when=("document",), scope="canvas"),
    Action("file.compare", "With another file…", (), "", "File/Compare", 2),
    Action("run.ghost", "Nothing stands behind this", (), "", "Run", 0),
)


class Rooms:
    """Pages that count how often they are built; the last one can be broken."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self.broken = False

    def home(self) -> QWidget:
        self.built.append("home")
        return QLineEdit()

    def designer(self) -> QWidget:
        self.built.append("designer")
        return QLabel("canvas")

    def settings(self) -> QWidget:
        self.built.append("settings")
        if self.broken:
            raise RuntimeError("no such table: executions")
        return QLabel("settings")

    def entries(self) -> list[PageEntry]:
        return [
            PageEntry("home", "Home", "house", self.home),
            PageEntry("designer", "Designer", "flow-arrow", self.designer, compact=True),
            PageEntry("settings", "Settings", "gear", self.settings, "bottom", keys=("Ctrl+,",)),
        ]
