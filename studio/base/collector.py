"""When garbage is collected: the whole heap only while nothing else is to be done.

Python looks through all objects whenever there are a quarter more of them, and stops every thread meanwhile: 90 ms in a
window with all its modules, which a person sees as a hitch. So what is there at the start is left out for good, young
objects are looked through as always, and the rest in a quiet moment.
"""

from __future__ import annotations

import gc
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer

YOUNG: Final = (2_000, 10, 1_000_000)
"""Thresholds of the three generations: the last is never reached by itself."""
LOOK: Final = 5_000
"""Milliseconds between two looks whether it is quiet."""
QUIET: Final = 0.03
"""Share of a processor that the program uses at most in a quiet moment."""
LONGEST: Final = 600.0
"""Seconds after which the whole heap is looked through although it never was quiet."""


class Collector(QObject):
    """One a process; `start` it once the window is up and its modules are loaded."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = gc.get_threshold()
        self._used = self._looked = self._collected = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Leave out what there is, and wait for quiet moments from now on. Called again, it leaves out more."""
        gc.freeze()
        gc.set_threshold(*YOUNG)
        self._used, self._looked, self._collected = time.process_time(), time.monotonic(), time.monotonic()
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.set_threshold(*self._before)
        gc.unfreeze()

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
