"""A workflow built, wired, edited, run, saved and closed without touching the mouse."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit

from engine.api import Edge, load
from tests.support.person import Person


async def add(person: Person, words: str) -> str:
    editor = person.editor
    before = {step.id for step in editor.document.workflow.steps}
    await person.keys("a")
    await person.type(words)
    await person.keys("Return")
    await person.until(lambda: len(editor.document.workflow.steps) == len(before) + 1)
    return next(step.id for step in editor.document.workflow.steps if step.id not in before)


async def fill(person: Person, step: str, text: str, parameter: str, *, tabs: int = 0) -> None:
    await person.keys("Return")
    await person.until(lambda: person.is_in(person.studio.workspace.inspector))
    await person.keys(*["Tab"] * tabs)
    await person.type(text)
    await person.until(lambda: person.editor.document.workflow.step(step).parameters.get(parameter) == text)
    await person.keys("Escape")
    await person.until(lambda: person.is_in(person.editor) or person.editor.view.hasFocus())


async def use(person: Person) -> None:
    studio = person.studio
    await person.until(lambda: studio.bridge.writable)
    await person.keys("ctrl+n")
    await person.until(lambda: studio.workspace.page.editor)
    editor = person.editor
    file = person.home() / "kept.txt"

    first = await add(person, "write to the log")
    await fill(person, first, "Begun", "message")
    await person.keys("Escape")
    write = await add(person, "write text file")
    await fill(person, write, str(file), "path")
    await person.until(lambda: editor.selection.only_step == write)
    await fill(person, write, "By keys", "text", tabs=2)
    workflow = editor.document.workflow
    assert {step.id for step in workflow.steps} == {first, write}

    # A third, wired with type-ahead, and the wire between the first two if adding did not draw it.
    last = await add(person, "write to the log")
    await fill(person, last, "Ended", "message")
    edges = set(editor.document.workflow.edges)
    for edge in {Edge(first, "next", write), Edge(write, "next", last)} - edges:
        editor.selection.select_steps([edge.source])
        await person.keys("c")
        await person.type(edge.target)
        await person.keys("Return")
        await person.until(lambda: edge in editor.document.workflow.edges)  # noqa: B023

    # Walk, move, rename, disable and enable, duplicate and take back.
    await person.keys("Escape", "Left")
    await person.until(lambda: editor.selection.only_step)
    await person.keys("Right")
    place = editor.document.workflow.layout.steps.get(editor.selection.only_step)
    step = editor.selection.only_step
    await person.keys("ctrl+Down")
    await person.until(lambda: editor.document.workflow.layout.steps.get(step) != place)
    await person.keys("ctrl+z")
    await person.until(lambda: editor.document.workflow.layout.steps.get(step) == place)
    await person.keys("F2", "ctrl+a")
    await person.type("Named")
    await person.keys("Return")
    await person.until(lambda: editor.document.workflow.step(step).label == "Named")
    await person.keys("d")
    await person.until(lambda: editor.document.workflow.step(step).disabled)
    await person.keys("d", "ctrl+d")
    await person.until(lambda: len(editor.document.workflow.steps) == 4)
    await person.keys("Delete")
    await person.until(lambda: len(editor.document.workflow.steps) == 3)
    await person.keys("ctrl+a", "l", "1")

    await person.keys("F5")
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded")
    assert file.read_text() == "By keys"

    # Save, through the menu that Alt opens; settings and back; a command by name.
    bar = studio.window.title_bar.menu_bar
    assert not bar.underlined
    await person.xdotool("keydown", "alt")
    await person.until(lambda: bar.underlined)
    await person.xdotool("key", "f")
    await person.until(lambda: studio.app.activePopupWidget() is not None)
    await person.xdotool("keyup", "alt")
    await person.keys("Escape", "Escape")
    await person.until(lambda: studio.app.activePopupWidget() is None and not bar.underlined)
    await person.keys("alt")
    await person.until(bar.hasFocus)
    await person.keys("Escape")
    await person.until(lambda: not bar.hasFocus() and not bar.underlined)
    await person.keys("alt+f")
    await person.until(lambda: studio.app.activePopupWidget() is not None)
    await person.keys("Escape", "Escape")
    await person.until(lambda: studio.app.activePopupWidget() is None)
    await person.save_as(person.home() / "keys.rpa.yaml")
    await person.until(lambda: not editor.document.dirty)
    await person.keys("ctrl+comma")
    await person.until(lambda: studio.window.page_id == "settings")
    await person.keys("ctrl+shift+p")
    await person.type("go to designer")
    await person.keys("Return")
    await person.until(lambda: studio.window.page_id == "designer")
    await person.until(lambda: person.is_in(editor) or editor.view.hasFocus())

    # Two tabs, back and forth; closing with unsaved work asks.
    await person.keys("ctrl+n")
    await person.until(lambda: len(studio.workspace.page.editors) == 2)
    other = person.editor
    await add(person, "write to the log")
    await person.keys("ctrl+shift+Tab")
    await person.until(lambda: person.editor is editor)
    await person.keys("ctrl+Tab")
    await person.until(lambda: person.editor is other)
    await person.keys("ctrl+w")
    dialog = await person.dialog()
    await person.keys("Escape")
    await person.closed(dialog)
    assert len(studio.workspace.page.editors) == 2
    await person.keys("ctrl+w")
    dialog = await person.dialog()
    await person.keys("Return")  # Save, of a workflow without a name
    await person.until(lambda: (now := studio.app.activeModalWidget()) is not None and now is not dialog)
    dialog = await person.dialog()
    name = dialog.findChild(QLineEdit)
    await person.until(lambda: name is not None and name.hasFocus())
    await person.keys("ctrl+a")
    await person.type(str(person.home() / "second"))
    await person.keys("Return")
    await person.until(lambda: len(studio.workspace.page.editors) == 1)
    await person.until(lambda: person.editor is editor)
    await person.keys("ctrl+w")
    await person.until(lambda: not studio.workspace.page.editors)


def check(place: Path) -> None:
    workflow = load(place / "keys.rpa.yaml").workflow
    assert len(workflow.steps) == 3 and len(workflow.edges) == 2
    assert len(load(place / "second.rpa.yaml").workflow.steps) == 1
