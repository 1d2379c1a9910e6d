"""Steps grouped into a workflow of their own, opened from the canvas, and the way back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit

from engine.api import Edge, Layout, Place, Step, Workflow, save
from studio.designer.breadcrumb import Breadcrumb
from tests.support.person import Person

STEPS = ("first", "second", "third")


async def use(person: Person) -> None:
    studio = person.studio
    folder = Path(studio.settings.home) / "work"
    folder.mkdir()
    outer = folder / "outer.rpa.yaml"
    steps = tuple(Step(id, "control.log", {"message": id}) for id in STEPS)
    edges = (Edge("first", "next", "second"), Edge("second", "next", "third"))
    places = {id: Place(240.0 * index, 0) for index, id in enumerate(STEPS)}
    save(outer, Workflow(name="Outer", steps=steps, edges=edges, layout=Layout(places)))
    await person.until(lambda: studio.bridge.writable)
    studio.open_files([outer])
    await person.until(lambda: studio.workspace.page.editor)
    editor = person.editor
    await person.until(lambda: editor.view.seen().contains(editor.scene.content()))
    start, end = editor.scene.box("second"), editor.scene.box("third")
    await person.drag(
        person.on_canvas(start.left() - 20, start.top() - 40), person.on_canvas(end.right() + 20, end.bottom() + 40)
    )
    await person.until(lambda: editor.selection.steps == {"second", "third"})
    await person.keys("ctrl+g")
    dialog = await person.dialog()
    name = dialog.findChild(QLineEdit)
    await person.until(lambda: name is not None and name.hasFocus())
    await person.keys("ctrl+a")
    await person.type(str(folder / "inner.rpa.yaml"))
    await person.keys("Return")
    await person.until(lambda: len(editor.document.workflow.steps) == 2)
    await person.keys("ctrl+Return")
    await person.until(lambda: studio.workspace.page.editor is not editor)
    inner = person.editor
    assert {step.id for step in inner.document.workflow.steps} == {"second", "third"}
    row = inner.findChild(Breadcrumb)
    assert row is not None and row.isVisible() and [button.text() for button in row.buttons] == ["Outer"]
    await person.click(row.buttons[0])
    await person.until(lambda: studio.workspace.page.editor is editor)
    await person.keys("F5")
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded")
    await person.keys("ctrl+s")
    await person.until(lambda: not editor.document.dirty)
