from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QDeadlineTimer, QDir, QThread
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from pytestqt.qtbot import QtBot

from engine.core.errors import UsageError
from studio.shell.instance import LARGEST, Instance, InstanceError, claim, socket_name

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from engine.core.errors import RpaError
from studio.shell.instance import claim

app = QCoreApplication([])
try:
    instance = claim(Path(sys.argv[1]), sys.argv[2:], patience=float(__PATIENCE__))
except RpaError as error:
    print("error", error.message, flush=True)
    sys.exit(3)
if instance is None:
    print("handed over", flush=True)
    sys.exit(0)
instance.listen()
print("window", flush=True)
instance.requested.connect(lambda files: print("asked", *files, sep="|", flush=True))
QTimer.singleShot(60000, app.quit)
app.exec()
"""


class Start:
    """A real start of the program, as far as being the only one goes."""

    def __init__(
        self, home: Path, *arguments: str, folder: Path | None = None, patience: float = 30, program: str = PROGRAM
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program.replace("__PATIENCE__", str(patience)), str(home), *arguments],
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder or home,
            env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def starts(tmp_path: Path) -> Iterator[list[Start]]:
    started: list[Start] = []
    yield started
    for one in started:
        one.end()


def start(starts: list[Start], home: Path, *arguments: str, **how: Any) -> Start:
    starts.append(Start(home, *arguments, **how))
    return starts[-1]


def test_a_second_start_hands_its_files_to_the_first(starts: list[Start], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    first = start(starts, tmp_path)
    assert first.line() == "window"
    second = start(starts, tmp_path, "поръчки.rpa.yaml", str(tmp_path / "b.rpa.yaml"), folder=elsewhere)
    assert second.line() == "handed over"
    assert second.process.wait(30) == 0
    assert first.line() == f"asked|{elsewhere / 'поръчки.rpa.yaml'}|{tmp_path / 'b.rpa.yaml'}"


def test_starts_at_the_same_moment_end_with_one_window(starts: list[Start], tmp_path: Path) -> None:
    together = [start(starts, tmp_path, f"{number}.rpa.yaml") for number in range(4)]
    said = sorted(one.line() for one in together)
    assert said == ["handed over", "handed over", "handed over", "window"]


def test_what_a_killed_window_leaves_behind_is_in_nobodys_way(starts: list[Start], tmp_path: Path) -> None:
    first = start(starts, tmp_path)
    assert first.line() == "window"
    first.end()
    assert start(starts, tmp_path).line() == "window"


def test_other_home_folders_have_other_windows(starts: list[Start], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert start(starts, tmp_path).line() == "window"
    assert start(starts, other).line() == "window"


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be stopped there")
def test_a_window_that_hangs_is_told_of(starts: list[Start], tmp_path: Path) -> None:
    first = start(starts, tmp_path)
    assert first.line() == "window"
    os.kill(first.process.pid, signal.SIGSTOP)
    second = start(starts, tmp_path, patience=1)
    assert second.line() == "error RPA Studio is already open and does not answer"
    assert second.process.wait(30) == 3
    os.kill(first.process.pid, signal.SIGCONT)
    assert start(starts, tmp_path).line() == "handed over"


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be stopped there")
def test_a_window_that_is_killed_before_it_answers_leaves_the_place_to_the_second(
    starts: list[Start], tmp_path: Path
) -> None:
    first = start(starts, tmp_path)
    assert first.line() == "window"
    os.kill(first.process.pid, signal.SIGSTOP)
    seconds = [start(starts, tmp_path) for _ in range(2)]
    wait_for_connection(tmp_path)
    first.end()
    assert sorted(one.line() for one in seconds) == ["handed over", "window"]


def wait_for_connection(home: Path) -> None:
    """Until a start has decided to ask the window, which answers nobody any more, and has had time to."""
    lock = Path(QDir.temp().filePath(f"{socket_name(home)}.lock"))
    deadline = QDeadlineTimer(20_000)
    while not lock.exists():
        assert not deadline.hasExpired()
        QThread.msleep(20)
    QThread.msleep(300)


STARTING = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from studio.shell.instance import claim

app = QCoreApplication([])
instance = claim(Path(sys.argv[1]))
print("starting", flush=True)
time.sleep(60)
"""


def test_a_start_that_was_killed_before_its_window_is_in_nobodys_way(starts: list[Start], tmp_path: Path) -> None:
    first = start(starts, tmp_path, program=STARTING)
    assert first.line() == "starting"
    waiting = start(starts, tmp_path)
    first.end()
    assert waiting.line() == "window"
    assert start(starts, tmp_path).line() == "handed over"


def test_a_socket_and_a_lock_of_long_ago_are_in_nobodys_way(starts: list[Start], tmp_path: Path) -> None:
    socket = Path(QDir.temp().filePath(socket_name(tmp_path)))
    socket.write_text("no socket")
    lock = socket.with_name(f"{socket.name}.lock")
    lock.write_text("4194303\npython\nelsewhere\n")
    os.utime(lock, (time.time() - 3600,) * 2)
    try:
        assert start(starts, tmp_path).line() == "window"
        assert start(starts, tmp_path).line() == "handed over"
    finally:
        socket.unlink(missing_ok=True)


def test_junk_is_answered_and_harms_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    instance = claim(tmp_path)
    assert instance is not None
    instance.listen()
    asked: list[list[Path]] = []
    instance.requested.connect(asked.append)
    proper = {"protocol": 1, "folder": str(tmp_path), "arguments": []}
    for junk in (
        b"hello\n",
        b"\xff\xfe\x00\n",
        b"[" * 5000 + b"\n",
        b"null\n",
        json.dumps({**proper, "protocol": 2}).encode() + b"\n",
        json.dumps({**proper, "arguments": "a"}).encode() + b"\n",
        b"x" * (LARGEST + 1),
    ):
        assert say(qtbot, tmp_path, junk)["taken"] is False
    assert asked == []
    good = json.dumps({**proper, "arguments": ["a", 5, "b\0"]}).encode() + b"\n"
    assert say(qtbot, tmp_path, good)["taken"] is True
    assert asked == [[tmp_path / "a"]]
    instance.close()


def say(qtbot: QtBot, home: Path, content: bytes) -> dict[str, object]:
    socket = QLocalSocket()
    socket.connectToServer(socket_name(home))
    socket.write(content)
    qtbot.waitUntil(lambda: socket.canReadLine())
    answer = json.loads(bytes(socket.readLine().data()))
    assert isinstance(answer, dict)
    return answer


def test_a_window_of_another_version_is_told_of(tmp_path: Path, starts: list[Start], qtbot: QtBot) -> None:
    server = QLocalServer()
    assert server.listen(socket_name(tmp_path))
    sockets: list[QLocalSocket] = []

    def answer() -> None:
        sockets.append(server.nextPendingConnection())
        sockets[0].write(b'{"protocol": 7}\n')
        sockets[0].flush()

    server.newConnection.connect(answer)
    second = start(starts, tmp_path)
    with qtbot.waitSignal(server.newConnection, timeout=30_000):
        pass
    assert second.line() == "error another version of RPA Studio is open"
    sockets[0].abort()
    server.close()


def test_more_files_than_fit_are_refused(qapp: object, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        claim(tmp_path, ["a" * 100] * 1000)


def test_without_a_place_for_a_socket_the_program_goes_on(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    instance = claim(tmp_path)
    assert isinstance(instance, Instance)
    instance.listen()
    instance.close()


def test_errors_are_for_a_person() -> None:
    assert InstanceError("x", hint="y").message == "x"
