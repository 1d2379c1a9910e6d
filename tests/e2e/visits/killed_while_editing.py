"""Several workflows are being edited when the program is killed, with a key and the mouse held down; nothing is lost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox

from engine.api import load
from studio.designer.recovered import RecoveredDialog
from tests.support.person import Person

SAVED = """\
rpa: 1
name: saved
steps:
  - id: first
    activity: control.log
    with: {message: one}
  - id: second
    activity: control.log
    with: {message: two}
edges:
  - first.next -> second
layout:
  steps:
    first: {x: 0, y: 0}
    second: {x: 320, y: 0}
"""


def prepare(place: Path) -> list[Path]:
    for name in ("edited", "clean"):
        (place / f"{name}.rpa.yaml").write_text(SAVED.replace("saved", name))
    return [place / "clean.rpa.yaml", place / "edited.rpa.yaml"]


async def use(person: Person) -> None:
    studio = person.studio
    await person.until(lambda: len(studio.workspace.page.editors) == 2)
    await person.keys("ctrl+n")
    await person.until(lambda: len(studio.workspace.page.editors) == 3)
    new = person.editor
    await person.keys("Tab")
    await person.type("write to the log")
    await person.keys("Return")
    await person.until(lambda: len(new.document.workflow.steps) == 1)
    await person.keys("Return")
    await person.until(lambda: person.is_in(studio.workspace.inspector))
    await person.type("half a sen")
    step = new.document.workflow.steps[0].id
    await person.until(lambda: new.document.workflow.step(step).parameters.get("message") == "half a sen")
    # Another one, with the mouse down in the middle of a drag.
    await person.keys("ctrl+Tab")
    edited = studio.workspace.page.editors[1]
    studio.workspace.page.show_page(edited)
    await person.until(lambda: person.editor is edited)
    await person.click(person.in_view("first"))
    await person.keys("F2")
    await person.type("Renamed")
    await person.keys("Return")
    await person.until(lambda: edited.document.workflow.step("first").label == "Renamed")
    start = person.in_view("second")
    await person.xdotool("mousemove", str(start.x()), str(start.y()))
    await person.xdotool("mousedown", "1")
    for shift in (10, 40, 90):
        await person.xdotool("mousemove", str(start.x() + shift), str(start.y() + shift))
    await person.until(lambda: edited.view.gesture is not None)
    person.die()


async def use_again(person: Person) -> None:
    await person.xdotool("mouseup", "1")
    studio = person.studio
    dialog = await person.dialog()
    assert isinstance(dialog, RecoveredDialog)
    assert len(dialog.findChildren(QCheckBox)) == 2, [box.text() for box in dialog.findChildren(QCheckBox)]
    await person.keys("Return")
    await person.until(lambda: len(studio.workspace.page.editors) == 3)
    found = {editor.document.title: editor for editor in studio.workspace.page.editors}
    assert not found.pop("clean").document.dirty  # it was open, and nothing of it was lost
    edited = found.pop("edited")
    (new,) = found.values()
    assert [step.parameters for step in new.document.workflow.steps] == [{"message": "half a sen"}]
    assert new.document.dirty and new.document.path is None
    assert edited.document.workflow.step("first").label == "Renamed"
    assert edited.document.workflow.layout.steps["second"].x == 320
    studio.workspace.page.show_page(edited)
    await person.click(edited.view.viewport())
    await person.keys("ctrl+z")
    await person.until(lambda: not edited.document.dirty)
    assert not edited.document.workflow.step("first").label
    await person.keys("ctrl+shift+z", "ctrl+s")
    await person.until(lambda: not edited.document.dirty)
    studio.workspace.page.show_page(new)
    await person.until(lambda: person.editor is new)
    await person.save_as(person.home() / "new.rpa.yaml")
    await person.until(lambda: not new.document.dirty)


async def use_once_more(person: Person) -> None:
    await person.until(lambda: len(person.studio.workspace.page.editors) == 3)
    assert not any(editor.document.dirty for editor in person.studio.workspace.page.editors)


def check(place: Path) -> None:
    assert load(place / "edited.rpa.yaml").workflow.step("first").label == "Renamed"
    assert load(place / "new.rpa.yaml").workflow.steps[0].parameters == {"message": "half a sen"}
    assert (place / "clean.rpa.yaml").read_text() == SAVED.replace("saved", "clean")
