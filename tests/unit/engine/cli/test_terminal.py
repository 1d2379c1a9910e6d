"""What a terminal is shown: columns, closed pipes, narrow encodings, untrusted text."""

from __future__ import annotations

import io
import json
import sys
from datetime import date, timedelta
from typing import Any

import pytest

from engine.cli.terminal import Terminal, age, brief, jsonable, printable, short, size
from engine.core.secrets import SecretRef
from engine.core.values import ArtifactRef


class Pipe(io.TextIOWrapper):
    """A stream that fails with `error` once that is set."""

    error: Exception | None = None

    def __init__(self, encoding: str = "utf-8") -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, encoding=encoding)

    def flush(self) -> None:
        if self.error is not None:
            raise self.error
        super().flush()

    def close(self) -> None:
        self.error = None  # since Python 3.13 what a forgotten stream raises is told
        super().close()

    def text(self) -> str:
        return self.kept.getvalue().decode(self.encoding)


def terminal(monkeypatch: pytest.MonkeyPatch, out: Pipe, err: Pipe | None = None, *, as_json: bool = False) -> Terminal:
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err or Pipe())
    return Terminal(as_json=as_json)


def test_columns_are_aligned_and_lines_not_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Pipe()
    terminal(monkeypatch, out).table(
        [("1a2b", "orders", "9", "x" * 200), ("3c4d", "a", "10", "")], ("ID", "NAME", "N", ""), right=(2,)
    )
    head, first, second = out.text().splitlines()
    assert head == "ID    NAME     N"
    assert first.startswith("1a2b  orders   9  xxx")
    assert len(first) == 80
    assert second == "3c4d  a       10"


def test_a_closed_pipe_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Pipe()
    found = terminal(monkeypatch, out)
    out.error = BrokenPipeError()
    found.say("one")
    found.say("two")
    assert found.closed
    assert found.failure == ""


def test_a_full_disk_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Pipe()
    found = terminal(monkeypatch, out)
    out.error = OSError(28, "No space left on device")
    found.say("one")
    found.say("two")
    assert found.closed
    assert found.failure == "the output cannot be written: No space left on device"


def test_a_closed_standard_error_does_not_cost_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = Pipe(), Pipe()
    found = terminal(monkeypatch, out, err, as_json=True)
    err.error = BrokenPipeError()
    found.say("progress")
    found.document({"a": 1})
    assert json.loads(out.text()) == {"a": 1}


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "cp1252"])
def test_every_encoding_gets_a_readable_text_and_a_valid_document(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    out = Pipe(encoding=encoding)
    found = terminal(monkeypatch, out)
    found.say(f"{found.symbol('succeeded')} Поръчки … done")
    assert "done" in out.text()
    assert ("✓" in out.text()) == (encoding == "utf-8")
    out.kept.seek(0)
    out.kept.truncate()
    value = {"name": "Поръчки 😀", "lone": "\ud800"}
    found.document(value)
    assert json.loads(out.text()) == value


def test_no_escape_reaches_the_terminal() -> None:
    assert printable("a\x1b[2Jb\r\nc\u202e\x00") == "a\\x1b[2Jb  c\\u202e\\x00"
    assert printable("Поръчка ✓") == "Поръчка ✓"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 11, 23), "2026-11-23"),
        (timedelta(minutes=2), 120.0),
        (float("nan"), None),
        (float("-inf"), None),
        (b"\x00", "AA=="),
        (SecretRef("bank"), "••••••"),
        ({1: (2, {"x": None})}, {"1": [2, {"x": None}]}),
        (ArtifactRef("ab", 3), {"hash": "ab", "size": 3, "summary": ""}),
    ],
)
def test_data_as_json(value: Any, expected: Any) -> None:
    assert jsonable(value) == expected
    json.dumps(jsonable(value), allow_nan=False)


def test_brief() -> None:
    assert brief("line\nline", 80) == "line line"
    assert brief(list(range(1000)), 80) == "1,000 items"
    assert brief({"a": 1}, 80) == '{"a": 1}'
    assert brief("x" * 100, 10) == "x" * 9 + "…"
    assert brief(ArtifactRef("ab", 2_000_000, "table of 9 rows"), 80) == "table of 9 rows"


@pytest.mark.parametrize(
    ("past", "text"),
    [(0.2, "now"), (5, "5 s ago"), (180, "3 m ago"), (7200, "2 h ago"), (3 * 86400, "3 d ago"), (-300, "in 5 m")],
)
def test_ages(past: float, text: str) -> None:
    assert age(1_000_000 - past, 1_000_000) == text


def test_sizes_and_ids() -> None:
    assert (size(12), size(4_200_000), size(7e15)) == ("12 bytes", "4.2 MB", "7000.0 TB")
    assert short("019ab9f2-0000-7000-8000-00001a2b3c4d") == "1a2b3c4d"
