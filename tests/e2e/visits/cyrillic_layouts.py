"""Keys on keyboards that write Cyrillic: both Bulgarian layouts, beside a Latin one and alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLineEdit

from studio.settings.page import SettingsPage
from tests.support.keyboard import Keyboard
from tests.support.person import Person

LAYOUTS = (("us,bg", ",", 1, "дф"), ("us,bg", ",phonetic", 1, "об"), ("bg", "", 0, "дф"), ("bg", "phonetic", 0, "об"))
"""Names, variants, the group to write with, and what O and B give."""
TEXT = """\
rpa: 1
name: letters
steps:
  - id: first
    activity: control.log
    with: {message: one}
  - id: второ
    activity: control.log
    with: {message: two}
"""


def prepare(place: Path) -> list[Path]:
    (place / "letters.rpa.yaml").write_text(TEXT, encoding="utf-8")
    return [place / "letters.rpa.yaml"]


async def use(person: Person) -> None:
    keyboard = Keyboard()
    try:
        for names, variants, group, letters in LAYOUTS:
            keyboard.layout(names, variants, group=group)
            await asyncio.sleep(0.3)
            await work(person, keyboard, letters)
        await choose_keys(person, keyboard)
    finally:
        keyboard.layout("us")
        keyboard.close()


async def work(person: Person, keyboard: Keyboard, letters: str) -> None:
    editor = await person.until(lambda: person.studio.workspace.page.editor)
    assert editor is not None
    document = editor.document

    async def press(keys: str, until: Callable[[], object]) -> None:
        keyboard.press(keys)
        await person.until(until)

    async def type(keys: str) -> None:
        for key in keys:
            keyboard.press(key)
            await asyncio.sleep(0.05)

    def field() -> QLineEdit | None:
        found = person.studio.app.focusWidget()
        return found if isinstance(found, QLineEdit) else None

    def writes(text: str) -> Callable[[], object]:
        return lambda: (found := field()) is not None and found.text() == text

    await person.click(person.in_view("first"))
    await person.until(lambda: editor.selection.only_step == "first")
    await press("d", lambda: document.workflow.step("first").disabled)
    await press("ctrl+z", lambda: not document.workflow.step("first").disabled)
    await press("ctrl+shift+z", lambda: document.workflow.step("first").disabled)
    await press("d", lambda: not document.workflow.step("first").disabled)

    shown = editor.view.minimap.isVisible()
    await press("m", lambda: editor.view.minimap.isVisible() != shown)
    await press("m", lambda: editor.view.minimap.isVisible() == shown)
    await press("ctrl+-", lambda: editor.view.zoom != 1.0)
    await press("0", lambda: editor.view.zoom == 1.0)
    await press("ctrl+c", lambda: "id: first" in person.studio.app.clipboard().text())
    await press("ctrl+v", lambda: len(document.workflow.steps) == 3)
    await press("ctrl+a", lambda: len(editor.selection.steps) == 3)
    places = dict(document.workflow.layout.steps)
    await press("l", lambda: document.workflow.layout.steps != places)
    await press("ctrl+z", lambda: document.workflow.layout.steps == places)
    await press("ctrl+z", lambda: len(document.workflow.steps) == 2)
    person.studio.app.clipboard().clear()

    # What is typed into a field is Cyrillic, and its own keys are for it.
    await person.click(person.in_view("first"))
    await person.until(lambda: editor.selection.only_step == "first")
    await press("c", writes(""))
    await type("ob")
    await person.until(writes(letters))
    keyboard.press("escape")
    await person.until(lambda: person.is_in(editor) or editor.view.hasFocus())
    await press("ctrl+f", writes(""))
    await type("ob")
    await person.until(writes(letters))
    await press("ctrl+a", lambda: (found := field()) is not None and found.hasSelectedText())
    await press("ctrl+x", writes(""))
    await press("ctrl+v", writes(letters))
    await press("ctrl+z", writes(""))
    keyboard.press("escape")
    await person.until(lambda: editor.view.hasFocus())
    assert document.workflow.edges == () and not document.workflow.step("first").disabled

    await press("n", lambda: len(document.workflow.layout.notes) == 1)
    await type("ob")
    keyboard.press("ctrl+return")
    await person.until(lambda: editor.view.hasFocus())
    await person.until(lambda: [note.text for note in document.workflow.layout.notes] == [letters])
    await press("ctrl+s", lambda: not document.dirty)
    assert letters in (document.path or Path()).read_text("utf-8")
    while document.workflow.layout.notes:
        count = document.undo_stack.index()
        await press("ctrl+z", lambda: document.undo_stack.index() < count)  # noqa: B023
    await press("ctrl+s", lambda: not document.dirty)


async def choose_keys(person: Person, keyboard: Keyboard) -> None:
    """Settings are opened and a key is given while the layout writes Cyrillic; it is kept in Latin letters."""
    studio = person.studio
    keyboard.press("ctrl+,")
    await person.until(lambda: studio.window.page_id == "settings")
    page = studio.window.page("settings")
    assert isinstance(page, SettingsPage)
    row = page.navigation.visualItemRect(page.navigation.item(page.navigation.count() - 1))
    await person.click(page.navigation.viewport().mapToGlobal(row.center()))
    table = await person.until(lambda: page.keys)
    assert table is not None
    given = table.current
    assert given is not None and given.id == "file.new"
    await person.press(table, "Press new keys")
    await person.until(lambda: table.editor.field.hasFocus())
    keyboard.press("ctrl+alt+u")
    await person.until(lambda: studio.actions.keys("file.new") == ("Ctrl+N", "Ctrl+Alt+U"))
    keyboard.press("ctrl+alt+u")
    await person.until(lambda: len(studio.workspace.page.editors) == 2)
