"""20,000 steps are opened, looked at, edited, undone and saved."""

from __future__ import annotations

from pathlib import Path

from engine.api import load
from tests.support.person import Person

COUNT, WIDE = 20_000, 200


def prepare(place: Path) -> list[Path]:
    lines = ["rpa: 1", "name: many", "steps:"]
    for number in range(COUNT):
        lines.append(f"  - {{id: s{number}, activity: control.log, with: {{message: number {number}}}}}")
    lines.append("edges:")
    lines += [f"  - s{number}.next -> s{number + 1}" for number in range(COUNT - 1)]
    lines += ["layout:", "  steps:"]
    lines += [f"    s{number}: {{x: {number % WIDE * 240}, y: {number // WIDE * 120}}}" for number in range(COUNT)]
    (place / "many.rpa.yaml").write_text("\n".join(lines) + "\n")
    return [place / "many.rpa.yaml"]


async def use(person: Person) -> None:
    studio = person.studio
    editor = await person.until(lambda: studio.workspace.page.editor, 60)
    assert editor is not None
    assert len(editor.document.workflow.steps) == COUNT
    await person.keys("1")
    await person.keys("ctrl+0")
    editor.reveal("s3")
    await person.until(lambda: editor.view.zoom == 1 or editor.view.zoom >= 0.9)
    await person.keys("F2", "ctrl+a")
    await person.type("One of many")
    await person.keys("Return")
    await person.until(lambda: editor.document.workflow.step("s3").label == "One of many")
    await person.keys("Delete")
    await person.until(lambda: len(editor.document.workflow.steps) == COUNT - 1)
    await person.keys("ctrl+z")
    await person.until(lambda: len(editor.document.workflow.steps) == COUNT)
    await person.keys("ctrl+s")
    await person.until(lambda: not editor.document.dirty, 30)
    editor.reveal("s3")
    await person.keys("Delete")
    await person.until(lambda: editor.document.dirty)
    person.die()


async def use_again(person: Person) -> None:
    await person.dialog()
    await person.keys("Return")
    editor = await person.until(lambda: person.studio.workspace.page.editor, 30)
    assert editor is not None
    assert len(editor.document.workflow.steps) == COUNT - 1
    await person.keys("ctrl+z")
    await person.until(lambda: not editor.document.dirty)


def check(place: Path) -> None:
    workflow = load(place / "many.rpa.yaml").workflow
    assert len(workflow.steps) == COUNT and workflow.step("s3").label == "One of many"
