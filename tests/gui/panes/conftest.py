"""An open workflow for panes to follow, on a loop that is Qt's and asyncio's at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from qasync import QEventLoop

from engine.api import Catalog, Document, Problem, Step, Workflow, loads, step_ports
from engine.core.settings import Settings
from studio.base.actions import Actions
from studio.bridge import Bridge
from studio.designer.actions import ACTIONS
from studio.designer.document import WorkflowDocument
from studio.designer.selection import Selection
from tests.gui.bridge.conftest import awaited as awaited
from tests.gui.bridge.conftest import loop as loop

CATALOG = Catalog()


class Scene:
    """What panes tell the canvas."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        self.difference: Any = None

    def set_problems(self, levels: dict[str, str]) -> None:
        self.problems = dict(levels)

    def set_difference(self, marks: Any) -> None:
        self.difference = marks


class Bench(QWidget):
    """The parts of an editor that panes use, without a canvas."""

    def __init__(self, document: WorkflowDocument, bridge: Bridge, actions: Actions) -> None:
        super().__init__()
        self.document = document
        self.selection = Selection(self)
        self.bridge = bridge
        self.catalog = bridge.catalog
        self.actions_ = actions
        self.scene = Scene()
        self.run = None
        self.revealed: list[str] = []
        document.setParent(self)
        document.changed.connect(lambda: self.selection.keep_to(document.workflow))

    def reveal(self, id: str) -> None:
        self.revealed.append(id)

    def undo(self) -> None:
        self.document.undo()

    @property
    def workflow(self) -> Workflow:
        return self.document.workflow


@pytest.fixture
def bridge(loop: QEventLoop, tmp_path: Path) -> Iterator[Bridge]:
    made = Bridge(Settings(home=tmp_path / "home"))
    made.__dict__["catalog"] = CATALOG
    yield made
    made.stop()


@pytest.fixture
def actions() -> Actions:
    made = Actions()
    made.add(ACTIONS)
    return made


@pytest.fixture
def opened(bridge: Bridge, actions: Actions, qtbot: Any) -> Callable[..., Any]:
    """Open a workflow, or the document of a text."""

    def open(subject: Workflow | Document | str) -> Any:
        document = loads(subject) if isinstance(subject, str) else subject
        if isinstance(document, Workflow):
            document = Document(document)

        def ports(step: Step) -> Any:
            return step_ports(step, bridge.catalog.get(step.activity))

        bench = Bench(WorkflowDocument(document, ports), bridge, actions)
        qtbot.addWidget(bench)
        return bench

    return open


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]
