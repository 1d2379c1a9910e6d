"""How long until a window is there: `python -m tests.benchmarks.startup [--rounds N]`.

Ours next to the least that Qt can do, a bare `QMainWindow`: each a process of its own on a real (virtual) display, from
the moment it is started to the first painting of its window. They take turns, because a machine's pace drifts. Python
runs both from compiled files, as it does once a program is installed; the first round makes them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import report
from tests.support.desktop import Desktop, missing

ROUNDS = 15
TARGET = 2.5

WATCH = """
import os, time
from PySide6.QtCore import QEvent, QObject
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.monotonic(), flush=True)
            os._exit(0)
        return False
"""
BARE = """
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
watch = Watch()
window.installEventFilter(watch)
window.show()
app.exec()
"""
OURS = """
import sys
from PySide6 import QtWidgets
class Watched(QtWidgets.QMainWindow):
    def show(self):
        self.watch = Watch()
        self.installEventFilter(self.watch)
        super().show()
QtWidgets.QMainWindow = Watched
from studio.__main__ import main
sys.argv[1:] = ["--home", sys.argv[1]]
main()
"""
PROGRAMS = {"bare QMainWindow": BARE, "ours": OURS}


def once(program: str, home: Path, environment: dict[str, str]) -> float:
    """Milliseconds from the start of the process to the first painting."""
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-c", WATCH + program, str(home)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return (float(run.stdout.split()[-1]) - began) * 1000


def measure(rounds: int) -> dict[str, list[float]]:
    """Milliseconds by program, one a round; the first round only warms the disk's cache."""
    figures: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as folder, Desktop((1600, 1000)) as desktop:
        environment = {**os.environ, **desktop.environment, "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for round in range(rounds + 1):
            names = list(PROGRAMS) if round % 2 else list(reversed(PROGRAMS))
            for name in names:
                took = once(PROGRAMS[name], Path(folder) / "home", environment)
                if round:
                    figures[name].append(took)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table there, as Markdown")
    options = parser.parse_args()
    if missing():
        print(f"Needs {', '.join(missing())}.")
        return 2
    figures = measure(options.rounds)
    pairs = zip(figures["ours"], figures["bare QMainWindow"], strict=True)
    ratio = statistics.median(ours / bare for ours, bare in pairs)
    lines = [("program", "ms to the first painting (least–most)")]
    for name, values in figures.items():
        lines.append((name, f"{statistics.median(values):.0f} ({min(values):.0f}–{max(values):.0f})"))
    lines.append(("ratio", f"{ratio:.2f} × (target ≤ {TARGET} ×, {'met' if ratio <= TARGET else 'MISSED'})"))
    table = report.aligned(lines)
    print(table)
    if options.write is not None:
        about = (
            "Written by `python3 dev.py bench startup --write docs/benchmarks.md`: from the start of the process to the "
            f"first painting of its window, on Xvfb, in turns, {options.rounds} rounds."
        )
        report.put(options.write, "startup", f"## The first window\n\n{about}\n\n{report.machine()}\n\n{table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
