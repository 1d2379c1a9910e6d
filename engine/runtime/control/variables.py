"""Things to remember: `control.set`."""

from __future__ import annotations

from typing import Annotated, Any

from engine.runtime.flow import Flow
from engine.sdk import Effect, Param, activity


@activity(
    "control.set", label="Set variables", icon="equals", effect=Effect.PURE, keywords=("assign", "variable", "let")
)
async def set_(
    flow: Flow,
    values: Annotated[
        dict[str, Any],
        Param("Values", "By name; read later as `vars.name`.", '{"page": "{{ vars.page + 1 }}"}', kind="table"),
    ],
) -> dict[str, Any]:
    """Set variables of the workflow.

    A variable keeps its value until it is set again, also across rounds of a loop.
    """
    flow.set_variables(values)
    return values
