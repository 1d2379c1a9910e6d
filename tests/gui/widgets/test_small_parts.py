from __future__ import annotations

import asyncio
from pathlib import Path
from typing import get_args

import pytest
import qasync
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.store.protocols import Status
from studio.base.theme import theme
from studio.widgets.banner import LEVELS, Banner
from studio.widgets.chip import STATUSES, Chip
from studio.widgets.dialog import Button, Dialog, ask, open_file, save_file
from studio.widgets.empty import EmptyState
from studio.widgets.execution_status import chip_status, status_word
from studio.widgets.search_field import SearchField

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    QVBoxLayout(made)
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    return made


def test_escape_clears_a_search_and_then_goes_on(qtbot: QtBot, parent: QWidget) -> None:
    field = SearchField("Search 143 steps", "Tab", parent)
    field.resize(260, 28)
    field.show()
    assert field.textMargins().right() == 0  # all of the room for the placeholder
    qtbot.keyClicks(field, "excel")
    assert field.clear_button.isVisible()
    assert field.textMargins().right() >= field.clear_button.width()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "" and not field.clear_button.isVisible()
    qtbot.keyClicks(field, "csv")
    qtbot.mouseClick(field.clear_button, LEFT)
    assert field.text() == ""
    assert not field.grab().isNull()


def test_a_banner_answers_once(qtbot: QtBot, parent: QWidget) -> None:
    banner = Banner(parent)
    assert not banner.isVisible()
    answers: list[str] = []
    for level in LEVELS:
        banner.show_message(level, "It is <b>open</b>.", "Close it.", [("Retry", lambda: answers.append("retry"))])
        assert banner.isVisible() and not banner.grab().isNull()
    assert banner.message == "It is <b>open</b>. Close it."
    assert len(banner.buttons) == 1
    qtbot.mouseClick(banner.buttons[0], LEFT)
    assert answers == ["retry"] and not banner.isVisible()
    banner.show_message("info", "Again", closable=False)
    assert not banner.close_button.isVisible()


def test_no_part_changes_the_colours_that_all_share(qtbot: QtBot, parent: QWidget) -> None:
    before = {name: theme().color(name).rgba() for name in ("failed", "doubt", "paused", "accent-text")}
    fonts = {name: theme().font(name).weight() for name in ("caption", "small", "body")}
    banner = Banner(parent)
    for level in LEVELS:
        banner.show_message(level, "x", "y")
        banner.grab()
    Chip("failed", "Failed", parent).grab()
    SearchField("Search", "Tab", parent).grab()
    assert before == {name: theme().color(name).rgba() for name in before}
    assert fonts == {name: theme().font(name).weight() for name in fonts}


@pytest.mark.parametrize("status", [*get_args(Status), "interrupted"])
def test_every_status_of_an_execution_has_a_chip_and_a_word(status: str) -> None:
    assert chip_status(status) in STATUSES and chip_status(status)
    assert status_word(status) != status


@pytest.mark.parametrize("status", STATUSES)
def test_a_chip_shows_every_status(qtbot: QtBot, parent: QWidget, status: str) -> None:
    chip = Chip(status, "Some words", parent)
    chip.show()
    assert chip.width() >= 0 and not chip.grab().isNull()
    assert chip.accessibleName() == "Some words"


def test_only_an_interactive_chip_is_pressed(qtbot: QtBot, parent: QWidget) -> None:
    chip = Chip("doubt", "2 in doubt", parent, interactive=True)
    chip.show()
    told: list[int] = []
    chip.activated.connect(lambda: told.append(1))
    qtbot.mouseClick(chip, LEFT)
    qtbot.keyClick(chip, Qt.Key.Key_Space)
    qtbot.keyClick(chip, Qt.Key.Key_A)
    assert told == [1, 1]
    quiet = Chip("done", "Done", parent)
    quiet.show()
    quiet.activated.connect(lambda: told.append(2))
    qtbot.mouseClick(quiet, LEFT)
    assert told == [1, 1] and quiet.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_an_empty_place_offers_what_to_do(qtbot: QtBot, parent: QWidget) -> None:
    done: list[int] = []
    empty = EmptyState("flow-arrow", "Add the first step", "Press Tab.", ("Add", lambda: done.append(1)), parent)
    empty.show()
    assert empty.button is not None
    qtbot.mouseClick(empty.button, LEFT)
    assert done == [1]
    empty.show_text("No failed executions")
    assert not empty.text.isVisible()


QUESTION = (Button("no", "Do not save", "danger"), Button("cancel", "Cancel"), Button("save", "Save", "primary"))


async def asked(parent: QWidget) -> tuple[asyncio.Task[str], Dialog]:
    task = asyncio.ensure_future(ask(parent, "Save?", "It was changed.", QUESTION, details="trace"))
    await asyncio.sleep(0.02)
    dialog = parent.findChild(Dialog)
    assert dialog is not None and dialog.isVisible()
    return task, dialog


def test_a_question_is_answered_by_its_buttons(qtbot: QtBot, parent: QWidget, loop: qasync.QEventLoop) -> None:
    async def play() -> list[str]:
        answers = []
        for id in ("save", "no", "cancel"):
            task, dialog = await asked(parent)
            qtbot.mouseClick(dialog.buttons[id], LEFT)
            answers.append(await task)
            await asyncio.sleep(0)
        task, dialog = await asked(parent)
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
        answers.append(await task)
        task, dialog = await asked(parent)
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        answers.append(await task)
        task, dialog = await asked(parent)
        dialog.close()
        answers.append(await task)
        return answers

    assert loop.run_until_complete(play()) == ["save", "no", "cancel", "save", "", ""]


def test_enter_never_chooses_the_dangerous_answer(qtbot: QtBot, parent: QWidget) -> None:
    dialog = Dialog(parent, "Delete 3 steps?", "", [Button("delete", "Delete", "danger"), Button("keep", "Keep")])
    dialog.open()
    assert not dialog.buttons["delete"].isDefault() and not dialog.buttons["delete"].autoDefault()
    assert dialog.buttons["keep"].hasFocus() or dialog.focusWidget() is dialog.buttons["keep"]
    dialog.close()


def test_a_question_whose_window_goes_away_ends(qtbot: QtBot, parent: QWidget, loop: qasync.QEventLoop) -> None:
    async def play() -> str:
        window = QWidget()
        window.show()
        task, _ = await asked(window)
        window.deleteLater()
        return await asyncio.wait_for(task, 5)

    assert loop.run_until_complete(play()) == ""


def test_a_question_that_is_no_longer_asked_closes(qtbot: QtBot, parent: QWidget, loop: qasync.QEventLoop) -> None:
    async def play() -> None:
        task, _ = await asked(parent)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await asyncio.sleep(0.02)
        assert parent.findChild(Dialog) is None

    loop.run_until_complete(play())


def test_details_stand_behind_a_click(qtbot: QtBot, parent: QWidget) -> None:
    dialog = Dialog(parent, "It failed", "", [Button("ok", "Close")], "Traceback")
    dialog.open()
    toggle = next(button for button in dialog.findChildren(QPushButton) if button.isCheckable())
    text = dialog.findChild(QPlainTextEdit)
    assert text is not None and not text.isVisible()
    qtbot.mouseClick(toggle, LEFT)
    assert text.isVisible() and text.toPlainText() == "Traceback"
    dialog.close()


def test_files_are_chosen(qtbot: QtBot, parent: QWidget, loop: qasync.QEventLoop, tmp_path: Path) -> None:
    there = tmp_path / "поръчки.csv"
    there.write_text("a\n", "utf-8")

    async def type_into(name: str) -> None:
        await asyncio.sleep(0.05)
        dialog = parent.findChild(QFileDialog)
        assert dialog is not None
        line = dialog.findChild(QLineEdit)
        assert line is not None
        line.setText(name)
        qtbot.keyClick(line, Qt.Key.Key_Return)

    async def play() -> tuple[Path | None, Path | None, Path | None]:
        opening = asyncio.ensure_future(open_file(parent, "Open", tmp_path, "Tables (*.csv)"))
        await type_into(there.name)
        opened = await opening
        saving = asyncio.ensure_future(save_file(parent, "Save", tmp_path / "new", "", "rpa.yaml"))
        await type_into("other")
        saved = await saving
        again = asyncio.ensure_future(open_file(parent, "Open", tmp_path))
        await asyncio.sleep(0.05)
        dialog = parent.findChild(QFileDialog)
        assert dialog is not None
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        return opened, saved, await again

    assert loop.run_until_complete(play()) == (there, tmp_path / "other.rpa.yaml", None)


def test_an_empty_state_is_as_high_as_its_words_at_any_width(qtbot: QtBot) -> None:
    pane = QWidget()
    qtbot.addWidget(pane)
    empty = EmptyState("list-dashes", "Nothing stands here, and that takes some words", "", None, pane)
    column = QVBoxLayout(pane)
    column.addWidget(empty)
    column.addStretch()
    pane.show()
    heights = []
    for width in (600, 200, 600):
        pane.resize(width, 700)
        qtbot.waitUntil(lambda: empty.height() == empty.heightForWidth(empty.width()))
        assert empty.title.height() >= empty.title.heightForWidth(empty.title.width())
        heights.append(empty.height())
    assert heights[0] == heights[2] < heights[1] < 200
    empty.show_text("Short", "With a second line, which is there now and wraps as soon as the pane is narrow")
    pane.resize(200, 700)
    qtbot.waitUntil(lambda: empty.height() == empty.heightForWidth(empty.width()))
    assert empty.text.height() >= empty.text.heightForWidth(empty.text.width())
