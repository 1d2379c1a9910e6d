"""From pane to pane by F6; a pane moved and closed by its menu; nothing of it with the mouse."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tests.support.person import Person

EXAMPLES = Path(__file__).parents[3] / "resources" / "examples"


def prepare(place: Path) -> list[Path]:
    shutil.copytree(EXAMPLES / "order-report", place / "order-report")
    return [place / "order-report" / "order-report.rpa.yaml"]


async def use(person: Person) -> None:
    page = person.studio.workspace.page
    await person.until(lambda: person.studio.bridge.writable)
    await person.until(lambda: page.editor is not None)
    editor = person.editor
    person.studio.window.showMaximized()
    editor.view.setFocus()

    def inside(place: QWidget) -> bool:
        return place.hasFocus() or person.is_in(place)

    editor.selection.select_steps(["late"])
    order = ["problems", "inspector", "palette"]
    for id in order:
        await person.keys("F6")
        await person.until(lambda: inside(page.docks[id].pane))  # noqa: B023
    await person.keys("F6")
    await person.until(lambda: inside(editor))
    await person.keys("shift+F6")
    await person.until(lambda: inside(page.docks["palette"].pane))

    # Its menu moves it below, and closes it.
    await person.keys("ctrl+F6")
    menu = await person.until(lambda: _menu())
    await person.keys("Down", "Down", "Down", "Return")
    await person.until(lambda: _menu() is not menu)
    await person.until(lambda: page.dockWidgetArea(page.docks["palette"]) is Qt.DockWidgetArea.BottomDockWidgetArea)
    await person.keys("ctrl+F6")
    await person.until(lambda: _menu())
    await person.keys("Up", "Return")
    await person.until(lambda: page.docks["palette"].isHidden())
    await person.keys("F6")
    await person.until(lambda: person.studio.app.focusWidget() is not None)


def _menu() -> QMenu | None:
    found = QApplication.activePopupWidget()
    return found if isinstance(found, QMenu) else None
