"""Another program runs executions in the same store: the studio says who, draws and saves, and runs once it is free."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.person import Person

TEXT = """\
rpa: 1
name: patient
steps:
  - id: rest
    activity: control.foreach
    with: {items: 1000}
  - id: nap
    activity: control.delay
    with: {length: 100ms}
edges:
  - rest.body -> nap
"""
QUICK = """\
rpa: 1
name: quick
steps:
  - id: only
    activity: control.log
    with: {message: one}
"""


def prepare(place: Path) -> list[Path]:
    (place / "patient.rpa.yaml").write_text(TEXT)
    (place / "quick.rpa.yaml").write_text(QUICK)
    home = place / "home"
    rpa = f"{sys.executable} -m engine.cli --home {home} run {place / 'patient.rpa.yaml'}"
    started = subprocess.run(["sh", "-c", f"{rpa} >/dev/null 2>&1 & echo $!"], stdout=subprocess.PIPE, text=True)
    (place / "other").write_text(started.stdout)
    until = time.monotonic() + 10
    while not (home / "store.db").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    return [place / "quick.rpa.yaml"]


async def use(person: Person) -> None:
    studio = person.studio
    other = int((person.home() / "other").read_text())
    try:
        editor = await person.until(lambda: studio.workspace.page.editor)
        assert editor is not None
        await person.until(lambda: studio.bridge.ready and not studio.bridge.writable)
        await person.until(lambda: person.says(str(other)))
        await person.keys("F5")
        assert editor.run is None
        await person.click(person.in_view("only"))
        await person.keys("F2", "ctrl+a")
        await person.type("Edited meanwhile")
        await person.keys("Return", "ctrl+s")
        await person.until(lambda: "Edited meanwhile" in (person.home() / "quick.rpa.yaml").read_text())
    finally:
        os.kill(other, signal.SIGTERM)
    await person.until(lambda: studio.bridge.writable)
    await person.until(lambda: not person.says(str(other)))
    await person.click(person.in_view("only"))
    await person.keys("F5")
    await person.until(lambda: editor.run is not None and editor.run.status == "succeeded")
