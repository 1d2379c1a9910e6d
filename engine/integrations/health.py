"""Watches integrations in the background, remembers how they are, and tells when one turns bad or recovers.

An integration is down after `bad_after` failed checks in a row, or at once when its circuit breaker opens; it is up
again after `good_after` good ones, or when a request went through the breaker. Of several processes that watch, one
makes each check: it claims it in the history. Checks wait in threads of their own and never in those that steps use.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from engine.core.errors import ActivityError, RpaError
from engine.integrations.adapter import Health, Site
from engine.integrations.book import IntegrationEntry
from engine.integrations.diagnosis import checked
from engine.integrations.history import HealthChange, HealthCheck, History, Standing, State

AT_ONCE = 8
"""Checks that are under way at the same time."""
JITTER = 0.1
SOON = 5.0
"""Seconds within which the first check of each is made."""
SHORTEST = 0.2
"""Seconds between two checks of one, at the least."""
LOOK = 2.0
"""Seconds between two looks at the file."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IntegrationAlert:
    """An integration turned bad (`down`) or has recovered (`up`). `at` is in seconds since 1970; `lasted` is how many
    seconds it was in the other state, 0 where that is not known."""

    name: str
    kind: str
    at: float
    state: State
    said: str
    lasted: float = 0.0


Receiver = Callable[[IntegrationAlert], None]


def observed(standing: Standing, good: bool, said: str, health: Health, now: float) -> Standing:
    """What an integration is taken for after one more check."""
    wanted: State = "up" if good else "down"
    if standing.state == wanted:
        return Standing(wanted, standing.since, 0, said)
    streak = standing.streak + 1
    needed = 1 if good and standing.state == "unknown" else health.good_after if good else health.bad_after
    if streak < needed:
        return Standing(standing.state, standing.since, streak, said)
    return Standing(wanted, now, 0, said)


class Alerts:
    """Who is told, and telling them: one that fails harms nobody else."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._receivers: list[Receiver] = []

    def subscribe(self, receive: Receiver) -> Callable[[], None]:
        """Tell `receive` of every alert, on the loop. Gives what ends that."""
        self._receivers.append(receive)
        return lambda: self._receivers.remove(receive) if receive in self._receivers else None

    async def turned(self, entry: IntegrationEntry, before: Standing, after: Standing) -> None:
        """Note it and tell everybody, if the state is another one. The first time that one is up is no news."""
        if before.state == after.state:
            return
        await self._history.change(HealthChange(entry.name, after.since, after.state, after.said))
        if before.state == "unknown" and after.state == "up":
            return
        lasted = max(0.0, after.since - before.since) if before.since else 0.0
        alert = IntegrationAlert(entry.name, entry.kind, after.since, after.state, after.said, lasted)
        _log.log(
            logging.WARNING if alert.state == "down" else logging.INFO,
            "the integration %r is %s: %s",
            alert.name,
            alert.state,
            alert.said,
        )
        for receive in tuple(self._receivers):
            try:
                receive(alert)
            except Exception:
                _log.exception("who is told of alerts failed")


class Watch:
    """Checks all integrations again and again, from `start` to `stop`. Used on one event loop."""

    def __init__(
        self,
        entries: Callable[[], Awaitable[dict[str, IntegrationEntry]]],
        site: Callable[[IntegrationEntry], Awaitable[Site]],
        history: History,
        alerts: Alerts,
    ) -> None:
        self._entries = entries
        self._site = site
        self._history = history
        self._alerts = alerts
        self._room = asyncio.Semaphore(AT_ONCE)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="rpa-health")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def check(self, entry: IntegrationEntry) -> HealthCheck:
        """Check one now, remember it, and tell if it turned. Raises `BusinessError` for one that cannot be used."""
        adapter = entry.usable()
        async with self._room:
            try:
                site = await self._site(entry)
            except RpaError as error:
                good, said, ms = False, error.message, 0.0
            else:
                good, said, _, ms = await checked(adapter, site)
        now = time.time()
        before = await self._history.standing(entry.name)
        after = observed(before, good, said, adapter.health, now)
        found = HealthCheck(now, good, ms, said)
        await self._history.check(entry.name, found, after)
        await self._alerts.turned(entry, before, after)
        return found

    async def _run(self) -> None:
        """One task an integration, as the file has them."""
        tasks: dict[str, tuple[IntegrationEntry, asyncio.Task[None]]] = {}
        try:
            while True:
                entries = await self._watched()
                for name, (entry, task) in list(tasks.items()):
                    if entries.get(name) is not entry:
                        task.cancel()
                        del tasks[name]
                for name, entry in entries.items():
                    if name not in tasks:
                        tasks[name] = (entry, asyncio.create_task(self._again(entry), name=f"rpa-health-{name}"))
                await asyncio.sleep(LOOK)
        finally:
            for _, task in tasks.values():
                task.cancel()
            await asyncio.gather(*(task for _, task in tasks.values()), return_exceptions=True)

    async def _watched(self) -> dict[str, IntegrationEntry]:
        try:
            entries = await self._entries()
        except RpaError as error:
            _log.warning("the integrations cannot be watched: %s", error.message)
            return {}
        return {name: one for name, one in entries.items() if one.adapter is not None and one.adapter.health.every}

    async def _again(self, entry: IntegrationEntry) -> None:
        adapter = entry.usable()
        every = max(SHORTEST, adapter.health.every)
        wait = random.uniform(0.0, min(SOON, every))
        while True:
            await asyncio.sleep(wait)
            now = time.time()
            try:
                if await self._history.claim(entry.name, now, now + every * (1.0 - 2 * JITTER)):
                    await self.check(entry)
            except ActivityError as error:
                _log.warning("the integration %r cannot be checked: %s", entry.name, error.message)
            except Exception:
                _log.exception("the integration %r cannot be checked", entry.name)
            wait = every * random.uniform(1.0 - JITTER, 1.0 + JITTER)
