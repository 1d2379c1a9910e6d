"""Watching an execution until it rests: progress, Ctrl-C, and the signals by which a system ends a program."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from types import FrameType, TracebackType
from typing import Any, Protocol

from engine.api import Client, Entry, Outcome, Progress
from engine.cli.outcome import fetched
from engine.cli.progress import Board
from engine.cli.terminal import INTERRUPTED, Terminal
from engine.core.errors import RpaError

GRACE = 10.0
"""Seconds that running steps have to finish when the system ends the program (SIGTERM)."""
TEARDOWN = 3.0
"""Seconds for cleaning up after a second Ctrl-C, before the process simply ends."""
_TICK = 0.125
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]


class Stopped(Exception):
    """Somebody stopped the program at once. `execution` is empty where nothing had been started."""

    def __init__(self, execution: str = "") -> None:
        super().__init__(execution)
        self.execution = execution


class Interrupts:
    """Signals as calls on the loop, on Windows too (where `add_signal_handler` is missing)."""

    def __init__(self) -> None:
        self.react: Callable[[int], None] = lambda number: None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        self._loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                    self._before[number] = signal.signal(number, self._arrived)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        try:
            self._loop.call_soon_threadsafe(lambda: self.react(number))
        except RuntimeError:
            pass


class Watch(Protocol):
    """How progress is shown: `Lines` or `Live`."""

    def take(self, news: Entry | Progress) -> None: ...

    def say(self, text: str) -> None: ...

    def tick(self) -> None: ...

    def close(self) -> None: ...


def watch(terminal: Terminal, board: Board, total: int) -> Watch:
    """A moving picture on a terminal, lines in a pipe."""
    if terminal.interactive:
        from engine.cli.live import Live

        return Live(board, terminal, total)
    from engine.cli.lines import Lines

    return Lines(board, terminal)


def operate(
    engine: Callable[[], AbstractAsyncContextManager[Client]],
    begin: Callable[[Client], Awaitable[str]],
    terminal: Terminal,
) -> Outcome:
    """Open the engine, `begin` an execution, and follow it until it rests. Raises `Stopped`, and
    `RpaError` with the id under `INTERRUPTED` where the world failed under an execution that can go on later."""
    deadline: list[threading.Timer] = []

    async def whole() -> Outcome:
        with Interrupts() as interrupts:
            task = asyncio.current_task()
            assert task is not None

            def stop() -> None:
                if deadline:
                    return
                timer = threading.Timer(TEARDOWN, os._exit, (130,))
                timer.daemon = True
                timer.start()
                deadline.append(timer)
                task.cancel()

            interrupts.react = lambda number: stop()
            attention = _Attention(terminal, interrupts, stop)
            try:
                async with engine() as client:
                    return await attention.follow(client, begin)
            except asyncio.CancelledError:
                raise Stopped(attention.execution) from None
            except RpaError as error:
                if attention.execution:
                    setattr(error, INTERRUPTED, attention.execution)
                raise

    try:
        return asyncio.run(whole())
    finally:
        for timer in deadline:
            timer.cancel()


class _Attention:
    """One execution being followed."""

    def __init__(self, terminal: Terminal, interrupts: Interrupts, stop: Callable[[], None]) -> None:
        self._terminal = terminal
        self._interrupts = interrupts
        self._stop = stop
        self._early: list[Entry | Progress] = []
        self._watch: Watch | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._pausing = False
        self.execution = ""

    async def follow(self, client: Client, begin: Callable[[Client], Awaitable[str]]) -> Outcome:
        with client.subscribe(self._receive):
            self.execution = await begin(client)
            self._interrupts.react = lambda number: self._interrupted(client, number)
            try:
                await self._look(client)
                self._tasks.append(asyncio.create_task(self._tick()))
                outcome = await client.wait(self.execution)
                if self._terminal.as_json:
                    outcome = replace(outcome, output=await fetched(client, outcome.output))
                return outcome
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                if self._watch is not None:
                    self._watch.close()

    def _receive(self, news: Entry | Progress) -> None:
        if self._watch is None:
            self._early.append(news)
        elif news.execution == self.execution:
            self._watch.take(news)

    async def _look(self, client: Client) -> None:
        """Begin to show: on a terminal also what had happened before, then what was published meanwhile."""
        board, total, seen = Board(), 0, 0
        if self._terminal.interactive:
            state = await client.state(self.execution)
            board.recall(state)
            total, seen = len((await client.definition(self.execution)).steps), state.last_seq
        self._watch = watch(self._terminal, board, total)
        for news in self._early:
            if not isinstance(news, Entry) or news.seq > seen:
                self._receive(news)
        self._early.clear()

    async def _tick(self) -> None:
        while self._watch is not None:
            self._watch.tick()
            await asyncio.sleep(_TICK)

    def _interrupted(self, client: Client, number: int) -> None:
        if self._pausing:
            self._stop()
            return
        self._pausing = True
        by_hand = number == signal.SIGINT
        more = "Ctrl-C again stops at once" if by_hand else f"after {GRACE:.0f} s it stops at once"
        (self._watch or self._terminal).say(f"Pausing: running steps may finish; {more}.")
        reason = "Ctrl-C" if by_hand else signal.Signals(number).name
        self._tasks.append(asyncio.create_task(client.pause(self.execution, reason)))
        if not by_hand:
            asyncio.get_running_loop().call_later(GRACE, self._stop)
