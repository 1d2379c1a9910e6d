"""The window as a screen reader hears it: read over D-Bus from outside, while a person works by keys."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from studio.settings.page import SettingsPage
from tests.support.person import Person
from tests.support.screen_reader import Heard, ScreenReader, Thing, Unanswered, missing

T = TypeVar("T")
EXAMPLES = Path(__file__).parents[3] / "resources" / "examples"
FAILING = """\
rpa: 1
name: Nightly letters
steps:
  - {id: begin, label: Begin, activity: control.log, with: {message: Good evening}}
  - {id: read, label: Read letters, activity: files.read, with: {path: not-there.txt}}
  - {id: write, label: Write it down, activity: files.write, with: {path: out.txt, text: "{{ steps.read.output.text }}"}}
edges: [begin.next -> read, read.next -> write]
layout:
  steps:
    begin: {x: 40, y: 120}
    read: {x: 288, y: 120}
    write: {x: 536, y: 120}
"""
ACTING = frozenset({"push button", "toggle button", "check box", "radio button", "button menu", "menu item", "combo box",
    "text", "password text", "spin box", "list", "list item", "tree", "table", "page tab", "page tab list", "slider", "link"})  # fmt: skip
"""Roles of what a person uses."""


def command() -> list[str]:
    if lacking := missing():
        pytest.skip(f"needs {', '.join(lacking)}")
    return ["dbus-run-session", "--"]


def prepare(place: Path) -> list[Path]:
    shutil.copytree(EXAMPLES / "order-report", place / "order-report")
    failing = place / "letters.rpa.yaml"
    failing.write_text(FAILING, "utf-8")
    return [place / "order-report" / "order-report.rpa.yaml", failing]


async def use(person: Person) -> None:
    await person.until(lambda: person.studio.bridge.writable)
    await person.until(lambda: len(person.studio.workspace.page.editors) == 2)
    with await asyncio.to_thread(ScreenReader) as reader:
        listener = Listener(person, reader, await asyncio.to_thread(reader.application, "RPA Studio"))
        await listener.frame_and_menus()
        await listener.canvas()
        await listener.form()
        await listener.run()
        await listener.notices_and_dialogs()
        await listener.everything_has_a_name()
    person.studio.workspace.page.show_page(person.studio.workspace.page.editors[1])
    await person.keys("ctrl+s")  # so that closing asks nothing
    await person.until(lambda: not person.editor.document.dirty)


class Listener:
    """A person who hears what the window says."""

    def __init__(self, person: Person, reader: ScreenReader, application: Thing) -> None:
        self.person, self.reader, self.application = person, reader, application

    async def ask(self, what: Callable[[], T]) -> T:
        """Ask on a thread: the window answers on its own."""
        return await asyncio.to_thread(what)

    async def hear(self, kind: str, words: str, since: int = 0) -> Heard:
        """Wait for an event of that kind with these words in its value, or in the name of whom it is about."""

        def found() -> Heard | None:
            for one in self.reader.heard[since:]:
                if one.kind == kind and (words in str(one.value) or words in one.source.name):
                    return one
            return None

        try:
            return await self.ask(lambda: self.reader.until(found))
        except TimeoutError as error:
            said = [(one.kind, one.value) for one in self.reader.heard[since:]][-40:]
            raise TimeoutError(f"{kind} {words!r} was not heard, but {said}") from error

    async def frame_and_menus(self) -> None:
        frame = await self.ask(lambda: self.application.find("frame", "RPA Studio"))
        assert await self.ask(lambda: "active" in frame.states)
        bar = await self.ask(lambda: frame.find("menu bar"))
        menus = await self.ask(lambda: [one.name for one in bar.children()])
        assert menus == ["File", "Edit", "View", "Insert", "Workflow", "Run", "Tools", "Help"]
        file = await self.ask(lambda: bar.children()[0])
        items = await self.ask(lambda: [one.name for one in file.walk() if one.role == "menu item"])
        assert {"New workflow", "Save", "Quit"} <= set(items)

    async def canvas(self) -> None:
        """One child a step, and the focus goes along with the arrows."""
        person, editor = self.person, self.person.editor
        canvas = await self.ask(lambda: self.application.find("list", "Nightly letters, 3 steps"))
        steps = await self.ask(canvas.children)
        names = await self.ask(lambda: [(one.role, one.name) for one in steps])
        assert names == [("list item", "Begin, Write to the log"), ("list item", "Read letters, Read text file"),
                         ("list item", "Write it down, Write text file")], names  # fmt: skip
        assert await self.ask(lambda: steps[1].description) == "after Begin; leads to Write it down"
        left, top, width, height = await self.ask(lambda: steps[1].extents)
        seen = person.in_view("read")
        assert left <= seen.x() <= left + width and top <= seen.y() <= top + height
        editor.view.setFocus()
        await person.keys("Right")
        await person.until(lambda: editor.selection.only_step == "begin")
        since = len(self.reader.heard)
        await person.keys("Right")
        heard = await self.hear("StateChanged:focused", "Read letters", since)
        assert heard.first == 1 and heard.source == steps[1]
        assert {"focused", "selected"} <= await self.ask(lambda: steps[1].states)
        assert "focused" not in await self.ask(lambda: steps[0].states)
        await person.keys("d")
        await person.until(lambda: editor.document.workflow.step("read").disabled)
        assert await self.ask(lambda: steps[1].name) == "Read letters, Read text file, disabled"
        await person.keys("d")
        await person.until(lambda: not editor.document.workflow.step("read").disabled)

    async def form(self) -> None:
        """Enter goes to a field that says what it is."""
        person = self.person
        since = len(self.reader.heard)
        await person.keys("Return")
        heard = await self.hear("StateChanged:focused", "File", since)
        assert await self.ask(lambda: heard.source.role) == "text"
        assert await self.ask(heard.source.text) == "not-there.txt"
        found = await self.ask(lambda: self.showing(["combo box"]))
        assert found and all(": " in name for _, name in found), found
        await person.keys("Escape")

    async def run(self) -> None:
        person, editor = self.person, self.person.editor
        since = len(self.reader.heard)
        await person.keys("F5")
        await self.hear("Announcement", "“Read letters” failed: ", since)
        await self.hear("Announcement", "Failed after ", since)
        await self.hear("PropertyChange:accessible-name", "Read letters, Read text file, failed", since)
        person.studio.workspace.page.show_pane("log")
        log = await self.ask(lambda: self.application.find("table", "Log"))
        await person.until(lambda: editor.run is not None and editor.run.resting)
        cells = await self.ask(lambda: [one.name for one in log.children() if one.role == "cell"])
        assert any("Begin" in name for name in cells) and any("not-there.txt" in name for name in cells), cells

    async def notices_and_dialogs(self) -> None:
        person, window = self.person, self.person.studio.window
        since = len(self.reader.heard)
        window.notify("error", "The disk is full.", "Nothing was lost.")
        await self.hear("Announcement", "The disk is full. Nothing was lost.", since)
        alert = await self.ask(lambda: next(one for one in self.application.walk() if one.name == "The disk is full."))
        role = await self.ask(lambda: alert.role)
        assert role.startswith("alert"), role
        person.editor.view.setFocus()
        await person.keys("n")
        await person.type("Call them")
        await person.keys("Escape", "ctrl+w")
        dialog = await person.dialog()
        shown = await self.ask(lambda: self.application.find("dialog", dialog.windowTitle()))
        assert await self.ask(lambda: shown.name)
        buttons = await self.ask(lambda: [one.name for one in shown.walk() if one.role == "push button"])
        assert len(buttons) >= 2 and all(buttons)
        await person.keys("Escape")
        await person.closed(dialog)

    def showing(self, roles: Iterable[str]) -> list[tuple[str, str]]:
        """Role and name of what is to be seen."""
        found = []
        for one in self.application.walk():
            try:
                if one.role in roles and "showing" in one.states:
                    found.append((one.role, one.name))
            except Unanswered:
                continue
        return found

    def nameless(self) -> list[str]:
        """What a person can use, and does not say what it is."""
        found = []

        def look(one: Thing, path: str) -> None:
            try:
                states, role, name = one.states, one.role, one.name
            except Unanswered:
                return
            if "showing" not in states and role != "application":
                return
            used = role in ACTING or ("focusable" in states and role not in ("cell", "table cell"))
            if used and not name and not one.labels:
                found.append(f"{path} > {role}")
            for child in one.children()[:60]:
                look(child, f"{path} > {role} {name[:30]!r}")

        look(self.application, "")
        return found

    async def everything_has_a_name(self) -> None:
        person, studio = self.person, self.person.studio
        page = studio.workspace.page
        nameless: dict[str, list[str]] = {}

        async def look(where: str) -> None:
            await asyncio.sleep(0.5)
            if found := await self.ask(self.nameless):
                nameless[where] = found

        for id in page.docks:
            page.show_pane(id, focus=False)
            await look(id)
        for step in ("read_orders", "by_customer", "each_customer", "late"):
            page.show_page(page.editors[0])
            page.show_pane("inspector", focus=False)
            page.editors[0].reveal(step)
            await look(f"the form of {step}")
        for keys, where in ((["ctrl+shift+p"], "commands"), (["a"], "search"), (["ctrl+f"], "find")):
            person.editor.view.setFocus()
            await person.keys(*keys)
            await look(where)
            await person.keys("Escape", "Escape")
        for id in ("home", "settings"):
            studio.window.show_page(id)
            await look(id)
        settings = studio.window.page("settings")
        assert isinstance(settings, SettingsPage)
        settings.navigation.setCurrentRow(settings.navigation.count() - 1)
        await look("keys")
        studio.window.show_page("designer")
        assert not nameless, "\n".join(f"{where}: {one}" for where, found in nameless.items() for one in found)
