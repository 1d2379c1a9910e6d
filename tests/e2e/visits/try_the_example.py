"""The example from the first page: tried, run with its own inputs, watched, and a step looked at."""

from __future__ import annotations

from pathlib import Path

from studio.welcome.page import WelcomePage
from tests.support.person import Person


async def use(person: Person) -> None:
    studio = person.studio
    await person.until(lambda: studio.bridge.writable)
    home = studio.window.page("home")
    assert isinstance(home, WelcomePage)
    card = await person.until(lambda: next((card for card in home.examples if card.isVisible()), None))
    assert card is not None
    await person.click(card)
    await person.until(lambda: studio.workspace.page.editor)
    editor = person.editor
    assert editor.folder is not None and editor.folder.is_relative_to(Path.home())
    await person.keys("F5")
    await person.dialog()
    await person.keys("Return")
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded", 60)
    assert (editor.folder / "output" / "order-report.xlsx").is_file()
    live = {step.id: editor.scene.live(step.id) for step in editor.document.workflow.steps}
    assert {state.status for state in live.values() if state is not None} == {"done"}
    assert all(live.values())
    box = editor.scene.box("write_report")
    await person.click(person.on_canvas(box.x() + 60, box.y() + 20))
    await person.until(lambda: editor.selection.only_step == "write_report")
    await person.keys("F2")
    await person.type("The report")
    await person.keys("Return")
    await person.until(lambda: editor.document.workflow.step("write_report").label == "The report")
    await person.keys("ctrl+s")
    await person.until(lambda: not editor.document.dirty)
