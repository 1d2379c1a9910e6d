from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from engine.activities import text
from engine.core.errors import BusinessError

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("12", 12),
        ("-1.5", -1.5),
        ("1 234,56 лв.", 1234.56),
        ("1.234,56 €", 1234.56),
        ("$1,234.56", 1234.56),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1.234", 1.234),
        ("0,5", 0.5),
        ("0,125", 0.125),
        ("12,5%", 0.125),
        ("(1,234.00)", -1234.0),
        ("−5", -5),
        ("5-", -5),
        ("-$5", -5),
        ("1'234'567.8", 1234567.8),
        ("12,34,567.5", 1234567.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("100.", 100),
    ],
)
def test_numbers(call: Call, given: str, expected: float) -> None:
    output = call(text.parse_number, text=given)["value"]
    assert output == expected
    assert type(output) is type(expected)


def test_the_sign_can_be_said(call: Call) -> None:
    assert call(text.parse_number, text="1,234", decimal=".")["value"] == 1234
    assert call(text.parse_number, text="1,234", decimal=",")["value"] == 1.234
    assert call(text.parse_number, text="1.234", decimal=",")["value"] == 1234
    with pytest.raises(BusinessError, match="cannot be told whether the comma"):
        call(text.parse_number, text="1,234")


@pytest.mark.parametrize("given", ["", "abc", "1 of 2 and 3a4", "1.2.3,4,5", "--", "1e999", "1,2.3,4", "9" * 300])
def test_no_numbers(call: Call, given: str) -> None:
    with pytest.raises(BusinessError, match="is not a number"):
        call(text.parse_number, text=given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-01-02", (2026, 1, 2)),
        ("31.12.2026", (2026, 12, 31)),
        ("31.12.2026 г.", (2026, 12, 31)),
        ("3/4/26", (2026, 4, 3)),
        ("2026/1/2", (2026, 1, 2)),
        ("5 January 2026", (2026, 1, 5)),
        ("5th Jan. 2026", (2026, 1, 5)),
        ("Jan 5, 2026", (2026, 1, 5)),
        ("5 януари 2026 г.", (2026, 1, 5)),
        ("31.12.69", (2069, 12, 31)),
        ("31.12.70", (1970, 12, 31)),
    ],
)
def test_dates(call: Call, given: str, expected: tuple[int, int, int]) -> None:
    assert call(text.parse_date, text=given)["date"] == date(*expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("31.12.2026 14:30", time(14, 30)),
        ("31.12.2026, 2:30 pm", time(14, 30)),
        ("Jan 5, 2026 12:00 AM", time(0)),
        ("2026-01-02T03:04:05", time(3, 4, 5)),
        ("31.12.2026 г., 14:30:15.5 ч.", time(14, 30, 15, 500_000)),
    ],
)
def test_times(call: Call, given: str, expected: time) -> None:
    assert call(text.parse_date, text=given)["datetime"].time() == expected


def test_order_and_format(call: Call) -> None:
    assert call(text.parse_date, text="03/04/2026", order="month first")["date"] == date(2026, 3, 4)
    assert call(text.parse_date, text="20260304", format="%Y%m%d")["date"] == date(2026, 3, 4)


@pytest.mark.parametrize(
    "given", ["", "soon", "31.02.2026", "13/13/2026", "31.12.2026 25:00", "5 Smarch 2026", "1.2.3", "1" * 200]
)
def test_no_dates(call: Call, given: str) -> None:
    with pytest.raises(BusinessError, match="is not a date"):
        call(text.parse_date, text=given)
