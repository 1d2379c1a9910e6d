"""Pictures of every page, of the real program on the real engine: `python -m tests.screenshots [--only NAME,…]`.

Writes `docs/screenshots/NAME-THEME.png` at 1600 × 1000, both themes; a few at 1280 × 720 (`-small`) and at twice the
scale (`-2x`). With `--out FOLDER --all` every picture in every size, to be looked at. Nothing needs a display.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIZES = {"": (1600, 1000, 1), "-small": (1280, 720, 1), "-2x": (1600, 1000, 2)}
KEPT = {"": None, "-small": {"home", "run"}, "-2x": {"run"}}
"""Which pictures of a size are kept in the repository; None: all."""
SLOW = """\
rpa: 1
name: Send reminders
steps:
  - {id: customers, label: Late customers, activity: control.set, with: {values: {late: [Petrova Ltd., Balkan Steel AD, Danube Tools, Sever Print]}}}
  - {id: each, label: Each customer, activity: control.foreach, with: {items: "{{ vars.late }}"}}
  - {id: text, label: Write the text, activity: text.fill, with: {template: "Dear {name}, your order is late.", values: {name: "{{ item }}"}}}
  - {id: wait, label: Wait a moment, activity: control.delay, with: {length: 2s}}
  - {id: keep, label: Put it into the outbox, activity: files.append, with: {path: outbox.txt, text: "{{ steps.text.output.text }}"}}
  - {id: done, label: Say how many, activity: control.log, with: {message: "{{ steps.each.output.count }} letters"}}
edges: [customers.next -> each, each.body -> text, text.next -> wait, wait.next -> keep, each.done -> done]
layout:
  steps:
    customers: {x: 40, y: 120}
    each: {x: 288, y: 96}
    text: {x: 316, y: 160}
    wait: {x: 560, y: 160}
    keep: {x: 800, y: 160}
    done: {x: 1072, y: 96}
"""
FAILING = """\
rpa: 1
name: Supplier invoices
steps:
  - {id: read, label: Read invoices, activity: data.read_csv, with: {path: invoices.csv}}
  - {id: sum, label: Totals by supplier, activity: data.aggregate, with: {rows: "{{ steps.read.output.rows }}", by: supplier, measures: {total: sum(amount)}}}
  - {id: write, label: Write the report, activity: excel.write_table, with: {path: report.xlsx, rows: "{{ steps.sum.output.rows }}"}}
  - {id: tell, label: Say what is missing, activity: control.log, with: {message: There are no totals today, level: warning}}
edges: [read.next -> sum, sum.next -> write, sum.error -> tell]
layout:
  steps:
    read: {x: 40, y: 120}
    sum: {x: 288, y: 120}
    write: {x: 536, y: 120}
    tell: {x: 320, y: 240}
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--all", action="store_true", help="every picture in every size")
    parser.add_argument("--only", default="", help="some pictures, by name")
    parser.add_argument("--language", default="en")
    parser.add_argument("--child", nargs=2, metavar=("THEME", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    wanted = set(options.only.split(",")) - {""}
    if options.child:
        theme, size = options.child
        return child(options, theme, size, wanted)
    options.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for size, (width, height, scale) in SIZES.items():
        kept = None if options.all else KEPT[size]
        only = wanted & kept if wanted and kept else wanted or kept or set()
        if wanted and kept and not only:
            continue
        for theme in ("light", "dark"):
            command = [sys.executable, "-m", "tests.screenshots", "--out", str(options.out.resolve())]
            command += ["--only", ",".join(sorted(only)), "--language", options.language, "--child", theme, size.strip("-") or "full"]
            environment = {
                **os.environ,
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": str(scale),
                "QT_QPA_OFFSCREEN_SIZE": f"{width}x{height}",
                "QT_LOGGING_RULES": "*.debug=false;qt.qpa.*=false",
            }
            failed |= subprocess.run(command, env=environment, cwd=ROOT).returncode
    return failed


def child(options: argparse.Namespace, theme: str, size: str, wanted: set[str]) -> int:
    """One theme and size: start the program, go through its pages, keep the pictures."""
    import json

    from studio import app as studio_app
    from studio.app import Studio

    size = "" if size == "full" else f"-{size}"
    width, height, _ = SIZES[size]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        os.environ["HOME"] = folder
        chosen = {"theme": theme, "language": options.language, "reduce_motion": True}
        (home / "studio.json").write_text(json.dumps({"preferences": chosen, "state": {}}), "utf-8")
        live = Studio.live
        failed: list[str] = []

        async def watched(studio: Studio, given: argparse.Namespace) -> int:
            async def visit() -> None:
                try:
                    studio.window.setGeometry(0, 0, width, height)
                    walk = Walk(studio, Path(folder), options.out, f"-{theme}{size}", wanted)
                    await walk.go()
                except BaseException:
                    failed.append(traceback.format_exc())
                studio.window.may_close = None
                studio.window.close()

            task = asyncio.get_running_loop().create_task(visit())
            try:
                return await live(studio, given)
            finally:
                await asyncio.wait([task], timeout=5)

        Studio.live = watched  # type: ignore[method-assign, assignment]
        studio_app.run_app(["--home", str(home)])
        print(*failed, sep="\n", end="")
        return 1 if failed else 0


class Walk:
    """From page to page, as a person would go."""

    def __init__(self, studio, work: Path, out: Path, ending: str, wanted: set[str]) -> None:  # type: ignore[no-untyped-def]
        self.studio = studio
        self.work = work
        self.out = out
        self.ending = ending
        self.wanted = wanted

    async def go(self) -> None:
        example = self.work / "order-report"
        shutil.copytree(ROOT / "resources" / "examples" / "order-report", example)
        (self.work / "reminders.rpa.yaml").write_text(SLOW, "utf-8")
        (self.work / "invoices.rpa.yaml").write_text(FAILING, "utf-8")
        (self.work / "invoices.csv").write_text("number,supplier,amounts\n2071,Petrova,310\n", "utf-8")
        studio, space = self.studio, self.studio.workspace
        await self.until(lambda: studio.bridge.writable)
        for file in (self.work / "invoices.rpa.yaml", self.work / "reminders.rpa.yaml", example / "order-report.rpa.yaml"):
            await space.open([file])
        studio.window.show_page("designer")
        await self.until(lambda: space.palette.model.rowCount() > 3)
        editor = space.page.editor
        await self.shot("designer", self.quiet)

        await space.runs.run(editor, ask=False)
        await self.until(lambda: editor.run is not None and editor.run.status == "succeeded")
        space.page.show_pane("log", focus=False)
        editor.reveal("write_report")
        await self.shot("run", self.quiet)
        editor.reveal("letter")
        editor.view.zoom_to(1.0)
        editor.view.center_on("letter", animate=False)
        space.page.show_pane("data", focus=False)
        await self.shot("data", self.quiet)
        space.page.show_pane("outline", focus=False)
        space.page.show_pane("yaml", focus=False)
        await self.shot("yaml", self.quiet)
        space.page.show_pane("palette", focus=False)
        space.page.show_pane("inspector", focus=False)

        editor.selection.select_steps(["late"])
        editor.view.setFocus()
        studio.actions.trigger("insert.step")
        await self.shot("search", self.quiet)
        self.close_popups()

        from dataclasses import replace

        workflow = editor.document.workflow
        steps = tuple(replace(step, label="Late orders") if step.id == "late" else step for step in workflow.steps)
        editor.document.edit("Rename", replace(workflow, steps=tuple(step for step in steps if step.id != "write_late"),
                                               edges=tuple(e for e in workflow.edges if "write_late" not in (e.source, e.target))))
        editor.selection.clear()
        await space.difference.compare_saved()
        editor.view.fit(animate=False)
        await self.shot("compare", self.quiet)
        space.difference.close_comparison()
        space.page.docks["difference"].hide()
        editor.document.undo()

        await self.show(self.work / "invoices.rpa.yaml")
        editor = space.page.editor
        await space.runs.run(editor, ask=False)
        await self.until(lambda: editor.run is not None and editor.run.resting)
        space.page.show_pane("log", focus=False)
        failures = editor.run.fold.failures()
        if failures:
            editor.reveal(failures[0])
        await self.shot("failure", self.quiet)

        await self.show(self.work / "reminders.rpa.yaml")
        editor = space.page.editor
        await space.runs.run(editor, ask=False)
        await self.until(lambda: (live := editor.scene.live("wait")) is not None and live.count >= 1)
        editor.reveal("keep")
        await self.shot("running", lambda: asyncio.sleep(0.4))
        studio.actions.trigger("run.stop")
        await self.until(lambda: editor.run is not None and editor.run.resting)

        studio.window.open_palette("step")
        await self.shot("commands", self.quiet)
        self.close_popups()
        studio.window.show_page("settings")
        await self.shot("settings", self.quiet)
        groups = studio.window.page("settings").navigation
        groups.setCurrentRow(groups.count() - 1)
        await self.shot("keys", self.quiet)
        studio.window.show_page("home")
        await self.shot("home", self.quiet)

    async def show(self, file: Path) -> None:
        await self.studio.workspace.open([file])
        await self.quiet()

    async def until(self, what: Callable[[], object], seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not what():
            if time.monotonic() > until:
                raise TimeoutError(f"it did not come true: {what.__code__.co_names}")
            await asyncio.sleep(0.02)

    async def quiet(self) -> None:
        """Until checks, previews and first paintings have come to rest."""
        await asyncio.sleep(1.2)

    def close_popups(self) -> None:
        from PySide6.QtWidgets import QApplication

        for widget in QApplication.topLevelWidgets():
            if widget is not self.studio.window and widget.isVisible():
                widget.close()

    async def shot(self, name: str, settle: Callable[[], Awaitable[None]]) -> None:
        """Keep the window, with the popups and dialogs above it."""
        if self.wanted and name not in self.wanted:
            return
        await settle()
        from PySide6.QtGui import QPainter
        from PySide6.QtWidgets import QApplication

        window = self.studio.window
        picture = window.grab()
        painter = QPainter(picture)
        for widget in QApplication.topLevelWidgets():
            if widget is not window and widget.isVisible() and widget.width() > 1:
                painter.drawPixmap(window.mapFromGlobal(widget.mapToGlobal(widget.rect().topLeft())), widget.grab())
        painter.end()
        file = self.out / f"{name}{self.ending}.png"
        picture.save(str(file))
        print(file.name, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
