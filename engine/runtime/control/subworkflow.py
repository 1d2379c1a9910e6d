"""A workflow as a step: `control.subworkflow`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from engine.runtime.flow import Flow
from engine.runtime.scope import BodyFailed
from engine.sdk import Effect, Param, activity


@activity(
    "control.subworkflow",
    label="Run a workflow",
    icon="flow-arrow",
    effect=Effect.PURE,
    keywords=("call", "invoke", "child"),
)
async def subworkflow(
    flow: Flow,
    workflow: Annotated[Path, Param("Workflow", "The file of the workflow to run.", kind="file")],
    inputs: Annotated[dict[str, Any] | None, Param("Inputs", "By name.", kind="table")] = None,
) -> Any:
    """Run another workflow in place of this step.

    It runs as part of this execution: its steps are journaled and resumed like any other, on the version of the file
    that was there when the step first ran. The output holds the outputs of that workflow.
    """
    ended = await flow.call(workflow, inputs or {})
    if ended.error is not None:
        raise BodyFailed(ended.error)
    return ended.output
