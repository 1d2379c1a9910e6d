"""When and where garbage is collected: on the GUI's thread alone, and all of it only while nothing else is to be done.

Python collects on whatever thread happens to make the next object. A widget or a timer that only garbage holds would
die on the engine's thread then, and Qt crashes when its timer fires: so the automatic collection is off, and young
objects are looked through at a beat of the GUI's own. All objects take 90 ms, which a person sees as a hitch: what is
there at the start is left out for good, and the rest has to wait for a quiet moment.
"""

from __future__ import annotations

import gc
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer

YOUNG: Final = 2_000
"""New objects after which the youngest are looked through."""
ROUNDS: Final = 10
"""Looks through the youngest after which the middle-aged are looked through too."""
BEAT: Final = 50
"""Milliseconds between two looks at how many there are."""
LOOK: Final = 5.0
"""Seconds between two looks whether it is quiet."""
QUIET: Final = 0.03
"""Share of a processor that the program uses at most in a quiet moment."""
LONGEST: Final = 600.0
"""Seconds after which the whole heap is looked through although it never was quiet."""


class Collector(QObject):
    """One a process, made before any other thread: from then on, only it collects, on the thread it was made on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._started = False
        self._used = self._looked = self._collected = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT)
        self._timer.timeout.connect(self.beat)
        self._timer.start()

    def start(self) -> None:
        """Leave out what there is now, and look through the rest in quiet moments. Called again, it leaves out more."""
        gc.freeze()
        self._started = True
        self._used, self._looked, self._collected = time.process_time(), time.monotonic(), time.monotonic()

    def stop(self) -> None:
        """Leave it to Python again; no other thread runs any more."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def beat(self) -> None:
        """Look through the young objects where there are many, and through all where it is time."""
        youngest, middle, _ = gc.get_count()
        if youngest > YOUNG:
            gc.collect(1 if middle > ROUNDS else 0)
        if self._started and time.monotonic() - self._looked > LOOK:
            self.look()

    def look(self) -> bool:
        """Collect if it is quiet and there is something to look through; gives whether it did."""
        used, now = time.process_time(), time.monotonic()
        share = (used - self._used) / max(now - self._looked, 1e-6)
        self._used, self._looked = used, now
        overdue = now - self._collected > LONGEST
        if (share > QUIET and not overdue) or gc.get_count()[2] == 0:
            return False
        gc.collect()
        self._collected = time.monotonic()
        self._used = time.process_time()
        return True
