"""The disk is full when the work is to be saved, and the folder may not be written: it is said, and the work is there."""

from __future__ import annotations

import resource
from pathlib import Path

from engine.api import load
from tests.support.person import Person

TEXT = """\
rpa: 1
name: small
steps:
  - id: only
    activity: control.log
    with: {message: one}
"""


def prepare(place: Path) -> list[Path]:
    (place / "small.rpa.yaml").write_text(TEXT)
    return [place / "small.rpa.yaml"]


async def use(person: Person) -> None:
    studio, file = person.studio, person.home() / "small.rpa.yaml"
    await person.until(lambda: studio.workspace.page.editor)
    document = person.editor.document
    await person.until(lambda: studio.bridge.writable)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, before[1]))
    await person.click(person.in_view("only"))
    await person.keys("F2", "ctrl+a")
    await person.type("A longer name than before")
    await person.keys("Return")
    await person.until(lambda: document.dirty)
    assert document.workflow.steps[0].label == "A longer name than before"
    await person.keys("ctrl+s")
    await person.until(lambda: person.says("The workflow is not saved."))
    assert file.read_text() == TEXT and document.dirty
    assert sorted(path.name for path in person.home().iterdir() if path.suffix != ".png") == ["home", "small.rpa.yaml"]
    await person.keys("F5")
    await person.until(lambda: person.editor.banner.isVisible() and not person.says("The workflow is not saved."))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    await person.click(person.in_view("only"))
    await person.keys("ctrl+s")
    await person.until(lambda: not document.dirty)
    assert load(file).workflow.steps[0].label == "A longer name than before"
    await person.keys("F5")
    await person.until(lambda: person.editor.run is not None and person.editor.run.status == "succeeded")
