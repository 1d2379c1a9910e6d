"""What the engine tells, on its way to the window: in batches, at most one a frame, none larger than listeners have
time for.

What waits beyond that slows the engine down instead of filling the memory: nothing that a fold needs is ever dropped.
"""

from __future__ import annotations

import math
import time
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.base.beat import beat
from studio.bridge.courteous_loop import ASIDE

if TYPE_CHECKING:
    from engine.api import Entry, Progress

FRAME = 0.016
"""Seconds between two batches."""
SHARE = 0.003
"""Seconds of a frame that listeners should need for a batch; its size follows what they took."""
BATCH = 64, 8192
"""Entries of a batch, at least and at most."""
CROWD = 500
"""Entries on their way to the GUI after which the engine sleeps `BRAKE` seconds for every `BUNCH` more: it would need
the interpreter for itself otherwise. 20,000 a second pass without that."""
BUNCH = 16
BRAKE = 0.003


class Delivery(QObject):
    """`arrived` brings entries and reports in order, on the thread of the window (`object`, for Qt would copy a
    `list`)."""

    arrived = Signal(object)
    _news = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.queue: deque[Entry | Progress] = deque()
        """What waits to be brought."""
        self._received = 0
        self._told = False
        self._size = 512
        self._last = 0.0
        self._due = math.inf
        """When the window is to look next; 0 while it is at work on what came, and paints it."""
        self._beat = beat()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._news.connect(self._take_news)

    def stop(self) -> None:
        """Bring nothing more."""
        self._timer.stop()

    def receive(self, news: Entry | Progress) -> None:
        """Called on the engine's loop."""
        self.queue.append(news)
        if not self._told:
            self._told = True
            self._news.emit()
        self._received += 1
        if self._received % BUNCH == 0:
            if len(self.queue) > CROWD:
                time.sleep(BRAKE)
            elif self.is_wanted():
                time.sleep(ASIDE[0])

    def _take_news(self) -> None:
        left = self._last + FRAME - time.monotonic()
        if left <= 0:
            self._deliver()
        elif not self._timer.isActive():
            self._timer.start(max(1, round(left * 1000)))

    def _deliver(self) -> None:
        self._due = 0.0
        QTimer.singleShot(0, self, self._at_rest)  # comes after the painting
        queue = self.queue
        batch = [queue.popleft() for _ in range(min(self._size, len(queue)))]
        if batch:
            began = time.monotonic()
            self.arrived.emit(without_old_progress(batch))
            took = time.monotonic() - began
            if len(batch) == self._size or took > SHARE:
                wanted = len(batch) * SHARE / max(took, 1e-5)
                self._size = int(min(max(wanted, self._size / 4, BATCH[0]), self._size * 2, BATCH[1]))
        self._last = time.monotonic()
        if batch:
            # More is likely to come, and is looked for then: to be told of it would be one more thing to wake up for.
            self._timer.start(round(FRAME * 1000))
        else:
            self._told = False
            if queue:  # it came just before that
                self._timer.start(round(FRAME * 1000))

    def is_wanted(self) -> bool:
        """Whether the window has something to do, and waits for the interpreter or has it. Any thread."""
        return self._beat.at_work or time.monotonic() > self._due

    def _at_rest(self) -> None:
        self._due = self._last + FRAME if self._timer.isActive() else math.inf


def without_old_progress(batch: list[Entry | Progress]) -> list[Entry | Progress]:
    """The batch with only the last report of each step."""
    from engine.api import Progress

    if sum(type(news) is Progress for news in batch) < 2:
        return batch
    seen: set[tuple[str, str]] = set()
    kept: list[Entry | Progress] = []
    for news in reversed(batch):
        if type(news) is Progress:
            key = news.execution, news.address
            if key in seen:
                continue
            seen.add(key)
        kept.append(news)
    kept.reverse()
    return kept
