from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.api import loads
from studio.welcome.page import WelcomePage
from studio.welcome.tour import SAMPLE, TASKS, Facts, Tour
from studio.welcome.tour_guide import TourGuide
from tests.gui.welcome.conftest import now

LEFT = Qt.MouseButton.LeftButton
READ = loads("rpa: 1\nsteps:\n  - {id: read, activity: data.read_csv}\n").workflow


def rows(page: WelcomePage) -> list[bool]:
    """Which of the tasks offers to be shown."""
    return [not row.button.isHidden() for row in page.tour_card.rows]


def test_the_card_offers_the_next_task(qtbot: QtBot, page: WelcomePage, tour: Tour, facts: list[Facts]) -> None:
    assert rows(page).index(True) == 0
    with qtbot.waitSignal(page.tour_wanted):
        qtbot.mouseClick(page.tour_card.rows[0].button, LEFT)
    tour.start()
    facts.append(Facts(READ))
    tour.look()
    assert rows(page).index(True) == 2
    facts.append(Facts(loads("rpa: 1\n").workflow))
    tour.look()
    assert rows(page).index(True) == 1
    facts.append(Facts())
    tour.look()
    assert rows(page).index(True) == 1


def test_it_is_remembered_closed_and_brought_back(
    page: WelcomePage, tour: Tour, facts: list[Facts], qtbot: QtBot
) -> None:
    tour.start()
    facts.append(Facts(READ))
    tour.look()
    qtbot.mouseClick(page.tour_card.close_button, LEFT)
    assert page.tour_card.isHidden()
    again = Tour(lambda: facts[-1])
    assert (again.done, again.hidden, again.active) == (2, True, False)
    again.start()
    assert (again.done, again.hidden, again.active) == (2, False, True)


def test_what_is_finished_begins_again(tour: Tour) -> None:
    tour.done = len(TASKS)
    assert tour.finished and tour.task is None
    tour.start()
    assert tour.done == 0


def test_the_guide_goes_along_and_shows_the_place(
    qtbot: QtBot, tour: Tour, facts: list[Facts], awaited: Callable[..., Any], tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window)
    window.resize(900, 600)
    window.show()
    asked: list[str] = []

    def places(task: str) -> QRect | None:
        asked.append(task)
        return QRect(window.mapToGlobal(QPoint(100, 120)), QSize(80, 30)) if task != "run" else None

    guide = TourGuide(tour, window, places, tmp_path / "documents", run=now)

    async def play() -> None:
        assert guide.isHidden()
        guide.begin()
        await asyncio.sleep(0.05)
        assert guide.isVisible() and guide.title.text() == "Begin with an empty canvas"
        assert guide.ring.isVisible() and guide.ring.place == QRect(100, 120, 80, 30)
        facts.append(Facts(READ))
        tour.look()
        assert guide.title.text() == "Choose a file" and str(tmp_path / "documents") in guide.text.text()
        qtbot.mouseClick(guide.button, LEFT)
        window.resize(800, 500)
        await asyncio.sleep(0.02)
        assert window.rect().contains(guide.geometry())

    awaited(play())
    assert asked == ["new", "file"]
    assert (tmp_path / "documents" / SAMPLE).is_file()
    tour.done = len(TASKS)
    tour.changed.emit()
    assert guide.title.text() == "Your first workflow has run"
    qtbot.mouseClick(guide.button, LEFT)
    assert guide.isHidden() and guide.ring.isHidden()


def test_the_guide_is_silent_while_the_card_says_the_same(qtbot: QtBot, tour: Tour) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    guide = TourGuide(tour, window, lambda task: None, Path("/nowhere"), run=now)
    tour.show_card(True)
    tour.start()
    assert guide.isHidden()
    tour.show_card(False)
    assert guide.isVisible()


def test_a_place_that_cannot_be_shown_or_a_sample_that_cannot_be_written_is_no_end(
    qtbot: QtBot, tour: Tour, awaited: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    guide = TourGuide(tour, window, lambda task: None, tmp_path / "file", run=now)

    async def play() -> None:
        guide.begin()
        await asyncio.sleep(0.02)

    awaited(play())
    assert guide.isVisible() and guide.ring.isHidden()
