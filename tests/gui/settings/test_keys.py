from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from studio.base.actions import Actions
from studio.base.preferences import preferences
from studio.settings.key_table import as_text
from studio.settings.keys import KeysPage
from studio.settings.page import SettingsPage
from studio.widgets.dialog import Dialog
from studio.widgets.key_cap import cap_width

LEFT, CTRL, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def keys(qtbot: QtBot, page: SettingsPage) -> KeysPage:
    item = page.navigation.item(page.navigation.count() - 1)
    qtbot.mouseClick(page.navigation.viewport(), LEFT, pos=page.navigation.visualItemRect(item).center())
    assert page.keys is not None and page.keys.isVisible()
    return page.keys


def listed(keys: KeysPage) -> list[str]:
    return [action.id for action in keys.table.rows]


def choose(qtbot: QtBot, keys: KeysPage, id: str) -> None:
    index = keys.table.index(keys.table.row_of(id), 0)
    keys.view.scrollTo(index)
    qtbot.mouseClick(keys.view.viewport(), LEFT, pos=keys.view.visualRect(index).center())


def test_all_commands_are_listed_and_found(qtbot: QtBot, keys: KeysPage, actions: Actions) -> None:
    assert listed(keys) == [action.id for action in actions.all()]
    qtbot.keyClicks(keys.search, "redo")
    assert listed(keys) == ["edit.redo"]
    keys.search.clear()
    qtbot.keyClicks(keys.search, "F5")
    assert listed(keys)[0] == "run.start"
    keys.search.clear()
    qtbot.keyClicks(keys.search, "zzzz")
    assert listed(keys) == [] and keys.nothing.isVisible() and keys.current is None
    assert not keys.view.isVisible() and not keys.editor.isVisible()
    assert keys.nothing.y() < keys.search.geometry().bottom() + 40
    keys.search.clear()
    assert keys.view.isVisible() and keys.editor.isVisible() and not keys.nothing.isVisible()


def test_every_key_has_room_and_the_whole_row_is_lit_up(qtbot: QtBot, keys: KeysPage, actions: Actions) -> None:
    def seen(column: int) -> QImage:
        return keys.view.grab(QRect(place(column).topLeft(), place(column).size())).toImage()

    def place(column: int) -> QRect:
        return keys.view.visualRect(keys.table.index(2, column)).translated(0, keys.view.horizontalHeader().height())

    actions.set_keys("edit.redo", ("Ctrl+Shift+Z", "Ctrl+Alt+Shift+PgDown", "Ctrl+Alt+Shift+PgUp"))
    caps = [cap_width(text) for text in ("Ctrl+Shift+Z", "Ctrl+Alt+Shift+PgDown", "Ctrl+Alt+Shift+PgUp")]
    assert keys.view.columnWidth(1) > sum(caps)
    plain = [seen(column) for column in range(3)]
    qtbot.mouseMove(keys.view.viewport(), keys.view.visualRect(keys.table.index(2, 0)).center())
    assert all(seen(column) != before for column, before in enumerate(plain))
    qtbot.mouseMove(keys.search)
    assert [seen(column) for column in range(3)] == plain


def test_commands_are_found_by_pressing_their_keys(qtbot: QtBot, keys: KeysPage) -> None:
    qtbot.mouseClick(keys.by_keys, LEFT)
    qtbot.keyClick(keys.pressed, Qt.Key.Key_Y, CTRL)
    assert listed(keys) == ["edit.redo"]
    qtbot.keyClick(keys.pressed, Qt.Key.Key_F5)
    assert listed(keys) == ["run.start"]
    qtbot.mouseClick(keys.by_keys, LEFT)
    assert len(listed(keys)) == 5


def test_new_keys_are_pressed_and_kept(qtbot: QtBot, keys: KeysPage, actions: Actions) -> None:
    done: list[str] = []
    actions.bind("run.start", lambda: done.append("run"))
    actions.bind("file.save", lambda: done.append("save"))
    actions.attach("window", keys.window())
    choose(qtbot, keys, "run.start")
    qtbot.mouseClick(keys.editor.add, LEFT)
    assert keys.editor.field.isVisible()
    qtbot.keyClick(keys.editor.field, Qt.Key.Key_Shift)
    qtbot.keyClick(keys.editor.field, Qt.Key.Key_R, CTRL | SHIFT)
    assert actions.keys("run.start") == ("F5", "Ctrl+Shift+R")
    assert preferences().state("keys") == {"run.start": ["F5", "Ctrl+Shift+R"]}
    assert done == []
    qtbot.keyClick(keys.window(), Qt.Key.Key_R, CTRL | SHIFT)
    assert done == ["run"]
    qtbot.mouseClick(keys.editor.reset, LEFT)
    assert actions.keys("run.start") == ("F5",) and preferences().state("keys") == {}


def test_keys_pressed_on_a_cyrillic_layout_are_kept_in_latin(qtbot: QtBot, keys: KeysPage, actions: Actions) -> None:
    choose(qtbot, keys, "step.disable")
    qtbot.mouseClick(keys.editor.add, LEFT)
    code = 45 if sys.platform == "win32" else 53
    ready = QKeyEvent(QEvent.Type.KeyPress, ord("Ж"), Qt.KeyboardModifier.NoModifier, code, 0, 0, "ж")
    QApplication.sendEvent(keys.editor.field, ready)
    assert actions.keys("step.disable") == ("D", "X")


def test_a_conflict_is_named_and_resolved(qtbot: QtBot, keys: KeysPage, actions: Actions) -> None:
    saved: list[str] = []
    actions.bind("file.save", lambda: saved.append("save"))
    actions.attach("window", keys.window())
    choose(qtbot, keys, "run.start")
    qtbot.mouseClick(keys.editor.add, LEFT)
    qtbot.keyClick(keys.editor.field, Qt.Key.Key_S, CTRL)
    assert keys.editor.message.text() == "Ctrl+S belongs to “Save”."
    assert saved == [] and actions.keys("run.start") == ("F5",)
    qtbot.mouseClick(keys.editor.take, LEFT)
    assert actions.keys("run.start") == ("F5", "Ctrl+S") and actions.keys("file.save") == ()
    choose(qtbot, keys, "file.save")
    qtbot.mouseClick(keys.editor.reset, LEFT)
    assert "belongs to “Run” now" in keys.editor.message.text()
    assert actions.keys("file.save") == ()


def test_keys_that_are_needed_for_typing_are_refused(qtbot: QtBot, keys: KeysPage, actions: Actions) -> None:
    choose(qtbot, keys, "file.compare")
    qtbot.mouseClick(keys.editor.add, LEFT)
    for key in (Qt.Key.Key_X, Qt.Key.Key_Tab, Qt.Key.Key_Space):
        qtbot.keyClick(keys.editor.field, key)
        assert "needed for typing" in keys.editor.message.text()
    qtbot.keyClick(keys.editor.field, Qt.Key.Key_F7)
    assert actions.keys("file.compare") == ("F7",)
    choose(qtbot, keys, "step.disable")
    qtbot.mouseClick(keys.editor.add, LEFT)
    qtbot.keyClick(keys.editor.field, Qt.Key.Key_X)
    assert actions.keys("step.disable") == ("D", "X")


def test_keys_are_taken_away_and_escape_leaves(qtbot: QtBot, keys: KeysPage, actions: Actions) -> None:
    choose(qtbot, keys, "edit.redo")
    qtbot.mouseClick(keys.editor.removers[0], LEFT)
    assert actions.keys("edit.redo") == ("Ctrl+Y",)
    qtbot.mouseClick(keys.editor.add, LEFT)
    qtbot.keyClick(keys.editor.field, Qt.Key.Key_Y, CTRL)
    assert keys.editor.message.text() == "It has these keys already."
    qtbot.keyClick(keys.editor.field, Qt.Key.Key_Escape)
    assert not keys.editor.field.isVisible() and keys.editor.add.isVisible()
    assert actions.keys("edit.redo") == ("Ctrl+Y",)


def test_enter_on_a_row_waits_for_keys(qtbot: QtBot, keys: KeysPage) -> None:
    choose(qtbot, keys, "file.save")
    qtbot.keyClick(keys.view, Qt.Key.Key_Return)
    assert keys.editor.field.isVisible()


def test_all_keys_are_set_back_after_a_question(
    qtbot: QtBot, keys: KeysPage, actions: Actions, awaited: Callable[..., Any]
) -> None:
    actions.set_keys("file.save", ("Ctrl+9",))
    actions.set_keys("run.start", ())

    async def play() -> None:
        qtbot.mouseClick(keys.reset_all, LEFT)
        await asyncio.sleep(0.02)
        dialog = keys.findChild(Dialog)
        assert dialog is not None
        qtbot.mouseClick(dialog.buttons["reset"], LEFT)
        await asyncio.sleep(0.05)

    awaited(play())
    assert actions.keys("file.save") == ("Ctrl+S",) and actions.keys("run.start") == ("F5",)


@pytest.mark.parametrize("writes", [True, False])
def test_the_keys_are_saved_as_text(
    qtbot: QtBot,
    keys: KeysPage,
    actions: Actions,
    awaited: Callable[..., Any],
    tmp_path: Path,
    writes: bool,
) -> None:
    async def play() -> None:
        qtbot.mouseClick(keys.export, LEFT)
        await asyncio.sleep(0.05)
        dialog = keys.findChild(QFileDialog)
        assert dialog is not None
        line = dialog.findChild(QLineEdit)
        assert line is not None
        if writes:
            line.setText(str(tmp_path / "keys"))
            qtbot.keyClick(line, Qt.Key.Key_Return)
        else:
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        await asyncio.sleep(0.05)

    awaited(play())
    file = tmp_path / "keys.txt"
    assert file.exists() == writes
    if writes:
        assert file.read_text("utf-8") == as_text(actions)
        assert "Redo" in as_text(actions) and "Ctrl+Shift+Z, Ctrl+Y" in as_text(actions)
