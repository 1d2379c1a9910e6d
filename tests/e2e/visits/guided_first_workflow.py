"""The guided first workflow, done as it says from the first page to the table; then what the run left is looked at, and
all of it undone by the history."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QUndoView

from studio.forms.preview_line import PreviewLine
from studio.welcome.page import WelcomePage
from tests.support.person import Person


async def use(person: Person) -> None:
    studio, tour = person.studio, person.studio.tour
    home = studio.window.page("home")
    await person.until(lambda: studio.bridge.writable)
    assert isinstance(home, WelcomePage)
    await person.press(home.tour_card, "Show me")
    await person.until(lambda: tour.active)

    def asked() -> str:
        return tour.task.id if tour.task is not None else ""

    await person.click(home.new_button)
    editor = await person.until(lambda: studio.workspace.page.editor)
    assert editor is not None
    await person.until(lambda: asked() == "add" and studio.guide.isVisible())
    assert not studio.guide.ring.isVisible()  # what it was around is done
    await person.keys("Tab")
    await person.type("read csv")
    await person.keys("Return")
    await person.until(lambda: asked() == "file")
    folder = studio.guide._folder
    await person.until((folder / "orders.csv").is_file)
    assert str(folder) in studio.guide.text.text()
    await person.keys("Return")
    await person.until(lambda: person.is_in(studio.workspace.inspector))
    await person.type(str(folder / "orders.csv"))
    await person.until(lambda: asked() == "join")
    read = editor.document.workflow.steps[0].id
    start = editor.scene.geometry.shapes[read].outlets[0].point
    dot = person.on_canvas(start.x, start.y)
    await person.drag(dot, dot + QPoint(120, 40))
    await person.until(lambda: studio.app.activePopupWidget() is not None)
    await person.type("write excel table")
    await person.keys("Return")
    await person.until(lambda: asked() == "fill")
    await person.keys("Return")
    await person.until(lambda: person.is_in(studio.workspace.inspector))
    await person.type(str(folder / "orders.xlsx"))
    write = next(step.id for step in editor.document.workflow.steps if step.id != read)
    await person.until(lambda: editor.document.workflow.step(write).parameters.get("path"))
    await person.keys("Tab", "Tab")
    await person.type(f"=steps.{read}.output.rows")
    rows = f"{{{{ steps.{read}.output.rows }}}}"
    await person.until(lambda: editor.document.workflow.step(write).parameters.get("rows") == rows)
    await person.until(lambda: asked() == "run")
    await person.keys("F5")
    await person.until(lambda: tour.finished, 30)
    assert (folder / "orders.xlsx").is_file() and "has run" in studio.guide.title.text()
    await person.press(studio.guide, "Close")

    # The expression shows what it gave.
    def previewed() -> bool:
        lines = studio.workspace.inspector.findChildren(PreviewLine)
        return any(line.isVisible() and line.answer is not None and "Sofia" in line.answer.text for line in lines)

    await person.until(previewed)

    # Every edit has its name, and one goes back to any.
    count = editor.document.undo_stack.count()
    await person.keys("ctrl+shift+p")
    await person.type("history of edits")
    await person.keys("Return")
    dialog = await person.dialog()
    history = dialog.findChild(QUndoView)
    assert history is not None and history.model().rowCount() == count + 1
    await person.keys("Home")
    await person.until(lambda: not editor.document.workflow.steps)
    await person.keys("End")
    await person.until(lambda: len(editor.document.workflow.steps) == 2)
    await person.keys("Escape")
    await person.closed(dialog)
    await person.save_as(folder / "first.rpa.yaml")
    await person.until(lambda: not editor.document.dirty)
