"""A loop that is Qt's and asyncio's at once, and a bridge to an engine in a folder of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from engine.core.settings import Settings
from studio.bridge import Bridge
from tests.support import workflows

T = TypeVar("T")


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    made = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(made)
    yield made
    made.run_until_complete(asyncio.sleep(0))
    made.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def awaited(loop: qasync.QEventLoop) -> Callable[..., Any]:
    """Run a coroutine on Qt's loop to its end, for at most 30 seconds."""

    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        result: T = loop.run_until_complete(asyncio.wait_for(coroutine, 30))
        return result

    return run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def bridge(loop: qasync.QEventLoop, settings: Settings) -> Iterator[Bridge]:
    """A bridge whose engine knows the activities of `tests.support.ledger`; started by the test."""
    made = Bridge(settings)
    made.__dict__["catalog"] = workflows.catalog()
    yield made
    made.stop()
