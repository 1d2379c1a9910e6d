from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from studio.widgets.pick_list import Pick, PickList, Provider

LEFT = Qt.MouseButton.LeftButton
PICKS = [
    Pick("write", "Write Excel", also=("xlsx",), icon="file-xls", tile="cat-docs", group="Recent"),
    Pick("read", "Read CSV", icon="table", tile="cat-data", group="All"),
    Pick("save", "Save", keys="Ctrl+S", off="No workflow is open", group="All"),
    Pick("join", "Join tables", hint="Data and tables", group="All"),
]


@pytest.fixture
def shown(qtbot: QtBot) -> PickList:
    made = PickList("Search steps")
    qtbot.addWidget(made)
    made.set_picks(PICKS)
    made.resize(420, 300)
    made.show()
    return made


def current(shown: PickList) -> str:
    return shown.current.id if shown.current is not None else ""


def test_the_arrows_move_over_headings_and_around(qtbot: QtBot, shown: PickList) -> None:
    seen = [current(shown)]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(shown.field, key)
        seen.append(current(shown))
    assert seen == ["write", "read", "save", "join", "write", "join"]
    qtbot.keyClick(shown.field, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert current(shown) == "write"
    qtbot.keyClick(shown.field, Qt.Key.Key_PageDown)
    assert current(shown) == "join"


def test_enter_picks_what_was_found(qtbot: QtBot, shown: PickList) -> None:
    qtbot.keyClicks(shown.field, "xlsx")
    with qtbot.waitSignal(shown.picked) as picked:
        qtbot.keyClick(shown.field, Qt.Key.Key_Return)
    assert picked.args == [PICKS[0]]


def test_a_click_picks(qtbot: QtBot, shown: PickList) -> None:
    with qtbot.waitSignal(shown.picked) as picked:
        place = shown.view.visualRect(shown.view.model().index(3, 0)).center()
        qtbot.mouseClick(shown.view.viewport(), LEFT, pos=place)
    assert picked.args == [PICKS[1]]


def test_what_is_off_is_refused(qtbot: QtBot, shown: PickList) -> None:
    qtbot.keyClicks(shown.field, "save")
    with qtbot.waitSignal(shown.refused), qtbot.assertNotEmitted(shown.picked):
        qtbot.keyClick(shown.field, Qt.Key.Key_Return)


def test_nothing_found_offers_the_nearest(qtbot: QtBot, shown: PickList) -> None:
    qtbot.keyClicks(shown.field, "raed csv")
    assert "Read CSV" in shown.nothing.text()
    assert shown.picks == [] and current(shown) == ""
    qtbot.keyClick(shown.field, Qt.Key.Key_Return)
    qtbot.keyClick(shown.field, Qt.Key.Key_Down)
    shown.nothing.linkActivated.emit("Read CSV")
    assert current(shown) == "read"


def test_what_is_typed_is_text_and_no_markup(qtbot: QtBot, shown: PickList) -> None:
    qtbot.keyClicks(shown.field, "<img src=x>")
    assert "&lt;img" in shown.nothing.text()


def test_escape_leaves(qtbot: QtBot, shown: PickList) -> None:
    with qtbot.waitSignal(shown.dismissed):
        qtbot.keyClick(shown.field, Qt.Key.Key_Escape)


def test_the_longest_prefix_decides_who_answers(qtbot: QtBot, shown: PickList) -> None:
    asked: list[str] = []

    def give(name: str) -> list[Pick]:
        asked.append(name)
        return [Pick(name, name)]

    shown.set_providers([Provider("", lambda: give("all")), Provider("@", lambda: give("steps"))])
    qtbot.keyClicks(shown.field, "@st")
    assert current(shown) == "steps"
    qtbot.keyClicks(shown.field, "e")
    assert asked == ["all", "steps"]


def test_a_popup_closes_beside_and_tells_once(qtbot: QtBot) -> None:
    popup = PickList("Search", popup=True)
    qtbot.addWidget(popup)
    popup.set_picks(PICKS)
    told: list[str] = []
    popup.dismissed.connect(lambda: told.append("dismissed"))
    popup.picked.connect(lambda pick: told.append(pick.id))
    popup.popup_at(QPoint(10_000, 10_000))
    screen = QGuiApplication.primaryScreen()
    assert screen.availableGeometry().contains(popup.geometry())
    qtbot.wait(20)
    qtbot.mouseClick(popup, LEFT, pos=QPoint(-50, -50))
    assert told == ["dismissed"] and not popup.isVisible()
    popup.popup_at(QPoint(0, 0), "read")
    qtbot.wait(20)
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    assert told == ["dismissed", "read"] and not popup.isVisible()


def test_a_great_many_rows_are_searched_and_capped(qtbot: QtBot, shown: PickList) -> None:
    shown.set_picks([Pick(str(number), f"Step {number}") for number in range(20_000)])
    qtbot.keyClicks(shown.field, "19999")
    assert current(shown) == "19999"
    shown.field.clear()
    assert len(shown.picks) <= 300


def test_it_is_drawn_in_both_themes(qtbot: QtBot, shown: PickList, dark: None) -> None:
    assert not shown.grab().isNull()
    assert shown.view.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Write Excel"


def test_a_popup_is_no_higher_than_what_it_lists(qtbot: QtBot) -> None:
    made = PickList("Search", popup=True)
    qtbot.addWidget(made)
    made.set_picks([Pick(f"one-{number}", f"Step {number}") for number in range(40)])
    made.popup_at(QPoint(20, 20))
    high, wide = made.height(), made.width()
    qtbot.keyClicks(made.field, "step 39")
    assert made.height() < high / 2 and made.width() == wide
    made.field.clear()
    assert made.height() == high
