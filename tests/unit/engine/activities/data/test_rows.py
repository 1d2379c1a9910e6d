from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.activities import data
from engine.core.errors import BusinessError, ExpressionError
from engine.sdk.params import Computed

Call = Callable[..., Any]
PEOPLE = [
    {"name": "Ada", "age": 36, "city": "London"},
    {"name": "boris", "age": None, "city": "Sofia"},
    {"name": "Ана", "age": 9, "city": "Sofia"},
    {"name": "Bo", "age": 36, "city": None},
]


def names(output: Any) -> list[Any]:
    return [row["name"] for row in output["rows"]]


def test_filter_keeps_rows_and_columns(call: Call) -> None:
    output = call(data.filter_rows, rows=PEOPLE, where=Computed(lambda item, index: item["age"] == 36 or index == 1))
    assert names(output) == ["Ada", "boris", "Bo"]
    assert output["columns"] == ["name", "age", "city"]
    assert output["count"] == 3
    assert call(data.filter_rows, rows=PEOPLE, where=Computed(lambda **_: 0))["columns"] == ["name", "age", "city"]


def test_an_output_that_holds_rows_is_taken_for_them(call: Call) -> None:
    assert call(data.slice_rows, rows={"rows": PEOPLE, "columns": [], "count": 4}, count=1)["count"] == 1


def test_an_error_in_a_condition_names_the_row(call: Call) -> None:
    def broken(item: Any, index: int) -> bool:
        if index == 2:
            raise ExpressionError("cannot compare", hint="try")
        return True

    with pytest.raises(BusinessError, match="row 3: cannot compare"):
        call(data.filter_rows, rows=PEOPLE, where=Computed(broken))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"by": "age"}, ["Ана", "Ada", "Bo", "boris"]),
        ({"by": "-age"}, ["Ada", "Bo", "Ана", "boris"]),
        ({"by": "age desc, name"}, ["Ada", "Bo", "Ана", "boris"]),
        ({"by": ["age", "-name"]}, ["Ана", "Bo", "Ada", "boris"]),
        ({"by": "age", "empty": "first"}, ["boris", "Ана", "Ada", "Bo"]),
        ({"by": "-age", "empty": "first"}, ["boris", "Ada", "Bo", "Ана"]),
        ({"by": "name"}, ["Ada", "Bo", "boris", "Ана"]),
        ({"by": "name", "ignore_case": False}, ["Ada", "Bo", "boris", "Ана"]),
        ({"by": "name", "descending": True}, ["Ана", "boris", "Bo", "Ada"]),
        ({"key": Computed(lambda item, index: -index)}, ["Bo", "Ана", "boris", "Ada"]),
        ({"key": Computed(lambda item, index: index), "descending": True}, ["Bo", "Ана", "boris", "Ada"]),
    ],
)
def test_sort(call: Call, options: dict[str, Any], expected: list[str]) -> None:
    assert names(call(data.sort_rows, rows=PEOPLE, **options)) == expected


def test_values_of_any_kind_can_be_sorted(call: Call) -> None:
    mixed = ["b", 2, None, date(2026, 1, 2), 1.5, [3], float("nan"), True, "", {"a": 1}]
    rows = [{"v": value} for value in mixed]
    ordered = [row["v"] for row in call(data.sort_rows, rows=rows, by="v")["rows"]]
    assert ordered[:7] == [True, 1.5, 2, date(2026, 1, 2), "b", [3], {"a": 1}]


def test_a_column_that_is_not_there_is_named(call: Call) -> None:
    with pytest.raises(BusinessError, match="no column 'agee'") as caught:
        call(data.sort_rows, rows=PEOPLE, by="agee")
    assert "name, age, city" in caught.value.hint
    with pytest.raises(BusinessError, match="nothing to sort by"):
        call(data.sort_rows, rows=PEOPLE)


def test_map_adds_and_replaces(call: Call) -> None:
    row = Computed(lambda item, index: {"age": (item["age"] or 0) + 1, "place": index})
    output = call(data.map_rows, rows=PEOPLE, row=row)
    assert output["columns"] == ["name", "age", "city", "place"]
    assert output["rows"][1] == {"name": "boris", "age": 1, "city": "Sofia", "place": 1}
    assert call(data.map_rows, rows=PEOPLE, row=row, keep=False)["columns"] == ["age", "place"]
    with pytest.raises(BusinessError, match="row 1: 5 is not a mapping"):
        call(data.map_rows, rows=PEOPLE, row=Computed(lambda **_: 5))


def test_the_rows_given_are_never_changed(call: Call) -> None:
    rows = [{"a": "1"}]
    call(data.convert_columns, rows=rows, types={"a": "integer"})
    call(data.map_rows, rows=rows, row={"a": 5})
    assert rows == [{"a": "1"}]


def test_columns_are_chosen_removed_and_renamed(call: Call) -> None:
    assert call(data.select_columns, rows=PEOPLE, columns="city, name")["columns"] == ["city", "name"]
    assert call(data.drop_columns, rows=PEOPLE, columns=["city", "nothing"])["columns"] == ["name", "age"]
    assert call(data.rename_columns, rows=PEOPLE, names={"name": "who"})["columns"] == ["who", "age", "city"]
    with pytest.raises(BusinessError, match="two columns would be named 'age'"):
        call(data.rename_columns, rows=PEOPLE, names={"name": "age"})
    swapped = call(data.rename_columns, rows=PEOPLE, names={"name": "city", "city": "name"})
    assert swapped["rows"][0] == {"city": "Ada", "age": 36, "name": "London"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"count": 2}, ["Ada", "boris"]),
        ({"skip": 3}, ["Bo"]),
        ({"count": 1, "from_end": True}, ["Bo"]),
        ({"count": 2, "skip": 1, "from_end": True}, ["boris", "Ана"]),
        ({"skip": 9}, []),
        ({"skip": 9, "from_end": True}, []),
        ({"count": 0}, []),
    ],
)
def test_slice(call: Call, options: dict[str, Any], expected: list[str]) -> None:
    assert names(call(data.slice_rows, rows=PEOPLE, **options)) == expected


def test_union(call: Call) -> None:
    left, right = [{"a": 1, "b": 2}], [{"b": 3, "c": 4}]
    assert call(data.union, tables=[left, {"rows": right}])["rows"] == [
        {"a": 1, "b": 2, "c": None},
        {"a": None, "b": 3, "c": 4},
    ]
    assert call(data.union, tables=[left, right, []], columns="common")["rows"] == [{"b": 2}, {"b": 3}]
    with pytest.raises(BusinessError, match="table 1 has no column 'c'"):
        call(data.union, tables=[left, right], columns="same")


def test_deduplicate(call: Call) -> None:
    rows = [{"k": 1, "v": "a"}, {"k": True, "v": "b"}, {"k": "1", "v": "c"}, {"k": 1.0, "v": "d"}]
    assert [row["v"] for row in call(data.deduplicate, rows=rows, by="k")["rows"]] == ["a", "b", "c"]
    assert [row["v"] for row in call(data.deduplicate, rows=rows, by="k", keep="last")["rows"]] == ["b", "c", "d"]
    assert [row["v"] for row in call(data.deduplicate, rows=rows, by="k", keep="none")["rows"]] == ["b", "c"]
    assert [row["v"] for row in call(data.deduplicate, rows=rows, by="k", ignore_case=True)["rows"]] == ["a", "b"]
    assert call(data.deduplicate, rows=[{"a": [1]}, {"a": [1]}])["removed"] == 1


def test_convert(call: Call) -> None:
    rows = [{"n": "1.234,50", "d": "31.12.2025", "b": "да", "t": 5}, {"n": "", "d": None, "b": "no", "t": None}]
    output = call(
        data.convert_columns,
        rows=rows,
        types={"n": "number", "d": "date", "b": "boolean", "t": "text"},
        decimal=",",
        date_format="%d.%m.%Y",
    )
    assert output["rows"] == [
        {"n": 1234.5, "d": date(2025, 12, 31), "b": True, "t": "5"},
        {"n": None, "d": None, "b": False, "t": None},
    ]
    with pytest.raises(BusinessError, match="row 1, column 'n': 'x' is not a number"):
        call(data.convert_columns, rows=[{"n": "x"}], types={"n": "number"})
    assert call(data.convert_columns, rows=[{"n": "x"}], types={"n": "number"}, on_error="null")["rows"] == [
        {"n": None}
    ]
    assert call(data.convert_columns, rows=[{"n": "x"}], types={"n": "number"}, on_error="keep")["rows"] == [{"n": "x"}]
    assert call(data.convert_columns, rows=[{"n": "7"}, {"n": 8}], types={"n": "auto"})["rows"] == [{"n": 7}, {"n": 8}]
