"""The integrations of this machine, as the engine, the commands and the studio see them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.core.errors import BusinessError
from engine.core.secrets import Credential, SecretSource, Use
from engine.core.sentences import say
from engine.integrations import breaker
from engine.integrations.adapter import Adapter, Site
from engine.integrations.book import FILE, Book, IntegrationEntry, changing
from engine.integrations.diagnosis import Stage, examined
from engine.integrations.health import Alerts, Receiver, Watch
from engine.integrations.history import FILE as HISTORY
from engine.integrations.history import Figures, HealthChange, HealthCheck, History, Standing, State
from engine.integrations.traffic import Limits, Traffic

FLUSH = 5.0
"""Seconds after which calls that were counted are written down."""
RECENT = 60
"""Checks that a summary shows of each."""


@dataclass(frozen=True, slots=True)
class IntegrationSummary:
    """How one integration is. `breaker`, `waiting` and `running` are those of this process; `recent` holds its last
    checks, the oldest first; `problem` is what keeps it from being used."""

    name: str
    kind: str
    address: str
    state: State
    since: float
    said: str
    figures: Figures
    breaker: breaker.State
    again_at: float | None
    waiting: int
    running: int
    recent: tuple[HealthCheck, ...] = ()
    problem: str = ""


class Configured:
    """An integration in the hands of one step; see `engine.sdk.integration.Integration`."""

    def __init__(self, name: str, adapter: Adapter, credential: Credential | None, traffic: Traffic) -> None:
        self.name = name
        self.kind = adapter.kind
        self.address = adapter.address.strip()
        self.credential = credential
        self.timeout = adapter.timeout
        self._adapter = adapter
        self._traffic = traffic

    @property
    def options(self) -> Mapping[str, Any]:
        return self._adapter.options(self.credential)

    def call(self) -> AbstractAsyncContextManager[None]:
        return self._traffic.call()

    def __repr__(self) -> str:
        return f"Configured({self.name!r}, {self.kind!r})"


class IntegrationRegistry:
    """Reads the file when it is first asked, and again when it has changed. Used on one event loop.

    Raises wherever the file is read: `DocumentError` for one that cannot be.
    """

    def __init__(self, home: Path, secrets: SecretSource) -> None:
        self.path = home / FILE
        self.history = History(home / HISTORY)
        self.alerts = Alerts(self.history)
        self._secrets = secrets
        self._book: Book | None = None
        self._stamp: object = None
        self._reading = asyncio.Lock()
        self._traffic: dict[str, Traffic] = {}
        self._chores: set[asyncio.Task[None]] = set()
        self._flushing: asyncio.TimerHandle | None = None
        self._watch = Watch(self.entries, self._site, self.history, self.alerts)

    async def close(self) -> None:
        """Stop watching, and write down what is not yet."""
        await self._watch.stop()
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        while self._chores:
            await asyncio.gather(*self._chores, return_exceptions=True)
        await self._flush()
        await self.history.close()

    async def book(self) -> Book:
        """What the file holds now."""
        stamp = _stamp(self.path)
        if self._book is not None and stamp == self._stamp:
            return self._book
        async with self._reading:
            stamp = _stamp(self.path)
            if self._book is None or stamp != self._stamp:
                book = await asyncio.to_thread(Book.load, self.path)
                before = self._book.entries if self._book is not None else {}
                kept = {
                    name: before[name] if name in before and before[name].given == entry.given else entry
                    for name, entry in book.entries.items()
                }
                self._book, self._stamp = replace(book, entries=kept), stamp
            return self._book

    async def entries(self) -> dict[str, IntegrationEntry]:
        """The integrations by name, in the order of the file."""
        return dict((await self.book()).entries)

    async def get(self, name: str, use: Use) -> Configured:
        """The integration of that name, for a step.

        Raises `BusinessError` for one that is not there or wrong, and as `SecretSource.credential` does.
        """
        entry = (await self.book()).entry(name)
        adapter = entry.usable()
        credential = await self._credential(entry, use)
        return Configured(name, adapter, credential, self._traffic_of(entry))

    async def put(self, name: str, given: Mapping[str, Any], *, new: bool = False) -> IntegrationEntry:
        """Add or replace one in the file, if it can be used. Raises `BusinessError` that says what is wrong with it,
        `DocumentError` where the file cannot be written; `new`: there must be none of that name."""

        def change() -> IntegrationEntry:
            with changing(self.path) as book:
                if new and name in book.entries:
                    raise BusinessError(
                        say("there is an integration {name!r} already", name=name),
                        hint=say("Change it with `rpa integrations edit`."),
                    )
                book = book.put(name, given)
                entry = book.entry(name)
                entry.usable()
                book.save()
                return entry

        return await asyncio.to_thread(change)

    async def remove(self, name: str) -> None:
        """Take one out of the file, and forget its history. Raises `NoSuchIntegration`."""

        def change() -> None:
            with changing(self.path) as book:
                book.without(name).save()

        await asyncio.to_thread(change)
        self._traffic.pop(name, None)
        await self.history.forget(name)

    async def test(self, name: str, use: Use) -> AsyncIterator[Stage]:
        """Tell step by step what of one works. Raises as `get` does."""
        entry = (await self.book()).entry(name)
        adapter = entry.usable()
        credential = await self._credential(entry, use)
        async for stage in examined(adapter, Site(adapter.health.timeout, credential)):
            yield stage

    async def check(self, name: str) -> HealthCheck:
        """Check one now, and remember it. Raises `BusinessError` for one that is not there or wrong."""
        return await self._watch.check((await self.book()).entry(name))

    def watch(self) -> None:
        """Check all of them in the background from now on, until `unwatch` or `close`."""
        self._watch.start()

    async def unwatch(self) -> None:
        """Check no more."""
        await self._watch.stop()

    def subscribe(self, receive: Receiver) -> Callable[[], None]:
        """Tell `receive` of every alert, on this loop. Gives what ends that."""
        return self.alerts.subscribe(receive)

    async def summary(self) -> list[IntegrationSummary]:
        """How all of them are, in the order of the file."""
        await self._flush()
        standings = await self.history.standings()
        return [
            await self._summed(entry, standings.get(name, Standing())) for name, entry in (await self.entries()).items()
        ]

    async def changes(self, name: str, limit: int = 20) -> list[HealthChange]:
        """When one turned, the newest first."""
        return await self.history.changes(name, limit)

    async def _summed(self, entry: IntegrationEntry, standing: Standing) -> IntegrationSummary:
        traffic = self._traffic.get(entry.name)
        recent = await self.history.checks(entry.name, RECENT)
        wrong = next((one.message for one in entry.problems if one.severity == "error"), "")
        return IntegrationSummary(
            entry.name,
            entry.kind,
            str(entry.given.get("address", "")),
            standing.state,
            standing.since,
            standing.said,
            await self.history.figures(entry.name),
            traffic.breaker.state if traffic else "closed",
            traffic.breaker.again_at if traffic else None,
            traffic.waiting if traffic else 0,
            traffic.running if traffic else 0,
            tuple(reversed(recent)),
            wrong,
        )

    async def _site(self, entry: IntegrationEntry) -> Site:
        adapter = entry.usable()
        return Site(adapter.health.timeout, await self._credential(entry, Use("integrations.health")))

    async def _credential(self, entry: IntegrationEntry, use: Use) -> Credential | None:
        adapter = entry.usable()
        if not adapter.credential:
            return None
        found = await self._secrets.credential(adapter.credential, use)
        if found.kind not in (*adapter.accepts, "custom"):
            raise BusinessError(
                say(
                    "the integration {name!r} cannot sign in with a credential of the kind {kind}",
                    name=entry.name,
                    kind=found.kind,
                ),
                hint=say("It takes: {kinds}.", kinds=", ".join(adapter.accepts)),
            )
        return found

    def _traffic_of(self, entry: IntegrationEntry) -> Traffic:
        adapter = entry.usable()
        limits = Limits(adapter.rate, adapter.burst, adapter.breaker, adapter.timeout)
        found = self._traffic.get(entry.name)
        if found is None or found.limits != limits:
            found = Traffic(
                entry.name, limits, lambda state, reason: self._turned(entry, state, reason), self._flush_soon
            )
            self._traffic[entry.name] = found
        return found

    def _turned(self, entry: IntegrationEntry, state: breaker.State, reason: str) -> None:
        """A breaker opened or closed: that is news of the system too."""
        if state != "half-open":
            self._do(self._stand(entry, "down" if state == "open" else "up", reason))

    async def _stand(self, entry: IntegrationEntry, state: State, reason: str) -> None:
        before = await self.history.standing(entry.name)
        said = reason or say("it answers")
        after = Standing(state, before.since if before.state == state else time.time(), 0, said)
        await self.history.stand(entry.name, after)
        await self.alerts.turned(entry, before, after)

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(FLUSH, self._flush_now)

    def _flush_now(self) -> None:
        self._flushing = None
        self._do(self._flush())

    async def _flush(self) -> None:
        """Write down the calls that have ended."""
        for name, traffic in list(self._traffic.items()):
            tally = traffic.taken()
            if tally.calls:
                await self.history.count(name, time.time(), tally.calls, tally.failed, tally.seconds * 1000)

    def _do(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
