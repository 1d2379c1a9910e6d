from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.activities import data
from engine.core.errors import BusinessError

Call = Callable[..., Any]


def test_text_to_data_and_back(call: Call) -> None:
    value = {"a": [1, 2.5, None, True], "ж": "\ud800\0"}
    text = call(data.format_json, value=value, ascii_only=True)["text"]
    assert call(data.parse_json, text=text)["value"] == value
    assert call(data.format_json, value={"b": 1, "a": date(2026, 1, 2)}, indent=0, sort_keys=True)["text"] == (
        '{"a": "2026-01-02", "b": 1}'
    )
    assert call(data.format_json, value=[timedelta(minutes=1), b"\xff"], indent=0)["text"] == '[60.0, "/w=="]'


def test_lines(call: Call) -> None:
    assert call(data.parse_json, text='{"a":1}\n\n2\n', lines=True)["value"] == [{"a": 1}, 2]
    with pytest.raises(BusinessError, match="line 2, column 1"):
        call(data.parse_json, text="1\nx", lines=True)
    call(data.write_json, path="x.jsonl", value=[1, {"a": 2}], lines=True)
    assert call(data.read_json, path="x.jsonl", lines=True)["value"] == [1, {"a": 2}]
    with pytest.raises(BusinessError, match="only a list"):
        call(data.write_json, path="x.jsonl", value=1, lines=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": }', "line 1, column 7"),
        ("", "line 1, column 1"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5000, "too long"),
    ],
)
def test_what_is_no_json(call: Call, text: str, message: str) -> None:
    with pytest.raises(BusinessError, match=message):
        call(data.parse_json, text=text)


def test_what_json_cannot_hold(call: Call, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="infinity"):
        call(data.format_json, value=float("inf"))
    (tmp_path / "x.json").write_text("old")
    with pytest.raises(BusinessError, match="character"):
        call(data.write_json, path="x.json", value="\ud800")
    assert (tmp_path / "x.json").read_text() == "old"


def test_files(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_bytes('{"име": "Ана"}'.encode("utf-16"))
    assert call(data.read_json, path="bom.json")["value"] == {"име": "Ана"}
    assert call(data.write_json, path="deep/x.json", value={"a": 1})["size"] == 13
    assert (tmp_path / "deep" / "x.json").read_text() == '{\n  "a": 1\n}\n'
    with pytest.raises(BusinessError, match="is a folder"):
        call(data.read_json, path="deep")
