"""The letters that open menus are marked only to who is about to press one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.shell.window import MainWindow

ALT = Qt.KeyboardModifier.AltModifier


def seen(window: MainWindow) -> QImage:
    return window.title_bar.menu_bar.grab().toImage()


def test_letters_are_underlined_while_alt_is_held(qtbot: QtBot, window: MainWindow) -> None:
    plain = seen(window)
    for widget in (window, window.title_bar.field):
        widget.setFocus()
        QTest.keyPress(widget, Qt.Key.Key_Alt, ALT)
        assert seen(window) != plain
        QTest.keyPress(widget, Qt.Key.Key_X, ALT)  # else the release would go to the menu bar
        QTest.keyRelease(widget, Qt.Key.Key_X, ALT)
        QTest.keyRelease(widget, Qt.Key.Key_Alt)
        assert seen(window) == plain


def test_alt_alone_reaches_the_menus(qtbot: QtBot, window: MainWindow) -> None:
    bar = window.title_bar.menu_bar
    plain = seen(window)
    QTest.keyPress(window, Qt.Key.Key_Alt, ALT)
    QTest.keyRelease(window, Qt.Key.Key_Alt)
    assert bar.hasFocus() and bar.underlined
    letter = bar.actions()[0].text().partition("&")[2][0]
    qtbot.keyClicks(bar, letter)
    menu = QApplication.activePopupWidget()
    assert menu is not None and menu is bar.actions()[0].menu()
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.hasFocus()
    window.setFocus()
    assert seen(window) == plain


def test_going_to_another_window_ends_it(qtbot: QtBot, window: MainWindow) -> None:
    plain = seen(window)
    QTest.keyPress(window, Qt.Key.Key_Alt, ALT)
    assert seen(window) != plain
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitActive(other):
        other.show()
        other.activateWindow()
    assert seen(window) == plain
