"""A line for the journal: `control.log`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from engine.core.secrets import SecretRef
from engine.sdk import Context, Effect, Param, activity


@activity(
    "control.log", label="Write to the log", icon="scroll", effect=Effect.PURE, keywords=("print", "message", "debug")
)
async def log(
    context: Context,
    message: Annotated[Any, Param("Message", kind="text", placeholder="{{ item.name }} done")],
    level: Annotated[Literal["debug", "info", "warning", "error"], Param("Level")] = "info",
) -> str:
    """Write a line to the log of the execution."""
    text = str(message) if isinstance(message, (str, SecretRef)) else repr(message)
    context.log(text, level)
    return text
