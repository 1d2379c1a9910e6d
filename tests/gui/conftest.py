"""What every test of a window needs: no display, a theme, preferences of its own."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.fonts=false")

import pytest
from PySide6.QtWidgets import QApplication

from studio.base import preferences
from studio.base.i18n import set_language
from studio.base.theme import theme


@pytest.fixture(autouse=True)
def _studio(qapp: QApplication, own_home: Path) -> None:
    preferences.set_home(own_home)
    set_language("en")
    if theme().scheme != "light" or not qapp.styleSheet():
        theme().apply(qapp, "light")


@pytest.fixture
def dark(qapp: QApplication) -> None:
    theme().apply(qapp, "dark")


