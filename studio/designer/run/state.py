"""How the run in front goes, at the end of the toolbar: a chip with the time, and how many steps are done."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from studio.base.theme import set_kind
from studio.designer.run.controller import RunController
from studio.widgets.chip import Chip


class RunState(QWidget):
    """Empty while the workflow in front has not run."""

    def __init__(self, controller: RunController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.chip = Chip(parent=self)
        self.steps = QLabel(self)
        set_kind(self.steps, "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.chip)
        row.addWidget(self.steps)
        controller.status_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        status, text = self._controller.chip()
        self.setVisible(bool(text))
        if text and (status, text) != (self.chip.status, self.chip.text):
            self.chip.set(status, text)
        steps = self._controller.steps()
        if steps != self.steps.text():
            self.steps.setText(steps)
