"""The only meeting point of Qt and the engine, which lives on a thread of its own with an event loop of its own.

What happened reaches the GUI in batches, at most one a frame, and no batch is larger than what listeners have time for.
What waits beyond that slows the engine down instead of filling the memory: nothing that a fold needs is ever dropped.
Imports the engine inside the thread, so that it costs the first window nothing.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import math
import os
import selectors
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.core.errors import ExecutionBusy, ExecutionError, RpaError, StoreCorrupt
from studio.base.beat import beat

if TYPE_CHECKING:
    from engine.api import Catalog, Client, Engine, Entry, Outcome, Progress
    from engine.core.settings import Settings

T = TypeVar("T")
State = Literal["closed", "opening", "open", "failed"]

FRAME = 0.016
"""Seconds between two batches."""
SHARE = 0.003
"""Seconds of a frame that listeners should need for a batch; its size follows what they took."""
BATCH = 64, 8192
"""Entries of a batch, at least and at most."""
CROWD = 500
"""Entries on their way to the GUI after which the engine sleeps `BRAKE` seconds for every `BUNCH` more: it would need
the interpreter for itself otherwise. 20,000 a second pass without that."""
BUNCH = 16
BRAKE = 0.003
ASIDE = 0.001, 16
"""Seconds that the engine steps aside for a window that is at work, and how often in a row."""
AGAIN = 2.0
"""Seconds between two tries to open, or to get hold of, the store."""
WAKE = 5.0
"""Seconds between two looks for executions whose wait is over."""
GRACE = 3.0
"""Seconds that running steps have to finish when the studio ends; after that they are stopped where they are."""
BOUND = 15.0
"""Seconds after which `stop` returns whatever the engine does."""
CLOSED = "The studio was closed."
"""Why executions were paused that run when the studio ends."""
_log = logging.getLogger(__name__)


class Bridge(QObject):
    """One a process. All is called on the GUI thread, and all signals come there.

    `arrived` brings entries and reports in order, at most once a frame (`object`, for Qt would copy a `list`).
    `opened` comes whenever the engine can be asked, also when it can write after it could only read. `failed` carries
    the error, for a person, that keeps it from being open, or that ended it; it is tried again by itself.
    """

    opened = Signal()
    failed = Signal(object)
    catalog_loaded = Signal()
    arrived = Signal(object)
    _reported = Signal(str, object)
    _news = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.state: State = "closed"
        self.writable = False
        self.refusal: RpaError | None = None
        """Why nothing can be run although the engine is open: who holds the store."""
        self.error: RpaError | None = None
        """Why the engine is not open."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: Engine | None = None
        self._calls: set[asyncio.Task[Any]] = set()
        self._ending: asyncio.Future[None] | None = None
        self._openings: list[asyncio.Future[None]] = []
        self._workers: set[threading.Thread] = set()
        self._seats = asyncio.Semaphore(max(2, os.cpu_count() or 2))
        self._queue: deque[Entry | Progress] = deque()
        self._received = 0
        self._told = False
        self._size = 512
        self._last = 0.0
        self._due = math.inf
        """When the window is to look next; 0 while it is at work on what came, and paints it."""
        self._beat = beat()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._reported.connect(self._take_report)
        self._news.connect(self._take_news)

    @property
    def ready(self) -> bool:
        """Whether the engine is open, at least for reading."""
        return self.state == "open"

    @cached_property
    def catalog(self) -> Catalog:
        """The activities there are; a family is loaded when it is first asked for."""
        from engine.api import Catalog

        return Catalog()

    # What the GUI does.

    def start(self) -> None:
        """Open the engine, in the background. Does nothing where it is open or opening."""
        if self._thread is not None and self._thread.is_alive():
            return
        self.state = "opening"
        self.error = None
        self._client = None
        self._loop = _courteous_loop(self._is_wanted)
        self._ending = self._loop.create_future()
        self._thread = threading.Thread(target=self._work, args=(self._loop, self.catalog), name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Pause what runs, close the engine and join its thread; takes no longer than `BOUND` seconds."""
        ends = time.monotonic() + BOUND
        self._ask_to_end()
        for thread in (self._thread, *tuple(self._workers)):
            if thread is not None:
                thread.join(max(0.0, ends - time.monotonic()))
                if thread.is_alive():
                    _log.warning("the thread %s did not end", thread.name)
        self._timer.stop()
        self._thread = None
        self._become("closed")

    async def close(self) -> None:
        """As `stop`, while the window stays alive."""
        self._ask_to_end()
        if self._thread is not None:
            await self.run(self._thread.join, BOUND)
        self.stop()

    async def call(self, method: Callable[[Client], Awaitable[T]]) -> T:
        """Run `method` on the engine's loop and give its result. Waits until the engine is open.

        Raises what `method` does; where the engine cannot be opened, the error that says why; and `ExecutionError`
        where the engine ended meanwhile.
        """
        await self._until_open()
        assert self._loop is not None
        try:
            future = asyncio.run_coroutine_threadsafe(self._invoke(method), self._loop)
        except RuntimeError:  # the loop was closed a moment ago
            raise _ended() from None
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if future.cancelled() and (task is None or not task.cancelling()):
                raise _ended() from None
            raise

    def ask(self, method: Callable[[Client], Awaitable[T]], seconds: float = 10.0) -> T:
        """As `call`, for worker threads, which may wait. Raises `ExecutionError` where the engine is not open or does
        not answer in time."""
        if threading.current_thread() is threading.main_thread():
            raise RuntimeError("the thread of the window must not wait")
        if not self.ready or self._loop is None:
            raise _ended()
        try:
            return asyncio.run_coroutine_threadsafe(self._invoke(method), self._loop).result(seconds)
        except (RuntimeError, concurrent.futures.CancelledError, TimeoutError):
            raise _ended() from None

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Run a plain function in a worker thread and give its result; not more at once than there are processors."""
        async with self._seats:
            future: concurrent.futures.Future[T] = concurrent.futures.Future()

            def work() -> None:
                try:
                    if future.set_running_or_notify_cancel():
                        future.set_result(function(*args))
                except BaseException as error:
                    future.set_exception(error)
                finally:
                    self._workers.discard(threading.current_thread())

            thread = threading.Thread(target=work, name=f"work-{function.__name__}", daemon=True)
            self._workers.add(thread)
            thread.start()
            return await asyncio.wrap_future(future)

    async def move_store_aside(self) -> Path:
        """Rename a damaged store and what belongs to it, begin a new one, and give where the old one is now.

        Raises `OSError` where that cannot be done, and does nothing where the store is not known to be damaged."""
        store = self.settings.store
        if not isinstance(self.error, StoreCorrupt):
            return store
        aside = await self.run(_move_aside, store)
        self._hurry()
        return aside

    def retry(self) -> None:
        """Try at once to open what could not be opened; starts an engine anew that has ended."""
        if self._thread is None or not self._thread.is_alive():
            self.start()
        else:
            self._hurry()

    def _hurry(self) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(lambda: self._impatient.set())

    def _ask_to_end(self) -> None:
        loop, ending = self._loop, self._ending

        def end() -> None:
            if ending is not None and not ending.done():
                ending.set_result(None)

        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(end)

    async def _until_open(self) -> None:
        while self.state != "open":
            if self.state == "failed" and self.error is not None:
                raise self.error
            opening: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._openings.append(opening)
            try:
                await opening
            finally:
                if opening in self._openings:
                    self._openings.remove(opening)
            if self.state == "closed":
                raise _ended()

    def _become(self, state: State, error: RpaError | None = None) -> None:
        self.state, self.error = state, error
        if state != "open":
            self.writable, self.refusal = False, None
        if state != "opening":
            openings, self._openings = self._openings, []
            for opening in openings:
                if not opening.done():
                    opening.set_result(None)

    def _take_report(self, what: str, about: Any) -> None:
        if what == "loaded":
            self.catalog_loaded.emit()
        elif self._thread is None:
            return  # it was stopped
        elif what == "opened":
            self.refusal = about
            self.writable = about is None
            self._become("open")
            self.opened.emit()
        elif what == "closed":
            self._become("opening")
        elif what == "failed":
            news = self.state != "failed" or self.error is None or self.error.message != about.message
            self._become("failed", about)
            if news:
                self.failed.emit(about)

    # What happened, on its way to the GUI.

    def _receive(self, news: Entry | Progress) -> None:
        """Called on the engine's loop."""
        self._queue.append(news)
        if not self._told:
            self._told = True
            self._news.emit()
        self._received += 1
        if self._received % BUNCH == 0:
            if len(self._queue) > CROWD:
                time.sleep(BRAKE)
            elif self._is_wanted():
                time.sleep(ASIDE[0])

    def _take_news(self) -> None:
        left = self._last + FRAME - time.monotonic()
        if left <= 0:
            self._deliver()
        elif not self._timer.isActive():
            self._timer.start(max(1, round(left * 1000)))

    def _deliver(self) -> None:
        self._due = 0.0
        QTimer.singleShot(0, self, self._at_rest)  # comes after the painting
        queue = self._queue
        batch = [queue.popleft() for _ in range(min(self._size, len(queue)))]
        if batch:
            began = time.monotonic()
            self.arrived.emit(_without_old_progress(batch))
            took = time.monotonic() - began
            if len(batch) == self._size or took > SHARE:
                wanted = len(batch) * SHARE / max(took, 1e-5)
                self._size = int(min(max(wanted, self._size / 4, BATCH[0]), self._size * 2, BATCH[1]))
        self._last = time.monotonic()
        if batch:
            # More is likely to come, and is looked for then: to be told of it would be one more thing to wake up for.
            self._timer.start(round(FRAME * 1000))
        else:
            self._told = False
            if queue:  # it came just before that
                self._timer.start(round(FRAME * 1000))

    def _is_wanted(self) -> bool:
        """Whether the window has something to do, and waits for the interpreter or has it. Any thread."""
        return self._beat.at_work or time.monotonic() > self._due

    def _at_rest(self) -> None:
        self._due = self._last + FRAME if self._timer.isActive() else math.inf

    # What the engine's thread does.

    def _work(self, loop: asyncio.AbstractEventLoop, catalog: Catalog) -> None:
        error: BaseException | None = None
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(self._serve(catalog))
        except BaseException as caught:
            _log.exception("the engine ended")
            error = caught
        if error is not None:
            with contextlib.suppress(RuntimeError):  # Qt is gone
                self._reported.emit("failed", _crashed(error))

    async def _serve(self, catalog: Catalog) -> None:
        from engine.api import open_engine

        assert self._ending is not None
        self._impatient = asyncio.Event()
        self._available = asyncio.Event()
        loading: asyncio.Task[None] | None = None
        try:
            while not self._ending.done():
                try:
                    self.settings.make_home()
                    async with open_engine(self.settings, catalog=catalog) as engine:
                        loading = loading or asyncio.create_task(self._load(catalog))
                        await self._attend(engine)
                except _AtOnce:
                    break
                except RpaError as error:
                    self._reported.emit("failed", error)
                    await self._rest(AGAIN)
        finally:
            if loading is not None:
                await loading  # a thread that imports cannot be stopped

    async def _load(self, catalog: Catalog) -> None:
        await asyncio.to_thread(catalog.load)
        self._reported.emit("loaded", None)

    async def _attend(self, engine: Engine) -> None:
        """Be of service until the studio ends, or until the store that could only be read can be written."""
        self._client = engine
        self._available.set()
        self._reported.emit("opened", engine.refusal)
        waking = asyncio.ensure_future(self._wake(engine))
        try:
            with engine.subscribe(self._receive):
                while not self._is_over():
                    await self._rest(AGAIN if not engine.writable else None)
                    if not engine.writable and not self._is_over() and await self._is_free():
                        break
                self._client = None
                self._available.clear()
                waking.cancel()
                if self._is_over():
                    await self._pause_all(engine)
                else:
                    self._reported.emit("closed", None)
        finally:
            self._client = None
            waking.cancel()
            if self._calls:
                _, unfinished = await asyncio.wait(self._calls, timeout=GRACE)
                for call in unfinished:
                    call.cancel()

    def _is_over(self) -> bool:
        return self._ending is None or self._ending.done()

    async def _rest(self, seconds: float | None) -> None:
        """Wait so long, until the studio ends, or until somebody is impatient."""
        assert self._ending is not None
        self._impatient.clear()
        impatient = asyncio.ensure_future(self._impatient.wait())
        try:
            either: set[asyncio.Future[Any]] = {self._ending, impatient}
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            impatient.cancel()

    async def _is_free(self) -> bool:
        from engine.api import open_engine

        try:
            async with open_engine(self.settings) as engine:
                return engine.writable
        except RpaError:
            return False

    async def _wake(self, engine: Engine) -> None:
        """Let executions go on whose wait is over. Those that a kill left behind are not taken up unasked."""
        while engine.writable:
            try:
                for record in await engine.executions(status=("waiting",), limit=1000):
                    if record.wake_at is not None and record.wake_at <= time.time():
                        with contextlib.suppress(ExecutionBusy):
                            await engine.resume(record.id)
            except RpaError as error:
                _log.warning("looking for executions that are due failed: %s", error)
            await asyncio.sleep(WAKE)

    async def _pause_all(self, engine: Engine) -> None:
        """Pause what runs here. Raises `_AtOnce` where that takes too long."""
        running: list[asyncio.Task[Outcome]] = []
        with contextlib.suppress(RpaError):
            for record in await engine.executions(status=("queued", "running"), limit=10_000):
                with contextlib.suppress(RpaError):
                    await engine.pause(record.id, CLOSED)
                    running.append(asyncio.create_task(engine.wait(record.id)))
        if running:
            _, unfinished = await asyncio.wait(running, timeout=GRACE)
            for wait in running:
                wait.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            if unfinished:
                raise _AtOnce

    async def _invoke(self, method: Callable[[Client], Awaitable[T]]) -> T:
        while self._client is None:
            if self._is_over():
                raise _ended()
            await self._available.wait()
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        try:
            return await method(self._client)
        finally:
            self._calls.discard(task)


class _AtOnce(Exception):
    """What runs is stopped where it is."""


def _courteous_loop(wanted: Callable[[], bool]) -> asyncio.AbstractEventLoop:
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


def _without_old_progress(batch: list[Entry | Progress]) -> list[Entry | Progress]:
    """The batch with only the last report of each step."""
    from engine.api import Progress

    if sum(type(news) is Progress for news in batch) < 2:
        return batch
    seen: set[tuple[str, str]] = set()
    kept: list[Entry | Progress] = []
    for news in reversed(batch):
        if type(news) is Progress:
            key = news.execution, news.address
            if key in seen:
                continue
            seen.add(key)
        kept.append(news)
    kept.reverse()
    return kept


def _move_aside(store: Path) -> Path:
    stem = f"{store.name}.damaged-{datetime.now():%Y%m%d-%H%M%S}"
    for end in ("-wal", "-shm", ""):
        part = store.with_name(store.name + end)
        if part.exists():
            os.replace(part, store.with_name(stem + end))
    return store.with_name(stem)


def _ended() -> ExecutionError:
    return ExecutionError("the engine has ended", hint="What was finished is kept; start RPA Studio again to go on.")


def _crashed(error: BaseException) -> ExecutionError:
    return ExecutionError(
        f"the engine stopped unexpectedly: {type(error).__name__}: {error}",
        hint="Your workflows are not affected. Start the engine again; executions keep their place.",
    )
