"""What goes wrong on purpose: now and then, as often as was asked for, or so many times and then no more."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass

KINDS = ("429", "503", "reset")
"""Too many requests, service unavailable, and a connection torn before the reply."""
_MOST_KEYS = 10_000


@dataclass(frozen=True)
class Faults:
    """How often a request fails, each between 0 and 1; together no more than 1."""

    too_many: float = 0.0
    unavailable: float = 0.0
    reset: float = 0.0

    def __post_init__(self) -> None:
        if not all(0 <= rate <= 1 for rate in self.rates) or sum(self.rates) > 1:
            raise ValueError("rates of faults are between 0 and 1, and together no more than 1")

    @property
    def rates(self) -> tuple[float, float, float]:
        """In the order of `KINDS`."""
        return self.too_many, self.unavailable, self.reset


class Trouble:
    """Draws the faults. Safe to use from several threads."""

    def __init__(self, faults: Faults, chance: random.Random) -> None:
        self.faults = faults
        self._chance = chance
        self._lock = threading.Lock()
        self._left: dict[str, int] = {}
        self.happened: Counter[str] = Counter()

    def draw(self) -> str:
        """The fault of this request, of `KINDS`, or an empty text."""
        faults = self.faults
        if not any(faults.rates):
            return ""
        with self._lock:
            drawn = self._chance.random()
            for kind, rate in zip(KINDS, faults.rates, strict=True):
                drawn -= rate
                if drawn < 0:
                    self.happened[kind] += 1
                    return kind
        return ""

    def again(self, key: str, times: int) -> bool:
        """Whether what goes by `key` fails once more: the first `times` times it is asked for."""
        with self._lock:
            if key not in self._left and len(self._left) >= _MOST_KEYS:
                self._left.pop(next(iter(self._left)))
            left = self._left.setdefault(key, times)
            self._left[key] = left - 1
            return left > 0

    def note(self, kind: str) -> None:
        """Count a fault that was asked for."""
        with self._lock:
            self.happened[kind] += 1

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._left.clear()
            self.happened.clear()
