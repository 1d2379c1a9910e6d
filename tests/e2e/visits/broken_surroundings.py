"""Preferences and store are damaged: the studio opens, says so, and drawing and saving work; the store is set aside."""

from __future__ import annotations

from pathlib import Path

from tests.support.person import Person

TEXT = """\
rpa: 1
name: calm
steps:
  - id: only
    activity: control.log
    with: {message: one}
"""


def prepare(place: Path) -> list[Path]:
    home = place / "home"
    home.mkdir()
    (home / "studio.json").write_text('{"theme": ')
    (home / "store.db").write_bytes(b"SQLite format 3\0" + b"this is no database any more" * 500)
    (home / "recovery").write_text("a file where a folder should be")
    (place / "calm.rpa.yaml").write_text(TEXT)
    return [place / "calm.rpa.yaml"]


async def use(person: Person) -> None:
    studio, home = person.studio, person.home() / "home"
    editor = await person.until(lambda: studio.workspace.page.editor)
    assert editor is not None
    await person.until(lambda: person.says("Your preferences could not be read"))
    assert [path.read_text() for path in home.glob("studio*broken*")] == ['{"theme": ']
    await person.until(lambda: person.says("The store of executions is damaged"))
    await person.click(person.in_view("only"))
    await person.keys("F2", "ctrl+a")
    await person.type("Drawn all the same")
    await person.keys("Return")
    await person.until(lambda: person.says("Your edits cannot be kept in case of a crash."))
    await person.keys("ctrl+s")
    await person.until(lambda: "Drawn all the same" in (person.home() / "calm.rpa.yaml").read_text())
    await person.press(studio.window, "Move it aside…")
    dialog = await person.dialog()
    await person.press(dialog, "Move it aside")
    await person.until(lambda: studio.bridge.writable)
    assert len(list(home.glob("store.db.damaged-*"))) == 1
    await person.click(person.in_view("only"))
    await person.keys("F5")
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded")
