from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QMenuBar
from pytestqt.qtbot import QtBot

from studio.base.actions import Action, Actions
from studio.shell.menus import Menus
from studio.welcome import recent
from studio.welcome.recent_menu import fill_recent
from tests.gui.welcome.conftest import now


def open_recent(qtbot: QtBot, opened: list[Path]) -> QMenu:
    """The submenu of a menu bar, as a window has it."""
    bar = QMenuBar()
    qtbot.addWidget(bar)
    actions = Actions(bar)
    actions.add([Action("file.open", "Open…", menu="File"), Action("file.save", "Save", menu="File", group=1)])
    menus = Menus(bar, actions)
    menus.add_list("file.open", "Open recent", lambda menu: fill_recent(menu, opened.append, now))
    bar.show()
    file = bar.actions()[0].menu()
    assert isinstance(file, QMenu)
    assert [one.text() for one in file.actions()] == ["Open…", "Open recent", "", "Save"]
    inner = file.actions()[1].menu()
    assert isinstance(inner, QMenu)
    return inner


def test_it_shows_what_was_open_and_opens_it(qtbot: QtBot, awaited: Callable[..., Any], tmp_path: Path) -> None:
    opened: list[Path] = []
    files = [tmp_path / name for name in ("gone.rpa.yaml", "there.rpa.yaml")]
    files[1].write_text("rpa: 1\n", "utf-8")
    menu = open_recent(qtbot, opened)

    async def play() -> None:
        menu.popup(menu.pos())
        assert [(one.text(), one.isEnabled()) for one in menu.actions()] == [("Nothing was open yet", False)]
        menu.close()
        recent.remember(files[0], "Gone\t& forgotten")
        recent.remember(files[1], "There")
        menu.popup(menu.pos())
        there, gone = menu.actions()
        assert there.text() == f"There\t{tmp_path.name}"
        assert gone.text() == f"Gone && forgotten\t{tmp_path.name}"
        await asyncio.sleep(0.02)
        assert there.isEnabled() and not gone.isEnabled()
        assert gone.toolTip() == "The file is not there any more"
        qtbot.keyClick(menu, Qt.Key.Key_Down)
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    awaited(play())
    assert opened == [files[1]]


def test_a_menu_filled_again_meanwhile_is_left_alone(qtbot: QtBot, awaited: Callable[..., Any], tmp_path: Path) -> None:
    recent.remember(tmp_path / "gone.rpa.yaml", "Gone")
    menu = QMenu()
    qtbot.addWidget(menu)

    async def play() -> None:
        for _ in range(3):
            fill_recent(menu, lambda path: None, now)
        await asyncio.sleep(0.02)
        assert [one.isEnabled() for one in menu.actions()] == [False]

    awaited(play())
