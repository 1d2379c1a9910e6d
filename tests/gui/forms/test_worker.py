"""What is computed in another thread comes back to whoever asked, if there still is one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.forms.worker import Worker

GONE_MEANWHILE = """
import time
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject
from studio.forms.worker import Worker

app = QCoreApplication([])
until = time.monotonic() + 2
while time.monotonic() < until:
    parents = [QObject() for _ in range(20)]
    for parent in parents:
        worker = Worker(parent)
        for number in range(3):
            worker.ask(abs, number)
    for parent in parents:
        shiboken6.delete(parent)
    app.processEvents()
"""
"""In a process of its own, which would be killed by a wrong memory access."""


def test_only_the_newest_answer_counts(qtbot: QtBot) -> None:
    parent, answers = QObject(), list[Any]()
    worker = Worker(parent)
    worker.answered.connect(answers.append)
    for number in range(50):
        worker.ask(abs, -number)
    qtbot.waitUntil(lambda: answers == [49])
    worker.ask(abs, "no number")
    qtbot.waitUntil(lambda: answers == [49, None])
    worker.ask(abs, 1)
    worker.forget()
    qtbot.wait(50)
    assert answers == [49, None]


def test_whoever_asked_may_be_deleted_meanwhile() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GONE_MEANWHILE], cwd=Path(__file__).parents[3], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
