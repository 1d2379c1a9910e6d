from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from engine.core import settings
from studio.base.actions import Actions
from studio.base.preferences import preferences
from studio.settings.page import SettingsPage
from studio.settings.row import SettingRow
from studio.widgets.dialog import Dialog

LEFT = Qt.MouseButton.LeftButton


def shown(page: SettingsPage) -> list[str]:
    return [name for name, row in page.rows.items() if row.isVisibleTo(page)]


def combo(row: SettingRow) -> QComboBox:
    assert isinstance(row.control, QComboBox)
    return row.control


def test_every_declared_preference_and_setting_has_a_row(page: SettingsPage) -> None:
    declared = [one.name for one in preferences().declarations()]
    assert list(page.rows) == [*declared, *(f"engine.{one.name}" for one in settings.declarations())]
    assert len({page.navigation.item(row).text() for row in range(page.navigation.count())}) == page.navigation.count()


def test_what_is_chosen_holds_at_once(qtbot: QtBot, page: SettingsPage) -> None:
    told: list[str] = []
    preferences().changed.connect(told.append)
    theme_box = combo(page.rows["theme"])
    theme_box.setFocus()
    qtbot.keyClick(theme_box, Qt.Key.Key_Down)
    assert preferences().get("theme") == "light"
    qtbot.mouseClick(page.rows["reduce_motion"].control, LEFT)
    assert preferences().get("reduce_motion") is True
    size = page.rows["text_size"].control
    assert isinstance(size, QSpinBox)
    size.setFocus()
    qtbot.keyClick(size, Qt.Key.Key_Up)
    assert preferences().get("text_size") == 105
    size.selectAll()
    qtbot.keyClicks(size, "149")
    qtbot.keyClick(size, Qt.Key.Key_Return)
    assert preferences().get("text_size") == 149
    assert told == ["theme", "reduce_motion", "text_size", "text_size"]


def test_the_way_back_is_there_when_it_is_needed(qtbot: QtBot, page: SettingsPage) -> None:
    row = page.rows["snap"]
    assert not row.reset_button.isVisible()
    qtbot.mouseClick(row.control, LEFT)
    assert preferences().get("snap") is False and row.reset_button.isVisible()
    qtbot.mouseClick(row.reset_button, LEFT)
    assert preferences().get("snap") is True and not row.reset_button.isVisible()


def test_a_change_from_elsewhere_is_shown(page: SettingsPage) -> None:
    preferences().set("theme", "dark")
    assert combo(page.rows["theme"]).currentText() == "Dark"


def test_what_needs_a_start_says_so(qtbot: QtBot, page: SettingsPage) -> None:
    box = combo(page.rows["language"])
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_End)
    assert preferences().get("language") == "bg"
    assert page.rows["language"].note.text() == "Takes effect when the program is started again."
    qtbot.keyClick(box, Qt.Key.Key_Home)
    assert page.rows["language"].note.text() == ""


def test_the_wheel_scrolls_and_chooses_nothing(qtbot: QtBot, page: SettingsPage) -> None:
    for name in ("theme", "text_size"):
        control = page.rows[name].control
        control.setFocus()
        where = QPointF(5, 5)
        wheel = QWheelEvent(
            where,
            QPointF(control.mapToGlobal(QPoint(5, 5))),
            QPoint(0, 0),
            QPoint(0, -120),
            LEFT,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, wheel)
    assert preferences().get("theme") == "system" and preferences().get("text_size") == 100


def test_search_finds_rows_and_names_the_nearest(qtbot: QtBot, page: SettingsPage) -> None:
    qtbot.keyClicks(page.search, "minimap")
    assert shown(page) == ["minimap"]
    page.search.clear()
    qtbot.keyClicks(page.search, "durability")
    assert shown(page) == ["engine.durability"]
    page.search.clear()
    qtbot.keyClicks(page.search, "miinmap")
    assert shown(page) == [] and page.nothing.isVisible()
    assert page.nothing.text.text() == "Did you mean Minimap?"
    qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    assert shown(page) == list(page.rows) and not page.nothing.isVisible()


def test_the_groups_are_gone_to(qtbot: QtBot, page: SettingsPage) -> None:
    page.resize(1100, 400)
    qtbot.wait(20)
    item = page.navigation.item(4)
    qtbot.mouseClick(page.navigation.viewport(), LEFT, pos=page.navigation.visualItemRect(item).center())
    engine = page.groups[4]
    assert engine.mapTo(page, QPoint(0, 0)).y() < 200 or engine.visibleRegion().boundingRect().height() > 0


def test_an_engine_setting_is_written_to_its_file(qtbot: QtBot, page: SettingsPage, own_home: Path) -> None:
    (own_home / "settings.toml").write_text("# mine\n", "utf-8")
    box = combo(page.rows["engine.durability"])
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert (own_home / "settings.toml").read_text("utf-8") == '# mine\ndurability = "process"\n'
    row = page.rows["engine.durability"]
    assert row.help.text().endswith("Set in settings.toml.")
    assert row.note.text() == "Takes effect when the program is started again."
    qtbot.mouseClick(row.reset_button, LEFT)
    assert (own_home / "settings.toml").read_text("utf-8") == "# mine\n"
    assert row.note.text() == ""


def test_a_value_that_cannot_be_says_why(qtbot: QtBot, page: SettingsPage, own_home: Path) -> None:
    row = page.rows["engine.max_executions"]
    assert isinstance(row.control, QLineEdit)
    row.control.setFocus()
    row.control.selectAll()
    qtbot.keyClicks(row.control, "lots")
    qtbot.keyClick(row.control, Qt.Key.Key_Return)
    assert row.problem.text() == "This must be a whole number from 1 to 10000."
    assert not (own_home / "settings.toml").exists()
    row.control.selectAll()
    qtbot.keyClicks(row.control, "8")
    qtbot.keyClick(row.control, Qt.Key.Key_Return)
    assert row.problem.isHidden()
    assert (own_home / "settings.toml").read_text("utf-8") == "max_executions = 8\n"


def test_what_the_environment_decides_is_not_changed_here(page: SettingsPage) -> None:
    row = page.rows["engine.home"]
    assert not row.control.isEnabled()
    assert row.help.text().endswith("Set by the environment variable RPA_HOME.")


def test_a_broken_file_is_told_and_not_written(qtbot: QtBot, actions: Actions, own_home: Path) -> None:
    own_home.mkdir(exist_ok=True)
    inside = settings.read(environment={"RPA_HOME": str(own_home)})
    (own_home / "settings.toml").write_text("durability = = \n", "utf-8")
    page = SettingsPage(actions, inside)
    qtbot.addWidget(page)
    page.show()
    assert page.banner.isVisible() and "is not TOML" in page.banner.message
    assert not page.rows["engine.durability"].control.isEnabled()


def test_everything_is_set_back_after_a_question(
    qtbot: QtBot, page: SettingsPage, awaited: Callable[..., Any], own_home: Path
) -> None:
    preferences().set("theme", "dark")
    (own_home / "settings.toml").write_text('log_level = "info"\n', "utf-8")
    assert page.engine is not None
    page.engine.reload()

    async def answer(id: str) -> None:
        qtbot.mouseClick(page.reset_button, LEFT)
        await asyncio.sleep(0.02)
        dialog = page.findChild(Dialog)
        assert dialog is not None
        qtbot.mouseClick(dialog.buttons[id], LEFT)
        await asyncio.sleep(0.05)

    awaited(answer("cancel"))
    assert preferences().get("theme") == "dark"
    awaited(answer("reset"))
    assert preferences().get("theme") == "system"
    assert "log_level" not in (own_home / "settings.toml").read_text("utf-8")


def test_no_text_is_cut_off(qtbot: QtBot, page: SettingsPage) -> None:
    for width in (1100, 800):
        page.resize(width, 700)
        box = combo(page.rows["engine.durability"])
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Down)
        qtbot.wait(20)
        for row in page.rows.values():
            for label in (row.label, row.help, row.note, row.problem):
                if label.isVisible():
                    assert label.height() >= label.heightForWidth(label.width())
