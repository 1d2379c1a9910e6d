from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from studio.base.actions import Actions
from studio.base.preferences import preferences
from studio.shell.window import MainWindow
from studio.widgets.pick_list import Pick, PickList, Provider

LEFT = Qt.MouseButton.LeftButton
KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def opened(qtbot: QtBot, window: MainWindow) -> PickList:
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_P, KEYS)
    popup = window.palette_popup.popup
    qtbot.waitUntil(popup.isVisible)
    qtbot.wait(20)  # the platform tells that the popup is active when it may be gone again, faster than anybody types
    return popup


def names(popup: PickList) -> list[str]:
    return [pick.text for pick in popup.picks]


def test_a_command_is_found_by_its_name_and_run(qtbot: QtBot, window: MainWindow, actions: Actions) -> None:
    done: list[str] = []
    actions.bind("file.new", lambda: done.append("new"))
    popup = opened(qtbot, window)
    qtbot.keyClicks(popup.field, "new wo")
    assert names(popup)[0] == "New workflow"
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: done == ["new"])
    assert not popup.isVisible()


def test_the_field_in_the_title_opens_it_too(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.mouseClick(window.title_bar.field, LEFT)
    popup = window.palette_popup.popup
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClick(popup.field, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_what_is_not_possible_says_why_and_is_not_done(qtbot: QtBot, window: MainWindow, actions: Actions) -> None:
    done: list[str] = []
    actions.bind("file.save", lambda: done.append("save"))
    popup = opened(qtbot, window)
    qtbot.keyClicks(popup.field, "save")
    assert popup.current is not None
    assert popup.current.off == "No workflow is open"
    with qtbot.waitSignal(popup.refused):
        qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    assert popup.isVisible() and done == []
    qtbot.keyClick(popup.field, Qt.Key.Key_Escape)
    actions.set_context("document")
    popup = opened(qtbot, window)
    qtbot.keyClicks(popup.field, "save")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: done == ["save"])


def test_what_nothing_stands_behind_is_not_offered(qtbot: QtBot, window: MainWindow) -> None:
    popup = opened(qtbot, window)
    assert "Nothing stands behind this" not in names(popup)
    assert "Search or run a command" not in names(popup)


def test_recent_commands_come_first(qtbot: QtBot, window: MainWindow, actions: Actions) -> None:
    actions.bind("file.compare", lambda: None)
    popup = opened(qtbot, window)
    qtbot.keyClicks(popup.field, "another")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: preferences().state("commands") == ["file.compare"])
    popup = opened(qtbot, window)
    assert (popup.picks[0].id, popup.picks[0].group) == ("file.compare", "Recent")
    assert [pick.id for pick in popup.picks].count("file.compare") == 1


def test_the_focus_is_back_before_the_command_runs(qtbot: QtBot, window: MainWindow, actions: Actions) -> None:
    page = window.page("home")
    assert isinstance(page, QLineEdit)
    page.setFocus()
    seen: list[bool] = []
    actions.bind("file.new", lambda: seen.append(page.hasFocus()))
    popup = opened(qtbot, window)
    qtbot.keyClicks(popup.field, "new w")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [True]


def test_providers_and_sources_add_their_own(qtbot: QtBot, window: MainWindow) -> None:
    went: list[str] = []
    steps = [Pick(f"step.{name}", name, data=lambda name=name: went.append(name)) for name in ("read", "write")]
    window.palette_popup.add_provider(Provider("@", lambda: steps, "@ finds a step"))
    window.palette_popup.add_source(
        lambda: [Pick("file.a", "a.rpa.yaml", group="Files", data=lambda: went.append("a"))]
    )
    popup = opened(qtbot, window)
    qtbot.keyClicks(popup.field, "@wri")
    assert names(popup) == ["write"]
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: went == ["write"])
    popup = opened(qtbot, window)
    qtbot.keyClicks(popup.field, "a.rpa")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: went == ["write", "a"])


def test_the_pages_are_found(qtbot: QtBot, window: MainWindow) -> None:
    popup = opened(qtbot, window)
    qtbot.keyClicks(popup.field, "desig")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.page_id == "designer")
