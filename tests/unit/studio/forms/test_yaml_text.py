"""Values as text and back: whatever can be shown reads back as the very same data."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.forms.unset import UNSET, same
from studio.forms.yaml_text import LONGEST, TooLarge, any_text, any_value, read, scalar, scalar_text, written

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    try:
        text = written(value)
        found = read(text)
    except TooLarge:
        return
    except Exception:
        # What no file can hold is kept by the field that cannot show it.
        with pytest.raises(TooLarge):
            any_text(value)
        return
    assert same(found, value) or not _shown(any_text, value)


def _shown(show: Any, value: Any) -> bool:
    try:
        return same(any_value(show(value)), value)
    except Exception:
        return False


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_a_field_shows_a_value_exactly_or_not_at_all(value: Any) -> None:
    try:
        text = any_text(value)
    except Exception as error:
        assert isinstance(error, TooLarge)
        return
    assert same(any_value(text), value)


@settings(max_examples=300, deadline=None)
@given(SCALARS, st.booleans())
def test_a_cell_shows_a_value_exactly_or_not_at_all(value: Any, groups: bool) -> None:
    try:
        text = scalar_text(value, groups)
    except Exception as error:
        assert isinstance(error, TooLarge)
        return
    assert same(scalar(text, groups), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1.5", 1.5),
        ("true", True),
        ("yes", "yes"),
        ('"12"', "12"),
        ("", ""),
        (" 12", " 12"),
        ("2026-11-23", "2026-11-23"),
        ("007", "007"),
        ("null", None),
        ("'12", "'12"),
        ("[1, 2]", "[1, 2]"),
        ("{{ 1 }}", "{{ 1 }}"),
        ("nan", "nan"),
        ("Totals", "Totals"),
        ("- x", "- x"),
        ('"a', '"a'),
    ],
)
def test_a_short_text_means_what_the_file_would_make_of_it(text: str, value: Any) -> None:
    assert same(scalar(text), value)


def test_cells_may_hold_lists() -> None:
    assert scalar("[1, 2]", groups=True) == [1, 2]
    assert scalar("[1, 2", groups=True) == "[1, 2"
    assert scalar_text(["a", 1], groups=True) == '["a", 1]'
    assert scalar_text("[1]", groups=True) == '"[1]"'


def test_expressions_inside_structures_are_kept() -> None:
    assert any_value("{{ steps.a.output }}") == "{{ steps.a.output }}"
    assert any_value('a: "{{ x }}"\nb: 1') == {"a": "{{ x }}", "b": 1}
    assert any_value("a {{ x }} b") == "a {{ x }} b"
    assert any_text({"a": "{{ x }}"}, "json") == '{\n  "a": "{{ x }}"\n}'
    assert any_value("[1, 2") == "[1, 2"


def test_what_is_too_large_is_said_to_be() -> None:
    with pytest.raises(TooLarge):
        written("x" * (LONGEST + 1))
    with pytest.raises(TooLarge):
        any_text(object())
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(TooLarge):
        any_text(deep)


def test_same_tells_types_apart() -> None:
    assert not same(1, True) and not same(1, 1.0) and not same([1], (1,)) and not same({"a": 1}, {"a": 1.0})
    assert same(math.nan, math.nan) and same({"a": [1]}, {"a": [1]})
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not UNSET
