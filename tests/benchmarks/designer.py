"""What a person waits for on a canvas of many steps: the time that the window's thread is held up by each operation, in
the whole program with every pane in sight.

::

    python -m tests.benchmarks.designer [--steps 5000,20000] [--rounds 3] [--display] [--write FILE]

Every round runs in a process of its own. An operation counts until the window has painted what it changed. `longest`
is the longest time in which the window did not answer from its beginning until half a second after, or more where more
follows; the targets are for that.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import program, report

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from studio.app import Studio

ROUNDS = 3
LIMITS = {5_000: 25.0, 20_000: 100.0}
"""Milliseconds that a single edit may hold up the window, by the number of steps."""
FELT = 50.0
"""Milliseconds that a person feels; what touches thousands of steps at once is marked where it takes longer."""
EDITS = frozenset(
    (
        "drag one",
        "undo drag one",
        "delete one",
        "undo delete one",
        "redo delete one",
        "duplicate one",
        "undo duplicate one",
        "cut a wire",
        "undo cutting it",
        "type in a field",
    )
)
"""The operations that are one edit of one thing."""
Rows = list[tuple[str, float, float]]
"""Name, milliseconds of the call, and of the longest stall."""
SETTLE = 0.5
"""Seconds after an operation in which what it set going is still counted."""


def text(steps: int) -> str:
    """Chains of 25 steps side by side, the first of them in a loop."""
    lines, edges, places = [], [], []
    for n in range(steps):
        activity = "control.foreach, with: {items: 3}" if n == 0 else f'control.log, with: {{message: "number {n}"}}'
        lines.append(f"  - {{id: s{n}, label: Step {n}, activity: {activity}}}")
        if n % 25:
            edges.append(f"  - s{n - 1}.{'body' if n == 1 else 'next'} -> s{n}")
        places.append(f"    s{n}: {{x: {n % 25 * 260}, y: {n // 25 * 120}}}")
    parts = ("steps:", *lines, "edges:", *edges, "layout:", "  steps:", *places)
    return "rpa: 1\nname: Large\n" + "\n".join(parts) + "\n"


class Stopwatch:
    """Measures operations one by one."""

    def __init__(self) -> None:
        self.rows: Rows = []

    async def time(self, name: str, operation: Callable[[], object], *, settle: float = SETTLE) -> None:
        """The lateness of a timer of 2 ms tells how long the window was held up."""
        from PySide6.QtCore import Qt, QTimer
        from PySide6.QtWidgets import QApplication

        timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=2)
        stalls: list[float] = []
        last = time.perf_counter()

        def tick() -> None:
            nonlocal last
            now = time.perf_counter()
            stalls.append((now - last) * 1000 - 2)
            last = now

        timer.timeout.connect(tick)
        timer.start()
        began = time.perf_counter()
        operation()
        QApplication.sendPostedEvents()
        took = (time.perf_counter() - began) * 1000
        await asyncio.sleep(settle)
        timer.stop()
        self.rows.append((name, took, max(stalls, default=0.0)))


async def story(studio: Studio, steps: int) -> Rows:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from studio.designer.selection import Selected

    workspace, actions = studio.workspace, studio.actions
    page, watch = workspace.page, Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.rpa.yaml"
        file.write_text(text(steps))
        opened: list[asyncio.Task[None]] = []
        await watch.time(
            "open, first paint, first check",
            lambda: opened.append(asyncio.ensure_future(workspace.open([file]))),
            settle=4.0,
        )
        await opened[0]
        editor = page.editor
        assert editor is not None and len(editor.document.workflow.steps) == steps
        view, viewport = editor.view, editor.view.viewport()
        none, shift, left = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.MouseButton.LeftButton

        def at(id: str) -> QPoint:
            return view.mapFromScene(editor.scene.box(id).center())

        def drag(start: QPoint, by: QPoint) -> None:
            QTest.mousePress(viewport, left, none, start)
            for share in range(1, 6):
                QTest.mouseMove(viewport, start + by * share / 5)
                QApplication.sendPostedEvents()
            QTest.mouseRelease(viewport, left, none, start + by)

        def pane(id: str) -> Callable[[], None]:
            return lambda: page.show_pane(id, focus=False)

        await watch.time("fit", lambda: view.fit(animate=False))
        await watch.time("select all", lambda: editor.selection.select_steps(editor.scene.steps))
        await watch.time("select none", editor.selection.clear)
        top = QPoint(4, viewport.height() - 4)
        await watch.time("rubber band over all", lambda: drag(top, QPoint(viewport.width() - 8, 8 - viewport.height())))
        view.zoom_to(1.0)
        view.center_on(f"s{steps // 2}")
        await asyncio.sleep(0.5)
        some = f"s{steps // 2}"
        editor.selection.clear()
        await watch.time("select one", lambda: QTest.mouseClick(viewport, left, none, at(some)))
        await watch.time("select another", lambda: editor.selection.select_steps([f"s{steps // 2 + 1}"]))
        editor.selection.clear()
        await watch.time("drag one", lambda: drag(at(some), QPoint(40, 40)), settle=1.5)
        await watch.time("undo drag one", editor.document.undo, settle=1.5)
        editor.selection.select_steps([some])
        view.setFocus()
        await asyncio.sleep(0.5)
        await watch.time("delete one", lambda: actions.trigger("edit.delete"), settle=1.5)
        await watch.time("undo delete one", editor.document.undo, settle=1.5)
        await watch.time("redo delete one", editor.document.redo, settle=1.5)
        editor.document.undo()
        editor.selection.select_steps([some])
        await asyncio.sleep(0.5)
        await watch.time("duplicate one", lambda: actions.trigger("edit.duplicate"), settle=1.5)
        await watch.time("undo duplicate one", editor.document.undo, settle=1.5)
        editor.selection.select_steps(editor.scene.steps)
        await asyncio.sleep(0.5)
        await watch.time("drag all", lambda: drag(at(some), QPoint(40, 40)), settle=1.5)
        await watch.time("undo drag all", editor.document.undo, settle=1.5)
        editor.selection.select_steps([f"s{n}" for n in range(1000, 2000)])
        view.setFocus()
        await watch.time("copy 1,000", lambda: actions.trigger("edit.copy"))
        await watch.time("paste 1,000", lambda: actions.trigger("edit.paste"), settle=2.0)
        await watch.time("undo paste", editor.document.undo, settle=2.0)
        editor.selection.select_steps([f"s{n}" for n in range(500, 1000)])
        await watch.time("delete 500", lambda: actions.trigger("edit.delete"), settle=2.0)
        await watch.time("undo delete", editor.document.undo, settle=2.0)
        await watch.time("redo delete", editor.document.redo, settle=2.0)
        await watch.time("undo it again", editor.document.undo, settle=2.0)
        edge = editor.document.workflow.edges[steps // 2]
        editor.selection.set(Selected(edges=frozenset({edge})))
        await asyncio.sleep(0.5)
        await watch.time("cut a wire", lambda: actions.trigger("edit.delete"), settle=1.5)
        await watch.time("undo cutting it", editor.document.undo, settle=1.5)
        workspace.inspector.focus_step(some)
        field = QApplication.focusWidget()
        assert field is not None
        await asyncio.sleep(0.5)
        QTest.keyClick(field, Qt.Key.Key_A)
        await asyncio.sleep(1)
        await watch.time("type in a field", lambda: QTest.keyClick(field, Qt.Key.Key_A), settle=0.7)
        await watch.time("open the outline", pane("outline"))
        await watch.time("open YAML, all selected", lambda: editor.selection.select_steps(editor.scene.steps))
        editor.selection.clear()
        await watch.time("find", lambda: actions.trigger("edit.find"))
        found = QApplication.focusWidget()
        assert found is not None
        await watch.time("find, a key", lambda: QTest.keyClick(found, Qt.Key.Key_7))
        QTest.keyClick(found, Qt.Key.Key_Escape, shift)
        view.fit(animate=False)
        await asyncio.sleep(1)
        await watch.time("run: from F5 to the end", lambda: actions.trigger("run.start"), settle=8.0)
        editor.document.mark_saved()
    return watch.rows


def measure(steps: int, rounds: int, *, display: bool) -> list[Rows]:
    """What each round gave, in a process of its own."""
    found: list[Rows] = []
    for round in range(rounds):
        report.progress(f"{steps:,} steps, round {round + 1} of {rounds}")
        command = [sys.executable, "-m", "tests.benchmarks.designer", "--steps", str(steps), "--once"]
        told = subprocess.run([*command, *(["--display"] if display else [])], stdout=subprocess.PIPE, check=True)
        found.append([(name, took, longest) for name, took, longest in json.loads(told.stdout.splitlines()[-1])])
    report.progress("")
    return found


def table(steps: int, rounds: Sequence[Rows]) -> str:
    """The operations in their order, with what they took, the median (least–most) of the rounds."""
    lines = [("operation (ms)", "call", "longest", "target", "met?")]
    for operation in zip(*rounds, strict=True):
        name = operation[0][0]
        calls, stalls = ([row[column] for row in operation] for column in (1, 2))
        limit = LIMITS.get(steps) if name in EDITS else None
        middle = statistics.median(stalls)
        met = ("yes" if middle <= limit else "NO") if limit is not None else "" if middle <= FELT else "felt"
        target = f"≤ {limit:.0f}" if limit is not None else ""
        lines.append((name, _spread(calls), _spread(stalls), target, met))
    return report.aligned(lines)


def _spread(values: Sequence[float]) -> str:
    return report.spread([{"ms": value} for value in values], "ms")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.designer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--steps", default="5000,20000", help="numbers of steps, 2,000 at least (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="default: %(default)s")
    parser.add_argument("--display", action="store_true", help="show the window")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables there, as Markdown")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.steps.split(",")]
    if min(sizes) < 2_000 or options.rounds < 1:  # what is copied and deleted is counted up to there
        parser.error("at least 2,000 steps and one round")
    if options.once:
        print(json.dumps(program.run(lambda studio: story(studio, sizes[0]), display=options.display)))
        return 0
    parts = []
    for steps in sizes:
        text = table(steps, measure(steps, options.rounds, display=options.display))
        print(f"{steps:,} steps\n{text}", flush=True)
        parts.append(f"### {steps:,} steps\n\n{text}")
    if options.write is not None:
        about = (
            "Written by `python3 dev.py bench designer --write docs/benchmarks.md`: how long each operation holds up the "
            f"thread of the window, in the whole program {'on a display' if options.display else 'offscreen'} with every "
            "pane in sight; `call` is the operation itself, `longest` the longest time in which the window did not answer "
            "until all that follows from it was done and painted, checks and recovery file included. Targets are for "
            f"single edits; other operations are marked where a person feels them (over {FELT:.0f} ms). "
            f"{options.rounds} rounds, each in a process of its own."
        )
        report.put(options.write, "designer", "\n\n".join(("## The designer", about, report.machine(), *parts)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
