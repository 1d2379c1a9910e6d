"""The row of open workflows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabBar, QWidget
from pytestqt.qtbot import QtBot

from studio.designer.tabs import HEIGHT, TabClose, Tabs


def test_the_cross_stands_in_the_middle_of_its_tab_and_closes_it(qtbot: QtBot) -> None:
    tabs, page = Tabs(), QWidget()
    qtbot.addWidget(tabs)
    qtbot.addWidget(page)
    tabs.add(page, "Order report", "flow-arrow")
    tabs.resize(600, HEIGHT)
    tabs.show()
    close = tabs.bar.tabButton(0, QTabBar.ButtonPosition.RightSide)
    assert isinstance(close, TabClose)
    box = tabs.bar.tabRect(0)
    assert abs(close.geometry().center().y() - box.center().y()) <= 1
    assert box.contains(close.geometry())
    with qtbot.waitSignal(tabs.close_wanted) as closed:
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert closed.args == [page]
