"""The curves of wires: cubics from an outlet to an inlet. Pure: it knows no Qt. Lengths are canvas units."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from studio.designer.edits.places import Rect


class Point(NamedTuple):
    """A place on the canvas."""

    x: float
    y: float


class Curve(NamedTuple):
    """A cubic: where it starts, its two controls, where it ends."""

    start: Point
    one: Point
    two: Point
    end: Point

    @property
    def middle(self) -> Point:
        """The point half way."""
        return self.at(0.5)

    def at(self, t: float) -> Point:
        """The point at `t`, 0 to 1."""
        u = 1.0 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        return Point(
            a * self.start.x + b * self.one.x + c * self.two.x + d * self.end.x,
            a * self.start.y + b * self.one.y + c * self.two.y + d * self.end.y,
        )

    def points(self, count: int = 16) -> list[Point]:
        """The curve as `count` straight pieces."""
        return [self.at(index / count) for index in range(count + 1)]

    @property
    def bounds(self) -> Rect:
        """A box around the curve: that of its four points."""
        left = min(self.start.x, self.one.x, self.two.x, self.end.x)
        top = min(self.start.y, self.one.y, self.two.y, self.end.y)
        right = max(self.start.x, self.one.x, self.two.x, self.end.x)
        bottom = max(self.start.y, self.one.y, self.two.y, self.end.y)
        return Rect(left, top, right - left, bottom - top)

    def distance(self, x: float, y: float) -> float:
        """How far a point is from the curve."""
        nearest = float("inf")
        for (ax, ay), (bx, by) in pairwise(self.points()):
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            t = 0.0 if not length else min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / length))
            px, py = ax + t * dx - x, ay + t * dy - y
            nearest = min(nearest, px * px + py * py)
        return float(nearest**0.5)


def flow_curve(start: Point, end: Point) -> Curve:
    """A wire that leaves to the right and enters from the left."""
    across, down = end.x - start.x, abs(end.y - start.y)
    reach = min(120.0, max(24.0, across / 2))
    if 0 < across < reach:  # a short level wire would run back over itself
        reach = max(across, min(reach, down))
    return Curve(start, Point(start.x + reach, start.y), Point(end.x - reach, end.y), end)


def error_curve(start: Point, end: Point) -> Curve:
    """A wire that leaves downwards and enters from the left."""
    down = min(120.0, max(24.0, (end.y - start.y) / 2))
    reach = min(120.0, max(24.0, (end.x - start.x) / 2))
    return Curve(start, Point(start.x, start.y + down), Point(end.x - reach, end.y), end)
