"""What the command palette finds in the designer: the steps of the workflow in front, and the open files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from studio.base.i18n import tr
from studio.widgets.pick_list import Pick, Provider

if TYPE_CHECKING:
    from studio.designer.files import Files
    from studio.designer.page import DesignerPage

MOST_STEPS = 2000
"""Steps that are offered."""


class Picks(QObject):
    """Of one designer; to choose one goes there."""

    page_wanted = Signal()
    """The designer is to come to the front."""

    def __init__(self, page: DesignerPage, files: Files) -> None:
        super().__init__(page)
        self._page = page
        self._files = files

    @property
    def provider(self) -> Provider:
        """With @, the steps of the workflow in front."""
        return Provider("@", self.steps, tr("A step of the open workflow"))

    def steps(self) -> list[Pick]:
        """The steps of the workflow in front, by title."""
        editor = self._page.editor
        if editor is None:
            return []
        catalog = editor.catalog
        picks = []
        for step in editor.document.workflow.steps[:MOST_STEPS]:
            activity = catalog.get(step.activity)
            picks.append(
                Pick(
                    step.id,
                    step.label or step.id,
                    also=(step.id, step.activity),
                    hint=tr(activity.label) if activity is not None else step.activity,
                    icon=activity.icon if activity is not None else "puzzle-piece",
                    data=lambda id=step.id: self._go_to(id),
                )
            )
        return picks

    def files(self) -> list[Pick]:
        """The open files, by name; those of one name with what tells them apart."""
        return [
            Pick(
                f"file.{index}",
                thing.title,
                also=(str(thing.path or ""),),
                hint=self._page.tabs.apart(tab) or tr("Open file"),
                icon="file-text",
                group=tr("Open files"),
                data=lambda tab=tab: self._show_tab(tab),
            )
            for index, tab in enumerate(self._page.tabs.pages)
            if (thing := self._files.thing(tab)) is not None
        ]

    def _go_to(self, step: str) -> None:
        editor = self._page.editor
        if editor is not None:
            self.page_wanted.emit()
            editor.reveal(step)
            editor.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_tab(self, tab: QWidget) -> None:
        self.page_wanted.emit()
        self._page.show_page(tab)
