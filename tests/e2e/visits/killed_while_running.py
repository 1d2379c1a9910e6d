"""Executions are under way when the program is killed. The next start offers each; every answer does what it says."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtWidgets import QPushButton, QWidget

from studio.designer.run.notices import DoubtDialog
from studio.widgets.banner import Banner
from tests.support.person import Person

WORKFLOW = """\
rpa: 1
name: letters
inputs:
  to: {type: text, default: Ann}
steps:
  - id: before
    activity: control.log
    with: {message: begun}
  - id: send
    activity: post.send_letter
    label: Send the letter
    with: {ledger: LEDGER}
  - id: after
    activity: control.log
    with: {message: sent}
edges:
  - before.next -> send
  - send.next -> after
"""
PLUGIN = """\
import asyncio
from pathlib import Path

from engine.sdk import Context, Effect, activity


@activity("post.send_letter", label="Send letter", effect=Effect.ONCE)
async def send_letter(ctx: Context, ledger: Path) -> str:
    \"\"\"Send it, once somebody says so.\"\"\"
    with ledger.open("a") as file:
        file.write(ctx.execution + "\\n")
    while not ledger.with_name("go").exists():
        await asyncio.sleep(0.02)
    return "sent"
"""


def prepare(place: Path) -> list[Path]:
    site = place / "site" / "post-1.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: post\nVersion: 1\n")
    (site / "entry_points.txt").write_text(
        "[rpa_studio.activities]\npost = post_plugin\nabsent = nowhere_to_be_found\n"
    )
    (site.parent / "post_plugin.py").write_text(PLUGIN)
    (place / "letters.rpa.yaml").write_text(WORKFLOW.replace("LEDGER", str(place / "ledger")))
    return [place / "letters.rpa.yaml"]


def environment(place: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(place / "site"), str(Path(__file__).parents[3])])}


def ledger(person: Person) -> list[str]:
    file = person.home() / "ledger"
    return file.read_text().splitlines() if file.exists() else []


async def use(person: Person) -> None:
    studio = person.studio
    await person.until(lambda: studio.bridge.writable and studio.workspace.page.editor)
    for number in range(1, 6):
        await person.keys("F5")
        await person.dialog()
        await person.keys("Return")
        await person.until(lambda: len(ledger(person)) >= number)  # noqa: B023
    await person.until(lambda: studio.workspace.runs.running == 5)
    person.die()


def notices(person: Person) -> list[Banner]:
    return [one for one in person.studio.workspace.left_behind.banners.values() if one.isVisible()]


async def answer(person: Person, choice: str) -> str:
    """Go on with the first execution that was left behind and answer the question; its id."""
    studio = person.studio
    await press(person, notices(person)[0], "Go on")
    editor = await person.until(lambda: studio.workspace.page.editor)
    await person.until(lambda: editor.run is not None and editor.run.status == "in_doubt")
    assert editor.run is not None
    run = editor.run
    assert len(studio.workspace.page.editors) == 1
    await person.until(lambda: person.says("Did this message go out?"))
    await press(person, studio.window, "Answer…")
    dialog = await person.dialog()
    assert isinstance(dialog, DoubtDialog)
    assert sum(isinstance(one, DoubtDialog) and one.isVisible() for one in studio.app.topLevelWidgets()) == 1
    await person.press(dialog, choice)
    await person.until(lambda: studio.app.activeModalWidget() is None)
    await person.until(lambda: run.fold.finished)
    return str(run.execution)


async def press(person: Person, within: QWidget, text: str) -> None:
    def found() -> QPushButton | None:
        buttons = within.findChildren(QPushButton)
        return next((one for one in buttons if one.text() == text and one.isVisible()), None)

    button = await person.until(found)
    assert button is not None
    await person.click(button)


async def use_again(person: Person) -> None:
    studio = person.studio
    (person.home() / "go").touch()
    await person.until(lambda: studio.bridge.writable)
    await person.until(lambda: len(notices(person)) == 4)
    sent = ledger(person)
    assert len(sent) == 5  # nothing went on by itself

    done = await answer(person, "Yes, it went out")
    assert studio.workspace.page.editor is not None and studio.workspace.page.editor.run is not None
    assert studio.workspace.page.editor.run.status == "succeeded"
    assert ledger(person) == sent

    again = await answer(person, "No, send it now")
    assert studio.workspace.page.editor.run.status == "succeeded"
    assert ledger(person) == [*sent, again]

    failed = await answer(person, "Stop here")
    assert studio.workspace.page.editor.run.status == "failed"
    assert ledger(person) == [*sent, again]

    await press(person, notices(person)[0], "Show them")
    await person.until(lambda: len(notices(person)) == 2)
    await press(person, notices(person)[0], "Stop it for good")
    await person.until(lambda: len(notices(person)) == 1)
    await press(person, notices(person)[0], "Look")
    await person.until(lambda: person.editor.run is not None and person.editor.run.status == "interrupted")
    run = person.editor.run
    assert run is not None and run.execution not in (done, again, failed)
    assert len(notices(person)) == 1  # looking decides nothing
    records = await studio.bridge.call(lambda client: client.executions(limit=10))
    assert sorted(record.status for record in records) == ["cancelled", "failed", "running", "succeeded", "succeeded"]
    assert ledger(person) == [*sent, again]
    assert studio.bridge.catalog.errors.keys() == {"absent"}
    await person.keys("shift+F5")
    await person.until(lambda: not notices(person) and run.status == "cancelled")
    assert not person.editor.view.bubble.isVisible()  # nor does anything say what another execution said
