"""The event loop of the engine, which lets the window go first."""

from __future__ import annotations

import asyncio
import selectors
import sys
from collections.abc import Callable
from typing import Any

ASIDE = 0.001, 16
"""Seconds that it steps aside for a window that is at work, and how often in a row."""


def courteous_loop(wanted: Callable[[], bool]) -> asyncio.AbstractEventLoop:
    """A loop that rests for a moment, although it has work, while the interpreter is `wanted` elsewhere.

    Two threads that take turns every 5 ms are hard on a window that is to be painted in 10; and there are more.
    """
    pause, most = ASIDE
    if sys.platform == "win32":

        seconds: Any = pause  # what it takes is not what it declares

        class Proactor(asyncio.IocpProactor):
            def select(self, timeout: Any = None) -> list[Any]:
                for _ in range(most if timeout == 0 else 0):
                    if not wanted():
                        break
                    if found := super().select(seconds):
                        return found
                return super().select(timeout)

        return asyncio.ProactorEventLoop(Proactor())

    class Selector(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            for _ in range(most if timeout == 0 else 0):
                if not wanted():
                    break
                if found := super().select(pause):
                    return found
            return super().select(timeout)

    return asyncio.SelectorEventLoop(Selector())
