from __future__ import annotations

import sys
from collections.abc import Sequence

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sdk import Effect, Port
from engine.sdk.activity import Activity
from engine.workflow.graph import HANDLER, MAIN, Plan, as_digraph, downstream, step_ports, upstream
from engine.workflow.model import Edge, Step, Workflow


def workflow(text: str, on_error: str | None = None, any_of: str = "") -> Workflow:
    """`a>b l.body>c`: edges of steps; a step whose id begins with l or t is a container."""
    edges: list[Edge] = []
    ids: dict[str, None] = {}
    for word in text.split():
        start, _, target = word.partition(">")
        source, _, port = start.partition(".")
        ids[source] = None
        if target:
            ids[target] = None
            edges.append(Edge(source, port or "next", target))
    steps = (Step(id, "box" if id[0] in "lt" else "plain", join="any" if id in any_of.split() else "all") for id in ids)
    return Workflow(steps=tuple(steps), edges=tuple(edges), on_error=on_error)


def ports(step: Step) -> Sequence[Port]:
    return (
        (Port("body", body=True), Port("catch", body=True), Port("done")) if step.activity == "box" else (Port("next"),)
    )


def plan(text: str, on_error: str | None = None, any_of: str = "") -> Plan:
    return Plan.of(workflow(text, on_error, any_of), ports)


def test_a_line() -> None:
    found = plan("a>b b>c")
    assert found.main.steps == ("a", "b", "c")
    assert found.main.entries == ("a",)
    assert found.main.sinks == ("c",)
    assert found.main.incoming == {"a": 0, "b": 1, "c": 1}
    assert found.main.outgoing == {"a": (("next", "b"),), "b": (("next", "c"),), "c": ()}
    assert found.handler is None
    assert found.owner == {"a": None, "b": None, "c": None}


def test_a_body_is_what_is_reached_through_its_port_alone() -> None:
    found = plan("a>l l.body>b b>c b>d c>e d>e l.done>f")
    assert found.main.steps == ("a", "l", "f")
    body = found.region("l", "body")
    assert body.steps == ("b", "c", "d", "e")
    assert body.entries == ("b",)
    assert body.incoming["e"] == 2
    assert body.sinks == ("e",)
    assert found.owner["e"] == ("l", "body")
    assert found.escaped == ()
    assert found.region("l", "catch").steps == ()
    assert found.region("nobody", "body").entries == ()


def test_bodies_nest() -> None:
    found = plan("l1.body>l2 l2.body>a a>t3 t3.catch>b l2.done>c")
    assert found.owner == {
        "l1": None,
        "l2": ("l1", "body"),
        "a": ("l2", "body"),
        "t3": ("l2", "body"),
        "b": ("t3", "catch"),
        "c": ("l1", "body"),
    }
    assert list(found.enclosing("b")) == [("t3", "catch"), ("l2", "body"), ("l1", "body")]


def test_two_bodies_of_one_container_are_apart() -> None:
    found = plan("t.body>a t.catch>b t.done>c")
    assert found.region("t", "body").steps == ("a",)
    assert found.region("t", "catch").steps == ("b",)
    assert found.main.outgoing["t"] == (("done", "c"),)


@pytest.mark.parametrize(
    ("text", "edge"),
    [
        ("l.body>a a>b l.done>b", Edge("a", "next", "b")),
        ("x>b l.body>b", Edge("l", "body", "b")),
        ("l1.body>l2 l2.body>a a>b l2.done>b", Edge("a", "next", "b")),
        ("t.body>a t.catch>b a>c b>c t.done>c", Edge("a", "next", "c")),
    ],
)
def test_an_edge_that_leaves_a_body_is_told(text: str, edge: Edge) -> None:
    found = plan(text)
    assert edge in found.escaped
    for region in found.regions.values():
        for id, edges in region.outgoing.items():
            assert (edge.port, edge.target) not in edges or id != edge.source


def test_the_error_handler_is_a_region_of_its_own() -> None:
    found = plan("a>b h>i", on_error="h")
    assert found.main.steps == ("a", "b")
    assert found.handler is not None
    assert found.handler.steps == ("h", "i")
    assert found.handler.entries == ("h",)
    assert found.owner["i"] is None
    assert found.inside("i") == HANDLER
    found = plan("a>b h>b", on_error="h")
    assert found.escaped == (Edge("h", "next", "b"),)
    assert found.inside("b") == MAIN


def test_a_step_behind_the_body_port_waits_for_others_of_the_body() -> None:
    body = plan("l.body>a l.body>b a>b").region("l", "body")
    assert body.entries == ("a",)
    assert body.live == ("b",)
    assert body.incoming["b"] == 1
    assert plan("l.body>a l.body>b a>b", any_of="b").region("l", "body").entries == ("a", "b")


def test_wrong_edges_are_left_out() -> None:
    found = plan("a>b a>b b>b")
    assert found.main.incoming == {"a": 0, "b": 1}
    broken = Workflow(steps=(Step("a", "plain"),), edges=(Edge("a", "next", "x"), Edge("y", "next", "a")))
    assert Plan.of(broken, ports).main.entries == ("a",)


def test_a_circle_is_told_once_from_its_first_step() -> None:
    found = plan("x>a a>b b>c c>a c>d")
    assert found.cycle() == ("a", "b", "c", "a")
    assert found.cyclic == {"a", "b", "c", "d"}
    assert set(found.main.steps) == {"x", "a", "b", "c", "d"}
    assert plan("a>b").cycle() == ()


def test_steps_stand_in_the_order_of_the_file_where_they_may() -> None:
    found = Plan.of(Workflow(steps=tuple(Step(id, "plain") for id in "dcba"), edges=(Edge("a", "next", "c"),)), ports)
    assert found.main.steps == ("d", "b", "a", "c")


@pytest.mark.parametrize("link", ["s{0}>s{1}", "l{0}.body>l{1}"])
def test_twenty_thousand_steps_in_a_row_need_no_recursion(link: str) -> None:
    size = 20_000
    assert sys.getrecursionlimit() < size
    found = plan(" ".join(link.format(rank, rank + 1) for rank in range(size)))
    assert sum(len(region.steps) for region in found.regions.values()) == size + 1
    assert found.escaped == ()


def test_dynamic_ports_come_from_a_parameter() -> None:
    activity = Activity("a.b", "", print, Effect.PURE, ports=(Port("else"),), dynamic_ports="cases")
    assert step_ports(Step("a", "a.b", {"cases": ["x", {"port": "y"}, "x", 5, "{{ z }}"]}), activity) == (
        Port("else"),
        Port("x"),
        Port("y"),
    )
    assert step_ports(Step("a", "a.b", {"cases": "{{ all }}"}), activity) == (Port("else"),)
    assert step_ports(Step("a", "a.b"), None) == ()


def test_the_view_for_networkx() -> None:
    shape = workflow("a>b a.error>b b>c d>c")
    graph = as_digraph(shape)
    assert graph.edges["a", "b"]["ports"] == ["next", "error"]
    assert graph.nodes["a"]["step"] is shape.steps[0]
    assert set(Plan.of(shape, ports).networkx()) == set(graph)
    assert upstream(shape, "c") == {"a", "b", "d"}
    assert downstream(shape, "a") == {"b", "c"}


graphs = st.lists(
    st.tuples(st.integers(0, 7), st.integers(1, 5), st.sampled_from(["next", "done", "body", "catch"])), max_size=16
).map(
    lambda rows: workflow(
        " ".join(
            f"{'l' if port != 'next' else 's'}{source}.{port}>{'l' if (source + gap) % 2 else 's'}{source + gap}"
            for source, gap, port in rows
        )
    )
)


@given(graphs)
def test_regions_are_what_the_definition_says(shape: Workflow) -> None:
    """A body is what its port reaches, less what is reached from the starts without the edges out of that port."""
    found = Plan.of(shape, ports)
    starts = [id for id, edges in found.predecessors.items() if not edges]
    bodies: dict[tuple[str, str], set[str]] = {}
    for step in shape.steps:
        for port in ports(step):
            out = [edge for edge in shape.edges if edge.source == step.id and edge.port == port.name]
            if not port.body or not out:
                continue
            graph = as_digraph(shape)
            reached = {edge.target for edge in out}
            for edge in out:
                reached |= networkx.descendants(graph, edge.target)
            rest = as_digraph(Workflow(steps=shape.steps, edges=tuple(edge for edge in shape.edges if edge not in out)))
            others = set(starts)
            for id in starts:
                others |= networkx.descendants(rest, id)
            bodies[step.id, port.name] = reached - others
    for step in shape.steps:
        around = {key for key, members in bodies.items() if step.id in members}
        assert set(found.enclosing(step.id)) == around
        for edge in found.successors[step.id]:
            leaves = {key for key in [*around, found.context(edge)] if key in bodies and edge.target not in bodies[key]}
            assert bool(leaves) == (edge in found.escaped)
    assert sorted(id for region in found.regions.values() for id in region.steps) == sorted(
        step.id for step in shape.steps
    )
