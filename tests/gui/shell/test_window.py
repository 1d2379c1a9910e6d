from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from studio.base.actions import Action, Actions
from studio.base.preferences import preferences
from studio.base.theme import theme
from studio.shell.page_entry import BrokenPage
from studio.shell.rail import NARROW, WIDE
from studio.shell.window import STATE, MainWindow
from tests.gui.shell.rooms import Rooms

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def menus(window: MainWindow) -> dict[str, QMenu]:
    found = {}
    for action in window.title_bar.menu_bar.actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        found[action.text().replace("&", "")] = menu
    return found


def test_a_page_is_built_when_it_is_first_shown_and_kept(qtbot: QtBot, window: MainWindow, rooms: Rooms) -> None:
    assert rooms.built == ["home"]
    qtbot.mouseClick(window.rail.buttons["designer"], LEFT)
    qtbot.mouseClick(window.rail.buttons["home"], LEFT)
    qtbot.mouseClick(window.rail.buttons["designer"], LEFT)
    assert rooms.built == ["home", "designer"]
    assert window.page_id == "designer"
    assert [id for id, button in window.rail.buttons.items() if button.isChecked()] == ["designer"]


def test_keys_go_to_the_pages(qtbot: QtBot, window: MainWindow) -> None:
    for key, page in ((Qt.Key.Key_2, "designer"), (Qt.Key.Key_3, "settings"), (Qt.Key.Key_1, "home")):
        qtbot.keyClick(window, key, CONTROL)
        assert window.page_id == page
    qtbot.keyClick(window, Qt.Key.Key_Comma, CONTROL)
    assert window.page_id == "settings"


def test_the_rail_remembers_for_each_page_whether_it_shows_names(qtbot: QtBot, window: MainWindow) -> None:
    theme().reduced = True
    try:
        assert window.rail.width() == WIDE
        qtbot.mouseClick(window.rail.buttons["designer"], LEFT)
        assert window.rail.width() == NARROW
        qtbot.mouseClick(window.rail.toggle, LEFT)
        assert window.rail.width() == WIDE
        qtbot.mouseClick(window.rail.buttons["home"], LEFT)
        qtbot.keyClick(window, Qt.Key.Key_B, CONTROL | Qt.KeyboardModifier.ShiftModifier)
        assert window.rail.width() == NARROW
        qtbot.mouseClick(window.rail.buttons["designer"], LEFT)
        assert window.rail.width() == WIDE
        qtbot.mouseClick(window.rail.buttons["settings"], LEFT)
        assert window.rail.width() == WIDE
    finally:
        theme().reduced = False


def test_names_that_are_hidden_stand_in_tooltips_with_their_keys(window: MainWindow) -> None:
    assert window.rail.buttons["designer"].toolTip() == "Designer (Ctrl+2)"
    window.commands.set_keys("go.designer", ("Ctrl+9",))
    assert window.rail.buttons["designer"].toolTip() == "Designer (Ctrl+9)"


def test_a_page_that_cannot_be_built_says_so_and_the_rest_goes_on(
    qtbot: QtBot, window: MainWindow, rooms: Rooms
) -> None:
    rooms.broken = True
    qtbot.mouseClick(window.rail.buttons["settings"], LEFT)
    page = window.page("settings")
    assert isinstance(page, BrokenPage)
    assert page.notice.title.text() == "The page “Settings” could not be opened."
    assert "no such table" in page.notice.text.text()
    qtbot.mouseClick(window.rail.buttons["home"], LEFT)
    assert window.page_id == "home"
    qtbot.mouseClick(window.rail.buttons["settings"], LEFT)
    rooms.broken = False
    assert page.notice.button is not None
    qtbot.mouseClick(page.notice.button, LEFT)
    assert isinstance(window.page("settings"), QLabel)


def test_menus_follow_the_actions(qtbot: QtBot, window: MainWindow, actions: Actions) -> None:
    assert list(menus(window)) == ["File", "Edit", "View", "Run", "Tools"]
    file = menus(window)["File"]
    assert [one.text() or "-" for one in file.actions()] == [
        "New workflow", "-", "Save", "-", "Compare", "-", "Quit",
    ]  # fmt: skip
    actions.add([Action("help.about", "About", menu="Help")])
    assert list(menus(window))[-1] == "Help"
    done: list[str] = []
    actions.bind("file.new", lambda: done.append("new"))
    file = menus(window)["File"]
    file.popup(QPoint(0, 0))
    qtbot.mouseClick(file, LEFT, pos=file.actionGeometry(file.actions()[0]).center())
    assert done == ["new"]


def test_the_window_is_found_again_where_it_was_left(qtbot: QtBot, actions: Actions, rooms: Rooms) -> None:
    first = MainWindow(actions, rooms.entries())
    first.setGeometry(40, 50, 880, 600)
    first.show()
    first.close()
    again = Actions()
    second = MainWindow(again, rooms.entries())
    qtbot.addWidget(second)
    assert second.geometry().size() == first.geometry().size()
    first.deleteLater()


@pytest.mark.parametrize("junk", [None, 5, "x", [], {"box": "x"}, {"box": [1, 2, 3]}, {"box": [1e9, 0, -5, None]}])
def test_a_place_that_cannot_be_read_is_forgotten(qtbot: QtBot, rooms: Rooms, junk: object) -> None:
    preferences().set_state(STATE, junk)
    preferences().set_state("rail", junk)
    preferences().set_state("commands", junk)
    made = MainWindow(Actions(), rooms.entries())
    qtbot.addWidget(made)
    made.show_page("home")
    made.open_palette()
    screen = QGuiApplication.primaryScreen()
    assert screen is not None
    assert screen.geometry().intersects(made.geometry())
    made.palette_popup.popup.hide()


def test_a_window_on_a_screen_that_is_gone_comes_back(qtbot: QtBot, rooms: Rooms) -> None:
    preferences().set_state(STATE, {"box": [20_000, 9_000, 900, 600]})
    made = MainWindow(Actions(), rooms.entries())
    qtbot.addWidget(made)
    screen = QGuiApplication.primaryScreen()
    assert screen is not None
    assert screen.geometry().contains(made.geometry().center())


def test_closing_asks_first_and_only_once(qtbot: QtBot, window: MainWindow, loop: qasync.QEventLoop) -> None:
    asked: list[bool] = []
    answers = [False, True]

    async def may_close() -> bool:
        asked.append(True)
        return answers.pop(0)

    window.may_close = may_close

    async def attempt() -> None:
        window.close()
        window.close()
        assert window.isVisible()
        await asyncio.sleep(0.02)
        assert window.isVisible() and len(asked) == 1
        window.close()
        for _ in range(100):
            await asyncio.sleep(0.01)
            if not window.isVisible():
                break

    loop.run_until_complete(attempt())
    assert not window.isVisible()
    assert len(asked) == 2


def test_a_question_that_fails_is_told(qtbot: QtBot, window: MainWindow, loop: qasync.QEventLoop) -> None:
    async def may_close() -> bool:
        raise OSError("the disk is gone")

    async def attempt() -> None:
        window.may_close = may_close
        window.close()
        await asyncio.sleep(0.02)

    loop.run_until_complete(attempt())
    assert window.isVisible()
    assert "the disk is gone" in window.banner.message
    window.may_close = None


def test_files_can_be_dropped(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.rpa.yaml")), QUrl("https://example.org/b")])
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(200, 200), Qt.DropAction.CopyAction, data, button, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(window.files_dropped) as dropped:
        QApplication.sendEvent(window, QDropEvent(QPointF(200, 200), Qt.DropAction.CopyAction, data, button, none))
    assert dropped.args == [[tmp_path / "a.rpa.yaml"]]


def test_a_notice_stays_until_it_is_answered(qtbot: QtBot, window: MainWindow) -> None:
    answered: list[str] = []
    window.notify("warn", "The store is open elsewhere.", "Close it.", [("Try again", lambda: answered.append("yes"))])
    assert window.banner.isVisible()
    button = window.banner.findChild(QPushButton)
    assert button is not None
    qtbot.mouseClick(button, LEFT)
    assert answered == ["yes"]
    assert not window.banner.isVisible()
    window.notify("info", "Again")
    qtbot.mouseClick(window.banner.close_button, LEFT)
    assert not window.banner.isVisible()


def test_counts_and_engine_are_shown(qtbot: QtBot, window: MainWindow) -> None:
    bar = window.title_bar
    assert not bar.running.isVisible() and not bar.doubt.isVisible()
    bar.set_counts(1, 2)
    assert bar.running.text == "1 running" and bar.doubt.text == "2 in doubt"
    with qtbot.waitSignal(bar.count_clicked) as clicked:
        qtbot.mouseClick(bar.doubt, LEFT)
    assert clicked.args == ["doubt"]
    bar.set_counts(0, 0)
    assert not bar.running.isVisible()
    bar.set_engine("failed", "Engine stopped", "The store is damaged")
    assert bar.engine.toolTip() == "The store is damaged"


def test_the_status_bar_says_what_goes_on_and_what_has_just_happened(qtbot: QtBot, window: MainWindow) -> None:
    bar = window.status_bar
    assert bar.now.text() == "Ready"
    bar.show_now("Running Order report", "running", "Event 61 saved")
    bar.say("Saved a.rpa.yaml")
    assert bar.now.text() == "Saved a.rpa.yaml"
    bar.show_now("Running Order report, 00:04.2", "running")
    assert bar.now.text() == "Saved a.rpa.yaml"
    with pytest.raises(ValueError, match="no status"):
        bar.show_now("x", "nonsense")
    bar.show_file("/" + "folder/" * 60 + "order-report.rpa.yaml")
    window.resize(900, 600)
    QTest.qWait(1)
    assert bar.width() <= window.width()


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 720), (1120, 700), (880, 560)])
def test_the_title_row_fits(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    bar = window.title_bar
    bar.set_counts(12, 3)
    bar.set_engine("open", "This computer")
    window.resize(*size)
    QTest.qWait(1)
    assert window.width() == size[0]
    parts = [bar.menu_bar, bar.field, bar.doubt, bar.running, bar.engine]
    places = [part.geometry() for part in parts]
    for left, right in pairwise(places):
        assert left.right() < right.left()
    assert places[-1].right() <= bar.width()


def test_the_title_names_the_file(qtbot: QtBot, actions: Actions, rooms: Rooms, tmp_path: Path) -> None:
    made = MainWindow(actions, rooms.entries())
    qtbot.addWidget(made)
    made.show_page("designer")
    assert made.windowTitle() == "Designer – RPA Studio"
    made.show_file("Orders [*]\nof May", tmp_path / "orders.rpa.yaml", unsaved=True)
    assert made.windowTitle() == "Orders [*][*] of May[*] – RPA Studio"
    assert made.isWindowModified()
    assert made.windowFilePath() == str(tmp_path / "orders.rpa.yaml")
    made.show_page("settings")
    assert made.windowTitle() == "Settings – RPA Studio"
    assert not made.isWindowModified()
    assert made.windowFilePath() == ""


def test_a_page_that_takes_long_is_built_when_the_window_is_there(qtbot: QtBot, actions: Actions, rooms: Rooms) -> None:
    made = MainWindow(actions, rooms.entries())
    qtbot.addWidget(made)
    made.show_page_soon("designer")
    assert made.page("designer") is None
    assert made.windowTitle() == "Designer – RPA Studio"
    assert made.rail.buttons["designer"].isChecked()
    made.show()
    qtbot.waitUntil(lambda: made.page("designer") is not None)
    assert made.page_id == "designer"


def test_a_page_that_was_asked_for_meanwhile_stays(qtbot: QtBot, actions: Actions, rooms: Rooms) -> None:
    made = MainWindow(actions, rooms.entries())
    qtbot.addWidget(made)
    made.show_page_soon("designer")
    made.show_page("home")
    made.show()
    qtbot.wait(50)
    assert made.page_id == "home" and made.page("designer") is None


def test_a_large_window_is_large_again(qtbot: QtBot, actions: Actions, rooms: Rooms) -> None:
    first = MainWindow(actions, rooms.entries())
    first.showMaximized()
    qtbot.waitUntil(first.isMaximized)
    first.close()
    second = MainWindow(Actions(), rooms.entries())
    qtbot.addWidget(second)
    assert second.isMaximized()
    first.deleteLater()
