"""Where steps should stand: the layered automatic layout, aligning and spreading. Pure functions, no Qt.

`layered` turns the plan of a workflow into places; `alignment` lines up what is selected. The modules below them hold
one stage of the layout each: `layers` (columns and the order in them), `rows` (heights), `blocks` (regions, bodies and
error handlers put together). May import `engine.api`, `edits` and the canvas's `geometry`.
"""

from __future__ import annotations

from studio.designer.arrange.alignment import Edge, align, spread
from studio.designer.arrange.layered import laid_out, layered

__all__ = ["Edge", "align", "laid_out", "layered", "spread"]
