"""Starting a coroutine from a slot: it is kept until it ends, and what it raises is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

_log = logging.getLogger(__name__)
_running: set[asyncio.Task[Any]] = set()


def spawn(
    coroutine: Coroutine[Any, Any, Any], *, failed: Callable[[Exception], None] | None = None
) -> asyncio.Task[Any]:
    """Run it on the loop of this thread. `failed` gets what it raises; without it, the log does."""
    task = asyncio.get_running_loop().create_task(coroutine)
    _running.add(task)

    def done(task: asyncio.Task[Any]) -> None:
        _running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if failed is not None and isinstance(error, Exception):
            failed(error)
        else:
            _log.error("a task failed", exc_info=error)

    task.add_done_callback(done)
    return task


async def cancel_all() -> None:
    """Cancel what still runs, and wait until it has ended."""
    while _running:
        for task in tuple(_running):
            task.cancel()
        await asyncio.gather(*_running, return_exceptions=True)
