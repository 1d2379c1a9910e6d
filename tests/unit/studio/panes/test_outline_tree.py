from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from engine.api import Catalog, Edge, Plan, Step, Workflow, loads, step_ports
from studio.designer.outline.model import OutlineModel
from studio.designer.outline.texts import Texts
from studio.designer.outline.tree import ROOT, Key, Tree, first_line, outline

CATALOG = Catalog()


def ports(step: Step):  # type: ignore[no-untyped-def]
    return step_ports(step, CATALOG.get(step.activity))


def tree_of(workflow: Workflow) -> Tree:
    bodies = {step.id: tuple(port.name for port in ports(step) if port.body) for step in workflow.steps}
    return outline(workflow, Plan.of(workflow, ports), bodies)


def drawn(tree: Tree, key: Key = ROOT, indent: str = "") -> list[str]:
    lines = []
    for child in tree.children.get(key, []):
        lines.append(f"{indent}{child[0]} {child[1]}".rstrip())
        lines += drawn(tree, child, indent + "  ")
    return lines


WORKFLOW = loads("""
rpa: 1
name: x
on_error: tell
steps:
  - {id: tell, activity: control.log, with: {message: m}}
  - {id: each, activity: control.foreach, with: {items: [1]}}
  - {id: risky, activity: control.try}
  - {id: fetch, activity: files.read, with: {path: a}}
  - {id: saved, activity: files.read, with: {path: a}}
  - {id: read, activity: files.read, with: {path: a}}
  - {id: last, activity: files.read, with: {path: a}}
edges: [read.next -> each, each.body -> risky, risky.body -> fetch, each.done -> last]
layout:
  steps: {read: {x: 20, y: 20}, last: {x: 900, y: 20}, each: {x: 300, y: 20}}
  frames: [{id: f, title: Collect, x: 0, y: 0, width: 250, height: 200}, {id: empty, title: E, x: 5000, y: 0}]
  notes: [{id: n, text: "# Late\\nmore"}]
""").workflow


def test_regions_nest_frames_hold_what_lies_in_them_and_the_rest_comes_last() -> None:
    assert drawn(tree_of(WORKFLOW)) == [
        "step saved",
        "frame f",
        "  step read",
        "step each",
        "  step risky",
        "    body risky.body",
        "      step fetch",
        "step last",
        "frame empty",
        "handler",
        "  step tell",
        "notes",
        "  note n",
    ]


def test_what_is_filtered_keeps_what_it_stands_under() -> None:
    assert drawn(tree_of(WORKFLOW).only([("step", "fetch"), ("note", "n"), ("step", "gone")])) == [
        "step each",
        "  step risky",
        "    body risky.body",
        "      step fetch",
        "notes",
        "  note n",
    ]


def test_several_bodies_are_told_apart_by_their_ports() -> None:
    several = Step("both", "control.try")
    names = [port.name for port in ports(several) if port.body]
    inner = tuple(Step(f"in_{name}", "control.log", {"message": "m"}) for name in names)
    edges = tuple(Edge("both", name, f"in_{name}") for name in names)
    lines = drawn(tree_of(Workflow(steps=(several, *inner), edges=edges)))
    assert len(names) > 1
    assert lines == ["step both", *(line for name in names for line in (f"  body both.{name}", f"    step in_{name}"))]


def test_a_chain_of_twenty_thousand_is_a_list() -> None:
    steps = tuple(Step(f"s{number}", "control.log", {"message": "m"}) for number in range(20_000))
    edges = tuple(Edge(f"s{number}", "next", f"s{number + 1}") for number in range(19_999))
    assert len(tree_of(Workflow(steps=steps, edges=edges)).children[ROOT]) == 20_000


def test_a_note_is_called_by_its_first_line() -> None:
    assert first_line("\n\n## **Late** = today**\nmore") == "Late** = today"
    assert first_line("") == ""


names = st.integers(0, 9)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Any tree over at most ten keys, each once."""
    children: dict[Key, list[Key]] = {ROOT: []}
    for number in draw(st.permutations(range(draw(names)))):
        key: Key = ("step", str(number))
        parent = draw(st.sampled_from(sorted(children)))
        children[key] = []
        children[parent].insert(draw(st.integers(0, len(children[parent]))), key)
    return Tree(children)


def shown(model: OutlineModel, parent: QModelIndex | None = None, indent: str = "") -> list[str]:
    lines = []
    parent = parent or QModelIndex()
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        assert model.parent(index) == parent and index == model.index_of(model.key(index))
        lines.append(f"{indent}{model.key(index)[0]} {model.key(index)[1]}")
        lines += shown(model, index, indent + "  ")
    return lines


@given(st.lists(trees(), min_size=2, max_size=6))
def test_the_model_becomes_any_tree_and_never_lies_to_qt(wanted: list[Tree]) -> None:
    model = OutlineModel(lambda key: Texts(key[1]), lambda key, text: False)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.reset(wanted[0])
    for tree in wanted[1:]:
        model.follow(tree)
        assert shown(model) == drawn(tree)
    del tester
