"""One region laid out: its steps in columns, with its error handlers hung below them.

A block is a set of steps with places relative to its own upper left corner. A container is a block too: its own box
drawn around the blocks of its bodies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studio.designer.arrange.layers import Columns
from studio.designer.arrange.rows import heights
from studio.designer.canvas.shape import GAP_X, GAP_Y
from studio.designer.edits.places import GRID

HANG = 32.0
"""How far to the right of its step an error handler starts."""
_PER_ROW = 8
_BUCKET = 16.0


@dataclass
class Block:
    """Steps and blocks with their places (upper left, relative to this block), and the room they take."""

    steps: dict[str, tuple[float, float]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0
    blocks: list[tuple[Block, float, float]] = field(default_factory=list)

    def put(self, other: Block, x: float, y: float) -> None:
        """Take in another block at `x`, `y`."""
        self.blocks.append((other, x, y))
        self.width = max(self.width, x + other.width)
        self.height = max(self.height, y + other.height)

    def places(self, x: float, y: float) -> dict[str, tuple[float, float]]:
        """Where every step in it stands when the block stands at `x`, `y`."""
        found: dict[str, tuple[float, float]] = {}
        waiting = [(self, x, y)]
        while waiting:  # not by recursion: bodies may be nested thousands deep
            block, left, top = waiting.pop()
            for id, (dx, dy) in block.steps.items():
                found[id] = (left + dx, top + dy)
            waiting += [(inner, left + dx, top + dy) for inner, dx, dy in block.blocks]
        return found


@dataclass(frozen=True, slots=True)
class Link:
    """A wire between two nodes of a region; `at` is how far below its step's top it starts."""

    source: str
    target: str
    at: float


@dataclass(frozen=True, slots=True)
class Node:
    """A step with all that is drawn inside its box. `inlet` is how far below its top wires enter."""

    block: Block
    inlet: float


def arranged(nodes: Mapping[str, Node], links: Sequence[Link], hung: Mapping[str, Block]) -> Block:
    """The nodes (in an order in which they can run) from left to right, unconnected parts below one another.

    `hung` are the error handlers by the step they belong to.
    """
    out = Block()
    lone: list[str] = []
    y = 0.0
    for part, inside in _parts(nodes, links):
        if len(part) == 1 and part[0] not in hung:
            lone.append(part[0])
            continue
        block = _part({id: nodes[id] for id in part}, inside, hung)
        out.put(block, 0.0, y)
        y += up(block.height) + GAP_Y
    for start in range(0, len(lone), _PER_ROW):
        x = tall = 0.0
        for id in lone[start : start + _PER_ROW]:
            out.put(nodes[id].block, x, y)
            x += up(nodes[id].block.width) + GAP_X
            tall = max(tall, nodes[id].block.height)
        y += up(tall) + GAP_Y
    return out


def up(length: float) -> float:
    """The next length on the grid."""
    return -(-length // GRID) * GRID


def _parts(nodes: Mapping[str, Node], links: Sequence[Link]) -> list[tuple[list[str], list[Link]]]:
    """The connected parts, in the order of their first nodes, each with its links."""
    root = {id: id for id in nodes}

    def find(id: str) -> str:
        while root[id] != id:
            root[id] = root[root[id]]
            id = root[id]
        return id

    for link in links:
        root[find(link.source)] = find(link.target)
    parts: dict[str, tuple[list[str], list[Link]]] = {}
    for id in nodes:
        parts.setdefault(find(id), ([], []))[0].append(id)
    for link in links:
        parts[find(link.source)][1].append(link)
    return list(parts.values())


def _part(nodes: Mapping[str, Node], links: Sequence[Link], hung: Mapping[str, Block]) -> Block:
    ids = list(nodes)
    number = {id: rank for rank, id in enumerate(ids)}
    boxes = [nodes[id].block for id in ids]
    drawing = Columns(
        len(ids),
        [
            (number[link.source], number[link.target], link.at / max(boxes[number[link.source]].height, link.at + 1.0))
            for link in links
        ],
    )
    outlets = [[share * max(box.height, 1.0) for _, share in drawing.behind[node]] for node, box in enumerate(boxes)]
    top = heights(drawing, [box.height for box in boxes], [nodes[id].inlet for id in ids], outlets, GAP_Y)
    lowest = min(top[node] for node in range(len(ids)))
    out, x = Block(), 0.0
    floor = _Floor()
    left: dict[str, float] = {}
    for column in drawing.columns:
        real = [node for node in column if node < len(ids)]
        for node in real:
            out.put(boxes[node], x, top[node] - lowest)
            left[ids[node]] = x
            floor.put(x, boxes[node].width, top[node] - lowest + boxes[node].height)
        x += max((up(boxes[node].width) for node in real), default=0.0) + GAP_X
    waiting = sorted((id for id in ids if id in hung), key=lambda id: left[id])
    while waiting:
        # From the right, so that no wire to a handler crosses another handler.
        id = waiting.pop()
        block = hung[id]
        below = floor.below(left[id] + HANG, block.width)
        out.put(block, left[id] + HANG, up(below + GAP_Y))
        if waiting:
            floor.put(left[id] + HANG, block.width, up(below + GAP_Y) + block.height)
    return out


class _Floor:
    """How far down what is drawn already reaches, by stretches of `_BUCKET`."""

    def __init__(self) -> None:
        self._lowest: dict[int, float] = {}

    def put(self, x: float, width: float, bottom: float) -> None:
        for bucket in self._buckets(x, width):
            self._lowest[bucket] = max(self._lowest.get(bucket, 0.0), bottom)

    def below(self, x: float, width: float) -> float:
        wanted = self._buckets(x, width)
        if len(wanted) > len(self._lowest):
            return max((bottom for bucket, bottom in self._lowest.items() if bucket in wanted), default=0.0)
        return max(self._lowest.get(bucket, 0.0) for bucket in wanted)

    @staticmethod
    def _buckets(x: float, width: float) -> range:
        # One stretch more on each side: a handler stands clear of what is beside it.
        return range(int(x // _BUCKET) - 1, int((x + width) // _BUCKET) + 2)
