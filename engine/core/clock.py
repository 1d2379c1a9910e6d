"""Time as a part that can be exchanged: tests move it by hand, and a wall clock that jumps harms nothing."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where the engine reads the time and how it waits."""

    def now(self) -> float:
        """Seconds since 1970 on the wall clock; may jump either way."""

    def monotonic(self) -> float:
        """Seconds that only ever grow, from an arbitrary start."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long on the monotonic clock."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
