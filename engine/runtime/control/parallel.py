"""Side by side: `control.parallel`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Interval

from engine.runtime.flow import Flow
from engine.runtime.scope import BodyFailed
from engine.sdk import Effect, Param, Port, To, activity


@dataclass(frozen=True, slots=True)
class Branches:
    """What the last steps of the branches gave: `output` is a mapping by step id, or of one branch just its value."""

    output: Any


@activity(
    "control.parallel",
    label="Parallel",
    icon="columns",
    effect=Effect.PURE,
    ports=(Port("body", "Branches", body=True), Port("done", "Done")),
    keywords=("concurrent", "fork", "join", "branches"),
)
async def parallel(
    flow: Flow,
    limit: Annotated[int, Interval(ge=1, le=1000), Param("At once", "How many steps run side by side.")] = 100,
) -> To:
    """Run several branches side by side, and go on when all have ended.

    Every edge out of `body` begins a branch. If a step fails, the steps running beside it are let finish, and the
    error is that of this step.
    """
    ended = await flow.body(limit=limit)
    if ended.error is not None:
        raise BodyFailed(ended.error)
    if ended.signal:
        return To(ended.signal, ended.output)
    return To("done", Branches(ended.output))
