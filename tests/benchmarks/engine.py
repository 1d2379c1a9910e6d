"""The engine next to its peers: `python -m tests.benchmarks.engine [--rounds N] [--only NAME,…] [--quick] [--write FILE]`.

Every contestant runs in a process of its own, with a new store in a new folder on this disk, and says its figures as
JSON. What is compared runs back to back, in an order that changes each round, and so does the order of the comparisons;
a ratio is the median of the rounds' ratios, because a disk's pace drifts by the minute. Nothing is asserted about time;
each contestant asserts that its results are right.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import dev
from tests.benchmarks import report
from tests.benchmarks.report import Figures, Rounds, Row

HERE = Path(__file__).resolve().parent
ROUNDS = 4
STEPS, ITEMS, MANY, TOTAL, EVENTS, LARGE = 1_000, 10_000, 100_000, 10_000, 100_000, 5_000
REPEATS = 5
"""Times that each command is started in a round; its figure is their median."""

COMMIT = (
    "each step waits for one commit, and most of its time is the disk's; the rest is the way to the writer's thread "
    "and back and the loop's own work."
)
PROCESSOR = "the interpreter's lock is the limit: two threads, one that runs the steps and one that writes their rows."
ROWS = (
    Row("sequence", "1,000 ONCE steps in sequence", "steps/s", ("raw",), at_least=0.40, why=COMMIT),
    Row("dbos", "1,000 ONCE steps in sequence", "steps/s", ("DBOS, sync", "DBOS, async"), at_least=6, why=COMMIT),
    Row("pure", "1,000 PURE steps", "steps/s", ("robot, output", "robot, no output"), at_least=2),
    Row("foreach", "foreach over 10,000 items", "items/s", ("robot, output", "robot, no output"), at_least=3),
    Row("concurrent", "100 executions at once × 100 ONCE steps", "steps/s", ("raw",), at_least=3, why=PROCESSOR),
    Row("fanout", "fan-out of 1,000 ONCE steps", "steps/s", ("DBOS, async",), at_least=40, why=PROCESSOR),
    Row("memory", "memory growth, foreach over 100,000", "MB", limit=200, ours="growth"),
    Row("resume", "resume, journal of 100,000 events", "s", limit=1.5),
    Row("version", "rpa --version", "ms", ("robot --version",), at_most=0.3),
    Row("one", "rpa run of one step", "ms", ("robot, no reports", "robot, reports"), at_most=1.5),
    Row("path", "cached expression, a path", "µs", ("Jinja2, text", "Jinja2, native"), at_most=0.1),
    Row("condition", "cached expression, a condition", "µs", ("Jinja2, text", "Jinja2, native"), at_most=0.1),
    Row("document", "open and validate 5,000 steps", "s", limit=1.5, ours="open"),
    Row("document", "save 5,000 steps", "s", limit=1.5, ours="save"),
)
"""What was promised. Of several peers the best one counts."""

Contestant = Callable[[Path], Figures]


class Bench:
    """Runs contestants; `folder` is where they work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.peers = dev.peers()
        self.row = 0
        """Bytes that a step adds to the journal."""
        self.home = folder / "home"
        self.interrupted = folder / "interrupted"

    def prepare(self, names: Sequence[str]) -> None:
        """Make what is not timed; what runs here for the first time also warms the caches."""
        if {"sequence", "concurrent"} & set(names):
            self.row = round(self.ours("sequence", 100)(self.new())["row"])
        if "resume" in names:
            self.interrupted.mkdir()
            self.ours("interrupted", EVENTS)(self.interrupted)
        if {"version", "one"} & set(names):
            (self.folder / "one.rpa.yaml").write_text(
                "rpa: 1\nname: one\nsteps:\n- id: say\n  activity: control.log\n  with: {message: Hello}\n", "utf-8"
            )
            (self.folder / "one.robot").write_text("*** Test Cases ***\nOne\n    No Operation\n", "utf-8")
            for contestant in self.starts("version") + self.starts("one"):
                contestant(self.new())

    def new(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder))

    def contestants(self, name: str) -> list[Contestant]:
        if name == "sequence":
            return [self.ours("sequence", STEPS), self.raw(STEPS)]
        if name == "dbos":
            return [self.ours("sequence", STEPS), self.peer("dbos", "sequence", STEPS)]
        if name == "pure":
            return [self.ours("pure", STEPS), self.peer("robot", "keywords", STEPS)]
        if name == "foreach":
            return [self.ours("foreach", ITEMS), self.peer("robot", "loop", ITEMS)]
        if name == "concurrent":
            return [self.ours("concurrent", TOTAL), self.raw(STEPS)]
        if name == "fanout":
            return [self.ours("fanout", STEPS), self.peer("dbos", "fanout", STEPS)]
        if name == "memory":
            return [self.ours("foreach", MANY)]
        if name == "resume":
            return [self.resume]
        if name in ("version", "one"):
            return self.starts(name)
        if name in ("path", "condition"):
            return [self.ours("expression", name), lambda folder: self.child(folder, *self.script("templates"), name)]
        return [self.ours("document", LARGE)]

    def ours(self, measure: str, what: int | str) -> Contestant:
        module = (sys.executable, "-m", "tests.benchmarks.ours", measure)
        return lambda folder: self.child(folder, *module, str(folder), str(what))

    def peer(self, name: str, kind: str, count: int) -> Contestant:
        return lambda folder: self.child(folder, *self.script(name), str(folder), kind, str(count))

    def raw(self, count: int) -> Contestant:
        script = (sys.executable, str(HERE / "raw.py"))
        return lambda folder: self.child(folder, *script, str(folder), str(count), str(self.row))

    def resume(self, folder: Path) -> Figures:
        shutil.copytree(self.interrupted, folder, dirs_exist_ok=True)
        return self.ours("resume", EVENTS)(folder)

    def script(self, name: str) -> tuple[str, ...]:
        return str(self.peers), "-P", str(HERE / f"peer_{name}.py")

    def starts(self, name: str) -> list[Contestant]:
        """Commands, from their start to their end."""
        rpa = dev.python(dev.VENV).with_name("rpa")
        robot = self.peers.with_name("robot")
        if name == "version":
            return [
                self.command("ours", rpa, "--version"),
                self.command("robot --version", robot, "--version", code=251),
            ]
        suite = str(self.folder / "one.robot")
        return [
            self.command("ours", rpa, "run", str(self.folder / "one.rpa.yaml")),
            self.command("robot, reports", robot, suite),
            self.command("robot, no reports", robot, "--output", "NONE", "--log", "NONE", "--report", "NONE", suite),
        ]

    def command(self, label: str, program: Path, *arguments: str, code: int = 0) -> Contestant:
        def contestant(folder: Path) -> Figures:
            times = []
            for _ in range(REPEATS):
                begun = time.perf_counter()
                done = subprocess.run([program, *arguments], cwd=folder, env=self.environment(), capture_output=True)
                times.append((time.perf_counter() - begun) * 1000)
                if done.returncode != code:
                    raise RuntimeError(f"{program} {arguments}: {done.returncode}\n{done.stderr.decode()}")
            return {label: statistics.median(times)}

        return contestant

    def child(self, folder: Path, *command: str) -> Figures:
        done = subprocess.run(command, cwd=folder, env=self.environment(), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
        return figures

    def environment(self) -> dict[str, str]:
        """Nobody's settings; compiled modules are kept here, as an installed program has them beside it."""
        settings = ("RPA_", "DBOS", "ROBOT", "PYTHON")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
        made = {"RPA_HOME": self.home, "PYTHONPATH": dev.ROOT, "PYTHONPYCACHEPREFIX": self.folder / "compiled"}
        return {**kept, **{name: str(value) for name, value in made.items()}}


def measure(bench: Bench, names: Sequence[str], rounds: int) -> Rounds:
    """The figures of every comparison, round by round."""
    found: Rounds = {name: [] for name in names}
    for number in range(1, rounds + 1):
        for name in random.sample(list(names), len(names)):
            report.progress(f"round {number} of {rounds}: {name}")
            contestants = bench.contestants(name)
            figures: Figures = {}
            for contestant in random.sample(contestants, len(contestants)):
                folder = bench.new()
                figures.update(contestant(folder))
                shutil.rmtree(folder)
            found[name].append(figures)
    return found


def names() -> Iterator[str]:
    yield from dict.fromkeys(row.comparison for row in ROWS)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of everything (default: %(default)s)")
    parser.add_argument("--only", default="", help=f"some of: {', '.join(names())}")
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there, as Markdown")
    options = parser.parse_args(arguments)
    chosen = options.only.split(",") if options.only else list(names())
    unknown = set(chosen) - set(names())
    if unknown or options.rounds < 1:
        parser.error(f"unknown: {', '.join(sorted(unknown))}" if unknown else "at least one round")
    rounds = 1 if options.quick else options.rounds
    out = dev.ROOT / "out"
    out.mkdir(exist_ok=True)
    begun, load = time.time(), os.getloadavg() if hasattr(os, "getloadavg") else ()
    with tempfile.TemporaryDirectory(dir=out, prefix="bench-") as folder:
        bench = Bench(Path(folder))
        report.progress("preparing")
        bench.prepare(chosen)
        found = measure(bench, chosen, rounds)
        report.progress("")
        rows = [row for row in ROWS if row.comparison in chosen]
        print(report.table(rows, found))
        if options.write is not None:
            conditions = report.conditions(bench.peers, begun, load, rounds, bench.row)
            report.put(options.write, "engine", report.document(rows, found, conditions))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
