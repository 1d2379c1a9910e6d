"""What every test of a window needs: no display, a theme, preferences of its own, and a loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.fonts=false")

import pytest
import qasync
from PySide6.QtCore import QMimeDatabase, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from studio.base import preferences
from studio.base.i18n import set_language
from studio.base.theme import theme


@pytest.fixture(scope="session", autouse=True)
def _kept_by_qt(qapp: QApplication) -> None:
    """Make what Qt makes when it is first needed and then keeps: it is nothing that a test leaves behind.

    That is the threads with which it fills large areas, and the table of file types.
    """
    QMimeDatabase().mimeTypeForFile("a.csv", QMimeDatabase.MatchMode.MatchExtension)
    image = QImage(2000, 2000, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(1, 2, 3, 100))
    painter.drawRoundedRect(10, 10, 1900, 1900, 8, 8)
    painter.end()
    image.scaled(500, 500, mode=Qt.TransformationMode.SmoothTransformation).convertToFormat(QImage.Format.Format_RGB32)


@pytest.fixture(autouse=True)
def _studio(qapp: QApplication, own_home: Path) -> None:
    preferences.set_home(own_home)
    set_language("en")
    if theme().scheme != "light" or not qapp.styleSheet():
        theme().apply(qapp, "light")


@pytest.fixture
def dark(qapp: QApplication) -> None:
    theme().apply(qapp, "dark")


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    """Qt's loop and asyncio's at once, as the program has it: a closed window is not its end."""
    qapp.setQuitOnLastWindowClosed(False)
    made = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(made)
    yield made
    made.run_until_complete(asyncio.sleep(0))
    made.close()
    qapp.setQuitOnLastWindowClosed(True)
    asyncio.set_event_loop(None)


@pytest.fixture
def awaited(loop: qasync.QEventLoop) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine on that loop to its end, for at most 30 seconds."""
    return lambda coroutine: loop.run_until_complete(asyncio.wait_for(coroutine, 30))
