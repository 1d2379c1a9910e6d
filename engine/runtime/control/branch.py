"""Which way to go: `control.condition` and `control.switch`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from engine.sdk import Effect, Param, Port, To, activity


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which way the flow went."""

    port: str
    value: Any


@activity(
    "control.condition",
    label="Condition",
    icon="git-fork",
    effect=Effect.PURE,
    ports=(Port("true", "Yes"), Port("false", "No")),
    keywords=("if", "decision", "branch"),
)
async def condition(
    condition: Annotated[
        Any, Param("Condition", "An expression; empty, zero, null and false mean no.", "{{ steps.read.output.rows }}")
    ],
) -> To:
    """Go one of two ways.

    The flow leaves through `true` or `false`; steps that only the other way leads to are skipped.
    """
    port = "true" if condition else "false"
    return To(port, Chosen(port, condition))


@activity(
    "control.switch",
    label="Switch",
    icon="signpost",
    effect=Effect.PURE,
    ports=(Port("default", "Otherwise"),),
    dynamic_ports="cases",
    keywords=("case", "select", "match"),
)
async def switch(
    value: Annotated[Any, Param("Value", "What the cases are compared with.")],
    cases: Annotated[
        list[dict[str, Any]],
        Param(
            "Cases", "Each with a `port`, and the value that leads there as `equals` or several as `in`.", kind="table"
        ),
    ],
) -> To:
    """Go one of several ways, by a value.

    The first case that fits decides; without one the flow leaves through `default`. Text is compared without regard to
    blanks around it.
    """
    wanted = value.strip() if isinstance(value, str) else value
    for case in cases:
        if "in" in case:
            candidates = case["in"] if isinstance(case["in"], list) else [case["in"]]
        else:
            candidates = [case.get("equals", case.get("port"))]
        if any((item.strip() if isinstance(item, str) else item) == wanted for item in candidates):
            return To(str(case["port"]), Chosen(str(case["port"]), value))
    return To("default", Chosen("default", value))
