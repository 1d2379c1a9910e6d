"""Steps are copied in one window and pasted in another that has a home of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from engine.api import load
from tests.support.person import Person

TEXT = """\
rpa: 1
name: source
steps:
  - id: ask
    activity: control.set
    with: {values: {sum: 41}}
  - id: tell
    label: Tell it
    note: What it says matters.
    activity: control.log
    with: {message: "{{ steps.ask.output.sum + 1 }}"}
edges:
  - ask.next -> tell
"""
OTHER = """\
import asyncio
from pathlib import Path

async def use(person):
    await person.until(lambda: (Path.home() / "copied").exists(), 30)
    await person.keys("ctrl+n")
    editor = await person.until(lambda: person.studio.workspace.page.editor)
    await person.keys("ctrl+v")
    await person.until(lambda: len(editor.document.workflow.steps) == 2)
    await person.keys("ctrl+v")
    await person.until(lambda: len(editor.document.workflow.steps) == 4)
    await person.save_as(Path.home() / "target.rpa.yaml")
    await person.until(lambda: not editor.document.dirty)
"""


def prepare(place: Path) -> list[Path]:
    (place / "source.rpa.yaml").write_text(TEXT)
    (place / "other.py").write_text(OTHER)
    return [place / "source.rpa.yaml"]


async def use(person: Person) -> None:
    home = person.home()
    editor = await person.until(lambda: person.studio.workspace.page.editor)
    assert editor is not None
    await person.click(editor.view.viewport())
    await person.keys("ctrl+a", "ctrl+c")
    await person.until(lambda: "Tell it" in QGuiApplication.clipboard().text())
    command = [sys.executable, "-m", "tests.support.person", str(home / "other.py"), str(home / "second home")]
    other = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    (home / "copied").touch()
    try:
        said, _ = await asyncio.wait_for(other.communicate(), 30)
        assert other.returncode == 0, said.decode()
    finally:
        if other.returncode is None:
            other.kill()


def check(place: Path) -> None:
    workflow = load(place / "target.rpa.yaml").workflow
    assert len(workflow.steps) == 4 and len(workflow.edges) == 2
    first, second = (step for step in workflow.steps if step.activity == "control.log")
    assert (first.label, first.note) == ("Tell it", "What it says matters.")
    assert first.parameters["message"] != second.parameters["message"]  # each reads the copy that came with it
