from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api import Catalog, Document, Edge, Plan, Step, dumps, loads, step_ports
from engine.core.errors import DocumentError
from studio.designer.delta import Delta
from studio.designer.selection import Selected
from studio.designer.yaml_view.fragment import Fragment, fragment, read, written

CATALOG = Catalog()
TEXT = """\
# Orders of the day
rpa: 1
name: Orders
inputs:
  day: {type: date}
on_error: tell
# what happens
steps:
  # the shop's file
  - id: read  # never renamed
    activity: files.read
    with:
      path: a.txt  # relative
  - id: each
    activity: control.foreach
    with:
      items: "{{ steps.read.output }}"
  - id: write
    activity: files.write
    with:
      path: "{{ item }}"
      text: x
  - id: tell
    activity: control.log
    with:
      message: "{{ steps.read.output }}"
edges:
  - read.next -> each
  - each.body -> write  # one by one
layout:
  steps:
    read: {x: 0, y: 0}
    each: {x: 240, y: 0}
    write: {x: 280, y: 80}
  notes:
    - id: n
      text: Late
# the end
"""


def plan(document: Document) -> Plan:
    return Plan.of(document.workflow, lambda step: step_ports(step, CATALOG.get(step.activity)))


def shown(document: Document, *steps: str, **more: frozenset[str]) -> Fragment:
    return fragment(document, plan(document), Selected(frozenset(steps), **more))  # type: ignore[arg-type]


def edited(document: Document, part: Fragment, old: str, new: str) -> Document:
    assert old in part.text
    return written(document, part, read(part.text.replace(old, new), part))[0]


def test_nothing_selected_is_the_whole_file_and_its_comments() -> None:
    document = loads(TEXT)
    part = shown(document)
    assert part.text == dumps(document.workflow, document.comments)
    changed = edited(document, part, "path: a.txt  # relative", "path: b.txt  # absolute")
    assert changed.workflow.step("read").parameters == {"path": "b.txt"}
    assert dumps(changed.workflow, changed.comments) == part.text.replace("a.txt  # relative", "b.txt  # absolute")
    assert Delta.between(document, changed).steps_changed == {"read"}


def test_a_part_is_a_workflow_of_what_is_selected_and_its_bodies() -> None:
    part = shown(loads(TEXT), "each")
    workflow = loads(part.text).workflow
    assert [step.id for step in workflow.steps] == ["each", "write"]
    assert [str(edge) for edge in workflow.edges] == ["each.body -> write"]
    assert "# one by one" in part.text and "# relative" not in part.text


def test_an_edit_of_a_part_leaves_all_else_the_very_same() -> None:
    document = loads(TEXT)
    changed = edited(document, shown(document, "read"), "a.txt  # relative", "b.txt  # really")
    assert [step is other for step, other in zip(changed.workflow.steps, document.workflow.steps, strict=True)] == [
        False, True, True, True,
    ]  # fmt: skip
    assert changed.comments.inline[("steps", "read", "with", "path")] == "# really"
    assert changed.comments.head == ("# Orders of the day",) and changed.comments.foot == ("# the end",)
    assert changed.comments.inline[("edges", "each.body -> write")] == "# one by one"
    assert changed.workflow.on_error == "tell"


def test_another_id_renames_the_step_wherever_it_is_read() -> None:
    document = loads(TEXT)
    part = shown(document, "read", "each")
    changed, selected = written(document, part, read(part.text.replace("id: read", "id: load"), part))
    assert changed.workflow.step("each").parameters["items"] == "{{ steps.load.output }}"
    assert changed.workflow.step("tell").parameters["message"] == "{{ steps.load.output }}"
    assert str(changed.workflow.edges[0]) == "load.next -> each"
    assert changed.workflow.layout.steps["load"].x == 0 and "read" not in changed.workflow.layout.steps
    assert changed.comments.inline[("steps", "load", "id")] == "# never renamed"
    assert selected.steps == {"load", "each", "write"}


def test_steps_and_edges_are_added_and_removed() -> None:
    document = loads(TEXT)
    part = shown(document, "each", "write")
    text = part.text.replace("  - each.body -> write  # one by one\n", "  - each.body -> copy\n  - copy.next -> tell\n")
    text = text.replace("  - id: write\n", "  - id: copy\n    label: Other\n")
    changed, selected = written(document, part, read(text.replace("files.write", "files.copy"), part))
    assert [step.id for step in changed.workflow.steps] == ["read", "each", "copy", "tell"]
    assert {str(edge) for edge in changed.workflow.edges} == {
        "read.next -> each",
        "each.body -> copy",
        "copy.next -> tell",
    }
    assert selected.steps == {"each", "copy"}


def test_wires_alone_can_be_edited() -> None:
    document = loads(TEXT)
    wire = Edge("read", "next", "each")
    part = fragment(document, plan(document), Selected(edges=frozenset({wire})))
    changed, selected = written(document, part, read(part.text.replace("read.next", "read.error"), part))
    assert changed.workflow.edges[0] == Edge("read", "error", "each")
    assert selected == Selected(edges=frozenset({Edge("read", "error", "each")}))


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("activity: files.read", "activity: [", 9, ""),
        ("with:", "timeout: []\n    with:", 8, "timeout"),
        ("id: read", "id: tell", 6, "already"),
        ("name: Orders", "name: Orders\ninputs: {a: {type: text}}", 3, "selection"),
        ("  # the shop", "  - {id: read, activity: control.stop}\n  # the shop", 7, "Two steps"),
        ("rpa: 1", "rpa: 99", 0, ""),
        ("path: a.txt", "path: *x", 9, ""),
        ("path: a.txt", "path: !!python/name:os.system a", 9, ""),
    ],
)
def test_what_is_wrong_is_told_in_its_line(old: str, new: str, line: int, says: str) -> None:
    document = loads(TEXT)
    part = shown(document, "read")
    with pytest.raises(DocumentError) as caught:
        written(document, part, read(part.text.replace(old, new), part))
    assert says in caught.value.message
    lines = [problem.line for problem in caught.value.problems]  # type: ignore[attr-defined]
    assert not line or abs(lines[0] - line) <= 2


def test_what_was_wrong_before_does_not_stop_an_edit() -> None:
    document = loads("rpa: 1\nname: x\nsteps: [{id: a, activity: files.read, timeout: []}]\n")
    part = shown(document, "a")
    assert edited(document, part, "files.read", "files.copy").workflow.steps[0].extra == {"timeout": []}


def test_comments_written_around_a_part_are_kept() -> None:
    document = loads(TEXT)
    part = shown(document, "read")
    changed, _ = written(document, part, read(f"# up\n{part.text}\n# down\n", part))
    text = dumps(changed.workflow, changed.comments)
    assert "# up" in text and "# down" in text and "# the end" in text


ids = st.sampled_from(["a", "b", "c", "d"])
words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=5) | st.sampled_from(
    ["{{ steps.a.output }}", "#x", "yes"]
)
steps = st.builds(
    Step,
    ids,
    st.sampled_from(["control.foreach", "files.read", "x.y"]),
    st.dictionaries(words, words, max_size=2),
    label=words,
)
workflows = st.builds(
    lambda steps, edges, name: replace(loads("rpa: 1\nname: x").workflow, name=name, steps=tuple(steps), edges=tuple(edges)),
    st.lists(steps, max_size=4, unique_by=lambda step: step.id),
    st.lists(st.builds(Edge, ids, st.sampled_from(["next", "body"]), ids), max_size=4, unique=True),
    words,
)  # fmt: skip


@given(workflows, st.frozensets(ids), st.data())
def test_a_text_written_back_unchanged_changes_nothing(workflow, chosen, data) -> None:  # type: ignore[no-untyped-def]
    document = loads(dumps(workflow))
    selected = Selected(
        chosen & {step.id for step in workflow.steps},
        frozenset(data.draw(st.lists(st.sampled_from(workflow.edges)))) if workflow.edges else frozenset(),
    )
    part = fragment(document, plan(document), selected)
    back, _ = written(document, part, read(part.text, part))
    assert not Delta.between(document, back)


@given(workflows, workflows, st.frozensets(ids))
def test_what_is_written_is_what_is_shown_afterwards(workflow, other, chosen) -> None:  # type: ignore[no-untyped-def]
    document = loads(dumps(workflow))
    part = fragment(document, plan(document), Selected(chosen & {step.id for step in workflow.steps}))
    text = dumps(replace(other, name=workflow.name))
    try:
        changed, selected = written(document, part, read(text, part))
    except DocumentError:
        return
    again = loads(dumps(changed.workflow, changed.comments))
    assert again.workflow == changed.workflow
    if part.selected:
        for step in loads(text).workflow.steps:
            assert step.id in selected.steps and changed.workflow.step(step.id).activity == step.activity
        kept = {step.id for step in workflow.steps} - part.selected.steps
        assert kept <= {step.id for step in changed.workflow.steps}
