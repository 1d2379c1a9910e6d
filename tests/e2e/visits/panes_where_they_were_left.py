"""A pane is pulled out, another closed, the window ended: the next start has them as they were left."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QTabBar

from tests.support.person import Person

TEXT = "rpa: 1\nname: calm\nsteps:\n  - {id: only, activity: control.log, with: {message: one}}\n"


def prepare(place: Path) -> list[Path]:
    (place / "calm.rpa.yaml").write_text(TEXT)
    return [place / "calm.rpa.yaml"]


def tab(person: Person, name: str) -> QPoint | None:
    """Where the tab of a pane is on the screen."""
    for bar in person.studio.workspace.page.findChildren(QTabBar):
        for index in range(bar.count()):
            if bar.isVisible() and bar.tabText(index) == name:
                return bar.mapToGlobal(bar.tabRect(index).center())
    return None


async def use(person: Person) -> None:
    studio = person.studio
    editor = await person.until(lambda: studio.workspace.page.editor)
    assert editor is not None
    docks = studio.workspace.page.docks
    start = await person.until(lambda: tab(person, "Data"))
    assert start is not None
    port = editor.view.viewport()
    await person.drag(start, port.mapToGlobal(port.rect().center()))
    await person.until(docks["data"].isFloating)
    assert tab(person, "Data") is None and docks["data"].pane.isVisible()
    await person.click(person.in_view("only"))
    await person.keys("ctrl+b")
    await person.until(docks["palette"].isHidden)


async def use_again(person: Person) -> None:
    studio = person.studio
    await person.until(lambda: studio.workspace.page.editor)
    docks = studio.workspace.page.docks
    await person.until(lambda: docks["data"].isFloating() and docks["data"].pane.isVisible())
    assert docks["palette"].isHidden() and not docks["outline"].isHidden()
    await person.keys("ctrl+b")
    await person.until(docks["palette"].isVisible)
