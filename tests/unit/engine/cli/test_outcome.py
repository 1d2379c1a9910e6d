"""How an execution ended, as a person reads it: what, where, and the command to type next."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.api import Doubt, ExecutionRecord, Outcome
from engine.cli import outcome as outcomes
from engine.cli.executions import journal_line, listing
from engine.cli.terminal import Terminal, jsonable
from engine.core import events, settings
from engine.core.events import Entry
from engine.core.settings import Settings

EXECUTION = "019ab9f2-0000-7000-8000-00001a2b3c4d"
FAILURE = {
    "kind": "business",
    "message": "the file orders.csv has no column 'total'",
    "step": "each[3]/sum",
    "hint": "Look.",
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def show(outcome: Outcome, flags: dict[str, str] | None = None) -> str:
        out = io.TextIOWrapper(io.BytesIO(), "utf-8")
        monkeypatch.setattr(sys, "stdout", out)
        outcomes.show(outcome, settings.read(flags or {}, {"RPA_HOME": "/data"}), Terminal())
        out.seek(0)
        return out.read()

    return show


def test_success_shows_whole_paths(shown: Callable[..., str]) -> None:
    path = "/data/" + "long/" * 30 + "report.xlsx"
    text = shown(Outcome(EXECUTION, "report", "succeeded", {"report": path, "letters": 24}, duration_ms=3200))
    assert "✓ report succeeded in 3.2s  (execution 1a2b3c4d)\n" in text
    assert f"  report   {path}\n  letters  24\n" in text


def test_failure_says_what_where_and_what_to_do(shown: Callable[..., str]) -> None:
    text = shown(Outcome(EXECUTION, "report", "failed", None, FAILURE, duration_ms=90_000))
    assert "✗ report failed after 1m30s" in text
    assert "step each[3]/sum: the file orders.csv has no column 'total'" in text
    assert "hint: Look." in text
    assert "rpa show 1a2b3c4d" in text
    assert "rpa fork 1a2b3c4d" in text


@pytest.mark.skipif(sys.platform == "win32", reason="the shell quotes otherwise")
def test_doubt_gives_the_three_commands(shown: Callable[..., str]) -> None:
    doubts = (Doubt("each[3]/pay", "bank.pay", "to=Ada, amount=5", 1.0),)
    text = shown(Outcome(EXECUTION, "pay", "in_doubt", None, None, doubts), {"home": "/my data"})
    assert "to=Ada, amount=5" in text
    for decision in ("done", "retry", "fail"):
        assert f"rpa resume 1a2b3c4d --decide 'each[3]/pay={decision}' --home '/my data'\n" in text


def test_waiting_and_paused_say_how_to_go_on(shown: Callable[..., str]) -> None:
    assert "rpa resume 1a2b3c4d" in shown(Outcome(EXECUTION, "w", "waiting", wake_at=4e9))
    paused = shown(Outcome(EXECUTION, "w", "paused"))
    assert "rpa resume 1a2b3c4d" in paused
    assert "nothing is lost" in paused
    cut_off = shown(Outcome(EXECUTION, "w", "running"))
    assert "runs in another process, or was cut off" in cut_off
    assert "rpa resume 1a2b3c4d" in cut_off


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("succeeded", 0),
        ("failed", 1),
        ("cancelled", 1),
        ("waiting", 4),
        ("in_doubt", 4),
        ("paused", 130),
        ("running", 130),
    ],
)
def test_exit_codes(status: str, code: int) -> None:
    assert outcomes.code(Outcome(EXECUTION, "w", status)) == code  # type: ignore[arg-type]


def test_the_document_has_its_keys() -> None:
    outcome = Outcome(EXECUTION, "w", "in_doubt", {"a": 1}, None, (Doubt("pay", "bank.pay", "x", 1.0),), None, 12)
    document = json.loads(json.dumps(jsonable(outcomes.document(outcome))))
    assert list(document) == ["execution", "workflow", "status", "output", "error", "in_doubt", "duration_ms"]
    assert document["in_doubt"] == [{"step": "pay", "activity": "bank.pay", "parameters": "x", "started_at": 1.0}]


def test_a_listing_does_not_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    record = ExecutionRecord(
        EXECUTION, "order-report" * 9, "h", "failed", 1000.0, 1065.0, error="no column\nthere " * 9
    )
    listing([record], Terminal(), 1180.0)
    out.seek(0)
    head, line = out.read().splitlines()
    assert head.split() == ["ID", "WORKFLOW", "STATUS", "STARTED", "TOOK"]
    assert len(line) == 80
    assert line.split()[2:6] == ["failed", "3", "m", "ago"]
    assert "1m5s" in line


def test_an_event_is_one_line() -> None:
    failed = events.StepFailed("each[3]/sum", FAILURE, 2, 1700000000.0)
    line = journal_line(Entry(EXECUTION, 17, 1700000000.5, failed))
    assert line.startswith("    17  ")
    assert "step failed" in line
    assert "each[3]/sum  the file orders.csv has no column 'total'  attempt=2" in line
    assert "\n" not in journal_line(Entry(EXECUTION, 1, 4e18, events.Logged("a", "info", "x\ny")))


def test_the_home_is_repeated_only_where_a_flag_named_it(tmp_path: Path) -> None:
    found: Settings = settings.read({}, {"RPA_HOME": str(tmp_path)})
    assert outcomes.command(found, "show", "x") == "rpa show x"
