"""A program of the desktop filled in from a table, by a workflow."""

from __future__ import annotations

from pathlib import Path

from tests.support.desktop import Desktop
from tests.support.workflows import memory_engine, workflow
from tests.unit.engine.activities.desktop.conftest import eventually, windows

TABLE = """
inputs: {file: {type: text}}
steps:
  - {id: check, activity: desktop.check}
  - {id: open, activity: desktop.start, with: {command: [mousepad, --disable-server, "{{ inputs.file }}"]}}
  - {id: each, activity: control.foreach, with: {items: [Ada, Grace, Яна]}}
  - {id: line, activity: desktop.type, with: {text: "{{ item }};", window: Mousepad}}
  - {id: save, activity: desktop.act, with: {element: "window=Mousepad >> menuitem=Save"}}
  - {id: told, activity: desktop.read_text, with: {element: "window=Mousepad >> role=text"}}
edges: [check -> open, open -> each, each.body -> line, each.done -> save, save -> told]
"""


async def test_a_program_is_filled_in_from_a_table(desk: Desktop, tmp_path: Path) -> None:
    file = tmp_path / "people.txt"
    file.write_text("")
    async with memory_engine() as engine:
        outcome = await engine.wait(await engine.start(workflow(TABLE), {"file": str(file)}, folder=tmp_path))
        assert outcome.status == "succeeded", outcome.error
        eventually(lambda: file.read_text("utf-8"))
    assert file.read_text("utf-8").strip() == "Ada;Grace;Яна;"
    eventually(lambda: not any("Mousepad" in one.title for one in windows()))
