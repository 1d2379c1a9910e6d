from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.activities import text
from engine.activities.text import patterns
from engine.core.errors import BusinessError

Call = Callable[..., Any]


def test_find(call: Call) -> None:
    output = call(text.find, text="Order 12, order 7", pattern=r"order (?P<number>\d+)", ignore_case=True)
    assert (output["found"], output["text"], output["groups"], output["count"]) == (
        True,
        "Order 12",
        {"number": "12"},
        2,
    )
    assert output["matches"][1] == {
        "text": "order 7",
        "start": 10,
        "end": 17,
        "groups": {"number": "7"},
        "parts": ["7"],
    }
    missing = call(text.find, text="x", pattern=r"(?P<n>\d)")
    assert (missing["found"], missing["text"], missing["groups"]) == (False, None, {"n": None})
    with pytest.raises(BusinessError, match="nothing in the text"):
        call(text.find, text="x", pattern="y", required=True)
    assert call(text.find, text="aaa", pattern="a", limit=2)["count"] == 2


def test_replace(call: Call) -> None:
    assert call(text.replace, text="a.b.c", find=".", replacement="\\1")["text"] == "a\\1b\\1c"
    assert call(text.replace, text="ab12", find=r"(\d)(\d)", replacement=r"\2\1", pattern=True)["text"] == "ab21"
    assert call(text.replace, text="aAa", find="a", replacement="-", ignore_case=True, limit=2) == {
        "text": "--a",
        "count": 2,
    }
    assert call(text.replace, text="a", find="a", limit=0)["count"] == 0
    with pytest.raises(BusinessError, match="cannot be used"):
        call(text.replace, text="a", find="a", replacement=r"\9", pattern=True)
    with pytest.raises(BusinessError, match="nothing to find"):
        call(text.replace, text="a", find="")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"text": "a, b,,c"}, ["a", "b", "", "c"]),
        ({"text": "a, b,,c", "skip_empty": True}, ["a", "b", "c"]),
        ({"text": "a, b", "trim": False}, ["a", " b"]),
        ({"text": "a  b\tc", "separator": ""}, ["a", "b", "c"]),
        ({"text": "a,b,c", "limit": 2}, ["a", "b,c"]),
        ({"text": "a\r\nb\nc", "by": "lines"}, ["a", "b", "c"]),
        ({"text": "a\nb\nc", "by": "lines", "limit": 2}, ["a", "b\nc"]),
        ({"text": "a1b22c", "by": "pattern", "separator": r"(\d)+"}, ["a", "b", "c"]),
        ({"text": "a1b22c", "by": "pattern", "separator": r"\d+", "limit": 2}, ["a", "b22c"]),
        ({"text": "abcde", "by": "length", "length": 2}, ["ab", "cd", "e"]),
        ({"text": ""}, [""]),
    ],
)
def test_split(call: Call, options: dict[str, Any], expected: list[str]) -> None:
    assert call(text.split, **options)["parts"] == expected


def test_join(call: Call) -> None:
    assert call(text.join, items=["a", 1, None, 2.5])["text"] == "a, 1, , 2.5"
    assert call(text.join, items=["a", "b", "", "c"], last_separator=" and ", skip_empty=True)["text"] == "a, b and c"


@pytest.mark.parametrize("pattern", ["(", "", "x" * 20_000, "[z-a]"])
def test_what_is_no_pattern(call: Call, pattern: str) -> None:
    with pytest.raises(BusinessError, match="regular expression"):
        call(text.find, text="x", pattern=pattern)


def test_a_pattern_that_never_ends_is_stopped(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_SECONDS", 0.2)
    evil = {"text": "a" * 5000 + "!", "pattern": r"(a|aa|a?)+$"}
    with pytest.raises(BusinessError, match="took longer than"):
        call(text.find, **evil)
    with pytest.raises(BusinessError, match="took longer than"):
        call(text.replace, text=evil["text"], find=evil["pattern"], pattern=True)
    with pytest.raises(BusinessError, match="took longer than"):
        call(text.split, text=evil["text"], separator=evil["pattern"], by="pattern")
