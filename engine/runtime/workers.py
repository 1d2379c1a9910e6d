"""Threads for activities that are plain functions, so that they never block the loop.

A thread cannot be killed. One whose step was cancelled or timed out is told so through the step's context and, if it
does not listen, left behind; threads are daemons, so that such a one never keeps the process from ending.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from engine.core.errors import SystemFault
from engine.core.sentences import say

_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Workers:
    """A pool that grows with need up to `limit` threads."""

    def __init__(self, limit: int = 64) -> None:
        self._limit = limit
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._busy = 0

    async def run(self, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        """Call the function in a thread and give its result. When cancelled, the call itself goes on."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()
        self._busy += 1
        if self._busy > len(self._threads) and len(self._threads) < self._limit:
            thread = threading.Thread(target=self._work, name=f"rpa-step-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._jobs.put((lambda: context.run(function, **arguments), loop, done))
        return await done

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            call, loop, done = job
            del job
            try:
                result, error = call(), None
            except BaseException as raised:
                if isinstance(raised, (StopIteration, asyncio.CancelledError)):
                    raised = SystemFault(say("the step was told to stop"))
                result, error = None, raised
            del call
            try:
                loop.call_soon_threadsafe(self._settle, done, result, error)
            except RuntimeError:
                return
            del done, result, error, loop

    def _settle(self, done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        self._busy -= 1
        if done.done():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    async def close(self, grace: float) -> int:
        """End the threads, waiting `grace` seconds for busy ones. Gives the number of those left behind."""
        for _ in self._threads:
            self._jobs.put(None)
        await asyncio.to_thread(self._join, time.monotonic() + grace)
        left = sum(thread.is_alive() for thread in self._threads)
        self._threads.clear()
        return left

    def _join(self, ends: float) -> None:
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
