from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest

from engine.sdk import Effect, Expression, Param, Port, Secret, activity
from engine.sdk.activity import Activity, declared
from engine.workflow.codec import loads
from engine.workflow.model import Edge, Step, Workflow
from engine.workflow.problems import Problem, check, describe


@activity("data.read", label="Read", effect=Effect.PURE, replaces=("csv.read",))
def read(path: Annotated[Path, Param("File")], count: Annotated[int, Param("Count")] = 1) -> list[Any]:
    """Read."""
    return [path, count]


@activity("control.foreach", label="Each", effect=Effect.PURE, ports=(Port("body", body=True), "done"))
def each(
    items: Annotated[list[Any], Param("Items")], collect: Annotated[Expression | None, Param("Collect")] = None
) -> None:
    """Run a body for each item."""


@activity("control.try", label="Try", effect=Effect.PURE, ports=(Port("body", body=True), "done"))
def attempt() -> None:
    """Try a body."""


@activity("control.break", label="Break", effect=Effect.PURE)
def leave() -> None:
    """Leave the loop."""


@activity("control.set", label="Set", effect=Effect.PURE)
def put(values: Annotated[dict[str, Any], Param("Values")]) -> None:
    """Set variables."""


@activity("control.switch", label="Switch", effect=Effect.PURE, ports=("default",), dynamic_ports="cases")
def switch(cases: Annotated[list[str], Param("Cases")]) -> None:
    """Choose a port."""


@activity("mail.send", label="Send", effect=Effect.ONCE)
def send(
    password: Annotated[Secret, Param("Password")], format: Annotated[str, Param("", choices=("a", "b"))] = "a"
) -> None:
    """Send."""


class Few:
    """A catalog of the activities above."""

    errors: Mapping[str, str] = {"broken": "no module named 'teapot'"}

    def __init__(self) -> None:
        found = [declared(function) for function in (read, each, attempt, leave, put, switch, send)]
        self._all = {item.id: item for item in found if item is not None}

    def get(self, id: str) -> Activity | None:
        return self._all.get({"csv.read": "data.read"}.get(id, id))

    def ids(self) -> list[str]:
        return list(self._all)


CATALOG = Few()


def problems(text: str) -> list[Problem]:
    return check(loads(text), CATALOG)


def codes(text: str) -> list[str]:
    return [problem.code for problem in problems(text)]


def flow(edges: str, steps: str = "a:control.try b:control.try", rest: str = "") -> str:
    rows = "".join("  - id: {}\n    activity: {}\n".format(*word.split(":")) for word in steps.split())
    return f"rpa: 1\n{rest}steps:\n{rows}edges:\n" + "".join(
        f"  - {edge.strip()}\n" for edge in edges.split(",") if edge
    )


def expression(text: str, *, rest: str = "", collect: bool = False) -> list[Problem]:
    """What is wrong with `text` as a parameter of `inner`, in the body of `loop`, before which `first` runs."""
    written = f"      collect: {text}\n" if collect else ""
    inner = f"values:\n        x: {text}" if not collect else "values: {}"
    return problems(
        f"rpa: 1\n{rest}steps:\n"
        "  - id: first\n    activity: control.try\n"
        f"  - id: loop\n    activity: control.foreach\n    with:\n      items: [1]\n{written}"
        f"  - id: inner\n    activity: control.set\n    with:\n      {inner}\n"
        "  - id: last\n    activity: control.try\n"
        "  - id: aside\n    activity: control.try\n    disabled: true\n"
        "edges:\n  - first.done -> loop\n  - loop.body -> inner\n  - loop.done -> last\n"
    )


def test_nothing_is_wrong_with_a_good_workflow() -> None:
    text = """\
rpa: 1
inputs:
  file: {type: file}
variables: {total: 0}
outputs: {rows: "{{ steps.each.output }}"}
steps:
  - id: read
    activity: csv.read
    with: {path: "{{ inputs.file }}", count: 3}
  - id: each
    activity: control.foreach
    with: {items: "{{ steps.read.output }}", collect: "{{ row + steps.guard.output }}"}
  - id: guard
    activity: control.try
  - id: set
    activity: control.set
    with: {values: {sum: "{{ vars.total + item.price * index }}", copy: "{{ vars.sum }}"}}
  - id: stop
    activity: control.break
  - id: handler
    activity: control.set
    with: {values: {a: "{{ error.message }} {{ steps.set.output }}"}}
on_error: handler
edges:
  - read.next -> each
  - each.body -> guard
  - guard.body -> set
  - set.next -> stop
"""
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        (flow("a.done -> b, b.done -> a"), "cycle", 9, "a -> b -> a"),
        (flow("a.done -> a"), "cycle", 8, "to itself"),
        (flow("a.done -> c"), "unknown-step", 8, "'c'"),
        (flow("x.done -> b"), "unknown-step", 8, "'x'"),
        (flow("a.next -> b"), "unknown-port", 8, "no port 'next'"),
        (flow("a.done -> b, a.done -> b"), "duplicate-edge", 9, "twice"),
        (flow("", "a:control.try a:control.try"), "duplicate-id", 5, "line 3"),
        (flow("", "Total:control.try"), "bad-id", 3, "'Total'"),
        (flow("", f"{'a' * 65}:control.try"), "bad-id", 3, "65"),
        (flow("", "for:control.try"), "bad-id", 3, "word of the expression language"),
        (flow("a.done -> b", rest="inputs: {from: {type: file}}\n"), "bad-name", 2, "'from'"),
        (flow("a.done -> b", rest="on_error: b\n"), "handler-reached", 2, "a.done"),
        (flow("a.done -> b", rest="on_error: c\n"), "unknown-step", 2, "'c'"),
        (flow("a.body -> b", "a:control.try b:control.break"), "outside-loop", 5, "'break'"),
        (
            flow("a.body -> b, a.done -> c, b.done -> c", "a:control.try b:control.try c:control.try"),
            "edge-leaves-body",
            12,
            "'a'",
        ),
        (flow("", "a:control.tri"), "unknown-activity", 4, "control.tri"),
        (flow("a.done -> b", rest="settings: {timeout: soon}\n"), "bad-duration", 2, "soon"),
        (flow("a.done -> b", rest="settings: {max_parallel: 0}\n"), "out-of-range", 2, "1 or more"),
        (flow("a.done -> b", rest="variables: {a-b: 0}\n"), "bad-name", 2, "a-b"),
        (flow("a.done -> b", rest="outptus: {}\n"), "unknown-key", 2, "outptus"),
        (flow("a.done -> b", rest="layout: {steps: {z: {x: 1, y: 1}}}\n"), "unknown-place", 2, "'z'"),
        (flow("a.done -> b", rest='variables: {a: "{{ inputs.x }}"}\n'), "not-evaluated", 2, "'a'"),
        ("rpa: 1\n", "empty", 1, "no steps"),
        ("steps: [{id: a, activity: control.try}]\n", "missing-key", 1, "'rpa'"),
    ],
)
def test_what_is_wrong_is_told_once_with_its_line(text: str, code: str, line: int, words: str) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.line) == (code, line)
    assert words in problem.message


@pytest.mark.parametrize(
    ("parameters", "code", "column", "words"),
    [
        ("{path: a, cuont: 1}", "unknown-parameter", 21, "did you mean 'count'"),
        ("{count: 1}", "missing-parameter", 5, "'path' (File)"),
        ("{path: a, count: many}", "bad-parameter", 21, "integer"),
    ],
)
def test_parameters_are_held_against_the_declaration(parameters: str, code: str, column: int, words: str) -> None:
    (problem,) = problems(f"rpa: 1\nsteps:\n  - id: a\n    activity: data.read\n    with: {parameters}\n")
    assert (problem.code, problem.line, problem.column, problem.step) == (code, 5, column, "a")
    assert words in problem.message + problem.hint


def test_a_secret_in_plain_text_is_a_warning_that_does_not_repeat_it() -> None:
    text = "rpa: 1\nsteps:\n  - id: a\n    activity: mail.send\n    with: {password: hunter2, format: c}\n"
    secret, choice = problems(text)
    assert (secret.severity, secret.code, secret.parameter) == ("warning", "plain-secret", "password")
    assert "hunter2" not in str(secret)
    assert (choice.code, choice.parameter) == ("bad-parameter", "format")
    assert codes(text.replace("hunter2", "'{{ inputs }}'").replace("format: c", "format: b")) == []


def test_a_plug_in_that_could_not_be_loaded_is_named() -> None:
    (problem,) = problems(flow("", "a:broken.pour"))
    assert "teapot" in problem.hint


def test_ports_that_only_running_can_tell_are_not_checked() -> None:
    text = flow("s.red -> t, s.error -> t", "s:control.switch t:control.try").replace(
        "switch\n", "switch\n    with: {cases: CASES}\n"
    )
    assert codes(text.replace("CASES", "[red]")) == []
    assert codes(text.replace("CASES", "[blue]")) == ["unknown-port"]
    assert codes(text.replace("CASES", '"{{ vars }}"')) == []


@pytest.mark.parametrize(
    ("text", "code", "severity", "column"),
    [
        ('"{{ steps.frist.output }}"', "unknown-step", "error", 16),
        ('"a {{ inputs.a }}"', "unknown-input", "error", 18),
        ('"{{ vars.a }}"', "unknown-variable", "warning", 16),
        ('"{{ total }}"', "unknown-name", "error", 16),
        ('"{{ 1 + }}"', "bad-expression", "error", 0),
        ('"{{ steps.last.output }}"', "not-upstream", "warning", 16),
        ('"{{ steps.inner.output }}"', "not-upstream", "warning", 16),
        ('"{{ steps.aside.output }}"', "disabled-step", "warning", 16),
    ],
)
def test_names_that_hold_no_value_are_told_with_their_column(text: str, code: str, severity: str, column: int) -> None:
    (problem,) = expression(text)
    assert (problem.code, problem.severity, problem.step, problem.parameter) == (code, severity, "inner", "values")
    assert problem.line == 13
    assert problem.column >= column > 0 or column == 0
    if column:
        assert problem.column == column


@pytest.mark.parametrize(
    "text",
    [
        '"{{ steps.first.output }}"',
        '"{{ steps.loop.output }}"',
        '"{{ item.a + index }}"',
        '"{{ trigger.kind }} {{ execution.id }} {{ error }}"',
        '"{{ [row.a for row in steps.first.output] }}"',
        '"{{ vars.x }}"',
    ],
)
def test_names_in_reach_are_no_problem(text: str) -> None:
    assert expression(text) == []


def test_a_lazy_parameter_may_read_the_body_and_names_of_its_own() -> None:
    assert expression('"{{ row + item + steps.inner.output }}"', collect=True) == []
    assert [problem.code for problem in expression('"{{ steps.last.output }}"', collect=True)] == ["not-upstream"]
    (typo,) = expression('"{{ itme.a }}"', collect=True)
    assert (typo.code, typo.severity, typo.hint) == ("unknown-name", "warning", "did you mean 'item'?")


def test_a_body_is_not_read_from_outside() -> None:
    (problem,) = expression("1", rest='outputs: {a: "{{ steps.inner.output }}"}\n')
    assert (problem.code, problem.severity, problem.line) == ("not-upstream", "warning", 2)
    assert "steps.loop.output" in problem.hint


def test_an_expression_in_a_block_of_text_has_its_own_line() -> None:
    (problem,) = problems(
        "rpa: 1\nsteps:\n  - id: a\n    activity: control.set\n    with:\n      values:\n        text: |\n"
        "          Dear {{ inputs }},\n          {{ foo }}\n"
    )
    assert (problem.code, problem.line, problem.column) == ("unknown-name", 9, 14)


def test_item_outside_a_loop_is_an_error() -> None:
    text = 'rpa: 1\nsteps:\n  - id: a\n    activity: control.set\n    with: {values: {x: "{{ item }}"}}\n'
    assert codes(text) == ["outside-loop"]
    assert "outside-loop" not in codes(text + "  - id: b\n    activity: plug.loop\nedges: [b.each -> a]\n")


def test_problems_come_in_the_order_of_the_file_and_name_it() -> None:
    text = "rpa: 1\nname: 5\nsteps:\n  - id: A\n    activity: x.y\nedges:\n  - A.next -> b\nmood: calm\n"
    found = problems(text)
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert [problem.code for problem in found] == [
        "wrong-type",
        "bad-id",
        "unknown-activity",
        "unknown-step",
        "unknown-key",
    ]
    assert (
        describe(found[0], "a.rpa.yaml")
        == "a.rpa.yaml:2:1: error: 'name' must be text, and is a number (put it in quotes)"
    )


def test_a_workflow_that_was_never_a_file_is_checked_without_lines() -> None:
    workflow = Workflow(
        steps=(Step("a", "data.read", {"path": "x", "count": "y"}), Step("b", "no.such", extra={"retry": 5})),
        edges=(Edge("a", "nxt", "b"),),
    )
    found = check(workflow, CATALOG)
    assert [problem.code for problem in found] == ["bad-parameter", "wrong-type", "unknown-activity", "unknown-port"]
    assert {problem.line for problem in found} == {0}
    assert describe(found[0], "a").startswith("a: error: ")
    assert found[3].fix == {"cut": Edge("a", "nxt", "b")}
    assert [problem.code for problem in check(Workflow(variables={"a": b"x"}), CATALOG)] == ["structure"]


def test_a_problem_says_where_by_name_and_what_an_expression_reads() -> None:
    step = Step("a", "control.set", {"values": {"x": ["{{ steps.zz.output }}"]}})
    found = check(Workflow(steps=(step, Step("b", "")), edges=(Edge("a", "nxt", "b"),)), CATALOG)
    assert [(problem.code, problem.place) for problem in found] == [
        ("unknown-step", ("steps", "a", "with", "values", "x", 0)),
        ("missing-key", ("steps", "b", "activity")),
        ("unknown-port", ("edges", "a.nxt -> b")),
    ]
    assert found[0].fix == {"word": "steps.zz"}


def test_a_long_chain_is_checked_without_recursion() -> None:
    size = 3_000
    workflow = Workflow(
        steps=tuple(
            Step(f"s{rank}", "control.set", {"values": {"a": f"{{{{ steps.s{max(0, rank - 1)}.output }}}}"}})
            for rank in range(size)
        ),
        edges=tuple(Edge(f"s{rank}", "next", f"s{rank + 1}") for rank in range(size - 1)),
    )
    assert [problem.step for problem in check(workflow, CATALOG)] == ["s0"]
