from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from engine.api import Catalog
from studio.base.actions import Actions
from studio.base.preferences import preferences
from studio.welcome import recent
from studio.welcome.page import WelcomePage
from studio.welcome.recent import LastRun
from studio.welcome.recent_list import RecentList
from studio.welcome.tour import Tour
from tests.gui.welcome.conftest import now

LEFT = Qt.MouseButton.LeftButton


async def until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true")


def test_new_and_open_do_what_the_actions_do(
    qtbot: QtBot, page: WelcomePage, actions: Actions, awaited: Callable[..., Any]
) -> None:
    done: list[str] = []
    actions.bind("file.new", lambda: done.append("new"))
    actions.bind("file.open", lambda: done.append("open"))

    async def play() -> None:
        page.show()
        qtbot.mouseClick(page.new_button, LEFT)
        qtbot.keyClick(page.open_button, Qt.Key.Key_Space)
        await until(lambda: bool(page.examples))

    awaited(play())
    assert done == ["new", "open"]


def test_an_example_is_copied_and_opened(
    qtbot: QtBot, page: WelcomePage, awaited: Callable[..., Any], tmp_path: Path
) -> None:
    opened: list[Path] = []
    page.wanted.connect(opened.append)

    async def play() -> None:
        page.show()
        await until(lambda: bool(page.examples))
        card = next(card for card in page.examples if card.example.name == "Order report")
        card.setFocus()
        await until(card.button.isVisible)
        qtbot.mouseClick(card.button, LEFT)
        await until(lambda: len(opened) == 1)
        qtbot.mouseClick(card, LEFT)
        await until(lambda: len(opened) == 2)

    awaited(play())
    own = tmp_path / "documents"
    assert opened == [own / "order-report" / "order-report.rpa.yaml", own / "order-report-2" / "order-report.rpa.yaml"]
    assert (own / "order-report" / "data" / "orders.csv").is_file()


def test_an_example_that_cannot_be_copied_says_what_to_do(
    qtbot: QtBot, page: WelcomePage, awaited: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "documents").write_text("a file in the way", "utf-8")
    told: list[tuple[str, str]] = []
    page.failed.connect(lambda title, text: told.append((title, text)))

    async def play() -> None:
        page.show()
        await until(lambda: bool(page.examples))
        qtbot.mouseClick(page.examples[0], LEFT)
        await until(lambda: bool(told))

    awaited(play())
    assert str(tmp_path / "documents") in told[0][0]


def test_recent_files_say_how_their_last_run_ended(
    qtbot: QtBot, actions: Actions, tour: Tour, awaited: Callable[..., Any], tmp_path: Path
) -> None:
    files = [tmp_path / f"{name}.rpa.yaml" for name in ("gone", "never", "failed")]
    for file in files:
        recent.remember(file, file.name.partition(".")[0].title())
    for file in files[1:]:
        file.write_text("rpa: 1\n", "utf-8")

    async def last() -> dict[str, LastRun]:
        return {str(files[2]): LastRun("failed", time.time())}

    page = WelcomePage(actions, Catalog, tour, run=now, last_runs=last, folder=tmp_path)
    qtbot.addWidget(page)
    opened: list[Path] = []
    page.wanted.connect(opened.append)

    async def play() -> None:
        page.show()
        await until(lambda: page.recent.rows[0].last is not None)

    awaited(play())
    rows = page.recent.rows
    assert [row.text() for row in rows] == ["Failed", "Never", "Gone"]
    assert rows[0].line.startswith("Failed today")
    assert rows[1].line == tmp_path.name
    assert rows[2].line == "The file is not there any more"
    qtbot.mouseClick(rows[0], LEFT)
    qtbot.keyClick(rows[1], Qt.Key.Key_Return)
    assert opened == [files[2], files[1]]
    assert not page.grab().isNull()


def test_a_file_is_taken_off_the_list(qtbot: QtBot, page: WelcomePage) -> None:
    recent.remember(Path("/somewhere/a.rpa.yaml"), "A")
    recent.remember(Path("/somewhere/b.rpa.yaml"), "B")
    recent.remember(Path("/somewhere/a.rpa.yaml"), "A again")
    page.refresh()
    assert [row.text() for row in page.recent.rows] == ["A again", "B"]
    qtbot.keyClick(page.recent.rows[0], Qt.Key.Key_Delete)
    assert [row.text() for row in page.recent.rows] == ["B"]
    qtbot.keyClick(page.recent.rows[0], Qt.Key.Key_Delete)
    assert page.recent.rows == [] and recent.recent() == []


@pytest.mark.parametrize(
    "junk", [None, 5, "x", {}, [1, "x", {}, {"path": 5, "opened": 1}, {"path": "a", "opened": "b"}]]
)
def test_a_list_that_cannot_be_read_is_empty(junk: object) -> None:
    preferences().set_state(recent.STATE, junk)
    assert recent.recent() == []


def test_an_engine_that_does_not_answer_leaves_the_page_as_it_is(
    qtbot: QtBot, actions: Actions, tour: Tour, awaited: Callable[..., Any], tmp_path: Path
) -> None:
    recent.remember(tmp_path / "a.rpa.yaml", "A")

    async def last() -> dict[str, LastRun]:
        raise OSError("no engine")

    page = WelcomePage(actions, Catalog, tour, run=now, last_runs=last, folder=tmp_path)
    qtbot.addWidget(page)

    async def play() -> None:
        page.show()
        await until(lambda: page.recent.rows[0].missing)

    awaited(play())


@pytest.mark.parametrize("width", [1600, 1096, 700])
def test_it_fits_every_width(qtbot: QtBot, page: WelcomePage, awaited: Callable[..., Any], width: int) -> None:
    async def play() -> None:
        page.resize(width, 800)
        page.show()
        await until(lambda: bool(page.examples))
        await asyncio.sleep(0.02)

    awaited(play())
    content = page.widget()
    assert content is not None and content.width() <= width
    for card in page.examples:
        assert card.mapTo(content, card.rect().topRight()).x() < width


def test_the_list_is_walked_by_arrows_and_a_file_taken_off_by_its_menu(qtbot: QtBot) -> None:
    shown = RecentList()
    qtbot.addWidget(shown)
    shown.show_files([recent.Recent(Path(f"/somewhere/{name}.rpa.yaml"), name, time.time()) for name in "AB"])
    forgotten: list[Path] = []
    shown.forgotten.connect(forgotten.append)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    first, second = shown.rows
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus()
    qtbot.keyClick(second, Qt.Key.Key_Up)
    assert first.hasFocus()
    QApplication.postEvent(
        first, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), first.mapToGlobal(QPoint(5, 5)))
    )
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(menu.actions()[1]).center())
    assert forgotten == [first.recent.path]
