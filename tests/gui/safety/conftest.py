"""A loop that is Qt's and asyncio's at once, a workflow on the disk, and what keeps it safe."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from engine.api import save
from engine.core.settings import Settings
from studio.base.tasks import cancel_all
from studio.bridge import Bridge
from studio.designer.disk import Disk
from studio.designer.recovery import Recovery
from tests.unit.studio.safety.edits import start

Awaited = Callable[[Coroutine[Any, Any, Any]], Any]
Within = Callable[[Callable[[], object]], None]
Until = Callable[[Callable[[], object]], None]


class _Loop(qasync.QEventLoop):  # type: ignore[misc]
    """Does not turn once more after it has ended, when tasks would find no loop that runs."""

    def run_until_complete(self, future: Any) -> Any:
        task = asyncio.ensure_future(future, loop=self)
        task.add_done_callback(lambda _: self.stop())
        self.run_forever()
        return task.result()


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    made = _Loop(qapp)
    asyncio.set_event_loop(made)
    yield made
    made.run_until_complete(cancel_all())
    made.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def within(awaited: Awaited) -> Callable[[Callable[[], object]], None]:
    """Call a function while the loop turns, as a click does."""

    def call(function: Callable[[], object]) -> None:
        async def turn() -> None:
            function()

        awaited(turn())

    return call


@pytest.fixture
def until(awaited: Awaited) -> Until:
    """Let the loop turn until something is true, for at most 20 seconds."""

    def wait(done: Callable[[], object]) -> None:
        async def turn() -> None:
            ends = time.monotonic() + 20
            while not done():
                assert time.monotonic() < ends, "it did not happen"
                await asyncio.sleep(0.01)

        awaited(turn())

    return wait


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def bridge(loop: qasync.QEventLoop, home: Path) -> Iterator[Bridge]:
    made = Bridge(Settings(home=home))
    yield made
    made.stop()


@pytest.fixture
def disk(bridge: Bridge, qapp: QApplication) -> Iterator[Disk]:
    made = Disk(bridge)
    yield made
    made.close()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def recovery(loop: qasync.QEventLoop, home: Path) -> Iterator[Recovery]:
    made = Recovery(home)
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "work" / "order.rpa.yaml"
    path.parent.mkdir()
    save(path, start())
    return path
