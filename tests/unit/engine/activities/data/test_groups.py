from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.activities import data
from engine.core.errors import BusinessError

Call = Callable[..., Any]
SALES = [
    {"city": "Sofia", "year": 2025, "amount": 10},
    {"city": "Plovdiv", "year": 2025, "amount": 5.5},
    {"city": "Sofia", "year": 2026, "amount": "2.5"},
    {"city": "Sofia", "year": 2026, "amount": None},
]


def test_groups_hold_their_rows(call: Call) -> None:
    output = call(data.group_rows, rows=SALES, by="city")
    assert output["count"] == 2
    assert [(group["city"], group["count"]) for group in output["groups"]] == [("Sofia", 3), ("Plovdiv", 1)]
    assert output["groups"][1]["rows"] == [SALES[1]]
    with pytest.raises(BusinessError, match="cannot have a column 'rows'"):
        call(data.group_rows, rows=[{"rows": 1}], by="rows")


def test_aggregate_by_group(call: Call) -> None:
    output = call(
        data.aggregate,
        rows=SALES,
        by="city",
        measures={
            "total": "sum(amount)",
            "rows": "count",
            "filled": "count(amount)",
            "mean": "mean amount",
            "last": "max(year)",
            "years": "distinct(year)",
            "all": "list(year)",
            "text": "join(year)",
            "kinds": "count_distinct(year)",
        },
    )
    assert output["columns"] == ["city", "total", "rows", "filled", "mean", "last", "years", "all", "text", "kinds"]
    assert output["rows"][0] == {
        "city": "Sofia",
        "total": 12.5,
        "rows": 3,
        "filled": 2,
        "mean": 6.25,
        "last": 2026,
        "years": [2025, 2026],
        "all": [2025, 2026, 2026],
        "text": "2025, 2026",
        "kinds": 2,
    }


def test_aggregate_over_everything_and_over_nothing(call: Call) -> None:
    measures = {"total": "sum(amount)", "top": "max(amount)", "n": "count"}
    assert call(data.aggregate, rows=[], measures=measures)["rows"] == [{"total": 0, "top": None, "n": 0}]
    assert call(data.aggregate, rows=[], measures=measures, by="city")["rows"] == []
    assert call(data.aggregate, rows=SALES[:2], measures={"s": "stdev(amount)"}, decimals=2)["rows"] == [{"s": 3.18}]


def test_a_sum_is_exact_in_any_order(call: Call) -> None:
    rows = [{"v": value} for value in (1e16, 1.0, -1e16, 0.1, 0.1, 0.1)]
    expected = call(data.aggregate, rows=rows, measures={"s": "sum(v)"})["rows"]
    assert call(data.aggregate, rows=rows[::-1], measures={"s": "sum(v)"})["rows"] == expected


def test_what_cannot_be_summed_names_its_place(call: Call) -> None:
    with pytest.raises(BusinessError, match="row 2, column 'v': 'abc' is not a number"):
        call(data.aggregate, rows=[{"v": 1}, {"v": "abc"}], measures={"s": "sum(v)"})
    with pytest.raises(BusinessError, match="'total\\(v\\)' is not a measure"):
        call(data.aggregate, rows=[{"v": 1}], measures={"s": "total(v)"})
    with pytest.raises(BusinessError, match="needs a column"):
        call(data.aggregate, rows=[{"v": 1}], measures={"s": "sum"})
    with pytest.raises(BusinessError, match="no column 'w'"):
        call(data.aggregate, rows=[{"v": 1}], measures={"s": "sum(w)"})


def test_a_measure_finds_columns_with_spaces_and_brackets(call: Call) -> None:
    rows = [{"Amount (EUR)": 2}, {"Amount (EUR)": 3}]
    assert call(data.aggregate, rows=rows, measures={"s": "sum(Amount (EUR))"})["rows"] == [{"s": 5}]


def test_pivot_and_back(call: Call) -> None:
    output = call(data.pivot, rows=SALES, by="city", column="year", value="amount", fill=0)
    assert output["columns"] == ["city", "2025", "2026"]
    assert output["rows"] == [{"city": "Sofia", "2025": 10, "2026": 2.5}, {"city": "Plovdiv", "2025": 5.5, "2026": 0}]
    back = call(data.unpivot, rows=output["rows"], keep="city", name="year", value="amount")
    assert back["rows"][1] == {"city": "Sofia", "year": "2026", "amount": 2.5}
    assert back["count"] == 4
    dates = [
        {"k": 1, "d": date(2026, 2, 1), "v": 1},
        {"k": 1, "d": date(2025, 12, 1), "v": 2},
        {"k": 1, "d": None, "v": 3},
    ]
    assert call(data.pivot, rows=dates, by="k", column="d", value="v")["columns"] == [
        "k",
        "2025-12-01",
        "2026-02-01",
        "(empty)",
    ]
