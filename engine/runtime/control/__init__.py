"""Control flow: activities like any other on the canvas, each declared and carried out in one file.

They steer the flow through `engine.runtime.flow.Flow`, which activities of the other families do not see.
"""

from __future__ import annotations

from engine.runtime.control import branch, escape, guard, loop, message, parallel, pause, subworkflow, variables
from engine.sdk import Family

FAMILY = Family("Control flow", icon="git-fork", order=10, color="flow")

__all__ = ["branch", "escape", "guard", "loop", "message", "parallel", "pause", "subworkflow", "variables"]
