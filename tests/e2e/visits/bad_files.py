"""Files that are no workflows, or not quite: text that is mended until it can be drawn, a step that nobody knows."""

from __future__ import annotations

from pathlib import Path

from engine.api import load
from studio.designer.text_page import TextPage
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
    (place / "broken.rpa.yaml").write_text(TEXT.replace("LABEL", "[never closed"))
    (place / "strange.rpa.yaml").write_text(TEXT.replace("LABEL", "Strange").replace("control.log", "moon.land"))
    (place / "nul.rpa.yaml").write_bytes(b"rpa: 1\n\0\0")
    (place / "empty.rpa.yaml").write_bytes(b"")
    names = ("absent", "nul", "empty", "strange", "broken")
    return [place / f"{name}.rpa.yaml" for name in names]


async def use(person: Person) -> None:
    studio = person.studio
    dialog = await person.dialog()
    assert "absent" in dialog.windowTitle(), dialog.windowTitle()
    await person.keys("Return")
    await person.until(lambda: len(studio.workspace.page.tabs.pages) == 4)
    page = studio.workspace.page.current
    assert isinstance(page, TextPage)
    await person.until(lambda: person.says("cannot be shown on the canvas"))
    await person.press(page, next(one.text() for one in page.banner.buttons))
    await person.until(lambda: page.edit.hasFocus())
    await person.keys("ctrl+Home", "Down", "Down", "Down", "Down", "End")
    await person.type(", now it is]")
    await person.until(lambda: page.edit.textCursor().block().text().endswith("it is]"))
    line = page.edit.textCursor().block().text()
    assert line == "    label: [never closed, now it is]", line
    await person.keys("shift+Home")
    await person.type("label: Closed")  # Home goes to where the text of a line begins
    await person.until(lambda: page.readable)
    await person.keys("ctrl+s")
    await person.until(lambda: not page.dirty)
    assert "label: Closed" in (person.home() / "broken.rpa.yaml").read_text()
    await person.press(page, "Open on the canvas")
    editor = await person.until(lambda: studio.workspace.page.editor)
    assert editor.document.workflow.steps[0].label == "Closed"
    assert not editor.document.dirty
    await person.keys("ctrl+w")
    await person.until(lambda: len(studio.workspace.page.tabs.pages) == 3)

    # A step of an activity that nobody knows is drawn, edited and kept.
    strange = next(one for one in studio.workspace.page.editors if one.document.title == "shared")
    studio.workspace.page.show_page(strange)
    await person.click(person.in_view("only"))
    await person.keys("F2", "ctrl+a")
    await person.type("Moon")
    await person.keys("Return", "ctrl+s")
    await person.until(lambda: strange.document.workflow.steps[0].label == "Moon" and not strange.document.dirty)
    step = load(person.home() / "strange.rpa.yaml").workflow.steps[0]
    assert (step.activity, step.parameters) == ("moon.land", {"message": "one"})
    await person.keys("F5")
    await person.until(lambda: person.says("moon.land"))
