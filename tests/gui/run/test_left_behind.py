"""After a studio was killed, or closed while something ran: the next one offers to go on, to look, to stop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.core.settings import Settings
from studio.base.actions import Actions
from studio.base.tasks import cancel_all
from studio.bridge import Bridge
from studio.designer.actions import ACTIONS
from studio.designer.run.controller import RunController
from studio.designer.run.notices import EngineNotice, LeftBehind
from tests.gui.bridge.stories import Awaited, hold, let_go, until

ROOT = Path(__file__).parents[3]


@pytest.fixture
def killed(settings: Settings, tmp_path: Path) -> tuple[str, Path]:
    """An execution in the middle of a step that must not be repeated, when its studio was killed."""
    file = tmp_path / "pay.rpa.yaml"
    file.write_text(
        "rpa: 1\nname: Pay\nsteps:\n  - {id: first, activity: ledger.give}\n"
        "  - {id: pay, label: Pay the bill, activity: ledger.slow, with: {seconds: 60}}\n  - {id: then, activity: ledger.give}\n"
        "edges: [first.next -> pay, pay.next -> then]\n"
    )
    code = [sys.executable, "-m", "tests.gui.run.child", str(settings.home), str(file)]
    child = subprocess.Popen(code, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    id = child.stdout.readline().strip()
    time.sleep(0.7)
    child.kill()
    child.communicate(timeout=20)
    return id, file


def studio(bridge: Bridge, qtbot: QtBot) -> tuple[RunController, LeftBehind]:
    actions = Actions()
    actions.add(ACTIONS)
    controller = RunController(bridge, actions, lambda: None)
    offer = LeftBehind(controller, bridge)
    qtbot.addWidget(offer)
    return controller, offer


def test_what_a_killed_studio_ran_is_offered_and_in_doubt_once_it_goes_on(
    killed: tuple[str, Path], bridge: Bridge, awaited: Awaited, qtbot: QtBot
) -> None:
    id, file = killed
    controller, offer = studio(bridge, qtbot)
    opened: list[tuple[Path, str]] = []
    controller.open_wanted.connect(lambda path, execution: opened.append((path, execution)))

    async def story() -> None:
        bridge.start()
        await until(lambda: id in offer.banners)
        banner = offer.banners[id]
        assert "“Pay” was interrupted" in banner.message
        await asyncio.sleep(0.2)
        assert (await bridge.call(lambda client: client.record(id))).status == "running"  # nothing is done unasked
        qtbot.mouseClick(banner.buttons[0], Qt.MouseButton.LeftButton)
        await until(lambda: bool(opened))
        outcome = await bridge.call(lambda client: client.wait(id))
        assert outcome.status == "in_doubt" and [doubt.step for doubt in outcome.in_doubt] == ["pay"]
        assert not offer.banners
        await cancel_all()

    awaited(story())
    assert opened == [(file, id)]
    bridge.stop()

    async def again() -> None:
        bridge.start()
        await until(lambda: id in other.banners)
        assert "waits for your answer" in other.banners[id].message
        await cancel_all()

    _, other = studio(bridge, qtbot)
    awaited(again())


def test_it_can_be_stopped_for_good(killed: tuple[str, Path], bridge: Bridge, awaited: Awaited, qtbot: QtBot) -> None:
    id, _ = killed
    _, offer = studio(bridge, qtbot)

    async def story() -> str:
        bridge.start()
        await until(lambda: id in offer.banners)
        qtbot.mouseClick(offer.banners[id].buttons[2], Qt.MouseButton.LeftButton)
        status = ""
        for _ in range(200):
            status = (await bridge.call(lambda client: client.record(id))).status
            if status == "cancelled":
                break
            await asyncio.sleep(0.02)
        await cancel_all()
        return status

    assert awaited(story()) == "cancelled" and not offer.isVisible()


def test_many_are_offered_together(bridge: Bridge, awaited: Awaited, qtbot: QtBot) -> None:
    from engine.api import ExecutionRecord

    _, offer = studio(bridge, qtbot)
    records: list[Any] = [ExecutionRecord(str(n), f"Work {n}", "", "paused", 0.0, time.time()) for n in range(7)]
    offer.offer(records)
    assert list(offer.banners) == ["0", "1", "2", "more"] and "4 more executions" in offer.banners["more"].message
    qtbot.mouseClick(offer.banners["more"].buttons[0], Qt.MouseButton.LeftButton)
    assert list(offer.banners) == ["0", "1", "2", "3", "4", "5", "more"]
    offer.banners["0"].close_button.click()
    assert "0" not in offer.banners


def test_a_store_held_by_another_process_disables_running_and_says_who(
    bridge: Bridge, settings: Settings, awaited: Awaited, qtbot: QtBot
) -> None:
    other = hold(settings)
    actions = Actions()
    actions.add(ACTIONS)
    actions.set_context("document", True)
    controller = RunController(bridge, actions, lambda: None)
    notice = EngineNotice(bridge)
    qtbot.addWidget(notice)

    async def story() -> None:
        bridge.start()
        await until(lambda: bridge.ready)
        assert notice.isVisible() and str(other.pid) in notice.message and "drawing" in notice.message
        assert not actions.possible("run.start") and "Reading only" in controller.status_text()
        let_go(other)
        bridge.retry()
        await until(lambda: bridge.writable)
        assert not notice.isVisible() and actions.possible("run.start")
        await cancel_all()

    try:
        awaited(story())
    finally:
        other.kill()
        let_go(other)


def test_a_damaged_store_is_moved_aside_when_a_person_says_so(
    bridge: Bridge, settings: Settings, awaited: Awaited, qtbot: QtBot
) -> None:
    from PySide6.QtWidgets import QApplication

    from studio.widgets.dialog import Dialog

    settings.make_home()
    settings.store.write_bytes(b"rubbish" * 1000)
    notice = EngineNotice(bridge)
    qtbot.addWidget(notice)

    def dialog() -> Dialog | None:
        return next(
            (one for one in QApplication.topLevelWidgets() if isinstance(one, Dialog) and one.isVisible()), None
        )

    async def story() -> None:
        bridge.start()
        await until(lambda: notice.isVisible())
        assert "damaged" in notice.message
        qtbot.mouseClick(notice.buttons[0], Qt.MouseButton.LeftButton)
        await until(lambda: dialog() is not None)
        found = dialog()
        assert found is not None
        qtbot.mouseClick(found.buttons["move"], Qt.MouseButton.LeftButton)
        await until(lambda: bridge.writable)
        assert list(settings.home.glob("store.db.damaged-*"))
        await cancel_all()

    awaited(story())
