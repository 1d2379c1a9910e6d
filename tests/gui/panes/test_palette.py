from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from engine.api import Catalog, Workflow
from studio.base.i18n import LANGUAGES, set_language
from studio.base.preferences import preferences
from studio.base.theme import theme
from studio.designer.palette import MIME, PalettePane
from studio.designer.palette.entries import BROKEN, Entry, Group, read_catalog
from studio.designer.palette.model import GROUP, PaletteModel
from studio.designer.palette.row import lines_of, step_picture
from tests.gui.bridge.stories import until

Key, Left = Qt.Key, Qt.MouseButton.LeftButton


@pytest.fixture
def shown(qtbot: QtBot, opened: Callable[..., Any]) -> Callable[..., Any]:
    async def show(editor: Any = None) -> PalettePane:
        pane = PalettePane()
        qtbot.addWidget(pane)
        pane.resize(232, 700)
        pane.show()
        pane.show_editor(editor or opened(Workflow("x")))
        await until(lambda: not pane.loading.isVisible())
        return pane

    return show


def groups(pane: PalettePane) -> list[str]:
    return [pane.model.index(row, 0).data() for row in range(pane.model.rowCount())]


def group(pane: PalettePane, name: str) -> QModelIndex:
    return pane.model.index(groups(pane).index(name), 0)


def found(pane: PalettePane) -> list[str]:
    return [pane.model.index(row, 0).data() for row in range(pane.model.rowCount())]


def place(pane: PalettePane, index: QModelIndex) -> QPoint:
    pane.view.scrollTo(index)
    return pane.view.visualRect(index).center()


def test_families_come_in_their_order_with_their_counts(awaited: Any, shown: Any) -> None:
    async def story() -> None:
        pane = await shown()
        assert groups(pane)[:3] == ["Control flow", "Browser", "Desktop"]
        count = len(pane.model.entries())
        assert pane.search.placeholderText() == f"Search {count} steps"
        flow = group(pane, "Control flow")
        assert pane.view.isExpanded(flow) and not pane.view.isExpanded(group(pane, "Excel"))
        assert pane.model.data(flow, Qt.ItemDataRole.AccessibleTextRole) == f"Control flow, {pane.model.rowCount(flow)}"
        entry = pane.model.index(0, 0, flow)
        assert "<b>" in entry.data(Qt.ItemDataRole.ToolTipRole)
        assert entry.data(Qt.ItemDataRole.AccessibleDescriptionRole)

    awaited(story())


def test_a_click_opens_a_family_and_that_is_remembered(awaited: Any, shown: Any) -> None:
    async def story() -> None:
        pane = await shown()
        for name, open in (("Excel", True), ("Control flow", False)):
            QTest.mouseClick(pane.view.viewport(), Left, pos=place(pane, group(pane, name)))
            assert pane.view.isExpanded(group(pane, name)) is open
        other = await shown()
        assert other.view.isExpanded(group(other, "Excel"))
        assert not other.view.isExpanded(group(other, "Control flow"))

    awaited(story())


def test_a_double_click_inserts_and_the_step_is_recent_from_then_on(awaited: Any, shown: Any) -> None:
    async def story() -> None:
        pane = await shown()
        chosen: list[str] = []
        pane.chosen.connect(chosen.append)
        index = pane.model.index(2, 0, group(pane, "Control flow"))
        QTest.mouseClick(pane.view.viewport(), Left, pos=place(pane, index))
        QTest.mouseDClick(pane.view.viewport(), Left, pos=place(pane, index))
        assert len(chosen) == 1
        assert groups(pane)[0] == "Recent"
        assert pane.model.entry(pane.model.index(0, 0, group(pane, "Recent"))).id == chosen[0]
        assert pane.view.current_id() == chosen[0]
        assert preferences().state("palette.recent") == chosen

    awaited(story())


def test_searching_needs_no_mouse(awaited: Any, shown: Any, qtbot: QtBot) -> None:
    async def story() -> None:
        pane = await shown()
        chosen: list[str] = []
        pane.chosen.connect(chosen.append)
        pane.search.setFocus()
        QTest.keyClicks(pane.search, "exel")
        assert all("excel" in pane.model.entry(pane.model.index(row, 0)).id for row in range(2))
        QTest.keyClick(pane.search, Key.Key_Return)
        assert chosen == [pane.model.entry(pane.model.index(0, 0)).id]
        QTest.keyClick(pane.search, Key.Key_Down)
        QTest.keyClick(pane.view, Key.Key_Down)
        QTest.keyClick(pane.view, Key.Key_Return)
        assert chosen[1] == pane.model.entry(pane.model.index(1, 0)).id
        QTest.keyClick(pane.search, Key.Key_Escape)
        assert groups(pane)[:2] == ["Recent", "Control flow"]

    awaited(story())


def test_a_family_is_opened_and_closed_with_the_keyboard(awaited: Any, shown: Any) -> None:
    async def story() -> None:
        pane = await shown()
        QTest.keyClick(pane.search, Key.Key_Down)
        flow = group(pane, "Control flow")
        assert pane.view.currentIndex() == flow
        QTest.keyClick(pane.view, Key.Key_Left)
        assert not pane.view.isExpanded(flow)
        QTest.keyClick(pane.view, Key.Key_Return)
        assert pane.view.isExpanded(flow)

    awaited(story())


def test_what_nothing_is_called_is_answered_with_the_nearest(awaited: Any, shown: Any) -> None:
    async def story() -> None:
        pane = await shown()
        QTest.keyClicks(pane.search, "condtiom")
        assert pane.nothing.isVisible()
        assert (pane.nothing.title.text(), pane.nothing.text.text()) == (
            "Nothing called “condtiom”",
            "Did you mean “Condition”?",
        )
        QTest.mouseClick(pane.nothing.button, Left)
        assert found(pane)[0] == "Condition" and not pane.nothing.isVisible()
        pane.search.clear()
        pane.search.insert("\x00😀\ud800qqqqqqq")
        assert pane.nothing.isVisible() and not pane.nothing.button.isVisible()

    awaited(story())


def test_a_drag_holds_the_id_and_shows_the_step(awaited: Any, shown: Any) -> None:
    async def story() -> None:
        pane = await shown()
        index = pane.model.index(0, 0, group(pane, "Control flow"))
        entry = pane.model.entry(index)
        assert bytes(pane.model.mimeData([index]).data(MIME).data()).decode() == entry.id
        assert index.flags() & Qt.ItemFlag.ItemIsDragEnabled
        assert not group(pane, "Excel").flags() & Qt.ItemFlag.ItemIsDragEnabled
        picture = step_picture(entry, 2.0)
        assert (picture.width(), picture.height()) == (372, 116)

    awaited(story())


def test_plug_ins_that_are_broken_stand_at_the_end_and_cannot_be_inserted(
    awaited: Any, shown: Any, opened: Any
) -> None:
    async def story() -> None:
        catalog = Catalog()
        catalog._errors["acme"] = "acme.activities cannot be loaded: <ImportError>"
        editor = opened(Workflow("x"))
        editor.bridge.__dict__["catalog"] = catalog
        pane = await shown(editor)
        chosen: list[str] = []
        pane.chosen.connect(chosen.append)
        last = pane.model.index(pane.model.rowCount() - 1, 0)
        assert last.data(GROUP).key == BROKEN
        pane.view.setExpanded(last, True)
        row = pane.model.index(0, 0, last)
        assert "&lt;ImportError&gt;" in row.data(Qt.ItemDataRole.ToolTipRole)
        QTest.mouseDClick(pane.view.viewport(), Left, pos=place(pane, row))
        assert not chosen and not row.flags() & Qt.ItemFlag.ItemIsDragEnabled

    awaited(story())


def test_a_thousand_activities_of_plug_ins_are_found_and_scrolled(awaited: Any, shown: Any, opened: Any) -> None:
    async def story() -> None:
        module = types.ModuleType("acme_many")
        sys.modules["acme_many"] = module
        lines = ["from engine.sdk import Effect, activity"]
        for number in range(1000):
            lines.append(f"@activity('acme.do_{number}', label='Do thing {number}', effect=Effect.PURE)")
            lines.append(f"def do_{number}() -> None:\n    'Does the thing.'")
        exec("\n".join(lines), module.__dict__)
        catalog = Catalog()
        catalog.add_module(module)
        editor = opened(Workflow("x"))
        editor.bridge.__dict__["catalog"] = catalog
        try:
            pane = await shown(editor)
            acme = group(pane, "Acme")
            assert pane.model.rowCount(acme) == 1000
            pane.view.setExpanded(acme, True)
            QTest.keyClicks(pane.search, "thing 777")
            assert found(pane)[0] == "Do thing 777"
        finally:
            del sys.modules["acme_many"]

    awaited(story())


def test_without_an_open_workflow_nothing_can_be_inserted(awaited: Any, shown: Any) -> None:
    async def story() -> None:
        pane = await shown()
        chosen: list[str] = []
        pane.chosen.connect(chosen.append)
        pane.show_editor(None)
        assert not pane.view.isEnabled()
        QTest.keyClicks(pane.search, "cond")
        QTest.keyClick(pane.view, Key.Key_Return)
        assert not chosen

    awaited(story())


def test_the_model_never_lies_to_qt() -> None:
    model = PaletteModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_groups(read_catalog(Catalog()))
    for query in ("ex", "exel", "", "zzzzzz", ""):
        model.set_query(query)
    del tester


def test_every_activity_is_listed_once() -> None:
    catalog = Catalog()
    listed = [entry.id for group in read_catalog(catalog) for entry in group.entries]
    assert sorted(listed) == catalog.ids()


def test_a_long_name_takes_more_lines_in_a_narrow_pane(awaited: Any, shown: Any) -> None:
    async def story() -> None:
        pane = await shown()
        pane.model.set_groups(
            [Group("x", "X", (Entry("x.y", "Removing the rows that are there twice", "table", "cat-data"),))]
        )
        pane.view.expandAll()
        index = pane.model.index(0, 0, pane.model.index(0, 0))
        pane.resize(500, 700)
        await until(lambda: pane.view.visualRect(index).height() == 30)
        pane.resize(200, 700)
        await until(lambda: pane.view.visualRect(index).height() > 40)
        pane.resize(500, 700)
        await until(lambda: pane.view.visualRect(index).height() == 30)

    awaited(story())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_is_read_in_full_in_the_narrowest_pane(language: str) -> None:
    set_language(language)
    metrics = QFontMetrics(theme().font("body"))
    names = [entry.label for group in read_catalog(Catalog()) for entry in group.entries]
    cut = [name for name in names if any("…" in line for _, line in lines_of(name, metrics, 126))]
    assert not cut


def test_lines_say_where_they_begin() -> None:
    metrics = QFontMetrics(theme().font("body"))
    name = "Removing the rows that are there twice"
    lines = lines_of(name, metrics, 100)
    assert len(lines) == 3
    assert all(name[begin:].startswith(line.rstrip("…")) for begin, line in lines)
    assert lines_of("Break", metrics, 100) == [(0, "Break")]
    ((begin, cut),) = lines_of("x" * 80, metrics, 100)
    assert begin == 0 and cut.endswith("…")
