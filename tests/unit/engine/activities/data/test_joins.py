from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.activities import data
from engine.core.errors import BusinessError
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]
LEFT = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": None, "name": "c"}, {"id": 4, "name": "d"}]
RIGHT = [{"id": 1, "name": "x"}, {"id": 1, "name": "y"}, {"id": None, "name": "z"}, {"id": 9, "name": "w"}]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("inner", [(1, "a", "x"), (1, "a", "y")]),
        ("left", [(1, "a", "x"), (1, "a", "y"), (2, "b", None), (None, "c", None), (4, "d", None)]),
        ("right", [(1, "a", "x"), (1, "a", "y"), (None, None, "z"), (9, None, "w")]),
        (
            "full",
            [
                (1, "a", "x"),
                (1, "a", "y"),
                (2, "b", None),
                (None, "c", None),
                (4, "d", None),
                (None, None, "z"),
                (9, None, "w"),
            ],
        ),
    ],
)
def test_join(call: Call, how: str, expected: list[tuple[Any, ...]]) -> None:
    output = call(data.join, left=LEFT, right=RIGHT, on="id", how=how)
    assert output["columns"] == ["id", "name", "name_right"]
    assert [tuple(row[name] for name in output["columns"]) for row in output["rows"]] == expected
    assert (output["left_alone"], output["right_alone"]) == (3, 2)


def test_semi_and_anti_keep_left_rows_as_they_are(call: Call) -> None:
    assert call(data.join, left=LEFT, right=RIGHT, on="id", how="semi")["rows"] == LEFT[:1]
    assert call(data.join, left=LEFT, right=RIGHT, on="id", how="anti")["rows"] == LEFT[1:]


def test_join_by_several_and_by_differently_named_columns(call: Call) -> None:
    left = [{"a": 1, "b": 1, "v": "l"}, {"a": 1, "b": 2, "v": "m"}]
    right = [{"c": 1, "b": 2, "w": "r"}]
    output = call(data.join, left=left, right=right, on="a, b", right_on="c, b")
    assert output["rows"] == [{"a": 1, "b": 2, "v": "m", "c": 1, "w": "r"}]


def test_text_and_number_meet_only_when_told_to(call: Call) -> None:
    left, right = [{"id": " 7"}, {"id": "A"}], [{"id": 7.0, "v": 1}, {"id": "a", "v": 2}]
    assert call(data.join, left=left, right=right, on="id")["count"] == 0
    assert [row["v"] for row in call(data.join, left=left, right=right, on="id", loose=True)["rows"]] == [1, 2]


def test_join_refuses(call: Call) -> None:
    with pytest.raises(BusinessError, match="the right table has no column 'id'"):
        call(data.join, left=LEFT, right=[{"x": 1}], on="id")
    with pytest.raises(BusinessError, match="as many columns"):
        call(data.join, left=LEFT, right=RIGHT, on="id", right_on="id, name")
    with pytest.raises(BusinessError, match=r"row 1 of the left table .id = 1. has 2 partners"):
        call(data.join, left=LEFT, right=RIGHT, on="id", one=True)
    assert call(data.join, left=LEFT, right=[], on="id", how="left")["count"] == 4


def test_a_suffix_never_makes_a_name_twice(call: Call) -> None:
    left = [{"id": 1, "v": 1, "v_right": 2}]
    right = [{"id": 1, "v": 3}]
    assert call(data.join, left=left, right=right, on="id")["rows"] == [
        {"id": 1, "v": 1, "v_right": 2, "v_right_right": 3}
    ]


def test_lookup(call: Call, env: ActivityEnvironment) -> None:
    hit = call(data.lookup, rows=LEFT, column="name", value="B", loose=True, give="id")
    assert (env.port, hit) == ("found", {"row": LEFT[1], "value": 2, "index": 1, "found": True})
    miss = call(data.lookup, rows=LEFT, column="name", value="B", default="none")
    assert (env.port, miss) == ("missing", {"row": None, "value": "none", "index": -1, "found": False})


def test_compare(call: Call) -> None:
    before = [{"id": 1, "v": 1, "n": "x"}, {"id": 2, "v": 2, "n": "y"}, {"id": 3, "v": 3, "n": "z"}]
    after = [{"id": 3, "v": 3, "n": "Z"}, {"id": 2, "v": 5, "n": "y"}, {"id": 4, "v": 4, "n": "w"}]
    output = call(data.compare, before=before, after=after, key="id")
    assert output["added"] == [after[2]]
    assert output["removed"] == [before[0]]
    assert [(row["id"], row["columns"]) for row in output["changed"]] == [(3, ["n"]), (2, ["v"])]
    assert call(data.compare, before=before, after=after, key="id", loose=True)["unchanged"] == 1
    assert call(data.compare, before=before, after=before[::-1], key="id")["same"] is True
    with pytest.raises(BusinessError, match="row 2 of the new table is there twice"):
        call(data.compare, before=before, after=[after[0], after[0]], key="id")
