"""Checking a workflow after every edit, beside the window; the newest version wins."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from engine.api import Catalog, Problem, Workflow
from engine.core.errors import RpaError
from studio.base.tasks import spawn
from studio.designer.delta import Delta
from studio.designer.document import Moment

if TYPE_CHECKING:
    from studio.designer.editor import Editor

PAUSE = 150
"""Milliseconds without an edit after which a workflow is checked."""
_log = logging.getLogger(__name__)


class Checker(QObject):
    """Belongs to an editor: sets the problems of its document, and their marks on its canvas."""

    finished = Signal()
    """A check has ended, and the problems are those of the workflow as it is now."""

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._running = False
        self._checked: Workflow | None = None
        # What was written wrongly in the file is put right by writing it anew.
        self._written = tuple(
            problem
            for problem in editor.document.document.problems
            if problem.code == "duplicate-key" or not problem.place
        )
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self._start)
        editor.document.changed.connect(self._follow)
        editor.document.happened.connect(self._happened)
        editor.document.problems_changed.connect(self._mark)
        editor.bridge.catalog_loaded.connect(self._again)
        self._timer.start(0)

    @property
    def current(self) -> bool:
        """Whether the problems are those of the workflow as it is now."""
        return self._checked is self._editor.document.workflow and not self._running

    def _follow(self, delta: Delta) -> None:
        if delta.logic or delta.placed or "layout" in delta.values:
            self._timer.start()

    def _happened(self, moment: Moment) -> None:
        if moment.kind == "saved" and self._written:
            self._written = ()
            self._again()

    def _again(self) -> None:
        """Check once more although the workflow is the same: the activities are not."""
        self._checked = None
        self._timer.start()

    def _start(self) -> None:
        if not self._running and self._checked is not self._editor.document.workflow:
            self._running = True
            spawn(self._check(), failed=self._fail)

    async def _check(self) -> None:
        workflow = self._editor.document.workflow
        try:
            found = await self._editor.bridge.run(_problems, workflow, self._editor.catalog)
        finally:
            self._running = False
        if not isValid(self):
            return  # its editor was closed meanwhile
        if workflow is not self._editor.document.workflow:
            if not self._timer.isActive():
                self._timer.start()
            return
        self._checked = workflow
        self._editor.document.set_problems((*self._written, *found))
        self.finished.emit()

    def _fail(self, error: Exception) -> None:
        # A rule that breaks must not take the designer along; the engine says more when the workflow is run.
        _log.error("the workflow cannot be checked", exc_info=error)
        self._checked = self._editor.document.workflow

    def _mark(self) -> None:
        levels: dict[str, str] = {}
        for problem in self._editor.document.problems:
            if problem.step and levels.get(problem.step) != "error":
                levels[problem.step] = problem.severity
        self._editor.scene.set_problems(levels)


def _problems(workflow: Workflow, catalog: Catalog) -> list[Problem]:
    from engine.api import check  # loads the rules

    if workflow == Workflow():
        return []  # it is new: the canvas says what to do first
    try:
        return check(workflow, catalog)
    except RpaError as error:
        return [Problem("error", "structure", error.message, hint=error.hint)]
