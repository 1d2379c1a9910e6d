"""What moves by itself: running arcs, dashes of running wires, the outline of a step that has just finished."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from engine.api import Edge
from studio.base.beat import beat
from studio.base.theme import theme
from studio.designer.canvas.step_item import StepItem

if TYPE_CHECKING:
    from studio.designer.canvas.wires import TouchedWires

MOST: Final = 200
"""More moving things than this stand still."""
_DASHES: Final = 24.0
"""Canvas units that dashes travel in a turn."""


class Motion(QObject):
    """Follows the beat only while something moves, and never where motion is reduced."""

    def __init__(self, wires: TouchedWires, parent: QObject) -> None:
        super().__init__(parent)
        self._touched = wires
        self.steps: dict[str, StepItem] = {}
        """The running steps."""
        self.wires: set[Edge] = set()
        """The running wires."""
        self._fresh: dict[str, tuple[StepItem, float]] = {}

    @property
    def active(self) -> bool:
        return beat().follows(self)

    def moved(self, id: str, item: StepItem, before: str, status: str) -> None:
        """A step has another status."""
        self.steps.pop(id, None)
        if status == "running":
            self.steps[id] = item
        if before == "running" and status == "done" and not theme().reduced and len(self._fresh) < MOST:
            self._fresh[id] = item, monotonic()
            item.fresh = 1.0

    def forget(self, id: str) -> None:
        self.steps.pop(id, None)
        self._fresh.pop(id, None)

    def clear(self) -> None:
        self.steps.clear()
        self.wires.clear()
        self._fresh.clear()
        beat().leave(self)

    def check(self) -> None:
        """Start or stop the clock, as what moves has changed."""
        count = len(self.steps) + len(self.wires)
        wanted = not theme().reduced and (bool(self._fresh) or 0 < count <= MOST)
        if wanted:
            beat().follow(self, self._beat)
        else:
            beat().leave(self)

    def _beat(self) -> None:
        now = monotonic()
        turn = max(1, theme().duration("turn")) / 1000
        share = now % turn / turn
        if len(self.steps) + len(self.wires) <= MOST:
            StepItem.spin = share * 360
            for item in self.steps.values():
                item.turn()
            self._touched.turn(share * _DASHES)
        settle = max(1, theme().duration("settle")) / 1000
        for id, (item, began) in list(self._fresh.items()):
            item.fresh = max(0.0, 1 - ((now - began) / settle)) ** 2
            item.update()
            if not item.fresh:
                del self._fresh[id]
        self.check()
