"""Comments of a hand-written file survive what an editor does to the workflow."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.workflow.codec import Document, dumps, loads
from engine.workflow.model import Edge, Place, Step
from engine.workflow.rename import rename_input, rename_step

HAND_WRITTEN = """\
# Monthly report. Ask Accounting before changing it.
# Second line

rpa: 1  # the format
name: Report

# What it is started with
inputs:
  orders:  # from the shop
    type: file
    label: Orders

steps:
  # First the orders
  - id: read  # quick
    activity: data.read_csv
    disabled: false  # for now
    with:
      # where they are
      path: "{{ inputs.orders }}"  # relative
      text: |  # a template
        # not a comment
        line

    # retry: {attempts: 3}

  # Then each of them
  - id: each
    activity: control.foreach
    with:
      items:
        - 1  # one
        # two is missing
        - 3
edges:
  - read.next -> each  # go
  # - each.done -> mail
layout:
  steps:
    read: {x: 40, y: 80}  # top left
# The end
"""


def test_a_commented_file_is_written_as_it_was() -> None:
    document = loads(HAND_WRITTEN)
    assert dumps(document.workflow, document.comments) == HAND_WRITTEN


def test_comments_follow_a_rename_a_move_and_a_new_step() -> None:
    document = rename_input(rename_step(loads(HAND_WRITTEN), "read", "load"), "orders", "sales")
    assert isinstance(document, Document)
    steps = document.workflow.steps
    workflow = replace(
        document.workflow,
        steps=(steps[1], Step("mail", "email.send"), steps[0]),
        edges=(*document.workflow.edges, Edge("each", "done", "mail")),
        layout=replace(document.workflow.layout, steps={"mail": Place(1, 1), "load": Place(2, 2)}),
    )
    text = dumps(workflow, document.comments)
    lines = text.splitlines()
    assert sorted(line.partition("#")[2] for line in lines if "#" in line) == sorted(
        line.partition("#")[2] for line in HAND_WRITTEN.splitlines() if "#" in line
    )
    for expected in (
        "  - id: load  # quick",
        "  - load.next -> each  # go",
        "    load: {x: 2, y: 2}  # top left",
        "  sales:  # from the shop",
        '      path: "{{ inputs.sales }}"  # relative',
    ):
        assert expected in lines
    assert lines[lines.index("  - id: load  # quick") - 1] == "  # First the orders"
    assert lines[lines.index("  - id: each") - 1] == "  # Then each of them"
    again = loads(text)
    assert again.workflow == workflow
    assert dumps(again.workflow, again.comments) == text


def test_comments_of_a_removed_step_go_with_it() -> None:
    document = loads(HAND_WRITTEN)
    text = dumps(replace(document.workflow, steps=document.workflow.steps[1:]), document.comments)
    assert "First the orders" not in text
    assert "Then each of them" in text


def test_comments_in_odd_places_are_kept() -> None:
    text = """\
rpa: 1
steps:
  -
    # before the first key
    activity: x.y
    id: a
    with: {  # a flow mapping
      # inside it
      b: 1,  # behind a value
      c: [1, 2]  # behind a list
      # last inside
    }  # behind it
  - {id: b, activity: x.y}  # in one line
  - # behind a dash
    id: c
    activity: # behind a key
      x.y
layout: # behind layout
  steps:
    a: { # in a place
      x: 1, # behind x
      y: 2 }
  # below the places
"""
    document = loads(text)
    written = dumps(document.workflow, document.comments)
    for line in text.splitlines():
        if "#" in line:
            assert "#" + line.partition("#")[2] in written
    again = loads(written)
    assert again.workflow == document.workflow
    assert dumps(again.workflow, again.comments) == written


def test_what_is_written_with_comments_settles_at_once() -> None:
    for end in ("", "  # deep\n", "# flat\n", "\n\n# a\n\n\n# b\n", "      # deepest"):
        document = loads("rpa: 1\nname: X\nsteps:\n  - id: a\n    activity: x.y\n    with:\n      b: c\n" + end)
        once = dumps(document.workflow, document.comments)
        again = loads(once)
        assert dumps(again.workflow, again.comments) == once
        assert once.count("#") == end.count("#")


def test_hashes_that_begin_no_comment_are_left_alone() -> None:
    text = 'rpa: 1\nname: "a # b"\ndescription: a#b\nvariables:\n  c: \'d # "e\'\n'
    document = loads(text)
    assert document.comments.inline == {}
    assert document.workflow.description == "a#b"
    assert loads(dumps(document.workflow, document.comments)).workflow == document.workflow


PLAIN = """\
rpa: 1
inputs:
  orders:
    type: file
steps:
  - id: read
    activity: data.read_csv
    disabled: false
    with:
      items:
        - 1
        - 3
  - id: each
    activity: x.y
edges:
  - read.next -> each
layout:
  steps:
    read: {x: 40, y: 80}
"""


@given(st.lists(st.tuples(st.sampled_from(["", "end", "own"]), st.integers(0, 9)), min_size=19, max_size=19))
def test_every_comment_survives_wherever_it_stands(plan: list[tuple[str, int]]) -> None:
    lines = []
    for number, (line, (kind, column)) in enumerate(zip(PLAIN.splitlines(), plan, strict=True)):
        if kind == "own":
            lines += ["", " " * column + f"# comment {number}."]
        lines.append(f"{line} # comment {number}." if kind == "end" else line)
    document = loads("\n".join(lines))
    written = dumps(document.workflow, document.comments)
    for number, (kind, _) in enumerate(plan):
        assert written.count(f"# comment {number}.") == bool(kind)
    again = loads(written)
    assert again.workflow == document.workflow
    assert dumps(again.workflow, again.comments) == written
