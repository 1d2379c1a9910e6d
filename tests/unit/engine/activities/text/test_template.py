from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.activities import text
from engine.core.errors import BusinessError

Call = Callable[..., Any]
VALUES = {
    "name": "Ana",
    "total": 1234.5,
    "count": 3,
    "day": date(2026, 1, 2),
    "when": datetime(2026, 1, 2, 3, 4),
    "none": None,
    "address": {"city": "Sofia", "lines": ["a", "b"]},
    "orders": [{"id": 1, "v": 2.5}, {"id": 22, "v": 10}],
    "tags": ["x", "y"],
    "empty": [],
    "yes": True,
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Dear {name},", "Dear Ana,"),
        ("{ name }{none}|", "Ana|"),
        ("{total:,.2f} {total:.1f} {count:03d} {total:d} {count:.1%}", "1,234.50 1234.5 003 1234 300.0%"),
        ("{day:%d.%m.%Y} {when:%H:%M} {day} {when}", "02.01.2026 03:04 2026-01-02 2026-01-02 03:04:00"),
        ("{name:<5}|{name:>5}|{name:^5}|", "Ana  |  Ana| Ana |"),
        ("{address.city} {address.lines.1} {tags}", 'Sofia b ["x", "y"]'),
        ("{{name}} }}", "{name} }"),
        ("{#tags}[{.}]{/tags}", "[x][y]"),
        ("{#empty}no{/empty}{^empty}none{/empty}{^tags}no{/tags}", "none"),
        ("{#yes}{name}{/yes}{#address}{city}{/address}", "AnaSofia"),
        ("a\n{#orders}\n{id:>3} {v:.2f} {name}\n{/orders}\nb\n", "a\n  1 2.50 Ana\n 22 10.00 Ana\nb\n"),
        ("a\r\n  {#yes}  \r\nx\r\n{/yes}\r\nb", "a\r\nx\r\nb"),
        ("{#orders}{#tags}{id}{.} {/tags}{/orders}", "1x 1y 22x 22y "),
        ("", ""),
    ],
)
def test_fill(call: Call, template: str, expected: str) -> None:
    assert call(text.fill, template=template, values=VALUES)["text"] == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n{nome}", "line 2: the place {nome} has no value"),
        ("{address.zip}", "has no 'zip'"),
        ("{tags.9}", "has no '9'"),
        ("{name.__class__}", "has no '__class__'"),
        ("{address.lines.__len__}", "has no '__len__'"),
        ("{}", "'{}' is not a place"),
        ("a { b", "is not a place"),
        ("{name:%d}", "cannot be shown as '%d'"),
        ("{total:9999999f}", "cannot be shown"),
        ("{total:.999f}", "cannot be shown"),
        ("{name:<9999}", "cannot be shown"),
        ("{name!r}", "has no value"),
        ("{#tags}\nx", "line 1: {#tags} is not closed"),
        ("x\n{/tags}", "line 2: {/tags} closes what was not opened"),
        ("{#a}" * 60, "nested too deeply"),
    ],
)
def test_what_cannot_be_filled_says_where(call: Call, template: str, message: str) -> None:
    with pytest.raises(BusinessError) as caught:
        call(text.fill, template=template, values=VALUES)
    assert message in caught.value.message


def test_a_missing_name_lists_what_there_is(call: Call) -> None:
    with pytest.raises(BusinessError) as caught:
        call(text.fill, template="{nam}", values={"name": 1, "city": 2})
    assert caught.value.hint == "There is: name, city."


def test_a_value_is_never_a_template(call: Call) -> None:
    assert call(text.fill, template="{a}", values={"a": "{b} {{ inputs }}"})["text"] == "{b} {{ inputs }}"


def test_what_grows_without_end_is_stopped(call: Call) -> None:
    many = list(range(1000))
    with pytest.raises(BusinessError, match="more than 20,000,000 characters"):
        call(text.fill, template="{#m}{#m}{#m}xxxxxxxxxxxxxxxxxxxxxxxx{/m}{/m}{/m}", values={"m": many})


def test_a_file_is_filled(call: Call, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes("Здравей, {name}".encode("utf-8-sig"))
    assert call(text.fill_file, template="t.txt", values=VALUES)["text"] == "Здравей, Ana"
    with pytest.raises(BusinessError, match=r"t\.txt, line 1: the place {name}"):
        call(text.fill_file, template="t.txt", values={})
