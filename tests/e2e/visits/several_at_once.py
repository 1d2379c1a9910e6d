"""Two workflows run at once and one is stopped; the window is closed while the other runs, and it goes on the next time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPushButton

from tests.support.person import Person

TEXT = """\
rpa: 1
name: NAME
steps:
  - id: begin
    activity: control.log
    with: {message: begun}
  - id: rest
    activity: control.foreach
    with: {items: 100}
  - id: nap
    activity: control.delay
    with: {length: 50ms}
  - id: end
    activity: files.write
    with: {path: NAME.done, text: "{{ steps.begin.output }}"}
edges:
  - begin.next -> rest
  - rest.body -> nap
  - rest.done -> end
"""


def prepare(place: Path) -> list[Path]:
    for name in ("one", "two"):
        (place / f"{name}.rpa.yaml").write_text(TEXT.replace("NAME", name))
    return [place / "one.rpa.yaml", place / "two.rpa.yaml"]


async def use(person: Person) -> None:
    studio = person.studio
    await person.until(lambda: studio.bridge.writable and len(studio.workspace.page.editors) == 2)
    one, two = studio.workspace.page.editors
    await person.until(lambda: person.editor is two)
    await person.keys("F5")
    await person.until(lambda: two.run is not None and two.run.status == "running")
    await person.keys("ctrl+Tab")
    await person.until(lambda: person.editor is one)
    await person.keys("F5")
    await person.until(lambda: one.run is not None and one.run.status == "running")
    assert studio.workspace.runs.running == 2
    assert "2" in studio.window.title_bar.running.text
    await person.keys("shift+F5")
    await person.until(lambda: one.run is not None and one.run.status == "cancelled")
    assert two.run is not None and two.run.status == "running"
    # Closed while it runs: it is paused, nothing is asked, for nothing is lost.
    await person.keys("ctrl+q")
    await person.until(lambda: not studio.window.isVisible())


async def use_again(person: Person) -> None:
    studio = person.studio
    await person.until(lambda: len(studio.workspace.page.editors) == 2)
    banners = studio.workspace.left_behind.banners
    await person.until(lambda: banners)
    (banner,) = banners.values()
    assert "two" in banner.message and "paused" in banner.message
    go_on = next(one for one in banner.findChildren(QPushButton) if one.text() == "Go on")
    await person.until(lambda: go_on.isVisible())
    await person.click(go_on)
    await person.until(lambda: person.editor.document.title == "two")
    editor = person.editor
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded")
    assert len(studio.workspace.page.editors) == 2


def check(place: Path) -> None:
    assert (place / "two.done").is_file() and not (place / "one.done").exists()
