"""The thread that the engine lives on, with an event loop of its own.

Imports the engine there, where it costs the first window nothing.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from engine.core.errors import ExecutionBusy, ExecutionError, RpaError
from engine.core.sentences import say
from studio.base.i18n import N_
from studio.bridge.courteous_loop import courteous_loop

if TYPE_CHECKING:
    from engine.api import Catalog, Client, Engine, Entry, Outcome, Progress
    from engine.core.settings import Settings

T = TypeVar("T")

AGAIN = 2.0
"""Seconds between two tries to open, or to get hold of, the store."""
WAKE = 5.0
"""Seconds between two looks for executions whose wait is over."""
GRACE = 3.0
"""Seconds that running steps have to finish when the studio ends; after that they are stopped where they are."""
CLOSED = "The studio was closed."
"""Why executions were paused that run when the studio ends."""
_log = logging.getLogger(__name__)


class EngineThread(threading.Thread):
    """Opens the engine, and tries again where that fails; keeps it open until it is to `end`.

    All that it tells comes on this thread. `receive` gets what happens in executions; `report` a word and what it is
    about: `opened` (why nothing can be written, or None), `closed`, `failed` (the error, for a person), `loaded` (all
    families of the catalog are). `wanted` says whether the window has something to do; then the engine steps aside.
    """

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        *,
        receive: Callable[[Entry | Progress], None],
        report: Callable[[str, Any], None],
        wanted: Callable[[], bool],
    ) -> None:
        super().__init__(name="engine", daemon=True)
        self._settings, self._catalog = settings, catalog
        self._receive, self._report = receive, report
        self._loop = courteous_loop(wanted)
        self._ending: asyncio.Future[None] = self._loop.create_future()
        self._impatient = asyncio.Event()
        self._available = asyncio.Event()
        self._client: Engine | None = None
        self._calls: set[asyncio.Task[Any]] = set()

    # Any thread

    def end(self) -> None:
        """Pause what runs, close the engine, and end."""

        def end() -> None:
            if not self._ending.done():
                self._ending.set_result(None)

        with contextlib.suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(end)

    def hurry(self) -> None:
        """Try at once what is tried again and again."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._impatient.set)

    def submit(self, method: Callable[[Client], Awaitable[T]]) -> concurrent.futures.Future[T]:
        """Run `method` here, as soon as the engine is open. Raises `RuntimeError` where the thread has ended; the
        future is cancelled where it ends meanwhile."""
        call = self._invoke(method)
        try:
            return asyncio.run_coroutine_threadsafe(call, self._loop)
        except RuntimeError:
            call.close()
            raise

    # This thread

    def run(self) -> None:
        error: BaseException | None = None
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as caught:
            _log.exception("the engine ended")
            error = caught
        if error is not None:
            with contextlib.suppress(RuntimeError):  # Qt is gone
                self._report("failed", crashed(error))

    async def _serve(self) -> None:
        from engine.api import open_engine

        loading: asyncio.Task[None] | None = None
        try:
            while not self._is_over():
                try:
                    self._settings.make_home()
                    async with open_engine(self._settings, catalog=self._catalog) as engine:
                        loading = loading or asyncio.create_task(self._load())
                        await self._attend(engine)
                except _AtOnce:
                    break
                except RpaError as error:
                    self._report("failed", error)
                    await self._rest(AGAIN)
        finally:
            if loading is not None:
                await loading  # a thread that imports cannot be stopped

    async def _load(self) -> None:
        await asyncio.to_thread(self._catalog.load)
        self._report("loaded", None)

    async def _attend(self, engine: Engine) -> None:
        """Be of service until the studio ends, or until the store that could only be read can be written."""
        self._client = engine
        self._available.set()
        self._report("opened", engine.refusal)
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
                    self._report("closed", None)
        finally:
            self._client = None
            waking.cancel()
            if self._calls:
                _, unfinished = await asyncio.wait(self._calls, timeout=GRACE)
                for call in unfinished:
                    call.cancel()

    def _is_over(self) -> bool:
        return self._ending.done()

    async def _rest(self, seconds: float | None) -> None:
        """Wait so long, until the studio ends, or until somebody is impatient."""
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
            async with open_engine(self._settings) as engine:
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
                raise ended()
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


def ended() -> ExecutionError:
    """What is said where the engine has ended."""
    return ExecutionError(
        say(N_("the engine has ended")), hint=say(N_("What was finished is kept; start RPA Studio again to go on."))
    )


def crashed(error: BaseException) -> ExecutionError:
    """What is said of an end that nobody wanted."""
    return ExecutionError(
        say(N_("the engine stopped unexpectedly: {error}"), error=f"{type(error).__name__}: {error}"),
        hint=say(N_("Your workflows are not affected. Start the engine again; executions keep their place.")),
    )
