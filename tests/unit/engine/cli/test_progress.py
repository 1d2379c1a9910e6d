"""Progress is gathered from events, and shown in few lines however long a loop is."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest

from engine.api import ExecutionState, Progress
from engine.cli.lines import SAMPLES, Lines
from engine.cli.progress import Board
from engine.cli.terminal import Terminal
from engine.core import events
from engine.core.events import Entry, Event

EXECUTION = "019ab9f2-0000-7000-8000-00001a2b3c4d"


class Script:
    """Events at the times of a hand-moved clock, taken by lines and folded into a state."""

    def __init__(self, out: io.TextIOWrapper) -> None:
        self.now = 1000.0
        self.board = Board(clock=lambda: self.now)
        self.lines = Lines(self.board, Terminal())
        self.state = ExecutionState()
        self.seq = 0
        self.out = out

    def event(self, event: Event, after: float = 0.0) -> None:
        self.now += after
        self.seq += 1
        entry = Entry(EXECUTION, self.seq, self.now, event)
        self.state.apply([entry])
        self.lines.take(entry)

    def progress(self, address: str, done: float, total: float | None = None, message: str = "") -> None:
        self.lines.take(Progress(EXECUTION, address, done, total, message))

    def text(self) -> str:
        self.out.seek(0)
        text = self.out.read()
        self.out.seek(0)
        self.out.truncate()
        return text


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    yield Script(out)


def test_a_step_is_one_line(script: Script) -> None:
    script.event(events.StepStarted("read", "files.read", "pure"))
    assert script.text() == ""
    script.event(events.StepSucceeded("read", [1]), after=0.25)
    assert script.text() == "✓ read  250ms\n"


def test_a_long_step_says_that_it_goes_on(script: Script) -> None:
    script.event(events.StepStarted("read", "http.download", "pure"))
    script.progress("read", 50, 200, "50 MB")
    for _ in range(130):
        script.now += 0.1
        script.lines.tick()
    assert script.text().splitlines() == ["▸ read  running  1s  25%  50 MB", "▸ read  running  11s  25%  50 MB"]


def test_failures_and_retries(script: Script) -> None:
    script.event(events.StepStarted("send", "http.request", "once"))
    script.event(
        events.StepFailed("send", {"kind": "system", "message": "no route\nto host"}, 1, script.now + 5), after=1
    )
    script.event(events.StepStarted("send", "http.request", "once", 2), after=5)
    script.event(events.StepFailed("send", {"kind": "system", "message": "refused"}, 2), after=1)
    assert script.text().splitlines() == [
        "↻ send  retrying  1s  no route to host",
        "✗ send  failed  7s  try 2  refused",
    ]
    assert script.board.settled == 1


def test_a_loop_of_ten_thousand_is_a_few_lines(script: Script) -> None:
    script.event(events.StepStarted("each", "control.foreach", "pure"))
    for index in range(10_000):
        address = f"each[{index}]/fill"
        script.event(events.StepStarted(address, "files.append", "once"))
        script.event(events.Logged(address, "info", f"row {index}"))
        script.event(events.StepFailed(address, {"kind": "business", "message": "bad row"}), after=0.004)
        script.progress("each", index + 1, 10_000)
        script.event(events.IterationFinished(f"each[{index}]", error={"message": "bad row"}))
        script.lines.tick()
    script.event(events.StepSucceeded("each", {}, "done"))
    script.lines.close()
    lines = script.text().splitlines()
    assert len(lines) < 2 * SAMPLES + 12
    assert lines[-3].startswith("✓ each  40s  10,000/10,000  10,000 failed")
    assert "  each: 9,995 more log lines; rpa journal shows all" in lines
    running = [line for line in lines if "left" in line]
    assert "/10,000" in running[0]
    assert "250/s" in running[0]
    assert script.board.inner == {}


def test_a_resumed_loop_counts_on_and_rates_only_what_it_did_itself(script: Script) -> None:
    script.event(events.ExecutionCreated("job", "h", {}))
    script.event(events.StepStarted("each", "control.foreach", "pure"))
    for index in range(90):
        script.event(events.IterationFinished(f"each[{index}]"))
    board = Board(clock=lambda: script.now)
    board.recall(script.state)
    loop = board.rows["each"].loop
    assert loop is not None
    assert loop.done == 90
    assert loop.rate(script.now) == 0.0
    board.take(Progress(EXECUTION, "each", 91, 100, ""))
    for index in range(90, 95):
        script.now += 1
        board.take(Progress(EXECUTION, "each", index + 1, 100, ""))
        board.take(Entry(EXECUTION, index + 3, script.now, events.IterationFinished(f"each[{index}]")))
    assert (loop.done, loop.total, loop.rate(script.now), loop.left(script.now)) == (95, 100, 1.0, 5.0)


def test_a_clock_that_jumps_back_shows_no_negative_time(script: Script) -> None:
    script.event(events.StepStarted("read", "files.read", "pure"))
    script.event(events.StepSucceeded("read"), after=-3600)
    assert script.text() == "✓ read  0ms\n"


def test_doubt_waiting_and_decisions(script: Script) -> None:
    script.event(events.StepStarted("pay", "bank.pay", "once"))
    script.event(events.StepInDoubt("pay"))
    script.event(events.StepDecided("pay", "done", {"receipt": 1}))
    script.event(events.StepStarted("rest", "control.delay", "pure"))
    script.event(events.StepWaiting("rest", script.now + 60, 60))
    script.event(events.StepSkipped("never"))
    assert script.text().splitlines() == ["? pay  in doubt", "✓ pay  0ms", "… rest  waiting"]
    assert (script.board.settled, script.board.skipped) == (1, 1)


def test_events_of_steps_that_are_not_known_do_no_harm(script: Script) -> None:
    for event in (
        events.StepSucceeded("late"),
        events.StepFailed("each[1]/x", {"message": "m"}, 1, 5.0),
        events.StepWaiting("w", 1.0, 1.0),
        events.IterationFinished("gone[1]"),
        events.IterationStarted("gone[2]"),
    ):
        script.event(event)
    assert script.text().splitlines() == ["✓ late  0ms"]


def test_the_moving_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.cli.live import Live

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "12")
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    now = 1000.0
    board = Board(clock=lambda: now)
    live = Live(board, Terminal(), 40)
    seq = 0
    for number in range(30):
        for event in (events.StepStarted(f"step{number}", "x.y", "pure"), events.StepSucceeded(f"step{number}")):
            seq += 1
            live.take(Entry(EXECUTION, seq, now, event))
    live.take(Entry(EXECUTION, seq, now, events.StepStarted("last", "x.y", "pure")))
    live.take(Entry(EXECUTION, seq, now, events.StepStarted("last[0]/[red]in", "x.y", "pure")))
    live.take(Entry(EXECUTION, seq, now, events.Logged("last", "warning", "[bold]as it is\x1b[2J")))
    live.tick()
    live._console.print(live.picture())
    out.seek(0)
    picture = out.read()
    assert "earlier steps" in picture
    assert "30 of 40 steps" in picture
    assert "last[0]/[red]in" in picture
    assert "warning: [bold]as it is\\x1b[2J" in picture
    live.close()
    out.seek(0)
    assert "step0 " in out.read()[len(picture) :]
