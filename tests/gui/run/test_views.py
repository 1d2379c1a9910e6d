"""Values and lines of every kind, shown, copied and bounded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from engine.core.secrets import SecretRef
from engine.core.values import ArtifactRef
from studio.designer.run.popover import Popover, said
from studio.widgets import log_table
from studio.widgets.log_table import LogLine, LogModel, LogTable
from studio.widgets.value_models import CHILDREN, TableModel, TreeModel
from studio.widgets.value_text import TEXT, as_text, brief, is_table
from studio.widgets.value_view import ValueView

DEEP: list[Any] = []
for _ in range(2000):
    DEEP = [DEEP]

ODD: list[Any] = [
    None, True, 0, -1.5, 10**4000, float("nan"), "", "a\0b", "\ud800 alone", "x" * 1_000_000, b"\0\1", [], {}, [[]],
    {"": ""}, {"a": {"b": [1, {"c": None}]}}, [1, "two", None], [{"a": 1}, {"b": 2}], [{}], [{"a": 1}, 3],
    [{str(n): n for n in range(500)}], date(2026, 11, 23), datetime(2026, 11, 23, 1, 2), timedelta(days=3), DEEP,
    ArtifactRef("0" * 64, 99_999, "rows: 12 items"), SecretRef("mail"), {"rows": [{"n": "a\0\ud83d"}], "count": 1},
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=lambda value: str(type(value).__name__))
def test_every_value_can_be_shown_in_every_way_and_copied(qtbot: QtBot, value: Any) -> None:
    view = ValueView(say=said)
    qtbot.addWidget(view)
    view.show()
    view.show_value(value)
    for mode in ("table", "tree", "text"):
        if mode != "text" or value is not DEEP:
            view._pick(mode)
            view.grab()
    if value is not DEEP:
        qtbot.mouseClick(view.copy_button, Qt.MouseButton.LeftButton)
        QGuiApplication.clipboard().text().encode()
    popover = Popover(view)
    popover.show_value("x", value, view.rect().center())
    assert len(brief(value)) < 400


def test_the_best_way_is_chosen_and_the_liked_one_kept(qtbot: QtBot) -> None:
    view = ValueView()
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    view.show_value([{"a": 1, "b": "x"}, {"a": 2, "c": None}])
    assert view.mode == "table" and view.kind.text() == "2 rows × 3"
    view.show_value({"rows": [{"a": 1}], "count": 1})
    assert view.mode == "table" and view.kind.text() == "2 fields · 1 row × 1"
    view.show_value("text")
    assert view.mode == "text" and not view.choice.isVisible()
    view.show_value({"a": 1})
    assert view.mode == "tree"
    view.show_value([{"a": 1}])
    qtbot.mouseClick(view.choice, Qt.MouseButton.LeftButton, pos=view.choice.rect().center())
    assert view.mode == "tree"
    view.show_value([{"a": 2}])
    assert view.mode == "tree"


def test_huge_values_are_fetched_as_they_are_looked_at(qtbot: QtBot) -> None:
    view = ValueView()
    qtbot.addWidget(view)
    view.show()
    view.show_value([{"n": n} for n in range(100_000)])
    model = view.table.model()
    assert model.rowCount() == CHILDREN and model.canFetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    assert model.rowCount() == 2 * CHILDREN
    view._pick("tree")
    assert view.tree.model().rowCount() <= 2 * CHILDREN
    view.show_value("y" * (TEXT + 5))
    assert view.text.toPlainText().endswith("5 more characters") and len(view.text.toPlainText()) < TEXT + 100


def test_a_table_is_copied_with_tabs() -> None:
    assert as_text([{"a": 1, "b": None}, {"a": "x"}]) == "a\tb\n1\t\nx\t"
    assert is_table([{"a": 1}]) and not is_table([{}]) and not is_table([])


def line(number: int, level: str = "info", where: str = "Step") -> LogLine:
    return LogLine("00:00:00.000", level, where, f"line {number}", "step", "step")


def test_a_log_is_bounded_and_says_what_it_gave_up(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_table, "CAPACITY", 1000)
    monkeypatch.setattr(log_table, "PACE", 0)
    model = LogModel()
    for first in range(0, 3000, 100):
        model.append([line(number) for number in range(first, first + 100)])
        model._append_waiting()
    qtbot.waitUntil(lambda: not model._pending and not model._waiting)
    assert len(model.lines) <= 1000 and model.dropped + len(model.lines) == 3000
    assert model.line(model.rowCount() - 1).message == "line 2999"


def test_a_filter_finds_words_and_levels_also_in_what_follows(qtbot: QtBot) -> None:
    model = LogModel()
    model.append([line(number, "error" if number % 10 == 0 else "info") for number in range(9000)])
    model.set_filter("LINE 80", "error")
    qtbot.waitUntil(lambda: not model._pending)
    assert [one.message for one in model.rows()][:3] == ["line 80", "line 180", "line 280"]
    before = model.rowCount()
    model.append([line(1), line(80, "error")])
    qtbot.waitUntil(lambda: model.rowCount() == before + 1)
    assert model.errors == 901


def test_reading_back_lets_go_of_the_end(qtbot: QtBot) -> None:
    table, model = LogTable(), LogModel()
    qtbot.addWidget(table)
    table.resize(500, 200)
    table.show()
    table.show_log(model)
    model.append([line(number) for number in range(200)])
    bar = table.verticalScrollBar()
    qtbot.waitUntil(lambda: 0 < bar.value() == bar.maximum())
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert not table.follow
    at = bar.value()
    model.append([line(201)])
    qtbot.waitUntil(lambda: model.rowCount() == 201)
    assert bar.value() == at
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.follow and bar.value() == bar.maximum()


@pytest.mark.parametrize("model", [TableModel([{"n": n} for n in range(CHILDREN + 7)]), TreeModel([*range(CHILDREN + 7)])])
def test_what_is_fetched_is_announced_as_it_comes(model: QAbstractItemModel) -> None:
    told: list[int] = []
    model.rowsInserted.connect(lambda parent, first, last: told.append(last - first + 1))
    model.fetchMore(QModelIndex())
    assert model.rowCount() == CHILDREN + 7 and told == [7]


def test_no_nul_leaves_by_the_clipboard() -> None:
    assert as_text("a\0b") == brief("a\0b") == "a␀b"
    assert "\0" not in as_text({"a": "a\0b"})
