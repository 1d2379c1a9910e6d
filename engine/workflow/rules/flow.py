"""The graph: edges that lead somewhere, no circles, bodies that nothing leaves, a handler of its own."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.sentences import say
from engine.workflow.comments import KeyPath
from engine.workflow.graph import ERROR, HANDLER, MAIN, RegionKey, step_ports
from engine.workflow.model import Edge, Step
from engine.workflow.rules.report import Report
from engine.workflow.shape import suggestion

LOOPS = frozenset({"control.foreach", "control.while"})
"""The activities whose bodies run several times."""

_LEAVES_LOOP = frozenset({"control.break", "control.continue"})


def check(report: Report) -> None:
    places: dict[Edge, KeyPath] = {}
    for path, edge in report.edges:
        if edge in places:
            report.add(
                "error",
                "duplicate-edge",
                path,
                say("the edge {edge} stands here twice", edge=edge),
                hint=say("remove one"),
                fix=_cut(edge),
            )
        places.setdefault(edge, path)
        _edge(report, path, edge)
    _cycle(report, places)
    cyclic = report.plan.cyclic  # what stands behind a circle is in no body until it is cut
    for edge in report.plan.escaped:
        if edge.target in cyclic:
            continue
        body = _name(_left(report, edge))
        message = say(
            "the edge {edge} leaves {body}, and {target!r} is also reached from outside it",
            edge=edge,
            body=body,
            target=edge.target,
        )
        hint = say(
            "cut the edge, and continue from the container's own port; or move {target!r} into {body}",
            target=edge.target,
            body=body,
        )
        report.add("error", "edge-leaves-body", places[edge], message, hint=hint, fix=_cut(edge))
    _handler(report)
    for path, step in report.steps:
        activity = report.activity(step)
        if activity is not None and activity.id in _LEAVES_LOOP and not in_loop(report, step.id):
            word = activity.id.partition(".")[2]
            message = say("the step {id!r} does {word!r} outside the body of a loop", id=step.id, word=word)
            report.add("error", "outside-loop", path, message, hint=say("connect it behind the body port of a loop"))


def in_loop(report: Report, step_id: str) -> bool:
    """Whether a step is in a body that runs several times, or may be: what is behind a circle or unknown."""
    for container, _ in report.plan.enclosing(step_id):
        step = report.by_id.get(container)
        activity = report.activity(step) if step is not None else None
        if activity is not None and activity.id in LOOPS:
            return True
    return step_id in report.unsure


def _edge(report: Report, path: KeyPath, edge: Edge) -> None:
    if edge.source == edge.target:
        report.add(
            "error",
            "cycle",
            path,
            say("the edge {edge} leads from a step to itself", edge=edge),
            hint=say("cut it"),
            fix=_cut(edge),
        )
    for end in dict.fromkeys((edge.source, edge.target)):
        if end not in report.by_id:
            hint = suggestion(end, report.by_id)
            report.add(
                "error",
                "unknown-step",
                path,
                say("the edge {edge} names {end!r}, and no step has that id", edge=edge, end=end),
                hint=hint,
            )
    step = report.by_id.get(edge.source)
    if step is None:
        return
    known = _known_ports(report, step)
    if known is not None and edge.port not in known:
        ports = ", ".join(known)
        message = say("the step {source!r} has no port {port!r}", source=edge.source, port=edge.port)
        report.add(
            "error", "unknown-port", path, message, hint=say("its ports are {ports}", ports=ports), fix=_cut(edge)
        )


def _known_ports(report: Report, step: Step) -> list[str] | None:
    """The ports of a step, or None if only running it can tell."""
    activity = report.activity(step)
    if activity is None:
        return None
    if activity.dynamic_ports:
        value = step.parameters.get(activity.dynamic_ports)
        items = value if isinstance(value, (list, tuple)) else (value,)
        names = [item.get("port") if isinstance(item, Mapping) else item for item in items]
        if any(isinstance(name, str) and "{{" in name for name in names):
            return None
    return [*(port.name for port in step_ports(step, activity)), ERROR.name]


def _cycle(report: Report, places: Mapping[Edge, KeyPath]) -> None:
    cycle = report.plan.cycle()
    if not cycle:
        return
    last = next(edge for edge in report.plan.successors[cycle[-2]] if edge.target == cycle[-1])
    message = say("the workflow runs in a circle: {cycle}", cycle=" -> ".join(cycle))
    hint = say("cut one of its edges, such as {last}; to repeat steps, put them in the body of a loop", last=last)
    report.add("error", "cycle", places[last], message, hint=hint, fix=_cut(last))


def _handler(report: Report) -> None:
    start = report.workflow.on_error
    if start is None:
        return
    if start not in report.by_id:
        message = say("'on_error' names {start!r}, and no step has that id", start=start)
        report.add("error", "unknown-step", ("on_error",), message, hint=suggestion(start, report.by_id))
    elif report.plan.predecessors[start]:
        edge = report.plan.predecessors[start][0]
        message = say("'on_error' names {start!r}, and the edge {edge} leads to it", start=start, edge=edge)
        hint = say("the error handler runs on its own: cut the edge, or name a step that nothing leads to")
        report.add("error", "handler-reached", ("on_error",), message, hint=hint, fix=_cut(edge))


def _left(report: Report, edge: Edge) -> RegionKey:
    """The outermost region that an edge leaves."""
    inside = report.plan.inside(edge.target)
    left = key = report.plan.context(edge)
    while key not in (inside, MAIN):
        left, key = key, report.plan.around(key)
    return left


def _name(key: RegionKey) -> str:
    return (
        say("the error handler") if key == HANDLER else say("the body {port!r} of {step!r}", port=key[1], step=key[0])
    )


def _cut(edge: Edge) -> dict[str, object]:
    return {"cut": edge}
