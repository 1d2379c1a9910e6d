"""The canvas next to its peers: `python -m tests.benchmarks.canvas [--rounds N] [--sizes 1000,5000] [--write FILE]`.

Every contestant runs in a process of its own and draws the same graph into a viewport of the same size, offscreen; in
each round all of them run one after the other in a new order. `painter` is the limit: a bare QPainter that draws the
same shapes. Ratios are medians of the rounds' ratios. What a contestant does is in `frames`, `canvas_ours`,
`canvas_painter` and `peer_*`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import dev
from tests.benchmarks import report
from tests.benchmarks.report import Figures

HERE = Path(__file__).resolve().parent
PEERS = ("nodegraphqt", "pyqtgraph", "orange")
PACKAGES = ("NodeGraphQt", "pyqtgraph", "orange-canvas-core", "PyQt6", "pyside6-essentials>=6.8,<6.12", "setuptools<80")
"""What the environment of the peers needs."""
ROUNDS = 3
PATIENCE = 150.0
"""Seconds after which a peer counts as not finished."""
TITLES = {
    "load": "load, to the first whole frame (ms)",
    "fit": "fit all (ms)",
    "zoom": "any zoom, median frame (ms)",
    "zoom 0.4": "zoom 0.4 (ms)",
    "zoom 1": "zoom 1 (ms)",
    "worst": "worst zoom step (ms)",
    "cold": "worst zoom step, the first time (ms)",
    "drag": "drag one node (ms)",
    "memory": "memory growth (MB)",
}
LIMITS: dict[int, Figures] = {
    1_000: {"load": 200, "zoom": 12, "worst": 20, "drag": 2},
    5_000: {"load": 700, "fit": 8, "zoom": 12, "worst": 25, "drag": 2, "memory": 80},
}
HEADER = ("measure", "ours", "limit", "met?", "bare painter", "ours / painter", "best peer", "peer / ours")

Rounds = dict[str, list[Figures]]
"""By contestant, round by round; a contestant that did not finish has none."""


def run(name: str, count: int, peers: Path) -> Figures | None:
    """The figures of one contestant; None for a peer that is not there or does not finish."""
    if name in PEERS:
        command = [str(peers), "-P", str(HERE / f"peer_{name}.py"), str(count)]
    else:
        command = [sys.executable, "-m", f"tests.benchmarks.canvas_{name}", str(count)]
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(dev.ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    try:
        done = subprocess.run(command, cwd=dev.ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"{name} with {count:,} nodes has not finished in {PATIENCE:.0f} s", file=sys.stderr)
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode == 0 and lines:
        figures: Figures = json.loads(lines[-1])
        return figures
    said = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
    if name not in PEERS:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    print(f"{name} with {count:,} nodes: {said}", file=sys.stderr)
    return None


def measure(sizes: Sequence[int], rounds: int, names: Sequence[str], peers: Path) -> dict[int, Rounds]:
    found: dict[int, Rounds] = {size: {name: [] for name in names} for size in sizes}
    given_up: set[tuple[str, int]] = set()
    for number in range(1, rounds + 1):
        for size in sizes:
            for name in random.sample(list(names), len(names)):
                if (name, size) in given_up:
                    continue
                report.progress(f"round {number} of {rounds}: {name}, {size:,}")
                figures = run(name, size, peers)
                if figures is None:
                    given_up.add((name, size))
                else:
                    found[size][name].append(figures)
    report.progress("")
    return found


def middle(rounds: list[Figures], measure: str) -> float | None:
    values = [figures[measure] for figures in rounds if measure in figures]
    return statistics.median(values) if values else None


def ratio(over: list[Figures], under: list[Figures], measure: str) -> str:
    """The median of the rounds' ratios."""
    pairs = [
        (one[measure], other[measure])
        for one, other in zip(over, under, strict=False)
        if measure in one and measure in other
    ]
    return f"{report.number(statistics.median(one / other for one, other in pairs if other > 0))} ×" if pairs else "–"


def rows(size: int, rounds: Rounds) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    ours, painter = rounds["ours"], rounds.get("painter", [])
    for measure, title in TITLES.items():
        value = middle(ours, measure)
        if value is None:
            continue
        limit = LIMITS.get(size, {}).get(measure)
        best = min(
            ((found, name) for name in PEERS if (found := middle(rounds.get(name, []), measure)) is not None),
            default=None,
        )
        bare = middle(painter, measure)
        lines.append(
            (
                title,
                report.spread(ours, measure),
                f"≤ {report.number(limit)}" if limit is not None else "",
                "" if limit is None else "yes" if value <= limit else "NO",
                "–" if bare is None else report.number(bare),
                ratio(ours, painter, measure),
                f"{best[1]}: {report.number(best[0])}" if best is not None else "–",
                ratio(rounds[best[1]], ours, measure) if best is not None else "–",
            )
        )
    return lines


def document(found: dict[int, Rounds]) -> str:
    parts = [
        "## The canvas",
        "Written by `python3 dev.py bench canvas --write docs/benchmarks.md`. Every contestant draws the same graph into a "
        "viewport of 1600 × 1000, offscreen, in a process of its own, one after the other in each round; medians of the "
        "rounds. `bare painter` draws the same shapes with a QPainter and nothing else.",
        report.machine(),
    ]
    for size, rounds in found.items():
        there = [name for name in PEERS if rounds.get(name)]
        missing = [name for name in PEERS if name in rounds and not rounds[name]]
        parts.append(f"### {size:,} nodes" + (f" (not finished or not there: {', '.join(missing)})" if missing else ""))
        parts.append(report.aligned([HEADER, *rows(size, rounds)]))
        if there:
            lines = [
                (TITLES[measure], *(_cell(rounds[name], measure) for name in there))
                for measure in TITLES
                if any(middle(rounds[name], measure) is not None for name in there)
            ]
            parts.append(report.aligned([("every peer", *there), *lines]))
    return "\n\n".join(parts)


def _cell(rounds: list[Figures], measure: str) -> str:
    value = middle(rounds, measure)
    return "–" if value is None else report.number(value)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.canvas", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of everything (default: %(default)s)")
    parser.add_argument("--sizes", default="1000,5000", help="numbers of nodes (default: %(default)s)")
    parser.add_argument("--only", default="", help=f"some of: ours, painter, {', '.join(PEERS)}")
    parser.add_argument("--peers", type=Path, help="the Python that has the peers (default: that of .venv-bench)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables there, as Markdown")
    options = parser.parse_args(arguments)
    names = options.only.split(",") if options.only else ["ours", "painter", *PEERS]
    if options.rounds < 1 or set(names) - {"ours", "painter", *PEERS} or "ours" not in names:
        parser.error("at least one round, and ours among the contestants")
    python = options.peers or (dev.peers() if set(names) & set(PEERS) else Path(sys.executable))
    found = measure([int(size) for size in options.sizes.split(",")], options.rounds, names, python)
    text = document(found)
    print(text)
    if options.write is not None:
        report.put(options.write, "canvas", text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
