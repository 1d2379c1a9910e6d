"""A step as it lies on the canvas, its measures, and the outlets it shows. Pure: it knows no Qt.

All lengths are canvas units, which are pixels at zoom 1; `y` grows downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.api import ERROR, Port
from studio.base.i18n import tr
from studio.designer.canvas.curve import Point
from studio.designer.edits.places import Rect

STEP_WIDTH, STEP_WIDEST, STEP_NARROWEST = 184.0, 320.0, 160.0
STEP_HEIGHT = 56.0
HEADER = 44.0
CONTAINER_WIDTH = 264.0
"""The least width of a container."""
BODY_HEIGHT = 88.0
"""The height below the header of a container whose bodies are empty."""
BODY_LEFT, BODY_AROUND = 28.0, 20.0
BODY_NAMED = 84.0
"""The left margin of a container with several bodies: their names stand there."""
OUTLET_STEP = 22.0
ERROR_X = 18.0
GAP_X, GAP_Y = 48.0, 40.0
"""What automatic layout leaves between steps."""
FARTHEST = 1e7
"""What lies farther away than this, or nowhere (a file may say `.nan`), is treated as if it had no place."""
INLET = ""
"""The name of the inlet, where a port is asked for by name."""

Kind = Literal["out", "body", "error"]


class Outlet(NamedTuple):
    """An outlet as it is drawn: `point` is where its wires start."""

    name: str
    label: str
    kind: Kind
    point: Point


@dataclass(frozen=True, slots=True)
class Shape:
    """A step as it lies: `header` is 0 for an ordinary one, and the height of the header for a container."""

    id: str
    box: Rect
    header: float
    inlet: Point
    outlets: tuple[Outlet, ...]

    @property
    def container(self) -> bool:
        return self.header > 0

    def outlet(self, name: str) -> Outlet | None:
        return next((outlet for outlet in self.outlets if outlet.name == name), None)


Named = tuple[tuple[str, str], ...]
"""Name and label of ports."""


class Face(NamedTuple):
    """What `ports` and the ports that edges use (`used`) come to: ordinary outlets, and body ports."""

    ports: Sequence[Port]
    used: tuple[str, ...]
    flow: Named
    bodies: Named


def face_of(ports: Sequence[Port], used: tuple[str, ...]) -> Face:
    """The outlets of a step; a port that only an edge knows is an ordinary one."""
    flow = [(port.name, tr(port.label) or port.name) for port in ports if not port.body and port.name != ERROR.name]
    bodies = [(port.name, tr(port.label) or port.name) for port in ports if port.body]
    known = {port.name for port in ports} | {ERROR.name}
    flow += [(name, name) for name in used if name not in known]
    return Face(ports, used, tuple(flow), tuple(bodies))
