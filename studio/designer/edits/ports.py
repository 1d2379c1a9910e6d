"""Which outlets a step has, and which of them the flow goes on from."""

from __future__ import annotations

from collections.abc import Callable

from engine.api import ERROR, Catalog, Port, Step, step_ports


def ports_of(catalog: Catalog) -> Callable[[Step], tuple[Port, ...]]:
    """What `Plan` asks for: the ports of a step, besides `error`; none for an unknown activity."""
    return lambda step: step_ports(step, catalog.get(step.activity))


def outlets(step: Step, catalog: Catalog) -> tuple[Port, ...]:
    """The ports a wire can start from, in the order to show them, `error` last; `next` stands in for unknown ones."""
    activity = catalog.get(step.activity)
    known = step_ports(step, activity) if activity is not None else (Port("next"),)
    return (*known, ERROR)


def main_outlet(step: Step, catalog: Catalog) -> str:
    """The port by which the flow goes on behind a step: the first that is no body; "" where it ends there."""
    return next((port.name for port in outlets(step, catalog) if not port.body and port.name != ERROR.name), "")
