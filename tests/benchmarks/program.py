"""The whole program in a benchmark: its real window with the designer in front, and every pane in sight at once."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from studio.app import Studio

T = TypeVar("T")
NO_FILE = argparse.Namespace(files=[], run=False, then_quit=False)
"""What the command line says where nothing is to be opened."""


def run(story: Callable[[Studio], Awaitable[T]], *, display: bool = False) -> T:
    """Open the window on a home of its own, wait until the engine and all activities are there, and give what `story`
    gives. Without `display` nothing is shown (Qt's offscreen platform)."""
    if not display:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    import qasync
    from PySide6.QtWidgets import QApplication

    from engine.core.settings import Settings
    from studio.app import Studio
    from studio.base import preferences
    from studio.shell.application import apply_theme

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        home.mkdir()
        preferences.set_home(home)
        apply_theme(app)
        loop = qasync.QEventLoop(app)
        asyncio.set_event_loop(loop)
        studio = Studio(app, Settings(home=home))

        async def live() -> T:
            loaded = asyncio.Event()
            studio.bridge.catalog_loaded.connect(loaded.set)
            life = asyncio.ensure_future(studio.live(NO_FILE))
            await loaded.wait()
            await studio.bridge.call(lambda client: client.executions(limit=1))
            show_all_panes(studio)
            await asyncio.sleep(1)
            try:
                return await story(studio)
            finally:
                studio.window.close()
                await life

        studio.window.resize(1600, 1000)
        studio.show()
        with loop:
            found: T = loop.run_until_complete(live())
    return found


def show_all_panes(studio: Studio) -> None:
    """The designer in front, with all panes beside each other instead of behind each other."""
    from PySide6.QtCore import Qt

    from studio.designer.page import AREAS

    studio.window.show_page("designer")
    page = studio.workspace.page
    docks = page.docks
    for dock in docks.values():  # one that lies behind another can only be split from it anew
        page.removeDockWidget(dock)
    for area, ids in (("left", "palette outline"), ("right", "inspector yaml"), ("bottom", "problems log data")):
        along = Qt.Orientation.Horizontal if area == "bottom" else Qt.Orientation.Vertical
        first, *rest = (docks[id] for id in ids.split())
        page.addDockWidget(AREAS[area], first)
        first.show()
        for dock in rest:
            page.splitDockWidget(first, dock, along)
            dock.show()
            first = dock
