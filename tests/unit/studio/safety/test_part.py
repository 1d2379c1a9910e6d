from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api import Catalog, Document, Edge, Frame, Layout, Note, Place, Plan, Step, Workflow, loads
from engine.core.errors import DocumentError
from studio.designer.edits import ports_of
from studio.designer.part import OFFSET, enclosed, part_of, paste, read, text_of, without
from studio.designer.selection import Selected

SOURCE = """\
# The nightly report.
rpa: 1
name: Order report
inputs:
  folder: {type: folder}
steps:
  # Comes from the shop.
  - id: read
    activity: data.read_csv
    with:
      path: "{{ inputs.folder }}/orders.csv"  # one a day
  - id: each
    activity: control.foreach
    with:
      items: "{{ steps.read.output.rows }}"
  - id: write
    activity: files.write_text
    with:
      text: "{{ item.name }} {{ steps['read'].output.path }} {{ steps.each_2.output }}"
  - id: done
    activity: control.stop
edges:
  - read.next -> each
  - each.body -> write
  - each.done -> done
layout:
  steps:
    read: {x: 0, y: 0}
    each: {x: 240, y: 0}
    write: {x: 280, y: 72}
    done: {x: 600, y: 0}
  notes:
    - id: why
      text: Late means after noon.
      x: 0
      y: 200
  frames:
    - id: collect
      title: Collect
      x: -20
      y: -40
      width: 230
      height: 140
"""
ALL = Selected(
    steps=frozenset({"read", "each", "write", "done"}), notes=frozenset({"why"}), frames=frozenset({"collect"})
)


def source() -> Document:
    return loads(SOURCE.replace("{type: folder}", "\n    type: folder"))


def plan(document: Document) -> Plan:
    return Plan.of(document.workflow, ports_of(Catalog(entry_points=False)))


def test_what_is_copied_is_a_small_workflow_that_a_person_can_read() -> None:
    text = text_of(part_of(source(), Selected(steps=frozenset({"read", "each"}), notes=frozenset({"why"}))))
    assert text.startswith("rpa: 1\nname: Order report\n")
    assert "# Comes from the shop." in text
    assert "# The nightly report." not in text
    assert "Late means after noon." in text
    part = loads(text)
    assert not part.problems
    assert [step.id for step in part.workflow.steps] == ["read", "each"]
    assert part.workflow.edges == (Edge("read", "next", "each"),)
    assert set(part.workflow.layout.steps) == {"read", "each"}
    assert part.workflow.inputs == ()


def test_a_container_brings_its_body_and_a_frame_what_lies_in_it() -> None:
    document = source()
    selected = enclosed(document, plan(document), Selected(steps=frozenset({"each"})))
    assert selected.steps == {"each", "write"}
    selected = enclosed(document, plan(document), Selected(frames=frozenset({"collect"})))
    assert selected.steps == {"read"}


def test_pasting_beside_the_original_renames_what_the_part_speaks_of_and_keeps_the_rest() -> None:
    document = source()
    part = read(text_of(part_of(document, Selected(steps=frozenset({"each", "write"})))))
    pasted = paste(document, part)
    workflow = pasted.document.workflow
    # `each_2` is free, but `write` reads a step of that name: it must not come to mean the copy.
    assert pasted.new.steps == {"each_3", "write_2"}
    copy = workflow.step("write_2").parameters["text"]
    assert copy == "{{ item.name }} {{ steps['read'].output.path }} {{ steps.each_2.output }}"
    assert workflow.step("each_3").parameters["items"] == "{{ steps.read.output.rows }}"
    assert Edge("each_3", "body", "write_2") in workflow.edges
    assert workflow.layout.steps["each_3"] == Place(240 + OFFSET, OFFSET)
    assert workflow.steps[:4] == document.workflow.steps
    again = paste(pasted.document, part).document.workflow
    assert again.layout.steps["each_4"] == Place(240 + 2 * OFFSET, 2 * OFFSET)


def test_expressions_follow_the_steps_inside_the_part() -> None:
    document = source()
    pasted = paste(document, part_of(document, ALL)).document
    assert pasted.workflow.step("each_3").parameters["items"] == "{{ steps.read_2.output.rows }}"
    assert "steps['read_2']" in pasted.workflow.step("write_2").parameters["text"]
    text = text_of(pasted)
    assert text.count("# Comes from the shop.") == 2
    assert text.count("# one a day") == 2
    assert text.count("# The nightly report.") == 1
    assert {note.id for note in pasted.workflow.layout.notes} == {"why", "why_2"}
    assert {frame.id for frame in pasted.workflow.layout.frames} == {"collect", "collect_2"}


def test_pasting_at_a_point_puts_the_upper_left_corner_there_on_the_grid() -> None:
    document = source()
    part = part_of(document, Selected(steps=frozenset({"each", "write"})))
    places = paste(document, part, (1003.0, 498.0)).document.workflow.layout.steps
    assert places["each_3"] == Place(1000, 496)
    assert places["write_2"] == Place(1040, 568)


def test_a_whole_workflow_pasted_into_an_empty_one_brings_its_inputs_and_runs_the_same() -> None:
    document = source()
    empty = Document(Workflow("Mine"))
    pasted = paste(empty, read(text_of(document)), (0, 0)).document.workflow
    assert pasted.name == "Mine"
    assert pasted.inputs == document.workflow.inputs
    assert pasted.steps == document.workflow.steps
    assert pasted.edges == document.workflow.edges


def test_steps_that_stand_nowhere_are_given_places_that_differ() -> None:
    steps = tuple(Step(f"s{number}", "control.stop") for number in range(20))
    pasted = paste(Document(Workflow()), Document(Workflow(steps=steps)), (80, 80)).document.workflow
    places = [(place.x, place.y) for place in pasted.layout.steps.values()]
    assert len(set(places)) == 20
    assert min(places) == (80, 80)


def test_doubled_and_missing_ids_are_put_right() -> None:
    part = read("steps:\n- {id: a, activity: x.y}\n".replace("{id: a, activity: x.y}", "id: a\n  activity: x.read_it"))
    twice = replace(part.workflow, steps=(*part.workflow.steps, *part.workflow.steps, Step("", "x.read_it")))
    pasted = paste(Document(Workflow(steps=(Step("a", "x.y"),))), replace(part, workflow=twice)).new.steps
    assert pasted == {"a_3", "a_2", "read_it"} or pasted == {"a_2", "a_3", "read_it"}


def test_edges_to_steps_that_are_not_in_the_part_are_not_taken_over() -> None:
    text = "rpa: 1\nsteps:\n  - id: b\n    activity: x.y\nedges:\n  - a.next -> b\n  - b.next -> b2\n"
    pasted = paste(Document(Workflow(steps=(Step("a", "x.y"),))), read(text)).document.workflow
    assert pasted.edges == ()


def test_cutting_and_pasting_back_gives_the_same_workflow() -> None:
    document = source()
    selected = Selected(steps=frozenset({"done"}), edges=frozenset({Edge("each", "done", "done")}))
    part = read(text_of(part_of(document, selected)))
    left = without(document, selected)
    assert [step.id for step in left.workflow.steps] == ["read", "each", "write"]
    back = paste(left, part, (600, 0)).document.workflow
    assert {step.id for step in back.steps} == {step.id for step in document.workflow.steps}
    assert back.layout.steps == document.workflow.layout.steps


HOSTILE = {
    "nothing": "",
    "blanks": " \n\t ",
    "prose": "Dear Maria, here is what we spoke about: the report, and then some.",
    "json": '{"name": "x", "nodes": []}',
    "a list": "- a\n- b\n",
    "yaml of something else": "services:\n  web:\n    image: nginx\n",
    "no steps": "rpa: 1\nname: empty\n",
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "a tag": "steps: !!python/object/apply:os.system ['true']\n",
    "two documents": "rpa: 1\n---\nrpa: 1\n",
    "too deep": "steps: " + "[" * 5_000,
    "steps that are text": "rpa: 1\nsteps: all of them\n",
    "steps that are numbers": "rpa: 1\nsteps: [1, 2]\n",
    "edges that are none": "rpa: 1\nedges: [x]\n",
    "newer format": "rpa: 999\nsteps: []\n",
    "nul": "\x00\x00",
    "control": "rpa: 1\x07\n",
    "surrogate": "\ud800",
    "html": "<html><body onload=alert(1)>&nbsp;</body></html>",
    "binary": bytes(range(256)).decode("latin-1"),
    "huge": "x" * 50_000_000,
    "huge with lines": "- x\n" * 12_500_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_workflow_is_answered_with_a_sentence(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text)
    assert caught.value.message.startswith("The clipboard holds no ")
    assert len(caught.value.hint) < 400


@given(st.text(max_size=200) | st.text(alphabet="- :{}[]#&*!|>'\"\n\tabrpsteid01", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    document = source()
    try:
        part = read(text)
    except DocumentError:
        return
    paste(document, part)


ids = st.sampled_from(["a", "b", "a_2", "read", "", "Ugly id", "steps", "é"])
steps = st.builds(
    Step,
    ids,
    st.sampled_from(["x.y", "control.stop", ""]),
    st.dictionaries(st.sampled_from("pq"), st.sampled_from(["{{ steps.a.output }}", "{{ steps.b_2 }}", "{{ oops", 1])),
)
parts = st.builds(
    lambda steps, edges, notes, frames, places: Document(
        Workflow(steps=tuple(steps), edges=tuple(edges), layout=Layout(places, tuple(notes), tuple(frames)))
    ),
    st.lists(steps, max_size=6),
    st.lists(st.builds(Edge, ids, st.just("next"), ids), max_size=6),
    st.lists(st.builds(Note, ids, st.text(max_size=5)), max_size=3),
    st.lists(st.builds(Frame, ids, st.text(max_size=5)), max_size=3),
    st.dictionaries(ids, st.builds(Place, st.integers(-9, 9).map(float), st.integers(-9, 9).map(float)), max_size=4),
)


@given(parts)
def test_whatever_is_pasted_touches_nothing_that_was_there(part: Document) -> None:
    document = source()
    pasted = paste(document, part)
    before, after = document.workflow, pasted.document.workflow
    assert after.steps[: len(before.steps)] == before.steps
    assert after.edges[: len(before.edges)] == before.edges
    assert len(after.steps) == len(before.steps) + len(part.workflow.steps)
    assert len({step.id for step in after.steps}) == len(after.steps)
    marks = [note.id for note in after.layout.notes] + [frame.id for frame in after.layout.frames]
    assert len(set(marks)) == len(marks)
    assert pasted.new.within(after) == pasted.new
    for id in pasted.new.steps:
        assert id in after.layout.steps
