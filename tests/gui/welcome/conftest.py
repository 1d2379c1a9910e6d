"""The page one begins at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.api import Catalog
from studio.base.actions import Action, Actions
from studio.welcome.page import WelcomePage
from studio.welcome.tour import Facts, Tour


async def now(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the page is given in place of a worker: a thread would outlive the test."""
    return function(*arguments)


@pytest.fixture
def facts() -> list[Facts]:
    """What the tour sees: the last of these."""
    return [Facts()]


@pytest.fixture
def tour(facts: list[Facts]) -> Tour:
    return Tour(lambda: facts[-1])


@pytest.fixture
def actions() -> Actions:
    made = Actions()
    made.add([Action("file.new", "New workflow", ("Ctrl+N",)), Action("file.open", "Open…", ("Ctrl+O",))])
    return made


@pytest.fixture
def page(qtbot: QtBot, actions: Actions, tour: Tour, tmp_path: Path) -> WelcomePage:
    made = WelcomePage(actions, Catalog, tour, run=now, folder=tmp_path / "documents")
    qtbot.addWidget(made)
    made.resize(1200, 800)
    return made
