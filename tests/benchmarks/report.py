"""The figures as a table: on the terminal, and with conditions and method as a part of docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import engine

Figures = dict[str, float]
"""What the contestants of one comparison said in one round, by label."""
Rounds = dict[str, list[Figures]]
"""By comparison, round by round."""

PEERS = ("dbos", "robotframework", "jinja2", "simpleeval")
HEADER = ("measure", "ours", "peer or limit", "ratio", "target", "met?")


@dataclass(frozen=True, slots=True)
class Row:
    """A promise: ours against the best of some peers (a ratio of at least or at most so much), or against a limit.

    `why` is what is known about missing it; it is told where it is missed.
    """

    comparison: str
    title: str
    unit: str
    peers: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    limit: float | None = None
    ours: str = "ours"
    why: str = ""

    def best(self, rounds: list[Figures]) -> str:
        """The peer that counts."""
        choose = min if self.at_least is None else max
        return choose(self.peers, key=lambda peer: middle(rounds, peer))

    def ratio(self, rounds: list[Figures]) -> float:
        if self.limit is not None:
            return middle(rounds, self.ours) / self.limit
        peer = self.best(rounds)
        return statistics.median(figures[self.ours] / figures[peer] for figures in rounds)

    def met(self, rounds: list[Figures]) -> bool:
        ratio = self.ratio(rounds)
        return ratio >= self.at_least if self.at_least is not None else ratio <= (self.at_most or 1)

    def cells(self, rounds: list[Figures]) -> tuple[str, ...]:
        if self.limit is not None:
            other, target = f"limit {number(self.limit)}", f"≤ {number(self.limit)} {self.unit}"
        else:
            peer = self.best(rounds)
            other = f"{peer}: {spread(rounds, peer)}"
            target = f"≥ {self.at_least:g} ×" if self.at_least is not None else f"≤ {self.at_most:g} ×"
        met = "yes" if self.met(rounds) else "NO"
        title = f"{self.title} ({self.unit})"
        return title, spread(rounds, self.ours), other, f"{number(self.ratio(rounds))} ×", target, met


def middle(rounds: list[Figures], label: str) -> float:
    return statistics.median(figures[label] for figures in rounds)


def number(value: float) -> str:
    """Three digits, but whole numbers in full."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(rounds: list[Figures], label: str) -> str:
    """Median (min-max); one figure stands alone."""
    values = [figures[label] for figures in rounds]
    if len(values) == 1:
        return number(values[0])
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def table(rows: Sequence[Row], found: Rounds) -> str:
    """Aligned columns, readable on a terminal and as Markdown."""
    return aligned([HEADER, *(row.cells(found[row.comparison]) for row in rows)])


def figures(found: Rounds) -> str:
    """Every figure there is."""
    lines = [("comparison", "figure", "median (min–max)")]
    for name, rounds in found.items():
        lines += [(name, label, spread(rounds, label)) for label in sorted(rounds[0])]
    return aligned(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rows = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(rows)


def progress(text: str) -> None:
    """One line that is written over, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


def conditions(peers: Path, begun: float, load: Sequence[float], rounds: int, row: int) -> list[tuple[str, str]]:
    """The machine, the versions, the moment."""
    query = f"import importlib.metadata as m; print(', '.join(n + ' ' + m.version(n) for n in {PEERS}))"
    versions = subprocess.run([peers, "-c", query], capture_output=True, text=True, check=True).stdout.strip()
    ends = os.getloadavg() if hasattr(os, "getloadavg") else ()
    return [
        ("Date", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(begun)) + f", {time.time() - begun:.0f} s"),
        ("Machine", f"{os.cpu_count()} × {processor()}, {memory()}"),
        ("System", f"{platform.system()} {platform.release()}, {distribution()}"),
        ("Versions", f"RPA Studio {engine.__version__}, Python {platform.python_version()}, "
                     f"SQLite {sqlite3.sqlite_version}, {versions}"),
        ("Load average", f"{' '.join(f'{one:.2f}' for one in load)} before, {' '.join(f'{one:.2f}' for one in ends)} after"),
        ("Rounds", f"{rounds}"),
        ("Row of raw SQLite", f"{row} bytes, as a step of ours takes in the journal"),
    ]  # fmt: skip


def machine() -> str:
    """When and where, in a line."""
    load = " ".join(f"{one:.2f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}; {os.cpu_count()} × {processor()}, {memory()}; "
        f"{distribution()}; RPA Studio {engine.__version__}, Python {platform.python_version()}; load average {load}."
    )


def processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def memory() -> str:
    import psutil

    return f"{psutil.virtual_memory().total / 2**30:.0f} GiB of memory"


def distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform()


METHOD = """\
### What is timed

Each contestant runs in a process of its own, with a new store in a new folder on the same disk. What is compared runs
back to back; the order of the comparisons and of the contestants is shuffled in every round. Figures are medians
(min–max) of the rounds; a ratio is the median of the ratios inside the rounds, because the pace of a disk drifts from
minute to minute. Of several variants of a peer the best one counts. Every contestant checks that its results are right:
each step succeeded once, and gave what it was to give.

- **Ours**: the whole engine, durability `full` (an acknowledged outcome survives a power loss). Timed is the run, until
  the last event is committed; `start` below is what comes before it (validate the workflow, pin it, queue it, take the
  lease) and is not part of the rate. Not timed: starting Python, opening the store, loading the catalog, and a workflow
  of 50 steps that runs before. Steps are coroutines that give their parameter back; ONCE steps commit their start
  before and their outcome after. Garbage is collected as seldom as in `rpa`.
- **Raw SQLite**: the `sqlite3` module alone, write-ahead log, `synchronous=FULL`, 1,000 commits of one row each.
- **DBOS** on SQLite as it comes: a workflow of 1,000 steps that give their argument back, synchronous and asynchronous;
  the fan-out gathers 1,000 asynchronous steps. Not timed: launching it, its database, and a workflow of 10 steps before.
- **Robot Framework**: the keyword `No Operation`, 1,000 times or in a `FOR` loop over 10,000; from the start of the test
  to its end, with output.xml and without it, never with log and report. Not timed: starting Robot and reading the suite.
  It keeps nothing that could be resumed; our steps here are PURE and in the journal.
- **100 executions at once**: asking for them, validating and queueing them is included in the time.
- **Memory**: the peak of the process over what it held before the run, after a warm-up.
- **Resume**: a new process, the store opened (`open`); then from asking to resume to the first new step running: the
  lease, reading and folding the journal (together `fold`), preparing the workflow, passing by what is done. The
  execution was paused in a loop with three events a round.
- **Commands**: the wall time of a process from start to end, the median of 5 in a row; modules compiled, files in the
  system's cache, the store there.
  `rpa run` runs one `control.log` step; Robot a suite of one test with `No Operation`, with all its reports and with none.
- **Expressions**: compiled before. Jinja2 in its sandbox, as a text template and as a native one.
- **5,000 steps**: reading the file and finding all problems (`load`, `check`); writing it and making it durable.
"""
LEGEND = """\
Of the contestants in the unit of the table above (of `memory`, items/s). `start`, `open`, `fold`, `load`, `check` and
`save` are seconds; `growth` and `before` MB; `row` the bytes of a step in the journal."""


def document(rows: Sequence[Row], found: Rounds, conditions: Sequence[tuple[str, str]]) -> str:
    """The whole report as Markdown."""
    missed = [row for row in rows if not row.met(found[row.comparison])]
    parts = [
        "## The engine",
        "Written by `python3 dev.py bench engine --write docs/benchmarks.md`.",
        table(rows, found),
    ]
    if missed:
        lines = [
            f"- {row.title}, against {' and '.join(row.peers) or 'the limit'}: {row.why or 'not explained.'}"
            for row in missed
        ]
        parts.append("Missed:\n\n" + "\n".join(lines))
    parts.append("### Conditions\n\n" + "\n".join(f"- {name}: {value}" for name, value in conditions))
    parts.append(METHOD.strip())
    parts.append("### All figures\n\n" + LEGEND + "\n\n" + figures(found))
    return "\n\n".join(parts) + "\n"


HEAD = """\
# Benchmarks

Each part is written by its own benchmark. Ratios count; rates belong to this machine and moment.
"""


def put(file: Path, name: str, text: str) -> None:
    """Write the part `name` of the report in `file`, in place of what it said there."""
    known = file.read_text("utf-8") if file.is_file() else HEAD
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    part = f"{start}\n\n{text.strip()}\n\n{end}"
    before, found, rest = known.partition(start)
    after = rest.partition(end)[2] if found else ""
    file.write_text(f"{before.rstrip()}\n\n{part}\n{after.rstrip()}".rstrip() + "\n", "utf-8")
