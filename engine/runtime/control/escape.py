"""Ways out: `control.break`, `control.continue` and `control.stop`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from engine.runtime.flow import Flow
from engine.sdk import Effect, Param, To, activity


@activity("control.break", label="Break", icon="sign-out", effect=Effect.PURE, ports=(), keywords=("exit loop",))
async def break_() -> To:
    """End the loop around this step.

    Steps of the body that already run are let finish; the flow goes on behind the loop.
    """
    return To("break")


@activity(
    "control.continue",
    label="Next item",
    icon="skip-forward",
    effect=Effect.PURE,
    ports=(),
    keywords=("next", "continue"),
)
async def continue_() -> To:
    """End this round of the loop around this step, and go on with the next."""
    return To("continue")


@activity(
    "control.stop", label="Stop", icon="octagon", effect=Effect.PURE, ports=(), keywords=("end", "terminate", "exit")
)
async def stop(
    flow: Flow,
    status: Annotated[
        Literal["succeeded", "failed"], Param("As", "What the execution is said to have done.")
    ] = "succeeded",
    message: Annotated[str, Param("Message", "Why; shown with the execution.")] = "",
    output: Annotated[Any, Param("Output", "Given instead of the workflow's outputs.", advanced=True)] = None,
) -> To:
    """End the whole execution here.

    In a subworkflow it ends that subworkflow; the flow goes on in the workflow that called it.
    """
    if message:
        flow.log(message, "error" if status == "failed" else "info")
    return To(
        "stop",
        {"status": status, "message": message or "the workflow stopped itself", "output": output, "step": flow.step},
    )
