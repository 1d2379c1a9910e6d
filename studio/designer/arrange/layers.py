"""Columns of a layered drawing, and an order in each that keeps wires from crossing.

The scheme is that of Sugiyama, Tagawa and Toda (1981): longest-path layers, one placeholder where a wire passes a
column, then sweeps that sort each column by the median of its neighbours (Eades and Wormald, 1994). All loops are
linear in steps and wires save for sorting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

Wire = tuple[int, int, float]
"""From node, to node, and where on the first it starts (0 to 1, from the top), which decides between siblings."""

_SWEEPS = 4
_LONGEST = 24
"""Columns that a wire may pass with placeholders; a longer one is left out of the sorting."""
_PLACEHOLDERS = 3
"""How many placeholders there may be for every node."""


class Columns:
    """`columns` holds the nodes of every column from top to bottom; nodes from `count` on are placeholders.

    `before` and `behind` give the neighbours of a node in the columns beside it, each with where the wire between them
    starts on the one before.
    """

    def __init__(self, count: int, wires: Sequence[Wire]) -> None:
        """`count` nodes, numbered in an order in which they can run; every wire leads to a higher number."""
        self.count = count
        self.layer = _longest_paths(count, wires)
        self.before: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        self.behind: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        self._link(wires)
        self.columns = self._sorted()

    def _link(self, wires: Sequence[Wire]) -> None:
        room = self.count * _PLACEHOLDERS
        for source, target, port in wires:
            passed = self.layer[target] - self.layer[source] - 1
            if passed > _LONGEST or passed > room:
                continue
            room -= passed
            last, at = source, port
            for step in range(passed):
                node = len(self.before)
                self.before.append([])
                self.behind.append([])
                self.layer.append(self.layer[source] + 1 + step)
                self._join(last, node, at)
                last, at = node, 0.5
            self._join(last, target, at)

    def _join(self, source: int, target: int, port: float) -> None:
        self.behind[source].append((target, port))
        self.before[target].append((source, port))

    def _sorted(self) -> list[list[int]]:
        columns: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        # Depth first from the starts, so that what belongs together starts together.
        seen = [False] * len(self.before)
        for start in range(self.count):
            waiting = [start]
            while waiting:
                node = waiting.pop()
                if seen[node] or (node != start and self.before[node] and not seen[self.before[node][0][0]]):
                    continue
                seen[node] = True
                columns[self.layer[node]].append(node)
                waiting += [target for target, _ in reversed(self.behind[node])]
        best, fewest = [list(column) for column in columns], self.crossings(columns)
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            forward = sweep % 2 == 0
            neighbours = self.before if forward else self.behind
            for index in range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1):
                beside = columns[index - 1 if forward else index + 1]
                rank = {node: place for place, node in enumerate(beside)}
                columns[index] = _by_median(columns[index], neighbours, rank, forward)
            found = self.crossings(columns)
            if found < fewest:
                best, fewest = [list(column) for column in columns], found
        return best

    def crossings(self, columns: Sequence[Sequence[int]]) -> int:
        """How many pairs of wires between neighbouring columns cross."""
        total = 0
        for one, other in pairwise(columns):
            rank = {node: place for place, node in enumerate(one)}
            ends = [
                rank[source] + port
                for node in other
                for source, port in sorted(self.before[node], key=lambda n: rank[n[0]] + n[1])
            ]
            total += _inversions(ends)
        return total


def _longest_paths(count: int, wires: Sequence[Wire]) -> list[int]:
    layer = [0] * count
    into: list[list[int]] = [[] for _ in range(count)]
    out: list[list[int]] = [[] for _ in range(count)]
    for source, target, _ in wires:
        into[target].append(source)
        out[source].append(target)
    for node in range(count):
        layer[node] = max((layer[source] + 1 for source in into[node]), default=0)
    # What starts a row stands right before what needs it.
    for node in range(count):
        if not into[node] and out[node]:
            layer[node] = min(layer[target] for target in out[node]) - 1
    return layer


def _by_median(
    column: Sequence[int], neighbours: Sequence[Sequence[tuple[int, float]]], rank: Mapping[int, int], forward: bool
) -> list[int]:
    """The column sorted by the middle of what each node is joined to; a node without neighbours keeps its place."""
    medians: dict[int, float] = {}
    for node in column:
        places = sorted(rank[other] + (port if forward else 0.5) for other, port in neighbours[node])
        if places:
            half = len(places) // 2
            medians[node] = places[half] if len(places) % 2 else (places[half - 1] + places[half]) / 2
    placed = iter(sorted(medians, key=medians.__getitem__))
    return [next(placed) if node in medians else node for node in column]


def _inversions(values: Sequence[float]) -> int:
    """Pairs out of order, with a binary indexed tree."""
    order = {value: rank + 1 for rank, value in enumerate(sorted(set(values)))}
    tree = [0] * (len(order) + 1)
    found = 0
    for seen, value in enumerate(values):
        place = order[value]
        smaller = 0
        at = place
        while at:
            smaller += tree[at]
            at &= at - 1
        found += seen - smaller
        while place < len(tree):
            tree[place] += 1
            place += place & -place
    return found
