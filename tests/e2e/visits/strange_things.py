"""Nonsense is pasted and strange files are dropped; the window takes what it can, and says what it cannot."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication

from engine.api import Workflow
from studio.designer.editor import Editor
from tests.support.person import Person

TEXT = """\
rpa: 1
name: calm
steps:
  - id: only
    activity: control.log
    with: {message: one}
"""
NONSENSE = (
    "",
    " ",
    "\0",
    "\x1b[31m",
    "just a sentence",
    "42",
    "- - - [",
    "{{ steps.only.output }}",
    "steps: 7",
    "steps: [1, 2]",
    "steps:\n  - id: only\n",
    "rpa: 99\nsteps: []",
    "&a [*a]",
    "a: &a {b: *a}",
    "!!python/object:os.system x",
    "x" * 2_000_000,
    "[" * 20_000,
    "\ud83d",
    "steps:\n  - {id: a, activity: b.c, with: {x: .nan, y: .inf}}",
)


def prepare(place: Path) -> list[Path]:
    (place / "calm.rpa.yaml").write_text(TEXT)
    (place / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (place / "huge.rpa.yaml").write_text("rpa: 1\nname: " + "x" * 100_000 + "\n")
    (place / "folder").mkdir()
    return [place / "calm.rpa.yaml"]


def is_now(editor: Editor, workflow: Workflow) -> bool:
    return editor.document.workflow == workflow


async def use(person: Person) -> None:
    studio = person.studio
    editor = await person.until(lambda: studio.workspace.page.editor)
    assert editor is not None
    await person.click(editor.view.viewport())
    clipboard = QGuiApplication.clipboard()
    for text in NONSENSE:
        before = editor.document.workflow
        clipboard.setText(text)
        await person.keys("ctrl+v")
        assert studio.window.isVisible()
        if editor.document.workflow is not before:
            await person.keys("ctrl+z")
            await person.until(partial(is_now, editor, before))
    # Something that is no text at all.
    data = QMimeData()
    data.setImageData(studio.window.grab().toImage())
    clipboard.setMimeData(data)
    await person.keys("ctrl+v")
    # What the studio copies is readable, and comes back.
    await person.click(person.in_view("only"))
    await person.keys("ctrl+c")
    await person.until(lambda: "activity: control.log" in clipboard.text())
    await person.keys("ctrl+v")
    await person.until(lambda: len(editor.document.workflow.steps) == 2)

    # Files dropped on the window: opened, or refused with a reason; one after the other.
    names = ("picture.png", "folder", "huge.rpa.yaml", "calm.rpa.yaml")
    assert all(QUrl.fromLocalFile(str(person.home() / name)).isValid() for name in names)
    studio.window.files_dropped.emit([person.home() / name for name in names])
    for name in ("picture.png", "folder"):
        dialog = await person.dialog()
        assert name in dialog.windowTitle()
        await person.keys("Return")
        await person.closed(dialog)
    await person.until(lambda: len(studio.workspace.page.tabs.pages) == 2)
    await person.until(lambda: person.editor is editor)
    await person.keys("ctrl+s")
    await person.until(lambda: not editor.document.dirty)
