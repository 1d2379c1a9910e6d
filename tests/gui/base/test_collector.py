"""Garbage is collected on the GUI's thread, and all of it only in a quiet moment."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from studio.base.collector import Collector


@pytest.fixture
def collector(qapp: object) -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()
    gc.disable()


def test_widgets_die_on_their_own_thread(collector: Collector, qtbot: QtBot) -> None:
    died_on: list[int] = []

    def leave_behind() -> None:
        timer = QTimer()
        timer.me = timer  # type: ignore[attr-defined]
        timer.start(1)
        weakref.finalize(timer, lambda: died_on.append(threading.get_ident()))

    def make_objects() -> None:
        for _ in range(200):
            _kept = [[number] for number in range(1_000)]

    leave_behind()
    worker = threading.Thread(target=make_objects)
    worker.start()
    worker.join()
    assert died_on == []
    _kept = [[number] for number in range(5_000)]
    qtbot.waitUntil(lambda: died_on == [threading.get_ident()])


def test_the_whole_heap_is_looked_through_in_a_quiet_moment_only(collector: Collector) -> None:
    collector.start()
    collector._used -= 10_000
    assert not collector.look()
    collector._looked -= 1000
    gc.collect(1)
    assert collector.look() == (gc.get_count()[2] == 0)


def test_it_gives_back_what_it_took(qapp: QObject) -> None:
    made = Collector()
    made.start()
    assert not gc.isenabled()
    made.stop()
    assert gc.isenabled() and gc.get_freeze_count() == 0
    gc.disable()
