"""An open workflow for panes to follow, on a loop that is Qt's and asyncio's at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from qasync import QEventLoop

from engine.api import Catalog, Document, Problem, Step, Workflow, loads, step_ports
from engine.core.settings import Settings
from studio.base.actions import Actions
from studio.bridge import Bridge
from studio.designer.actions import ACTIONS
from studio.designer.document import WorkflowDocument
from studio.designer.editor import Editor

CATALOG = Catalog()
Open = Callable[[Workflow | Document | str], Editor]


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
def opened(bridge: Bridge, actions: Actions, qtbot: Any) -> Open:
    """Open a workflow, or the document of a text."""

    def open(subject: Workflow | Document | str) -> Editor:
        document = loads(subject) if isinstance(subject, str) else subject
        if isinstance(document, Workflow):
            document = Document(document)

        def ports(step: Step) -> Any:
            return step_ports(step, bridge.catalog.get(step.activity))

        editor = Editor(WorkflowDocument(document, ports), bridge, actions)
        editor.document.setParent(editor)
        qtbot.addWidget(editor)
        return editor

    return open


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]
