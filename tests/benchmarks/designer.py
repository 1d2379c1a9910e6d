"""What a person waits for on a canvas of many steps: the time that the window's thread is held up by each operation, in
the whole program with every pane in sight.

::

    python -m tests.benchmarks.designer [--steps 5000] [--display]

An operation counts until the window has painted what it changed. `longest` is the longest time in which the window did
not answer from its beginning until half a second after; targets are for that.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import program

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from studio.app import Studio
    from studio.designer.editor import Editor

FELT = 50.0
"""Milliseconds that a person feels."""
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
    """Measures operations one by one; `rows` holds name, milliseconds of the call, and of the longest stall."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float]] = []

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


async def story(studio: Studio, steps: int) -> list[tuple[str, float, float]]:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

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
        await watch.time("cut a wire", lambda: cut(editor, edge), settle=1.5)
        await watch.time("undo cutting it", editor.document.undo, settle=1.5)
        workspace.inspector.focus_step(some)
        field = QApplication.focusWidget()
        assert field is not None
        await asyncio.sleep(0.5)
        for n in range(3):
            await watch.time(f"type in a field, key {n + 1}", lambda: QTest.keyClick(field, Qt.Key.Key_A), settle=0.7)
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


def cut(editor: Editor, edge: object) -> None:
    """Select a wire and delete it."""
    from studio.designer.selection import Selected

    editor.selection.set(Selected(edges=frozenset({edge})))  # type: ignore[arg-type]
    editor.actions_of.trigger("edit.delete")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--display", action="store_true", help="show the window")
    options = parser.parse_args()
    rows = program.run(lambda studio: story(studio, options.steps), display=options.display)
    print(f"{options.steps:,} steps; milliseconds on the thread of the window; more than {FELT:.0f} is felt")
    print(f"{'':<34}{'call':>9} {'longest':>9}")
    for name, took, longest in rows:
        print(f"{name:<34}{took:9.1f} {longest:9.1f}{'  *' if longest > FELT else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
