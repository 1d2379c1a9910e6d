"""Somebody else changes, deletes and locks the file of an open workflow; nobody's work is written over unasked."""

from __future__ import annotations

from pathlib import Path

from engine.api import load
from tests.support.person import Person

TEXT = """\
rpa: 1
name: shared
steps:
  - id: only
    label: LABEL
    activity: control.log
    with: {message: one}
"""


def prepare(place: Path) -> list[Path]:
    (place / "shared.rpa.yaml").write_text(TEXT.replace("LABEL", "Mine"))
    (place / "broken.rpa.yaml").write_text(TEXT.replace("LABEL", "[never closed"))
    (place / "strange.rpa.yaml").write_text(TEXT.replace("LABEL", "Strange").replace("control.log", "moon.land"))
    (place / "nul.rpa.yaml").write_bytes(b"rpa: 1\n\0\0")
    return [place / "shared.rpa.yaml"]


def label(person: Person) -> str:
    return person.editor.document.workflow.steps[0].label


async def rename(person: Person, text: str) -> None:
    await person.click(person.in_view("only"))
    await person.keys("F2", "ctrl+a")
    await person.type(text)
    await person.keys("Return")
    await person.until(lambda: label(person) == text)


async def use(person: Person) -> None:
    studio, file = person.studio, person.home() / "shared.rpa.yaml"
    await person.until(lambda: studio.workspace.page.editor)
    document = person.editor.document

    # Clean: it is read anew, and can be undone.
    file.write_text(TEXT.replace("LABEL", "Theirs"))
    await person.until(lambda: label(person) == "Theirs" and not document.dirty)
    await person.until(lambda: person.says("read anew"))
    await person.keys("ctrl+z")
    await person.until(lambda: label(person) == "Mine" and document.dirty)
    await person.keys("ctrl+shift+z")
    await person.until(lambda: not document.dirty)

    # Dirty: asked, and saving does not write over it before that is answered.
    await rename(person, "Edited here")
    file.write_text(TEXT.replace("LABEL", "Edited there"))
    await person.until(lambda: person.says("You have unsaved changes here."))
    await person.keys("ctrl+s")
    await person.until(lambda: person.says("You have unsaved changes here."))
    assert "Edited there" in file.read_text()
    await person.press(studio.window, "Compare")
    await person.until(lambda: studio.workspace.page.docks["difference"].isVisible())
    await person.press(studio.window, "Take theirs")
    await person.until(lambda: label(person) == "Edited there" and not document.dirty)
    await person.click(person.in_view("only"))
    await person.keys("ctrl+z")
    await person.until(lambda: label(person) == "Edited here")
    file.write_text(TEXT.replace("LABEL", "Once more"))
    await person.until(lambda: person.says("You have unsaved changes here."))
    await person.press(studio.window, "Keep mine")
    assert document.dirty
    await person.click(person.in_view("only"))
    await person.keys("ctrl+s")
    await person.until(lambda: not document.dirty)
    assert load(file).workflow.steps[0].label == "Edited here"

    # Gone, and saved again.
    file.unlink()
    await person.until(lambda: person.says("was deleted or moved"))
    assert document.dirty
    await person.press(studio.window, "Save it again")
    await person.until(lambda: not document.dirty and file.is_file())
    assert load(file).workflow.steps[0].label == "Edited here"

    # No workflow any more.
    file.write_text("rpa: [\n")
    await person.until(lambda: person.says("is no workflow any more"))
    await person.press(studio.window, "Keep mine")
    await person.click(person.in_view("only"))
    await person.keys("ctrl+s")
    await person.until(lambda: not document.dirty)

    # A folder where it was.
    file.unlink()
    file.mkdir()
    await person.until(lambda: person.says("can no longer be read"))
    await rename(person, "Still here")
    await person.keys("ctrl+s")
    await person.until(lambda: person.says("The workflow is not saved."))
    await person.save_as(person.home() / "elsewhere.rpa.yaml")
    await person.until(lambda: not document.dirty)
    assert load(person.home() / "elsewhere.rpa.yaml").workflow.steps[0].label == "Still here"
