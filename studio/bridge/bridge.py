"""What the pages ask of the engine, and what they are told of it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from PySide6.QtCore import QObject, Signal

from engine.core.errors import RpaError, StoreCorrupt
from studio.bridge.delivery import Delivery
from studio.bridge.engine_thread import EngineThread, ended

if TYPE_CHECKING:
    from engine.api import Catalog, Client
    from engine.core.settings import Settings

T = TypeVar("T")
State = Literal["closed", "opening", "open", "failed"]

BOUND = 15.0
"""Seconds after which `stop` returns whatever the engine does."""
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

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.state: State = "closed"
        self.writable = False
        self.refusal: RpaError | None = None
        """Why nothing can be run although the engine is open: who holds the store."""
        self.error: RpaError | None = None
        """Why the engine is not open."""
        self._engine: EngineThread | None = None
        self._openings: list[asyncio.Future[None]] = []
        self._workers: set[threading.Thread] = set()
        self._seats = asyncio.Semaphore(max(2, os.cpu_count() or 2))
        self._delivery = Delivery(self)
        self._delivery.arrived.connect(self.arrived)
        self._reported.connect(self._take_report)

    @property
    def ready(self) -> bool:
        """Whether the engine is open, at least for reading."""
        return self.state == "open"

    @cached_property
    def catalog(self) -> Catalog:
        """The activities there are; a family is loaded when it is first asked for."""
        from engine.api import Catalog

        return Catalog()

    def start(self) -> None:
        """Open the engine, in the background. Does nothing where it is open or opening."""
        if self._engine is not None and self._engine.is_alive():
            return
        self.state = "opening"
        self.error = None
        self._engine = EngineThread(
            self.settings,
            self.catalog,
            receive=self._delivery.receive,
            report=self._reported.emit,
            wanted=self._delivery.is_wanted,
        )
        self._engine.start()

    def stop(self) -> None:
        """Pause what runs, close the engine and join its thread; takes no longer than `BOUND` seconds."""
        ends = time.monotonic() + BOUND
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.end()
        for thread in (*([engine] if engine is not None else ()), *tuple(self._workers)):
            thread.join(max(0.0, ends - time.monotonic()))
            if thread.is_alive():
                _log.warning("the thread %s did not end", thread.name)
        self._delivery.stop()
        self._become("closed")

    async def close(self) -> None:
        """As `stop`, while the window stays alive."""
        if self._engine is not None:
            self._engine.end()
            await self.run(self._engine.join, BOUND)
        self.stop()

    async def call(self, method: Callable[[Client], Awaitable[T]]) -> T:
        """Run `method` on the engine's loop and give its result. Waits until the engine is open.

        Raises what `method` does; where the engine cannot be opened, the error that says why; and `ExecutionError`
        where the engine ended meanwhile.
        """
        await self._until_open()
        assert self._engine is not None
        try:
            future = self._engine.submit(method)
        except RuntimeError:  # it ended a moment ago
            raise ended() from None
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if future.cancelled() and (task is None or not task.cancelling()):
                raise ended() from None
            raise

    def ask(self, method: Callable[[Client], Awaitable[T]], seconds: float = 10.0) -> T:
        """As `call`, for worker threads, which may wait. Raises `ExecutionError` where the engine is not open or does
        not answer in time."""
        if threading.current_thread() is threading.main_thread():
            raise RuntimeError("the thread of the window must not wait")
        engine = self._engine
        if not self.ready or engine is None:
            raise ended()
        try:
            return engine.submit(method).result(seconds)
        except (RuntimeError, concurrent.futures.CancelledError, TimeoutError):
            raise ended() from None

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
        self.retry()
        return aside

    def retry(self) -> None:
        """Try at once to open what could not be opened; starts an engine anew that has ended."""
        if self._engine is None or not self._engine.is_alive():
            self.start()
        else:
            self._engine.hurry()

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
                raise ended()

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
        elif self._engine is None:
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


def _move_aside(store: Path) -> Path:
    stem = f"{store.name}.damaged-{datetime.now():%Y%m%d-%H%M%S}"
    for end in ("-wal", "-shm", ""):
        part = store.with_name(store.name + end)
        if part.exists():
            os.replace(part, store.with_name(stem + end))
    return store.with_name(stem)
