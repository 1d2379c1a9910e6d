"""The window in Bulgarian, dark and with large letters, and changed while a workflow runs."""

from __future__ import annotations

import json
from pathlib import Path

from studio.base.i18n import language
from studio.base.preferences import preferences
from studio.base.theme import theme
from tests.support.person import Person

TEXT = """\
rpa: 1
name: Поръчки
steps:
  - id: rest
    activity: control.foreach
    with: {items: 30}
  - id: nap
    activity: control.delay
    with: {length: 100ms}
edges:
  - rest.body -> nap
"""


def prepare(place: Path) -> list[Path]:
    (place / "home").mkdir()
    preferred = {"language": "bg", "theme": "dark", "text_size": 125}
    (place / "home" / "studio.json").write_text(json.dumps({"preferences": preferred, "state": {}}))
    (place / "поръчки.rpa.yaml").write_text(TEXT, encoding="utf-8")
    return [place / "поръчки.rpa.yaml"]


def environment(place: Path) -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8"}


async def use(person: Person) -> None:
    studio = person.studio
    editor = await person.until(lambda: studio.workspace.page.editor)
    assert editor is not None
    await person.until(lambda: studio.bridge.writable)
    assert language() == "bg", preferences().get("language")
    assert theme().scheme == "dark"
    await person.keys("F5")
    await person.until(lambda: editor.run is not None and editor.run.status == "running")
    for name, value in (
        ("theme", "light"),
        ("text_size", 150),
        ("text_size", 90),
        ("theme", "dark"),
        ("text_size", 100),
    ):
        preferences().set(name, value)
        await person.keys("ctrl+equal", "ctrl+0")
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded")
    await person.keys("ctrl+comma")
    await person.until(lambda: studio.window.page_id == "settings")
