"""From the first page to a workflow that ran, was saved, closed and opened again; by mouse and keys alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QLineEdit

from engine.api import Edge
from studio.designer.palette import PalettePane
from studio.welcome.page import WelcomePage
from tests.support.person import Person, centre


async def use(person: Person) -> None:
    studio = person.studio
    folder = Path(studio.settings.home) / "work"
    folder.mkdir()
    home = studio.window.page("home")
    await person.until(lambda: studio.bridge.writable)
    assert isinstance(home, WelcomePage)
    await person.click(home.new_button)
    await person.until(lambda: studio.workspace.page.editor)
    editor = person.editor

    # A step by search, its form by keys.
    await person.click(centre(editor.view.viewport()))
    await person.keys("Tab")
    await person.type("write text file")
    await person.keys("Return")
    await person.until(lambda: len(editor.document.workflow.steps) == 1)
    write = editor.document.workflow.steps[0].id
    await person.keys("Return")
    await person.until(lambda: person.is_in(studio.workspace.inspector))
    await person.type(str(folder / "hello.txt"))
    await person.keys("Tab", "Tab")
    await person.type("Hello")
    await person.until(lambda: editor.document.workflow.step(write).parameters.get("text") == "Hello")

    # Another one dragged from the palette, and a wire drawn between them.
    palette = studio.workspace.palette
    await person.click(palette.search)
    await person.type("write to the log")
    index = await person.until(lambda: _first(palette))
    assert index is not None
    row = palette.view.viewport().mapToGlobal(palette.view.visualRect(index).center())
    box = editor.scene.box(write)
    await person.drag(row, person.on_canvas(box.right() + 150, box.top() + 120))
    await person.until(lambda: len(editor.document.workflow.steps) == 2)
    log = next(step.id for step in editor.document.workflow.steps if step.id != write)
    shapes = editor.scene.geometry.shapes
    start, end = shapes[write].outlets[0].point, shapes[log].inlet
    await person.drag(person.on_canvas(start.x, start.y), person.on_canvas(end.x, end.y))
    await person.until(lambda: Edge(write, "next", log) in editor.document.workflow.edges)

    # Undone and done again.
    assert studio.window.isWindowModified()
    await person.keys("ctrl+z")
    await person.until(lambda: not editor.document.workflow.edges)
    await person.keys("ctrl+shift+z")
    await person.until(lambda: editor.document.workflow.edges)
    await person.click(person.on_canvas(shapes[log].box.x + 80, shapes[log].box.y + 30))
    await person.keys("Return")
    await person.until(lambda: person.is_in(studio.workspace.inspector))
    await person.type("Written")
    await person.until(lambda: editor.document.workflow.step(log).parameters.get("message") == "Written")

    # Saved, run, closed, opened.
    await person.keys("ctrl+s")
    dialog = await person.dialog()
    name = dialog.findChild(QLineEdit)
    await person.until(lambda: name is not None and name.hasFocus())
    await person.keys("ctrl+a")
    await person.type(str(folder / "first.rpa.yaml"))
    await person.keys("Return")
    await person.until(lambda: (folder / "first.rpa.yaml").is_file() and not editor.document.dirty)
    await person.keys("F5")
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded")
    assert (folder / "hello.txt").read_text() == "Hello"
    assert studio.window.windowTitle() == "first[*] – RPA Studio"
    saved = editor.document.workflow
    await person.keys("ctrl+w")
    await person.until(lambda: studio.workspace.page.editor is None)
    await person.keys("ctrl+o")
    dialog = await person.dialog()
    await person.type(str(folder / "first.rpa.yaml"))
    await person.keys("Return")
    await person.until(lambda: studio.workspace.page.editor is not None)
    assert person.editor.document.workflow.steps == saved.steps
    assert person.editor.document.workflow.edges == saved.edges
    assert dict(person.editor.document.workflow.layout.steps) == dict(saved.layout.steps)


def _first(palette: PalettePane) -> QModelIndex | None:
    """The first activity that the search found."""
    index = palette.model.index(0, 0)
    return index if palette.model.found < 20 and palette.model.entry(index) is not None else None
