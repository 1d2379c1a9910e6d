"""How often a system may be asked: a token bucket that all executions of a process share.

A token comes every `per / count` seconds, and at most `burst` of them are kept for later. With the burst of 1 that is
the default, requests are spaced evenly, and no minute has more than what is allowed a minute and one. It counts in this
process: the one that holds the store.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import dataclass
from typing import Any

from engine.core.sentences import say

_UNITS = {"s": 1.0, "sec": 1.0, "second": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0}
_UNITS |= {"d": 86400.0, "day": 86400.0}
_RATE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*/\s*(\d{0,6})\s*([a-z]+)")
_CATCH_UP = 0.25
"""Seconds of tokens that are made up for when the loop was busy; what is longer is lost, so that nothing rushes."""
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    count: float
    per: float

    @property
    def per_second(self) -> float:
        return self.count / self.per

    def __str__(self) -> str:
        unit = next((unit for unit in ("s", "min", "h", "day") if _UNITS[unit] == self.per), f"{self.per:g}s")
        return f"{self.count:g}/{unit}"


def read_rate(value: Any) -> Rate | None:
    """The rate of a text such as `100/min`, `5/s`, `1/10s`. Raises `ValueError`."""
    if value is None or isinstance(value, Rate):
        return value
    found = _RATE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if found is None or found[3] not in _UNITS or not float(found[1]) or found[2] == "0":
        raise ValueError(say("{value!r} is not a rate; write for example 100/min or 5/s", value=str(value)[:40]))
    return Rate(float(found[1]), int(found[2] or 1) * _UNITS[found[3]])


class TokenBucket:
    """Lets requests begin at a rate, first come first served; without a rate, at once. Used on one event loop."""

    def __init__(self, rate: Rate | None, burst: int = 1) -> None:
        self._rate = rate.per_second if rate is not None else 0.0
        self._burst = float(max(1, burst))
        self._tokens = self._burst
        self._at = 0.0
        """Up to when tokens were counted, on the loop's clock."""
        self._held = 0.0
        self._turns: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._turns)

    async def take(self) -> None:
        """Wait for a token. One that was waited for in vain, because the waiter was cancelled, is the next one's."""
        loop = asyncio.get_running_loop()
        if not self._turns and self._missing(loop.time()) <= 0:
            self._tokens -= 1
            return
        turn = loop.create_future()
        self._turns.append(turn)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._turns.remove(turn)
            else:
                self.give_back()
            self._serve()
            raise

    def give_back(self) -> None:
        """A token that was taken and not used."""
        self._tokens += 1
        self._serve()

    def hold(self, seconds: float) -> None:
        """Let nothing begin for so long: the system asks for patience."""
        self._held = max(self._held, asyncio.get_running_loop().time() + seconds)
        self._serve()

    def let_go(self) -> None:
        """Let all that wait go on without a token, to be refused elsewhere."""
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                self._tokens -= 1  # each gives it back when it is refused
                turn.set_result(None)

    def _missing(self, now: float) -> float:
        """Seconds until there is a token, 0 when there is one."""
        if not self._rate:
            self._tokens = self._burst
            return self._held - now
        most = self._burst if not self._turns else self._burst + max(1.0, _CATCH_UP * self._rate)
        if self._at:
            self._tokens = min(most, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        short = 1.0 - self._tokens
        return max(short / self._rate if short > _TOLERANCE else 0.0, self._held - now)

    def _serve(self) -> None:
        """Give out the tokens that are there, and come back when the next one is due."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._turns:
            missing = self._missing(loop.time())
            if missing > 0:
                self._timer = loop.call_at(loop.time() + missing, self._serve)
                return
            turn = self._turns.popleft()
            if not turn.done():
                self._tokens -= 1
                turn.set_result(None)
