from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api import Catalog, Document, Edge, Input, Layout, Place, Problem, Retry, Step, Workflow, check, loads
from studio.designer.document import WorkflowDocument
from studio.designer.fixes import Fix, fixes_of

CATALOG = Catalog()


def setter(id: str, **values: Any) -> Step:
    return Step(id, "control.set", {"values": values or {"x": 1}})


def chain(*steps: Step, edges: str = "", **fields: Any) -> Workflow:
    """Steps one after the other, or with the edges given (`a.next -> b; …`)."""
    if edges:
        text = "rpa: 1\nname: x\nedges:\n" + "".join(f"  - {edge.strip()}\n" for edge in edges.split(";"))
        found = loads(text).workflow.edges
    else:
        found = tuple(Edge(one.id, "next", other.id) for one, other in itertools.pairwise(steps))
    return Workflow("x", steps=steps, edges=found, **fields)


LOOP = Step("each", "control.foreach", {"items": [1, 2]})
READ = Step("read", "files.read", {"path": "a.txt"})

CASES: dict[str, list[Workflow]] = {
    "wrong-type": [
        loads("rpa: 1\nname: 5\nsteps: [{id: a, activity: control.stop}]").workflow,
        loads("rpa: 1\nname: x\nsteps: [{id: a, activity: control.stop, in_doubt: aks}]").workflow,
        loads("rpa: 1\nname: x\nsteps: [{id: a, activity: control.stop, disabled: 'yes'}]").workflow,
        loads("rpa: 1\nname: x\nsettings: {max_parallel: '4'}\nsteps: [{id: a, activity: control.stop}]").workflow,
        loads("rpa: 1\nname: x\nsteps: [{id: a, activity: control.stop, retry: {on: any}}]").workflow,
        loads("rpa: 1\nname: x\nsteps: [{id: a, activity: control.stop, with: [1]}]").workflow,
    ],
    "unknown-key": [
        chain(replace(setter("a"), extra={"lable": "Read"})),
        chain(setter("a"), extra={"mood": "calm"}),
        chain(setter("a"), layout=Layout(extra={"fames": []})),
    ],
    "missing-key": [chain(Step("a", ""))],
    "bad-duration": [
        chain(replace(setter("a"), timeout="5 minutes")),
        chain(replace(setter("a"), timeout="soon")),
        chain(replace(setter("a"), retry=Retry(delay="1 h and 20 sec"))),
    ],
    "out-of-range": [
        chain(replace(setter("a"), retry=Retry(attempts=0))),
        chain(replace(setter("a"), retry=Retry(jitter=7.0))),
        chain(replace(setter("a"), retry=Retry(jitter=-1.0))),
        loads("rpa: 1\nname: x\nsettings: {max_parallel: 0}\nsteps: [{id: a, activity: control.stop}]").workflow,
    ],
    "bad-id": [
        chain(setter("Read it"), setter("b", x="{{ steps['Read it'].output }}")),
        chain(setter("if")),
        chain(setter("")),
        chain(setter("a" * 70)),
        chain(setter("1.2")),
    ],
    "duplicate-id": [
        chain(setter("a"), setter("b"), edges="a.next -> b", layout=Layout({"a": Place(1, 2)})),
    ],
    "unknown-activity": [chain(Step("a", "files.raed")), chain(Step("a", "fs.read")), chain(Step("a", "nothing.like"))],
    "unknown-parameter": [
        chain(Step("a", "files.read", {"pth": "a.txt"})),
        chain(Step("a", "files.read", {"path": "a.txt", "zzz": 1})),
    ],
    "bad-parameter": [
        chain(Step("a", "files.write", {"path": "x", "text": "y", "if_exists": "apend"})),
        chain(Step("a", "files.wait", {"path": "x", "timeout": "soon"})),
        chain(Step("a", "files.list", {"folder": "x", "recursive": "perhaps"})),
    ],
    "plain-secret": [chain(Step("a", "files.unzip", {"path": "a.zip", "folder": "x", "password": "hunter2"}))],
    "duplicate-edge": [chain(setter("a"), setter("b"), edges="a.next -> b; a.next -> b")],
    "unknown-step": [
        chain(setter("read"), setter("b"), edges="raed.next -> b"),
        chain(setter("read"), setter("b"), edges="read.next -> bb; zzz.next -> yyy"),
        chain(setter("a"), setter("tidy"), edges="a.next -> a2", on_error="tidi"),
        chain(setter("a"), setter("b", x="{{ steps.aa.output + steps['aa'].output }} 'steps.aa'")),
        chain(setter("a"), outputs={"o": "{{ steps.aa.output }}"}),
    ],
    "unknown-port": [chain(LOOP, setter("b"), edges="each.nxt -> b")],
    "cycle": [
        chain(setter("a"), setter("b"), edges="a.next -> b; b.next -> a"),
        chain(setter("a"), edges="a.next -> a"),
    ],
    "edge-leaves-body": [
        chain(LOOP, setter("b"), setter("c"), edges="each.body -> b; b.next -> c; each.done -> c"),
        chain(setter("a"), LOOP, setter("b"), setter("c"), edges="a.next -> each; each.body -> b; b.next -> c; a.next -> c"),
    ],
    "handler-reached": [chain(setter("a"), setter("b"), on_error="b")],
    "outside-loop": [chain(setter("a"), Step("stop", "control.break"), setter("b"))],
    "duplicate-name": [
        chain(setter("a"), inputs=(Input("n"), Input("n", "text"))),
        chain(setter("a"), inputs=(Input("n"), Input("n"), Input("n"))),
    ],
    "bad-name": [
        chain(setter("a", x="{{ inputs['my file'] }}"), inputs=(Input("my file"),)),
        chain(setter("a", x="{{ vars['for'] }}"), variables={"for": 1}),
        chain(setter("a"), variables={"": 1, "é": 2}),
    ],
    "unknown-place": [chain(setter("a"), layout=Layout({"b": Place(1, 2)}))],
    "not-evaluated": [
        chain(setter("a"), setter("b"), variables={"n": "{{ 1 + 1 }}"}, layout=Layout({"a": Place(80, 40)})),
    ],
    "bad-expression": [
        chain(setter("a", x="{{ inputs.a && true }}"), inputs=(Input("a"),)),
        chain(setter("a", x="{{ len(inputs.a }}"), inputs=(Input("a"),)),
        chain(setter("a", x="{{ inputs.a "), inputs=(Input("a"),)),
        chain(setter("a", x=["{{ 'a' ++ }}", {"deep": "{{ ) }}"}])),
        chain(setter("a"), outputs={"o": "{{ 1 = 2 }} and {{ “a” }}"}),
    ],
    "unknown-name": [
        chain(setter("read"), setter("b", x="{{ read.x }} {{ 'read' }}")),
        chain(setter("a", x="{{ path }}"), inputs=(Input("path"),)),
        chain(setter("a", x="{{ inputz.path }}"), inputs=(Input("path"),)),
    ],
    "unknown-input": [chain(setter("a", x="{{ inputs.pth }}"), inputs=(Input("path"),))],
    "unknown-variable": [chain(setter("a", x="{{ vars.cont }}"), variables={"count": 1})],
    "disabled-step": [chain(replace(setter("a"), disabled=True), setter("b", x="{{ steps.a.output }}"))],
    "not-upstream": [
        chain(setter("a"), setter("b", x="{{ steps.c.output }}"), setter("c"), edges="a.next -> b; a.next -> c"),
        chain(LOOP, setter("b"), setter("c", x="{{ steps.b.output.x[0].y }}"), edges="each.body -> b; each.done -> c"),
        chain(
            setter("a"), LOOP, setter("b", x="{{ steps.a.output }}"), edges="each.body -> b"
        ),
    ],
}  # fmt: skip


def doubled(workflow: Workflow) -> Workflow:
    return replace(workflow, steps=(*workflow.steps, workflow.steps[0]))


CASES["duplicate-id"] = [doubled(workflow) for workflow in CASES["duplicate-id"]]


def identity(problem: Problem) -> tuple[Any, ...]:
    return (problem.code, problem.place, problem.fix.get("word"), problem.message)


def errors(workflow: Workflow) -> int:
    return sum(problem.severity == "error" for problem in check(workflow, CATALOG))


@pytest.mark.parametrize(
    ("code", "workflow"), [(code, workflow) for code, found in CASES.items() for workflow in found]
)
def test_every_fix_is_one_command_that_ends_the_problem_and_makes_no_other(code: str, workflow: Workflow) -> None:
    problems = [problem for problem in check(workflow, CATALOG) if problem.code == code]
    assert problems, check(workflow, CATALOG)
    for problem in problems:
        fixes = fixes_of(problem, workflow, CATALOG)
        assert [fix for fix in fixes if not fix.focus], problem
        assert len({fix.text for fix in fixes}) == len(fixes)
        for fix in fixes:
            document = WorkflowDocument(Document(workflow))
            assert document.edit_document(fix.text, fix.apply) == (not fix.focus)
            if fix.focus:
                continue
            left = {identity(other) for other in check(document.workflow, CATALOG)}
            assert identity(problem) not in left, fix.text
            if code != "unknown-activity":  # the other one has other parameters
                assert errors(document.workflow) <= errors(workflow), fix.text
            assert document.undo_stack.count() == 1
            document.undo()
            assert document.workflow == workflow


def test_no_code_is_forgotten() -> None:
    from engine.workflow import problems

    told = {word.strip(" `.,\n") for word in (problems.__doc__ or "").split("Codes are stable.")[1].split(",")}
    codes = {word for part in told for word in part.replace("`", " ").split() if "-" in word and word.islower()}
    # What was written twice in a file is gone with the next save; an empty workflow needs a person.
    assert codes - CASES.keys() == {"duplicate-key", "missing-parameter"}


def only(workflow: Workflow, code: str) -> list[Fix]:
    (problem,) = (problem for problem in check(workflow, CATALOG) if problem.code == code)
    return fixes_of(problem, workflow, CATALOG)


def applied(workflow: Workflow, fix: Fix) -> Workflow:
    return fix.apply(Document(workflow)).workflow


def test_a_missing_parameter_is_for_a_person_to_fill_in() -> None:
    (fix,) = only(chain(Step("a", "files.read")), "missing-parameter")
    assert (fix.text, fix.focus) == ("Fill in “File”", "path") or fix.focus == "path"


def test_a_renamed_step_keeps_its_readers_and_its_comments() -> None:
    text = "rpa: 1\nname: x\nsteps:\n  - id: Read it  # the orders\n    activity: control.stop\n"
    document = loads(text)
    (problem,) = (problem for problem in check(document.workflow, CATALOG) if problem.code == "bad-id")
    (fix,) = fixes_of(problem, document.workflow, CATALOG)
    changed = fix.apply(document)
    assert changed.workflow.steps[0].id == "read_it"
    assert changed.comments.inline == {("steps", "read_it", "id"): "# the orders"}


def test_only_what_an_expression_reads_is_rewritten_not_what_it_quotes() -> None:
    workflow = chain(setter("read"), setter("b", x="read {{ read.x + 'read' + a.read }}"), inputs=(Input("a"),))
    problem = next(problem for problem in check(workflow, CATALOG) if problem.fix.get("word") == "read")
    changed = applied(workflow, fixes_of(problem, workflow, CATALOG)[0])
    assert changed.steps[1].parameters["values"]["x"] == "read {{ steps.read.output.x + 'read' + a.read }}"


def test_moving_into_a_body_cuts_what_comes_from_outside() -> None:
    workflow = CASES["edge-leaves-body"][1]
    texts = [fix.text for fix in only(workflow, "edge-leaves-body")]
    assert texts == ["Go on to “c” when “each” is done", "Remove the wire", "Move “c” into the body"]
    moved = applied(workflow, only(workflow, "edge-leaves-body")[2])
    assert [str(edge) for edge in moved.edges] == ["a.next -> each", "each.body -> b", "b.next -> c"]


def test_a_fix_of_a_problem_that_is_already_gone_is_none() -> None:
    for code, workflows in CASES.items():
        for workflow in workflows:
            for problem in check(workflow, CATALOG):
                if problem.code == code:
                    for fix in fixes_of(problem, Workflow("empty"), CATALOG):
                        assert isinstance(fix.apply(Document(Workflow("empty"))).workflow, Workflow)


junk = st.text(st.sampled_from("ab_ .{}'\"()[]&|=+1stepinu"), max_size=24)
ids = st.sampled_from(["a", "b", "if", "A b", "", "each"])


@given(
    st.lists(st.tuples(ids, st.sampled_from(["control.set", "control.foreach", "files.raed", "files.read", "control.break"]), junk), max_size=5),
    st.lists(st.tuples(ids, st.sampled_from(["next", "body", "done", "nxt"]), ids), max_size=6),
    st.sampled_from([None, "a", "zz"]),
    junk,
)  # fmt: skip
def test_fixing_what_can_be_fixed_always_ends(
    steps: list[tuple[str, str, str]], edges: list[tuple[str, str, str]], handler: str | None, output: str
) -> None:
    workflow = Workflow(
        "x",
        steps=tuple(Step(id, activity, {"values": {"x": text}}) for id, activity, text in steps),
        edges=tuple(Edge(*edge) for edge in edges),
        on_error=handler,
        outputs={"o": output},
        variables={"n": output},
    )
    for _ in range(60):
        found = (
            (problem, fix)
            for problem in check(workflow, CATALOG)
            for fix in reversed(fixes_of(problem, workflow, CATALOG))
            if not fix.focus
        )
        problem, fix = next(found, (None, None))
        if problem is None or fix is None:
            return
        changed = applied(workflow, fix)
        same = (problem.code, problem.message)
        before, after = ([(p.code, p.message) for p in check(w, CATALOG)].count(same) for w in (workflow, changed))
        assert after < before, (problem, fix.text)
        workflow = changed
    raise AssertionError("the last fix of each problem leads in a circle")
