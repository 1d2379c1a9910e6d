"""How high the nodes of sorted columns stand: as straight as the order and the gaps between them allow.

Each column in turn takes the heights its neighbours want; where two want the same room, both give way by as little as
possible (least squares under an order: pool adjacent violators, Ayer et al. 1955).
"""

from __future__ import annotations

from collections.abc import Sequence

from studio.designer.arrange.layers import Columns
from studio.designer.edits.places import GRID

_SWEEPS = 7
_PLACEHOLDER_GAP = 16.0


def heights(
    drawing: Columns, size: Sequence[float], inlet: Sequence[float], outlet: Sequence[Sequence[float]], gap: float
) -> list[float]:
    """The top of every node, placeholders included.

    `size` is the height of the nodes, `inlet` how far below its top a wire enters one, `outlet` where the wires behind
    it leave, in the order of `drawing.behind`. All in canvas units.
    """
    total = len(drawing.before)
    tall = [*size, *([0.0] * (total - drawing.count))]
    entry = [*inlet, *([0.0] * (total - drawing.count))]
    leave: list[Sequence[float]] = [*outlet, *([(0.0,)] * (total - drawing.count))]
    # Where a wire into a node starts, in the order of `before`.
    starts: list[list[tuple[int, float]]] = [[] for _ in range(total)]
    for node in range(total):
        for (target, _), at in zip(drawing.behind[node], leave[node], strict=True):
            starts[target].append((node, at))
    offsets = [_offsets(column, tall, drawing.count, gap) for column in drawing.columns]
    top = [0.0] * total
    for column, offset in zip(drawing.columns, offsets, strict=True):
        for node, place in zip(column, offset, strict=True):
            top[node] = place
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        order = range(len(drawing.columns)) if forward else range(len(drawing.columns) - 1, -1, -1)
        for index in order:
            column = drawing.columns[index]
            wanted: list[float] = []
            weight: list[float] = []
            for node in column:
                if forward:
                    places = [top[other] + at - entry[node] for other, at in starts[node]]
                else:
                    places = [
                        top[target] + entry[target] - at
                        for (target, _), at in zip(drawing.behind[node], leave[node], strict=True)
                    ]
                wanted.append(_median(places) if places else top[node])
                weight.append(_weight(drawing, node, forward) if places else 0.1)
            for node, place in zip(column, _ordered(wanted, weight, offsets[index]), strict=True):
                top[node] = place
    for column in drawing.columns:
        _snap(column, top, tall, drawing.count, gap)
    return top


def _weight(drawing: Columns, node: int, forward: bool) -> float:
    """How much a node insists: a wire between two that have no other stays straight before all else."""
    one, other = (drawing.before, drawing.behind) if forward else (drawing.behind, drawing.before)
    if len(one[node]) == 1 and len(other[one[node][0][0]]) == 1:
        return 8.0
    return 2.0 if node >= drawing.count else 1.0


def _offsets(column: Sequence[int], tall: Sequence[float], count: int, gap: float) -> list[float]:
    """The least distance of each node of a column from the first."""
    found: list[float] = []
    at = 0.0
    for place, node in enumerate(column):
        if place:
            previous = column[place - 1]
            at += tall[previous] + (gap if previous < count and node < count else _PLACEHOLDER_GAP)
        found.append(at)
    return found


def _ordered(wanted: Sequence[float], weight: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The places nearest to those wanted that keep at least the distances of `offsets`."""
    blocks: list[list[float]] = []  # sum of weighted wishes, weight, how many
    for place, heavy, offset in zip(wanted, weight, offsets, strict=True):
        blocks.append([(place - offset) * heavy, heavy, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            for index in range(3):
                blocks[-1][index] += last[index]
    level = [total / heavy for total, heavy, many in blocks for _ in range(int(many))]
    return [place + offset for place, offset in zip(level, offsets, strict=True)]


def _snap(column: Sequence[int], top: list[float], tall: Sequence[float], count: int, gap: float) -> None:
    """Onto the grid, without coming nearer than `gap`."""
    bottom = None
    for node in column:
        if node >= count:
            continue
        top[node] = round(top[node] / GRID) * GRID
        if bottom is not None and top[node] < bottom + gap:
            top[node] = -(-(bottom + gap) // GRID) * GRID
        bottom = top[node] + tall[node]


def _median(places: list[float]) -> float:
    places.sort()
    half = len(places) // 2
    return places[half] if len(places) % 2 else (places[half - 1] + places[half]) / 2
