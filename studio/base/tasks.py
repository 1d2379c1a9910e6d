"""Starting a coroutine from a slot: it is kept until it ends, and what it raises is told.

asyncio is imported when it is first needed: it takes as long as a tenth of the first window.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

Failed = Callable[[Exception], None]

_log = logging.getLogger(__name__)
_running: set[asyncio.Task[Any]] = set()
_held: list[tuple[Coroutine[Any, Any, Any], Failed | None]] | None = None


def spawn(coroutine: Coroutine[Any, Any, Any], *, failed: Failed | None = None) -> asyncio.Task[Any] | None:
    """Run it on the loop of this thread. `failed` gets what it raises; without it, the log does.

    Gives its task; None between `hold` and `release`, when it waits for the loop to run, and after the loop has ended:
    a timer may still fire then, and nobody waits for what it wanted.
    """
    if _held is not None:
        _held.append((coroutine, failed))
        return None
    import asyncio

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        coroutine.close()
        return None
    task = loop.create_task(coroutine)
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


def hold() -> None:
    """Keep what is spawned until `release`: the window is there before the loop runs."""
    global _held
    if _held is None:
        _held = []


def release() -> None:
    """Start on the loop, which runs now, what was spawned since `hold`, in order."""
    global _held
    held, _held = _held or [], None
    for coroutine, failed in held:
        spawn(coroutine, failed=failed)


async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a plain function in a thread of asyncio's."""
    import asyncio

    return await asyncio.to_thread(function, *arguments)


async def cancel_all() -> None:
    """Cancel what still runs, and wait until it has ended."""
    import asyncio

    while _running:
        for task in tuple(_running):
            task.cancel()
        # Not `gather`: of tasks that are all done it is done too since Python 3.12, and lets none of them tell so.
        await asyncio.wait(_running)
