from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api import Document
from studio.designer.delta import Delta
from studio.designer.document import Moment
from studio.designer.moments import Unreadable, decode, encode
from tests.unit.studio.safety.edits import change, start

seeds = st.integers(0, 10_000)


@given(st.lists(seeds, min_size=1, max_size=12))
def test_what_is_read_back_does_and_undoes_the_same(seeds: list[int]) -> None:
    document = start()
    for seed in seeds:
        after = change(document, seed)
        delta = Delta.between(document, after)
        line = encode(Moment("edited", "Ж", delta))
        assert "\n" not in line and line.isascii()
        moment = decode(line, document)
        assert (moment.kind, moment.text) == ("edited", "Ж")
        again = moment.delta.applied(document)
        assert (again.workflow, again.comments) == (after.workflow, after.comments)
        back = moment.delta.inverted().applied(again)
        assert (back.workflow, back.comments) == (document.workflow, document.comments)
        document = Document(again.workflow, comments=again.comments)


def test_comments_are_kept_beside_a_text_that_json_has_to_escape() -> None:
    document = start()
    lines: dict[tuple[str | int, ...], tuple[str, ...]] = {("steps", "s0"): ("# one", "", "# two")}
    changed = replace(document.workflow, name='{"$": "v"}', variables={"$": float("inf")})
    after = replace(document, workflow=changed, comments=replace(document.comments, before=lines))
    again = decode(encode(Moment("edited", "", Delta.between(document, after))), document).delta.applied(document)
    assert (again.workflow, again.comments) == (after.workflow, after.comments)


def test_moving_a_step_of_many_is_a_short_line() -> None:
    document = start(2_000)
    moved = decode(encode(Moment("edited", "", Delta())), document)
    assert not moved.delta
    layout = document.workflow.layout
    there = {**layout.steps, "s7": replace(layout.steps["s7"], x=5.0)}
    after = replace(document, workflow=replace(document.workflow, layout=replace(layout, steps=there)))
    assert len(encode(Moment("edited", "Move", Delta.between(document, after)))) < 120


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        '{"kind":"burnt"}',
        '{"kind":"edited","steps":[[999],[],[]]}',
        '{"kind":"edited","steps":[[-1],[],[]]}',
        '{"kind":"edited","steps":[[],[0],[]]}',
        '{"kind":"edited","steps":[[],[0],[7]]}',
        '{"kind":"edited","steps":"x"}',
        '{"kind":"edited","edges":[[],[0],[["a"]]]}',
        '{"kind":"edited","places":[]}',
        '{"kind":"edited","fields":[["nothing"],{}]}',
        '{"kind":"edited","comments":{"before":[[["gone"]],[]]}}',
        '{"kind":"edited","x":' + "[" * 100_000,
    ],
)
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(Unreadable):
        decode(line, start())


@given(st.text(max_size=60) | st.integers(0, 10_000).map(str), st.data())
def test_a_damaged_line_is_read_or_refused(junk: str, data: st.DataObject) -> None:
    document = start()
    line = encode(Moment("edited", "x", Delta.between(document, change(document, data.draw(seeds)))))
    at = data.draw(st.integers(0, len(line)))
    try:
        decode(line[:at] + junk + line[at + len(junk) :], document).delta.applied(document)
    except Unreadable:
        pass
