"""Killed at any moment of typing, four times in a row: each start gives back all that was on the screen before."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
from pathlib import Path

from tests.support.person import Person

TEXT = """\
rpa: 1
name: letters
steps:
  - id: only
    activity: control.log
    with: {message: ""}
"""
LETTERS = "abcdefghijklmnopqrstuvwxyz " * 6


def prepare(place: Path) -> list[Path]:
    (place / "letters.rpa.yaml").write_text(TEXT)
    return [place / "letters.rpa.yaml"]


async def type_until_killed(person: Person) -> None:
    """Type, write down what is to be seen, and be killed by another thread."""
    studio, seen = person.studio, person.home() / "seen"
    editor = await person.until(lambda: studio.workspace.page.editor)
    assert editor is not None
    await person.click(person.in_view("only"))
    await person.until(lambda: editor.selection.only_step == "only")
    await person.keys("Return")
    await person.until(lambda: person.is_in(studio.workspace.inspector))
    await person.keys("ctrl+End")

    def note() -> None:
        beside = seen.with_suffix(".new")
        beside.write_text(str(editor.document.workflow.step("only").parameters.get("message", "")))
        beside.replace(seen)

    editor.document.changed.connect(note)
    threading.Timer(random.uniform(0.3, 1.2), os.kill, (os.getpid(), signal.SIGKILL)).start()
    typing = await asyncio.create_subprocess_exec("xdotool", "type", "--delay", "8", LETTERS)
    await typing.wait()
    await asyncio.sleep(10)


async def recover(person: Person) -> None:
    """What the earlier start noted is there; a letter more may be, that nobody could look at any more."""
    await person.dialog()
    await person.keys("Return")
    editor = await person.until(lambda: person.studio.workspace.page.editor)
    assert editor is not None
    seen = (person.home() / "seen").read_text()
    now = str(editor.document.workflow.step("only").parameters.get("message", ""))
    assert now.startswith(seen) and len(now) - len(seen) <= 1, (seen, now)
    assert seen


async def use(person: Person) -> None:
    await type_until_killed(person)


async def use_2(person: Person) -> None:
    await recover(person)
    await type_until_killed(person)


async def use_3(person: Person) -> None:
    await recover(person)
    await type_until_killed(person)


async def use_last(person: Person) -> None:
    await recover(person)
    editor = person.editor
    while editor.document.undo_stack.canUndo():
        editor.document.undo()
    assert editor.document.workflow.step("only").parameters["message"] == ""
    assert not editor.document.dirty
