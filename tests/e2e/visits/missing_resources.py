"""The fonts, icons, translations and examples of the program are gone: it looks poor, and everything works."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.person import Person

HERE = Path(__file__).parents[3]


def root(place: Path) -> Path:
    tree = place / "program"
    for name in ("studio", "engine", "tests/support"):
        shutil.copytree(HERE / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "resources" / "icons").mkdir(parents=True)
    (tree / "resources" / "icons" / "Phosphor.ttf").write_bytes(b"no font")
    (tree / "resources" / "icons" / "phosphor.json").write_text("[]")
    return tree


async def use(person: Person) -> None:
    studio = person.studio
    import studio as package

    assert Path(package.__file__).is_relative_to(person.home())
    await person.until(lambda: studio.bridge.writable)
    await person.until(lambda: person.says("Fonts or icons of the program are missing."))
    await person.keys("ctrl+n")
    editor = await person.until(lambda: studio.workspace.page.editor)
    assert editor is not None
    await person.keys("Tab")
    await person.type("write to the log")
    await person.keys("Return")
    await person.until(lambda: len(editor.document.workflow.steps) == 1)
    await person.keys("Return")
    await person.until(lambda: person.is_in(studio.workspace.inspector))
    await person.type("poor")
    await person.keys("F5")
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded")
    for page in ("settings", "home"):
        studio.window.show_page(page)
        await person.keys("F11", "F11")
    studio.window.show_page("designer")
    await person.save_as(person.home() / "poor.rpa.yaml")
