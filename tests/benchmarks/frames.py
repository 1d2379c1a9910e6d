"""What is asked of every canvas, whatever it is made of: the graph to draw, and how its frames are timed.

The graph: COUNT nodes in a square grid of 260 x 160, every seventh with two outlets, 1.2 wires a node. A frame is one
full repaint of a viewport of 1600 x 1000. Knows no Qt, so that each contestant brings its own.
"""

from __future__ import annotations

import gc
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

WIDTH, HEIGHT = 1600, 1000
ACROSS, DOWN = 260.0, 160.0
ZOOM_STEP, CLOSEST = 1.25, 2.0
SWEEPS, DRAGS = 3, 60
PATIENCE = 40.0
"""Seconds after which no further sweep is begun."""


class Node(NamedTuple):
    """`outlets` has one name, or two."""

    name: str
    x: float
    y: float
    outlets: tuple[str, ...]


def side(count: int) -> int:
    """How many nodes a row of the grid has."""
    return max(1, math.isqrt(count))


def nodes(count: int) -> Iterator[Node]:
    for index in range(count):
        row, column = divmod(index, side(count))
        yield Node(f"s{index}", column * ACROSS, row * DOWN, ("true", "false") if index % 7 == 3 else ("next",))


def wires(count: int) -> Iterator[tuple[int, int, int]]:
    """Source, number of its outlet, target."""
    across = side(count)
    for index in range(count):
        if index + 1 < count:
            yield index, 0, index + 1
        if index % 5 == 0 and index + across < count:
            yield index, int(index % 7 == 3), index + across


def middle(count: int) -> int:
    """A node in the middle of the grid."""
    across = side(count)
    return min(count - 1, count // across // 2 * across + across // 2)


def memory() -> float:
    """Resident memory of this process, MB."""
    with open("/proc/self/statm") as status:
        return int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def timed(action: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000


class Canvas(NamedTuple):
    """What is timed: `fit` and `zoom` change the view, `frame` repaints all of it, `drag` moves the node in the middle
    and lets the program paint what that changed; `painted` counts paint events of the viewport."""

    fit: Callable[[], float]
    zoom: Callable[[float], object]
    frame: Callable[[], object]
    drag: Callable[[float, float], object] | None = None
    painted: Callable[[], int] | None = None


def measure(load: Callable[[], Canvas]) -> None:
    """Time one canvas and print its figures as JSON."""
    gc.collect()
    before = memory()
    begun = time.perf_counter()
    canvas = load()
    fit = canvas.fit()
    canvas.frame()
    loaded = (time.perf_counter() - begun) * 1000
    grown = memory() - before
    gc.collect()
    fits: list[float] = []
    others: list[float] = []
    worsts: list[float] = []
    started = time.monotonic()
    while len(worsts) < SWEEPS and (not worsts or time.monotonic() - started < PATIENCE):
        canvas.fit()
        sweep = [timed(canvas.frame)]
        fits.append(sweep[0])
        factor = fit * ZOOM_STEP
        while factor < CLOSEST:
            sweep.append(timed(lambda factor=factor: (canvas.zoom(factor), canvas.frame())))  # type: ignore[misc]
            others.append(sweep[-1])
            factor *= ZOOM_STEP
        worsts.append(max(sweep))
    figures = {
        "load": loaded,
        "fit": statistics.median(fits),
        "zoom": statistics.median(others),
        "worst": statistics.median(worsts),
        "cold": worsts[0],
        "memory": grown,
    }
    for factor in (0.4, 1.0):
        canvas.zoom(factor)
        canvas.frame()
        figures[f"zoom {factor:g}"] = statistics.median([timed(canvas.frame) for _ in range(5)])
    if canvas.drag is not None and canvas.painted is not None:
        canvas.zoom(0.5)
        canvas.frame()
        drag, painted = canvas.drag, canvas.painted()
        drags = [
            timed(lambda step=step: drag(step % 20 * 3.0, step % 17 * 1.0))  # type: ignore[misc]
            for step in range(1, DRAGS + 1)
        ]
        if canvas.painted() - painted < DRAGS:
            sys.exit(f"only {canvas.painted() - painted} of {DRAGS} moves were painted")
        figures["drag"] = statistics.median(drags)
    print(json.dumps(figures))
