"""Activities that do nothing, so that a benchmark measures the engine alone."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from engine.sdk import Effect, activity

first: list[float] = []
"""When the first pure step of this process ran (`time.perf_counter()`)."""
ran = asyncio.Event()
"""Whether it did."""


@activity("noop.once", label="Nothing, once", effect=Effect.ONCE)
async def once(value: Any = None) -> Any:
    """Give the value back; counts as an effect that must never silently happen twice."""
    return value


@activity("noop.pure", label="Nothing", effect=Effect.PURE)
async def pure(value: Any = None) -> Any:
    """Give the value back."""
    if not first:
        first.append(time.perf_counter())
        ran.set()
    return value
