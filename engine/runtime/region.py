"""Runs one body: every step whose incoming edges are decided and at least one of them live, until nothing is left.

Dead paths are eliminated as they arise, so a join after a condition never hangs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.runtime.scope import SIGNALS, BodyFailed, Outcome, Scope, Suspended
from engine.workflow.graph import Region

if TYPE_CHECKING:
    from engine.runtime.execution import Execution


class RegionRun:
    """One running of one region in one scope."""

    def __init__(self, run: Execution, scope: Scope, region: Region, limit: int) -> None:
        self._run = run
        self._scope = scope
        self._region = region
        self._limit = limit
        self._joins_any = scope.frame.prepared.joins_any
        self._undecided = dict(region.incoming)
        self._live: set[str] = set(region.live)
        self._ready: deque[str] = deque(region.entries)
        self._begun: set[str] = set(region.entries)
        self._running: dict[asyncio.Task[Outcome], str] = {}
        self._ended: deque[asyncio.Task[Outcome]] = deque()
        self._news: asyncio.Future[None] | None = None
        self._wakes: list[float] = []
        self._suspended = False
        self.signal: Outcome | None = None
        self.failure: dict[str, Any] | None = None

    async def run(self) -> Outcome | None:
        """Run to the end. Gives the outcome whose signal (`break`, `continue`, `stop`) ended the body, if one did.

        Raises `BodyFailed` when a step failed unhandled, after the steps running beside it have ended, and
        `Suspended` when what is left waits for another day.
        """
        steps = self._run.steps
        try:
            while True:
                while self._ready and len(self._running) < self._limit and not (self._stopping and self._hold_back()):
                    if not self._running and len(self._ready) == 1:
                        id = self._ready.popleft()
                        self._settle(id, await steps.run(self._scope, id))
                    else:
                        self._start(self._ready.popleft())
                if not self._running:
                    break
                if not self._ended:
                    self._news = self._run.loop.create_future()
                    await self._news
                while self._ended:
                    task = self._ended.popleft()
                    self._settle(self._running.pop(task), task.result())
        except BaseException:
            await self._abandon()
            raise
        scope = self._scope.address
        if (self._suspended or self._ready) and self._run.unsettled(f"{scope}/" if scope else ""):
            raise Suspended(min(self._wakes, default=None))
        if self.failure is not None:
            raise BodyFailed(self.failure)
        if self.signal is not None:
            return self.signal
        if self._suspended or self._run.halting:
            raise Suspended(min(self._wakes, default=None))
        return None

    @property
    def _stopping(self) -> bool:
        return self.failure is not None or self.signal is not None or self._run.halting

    def _hold_back(self) -> bool:
        """Whether no further step may start. Where the body is only about to end, a step that had begun when the
        process died still is let finish, as it would have been; the others are forgotten."""
        if self._run.halting:
            return True
        past = self._scope.past.steps if self._scope.past is not None else {}
        self._ready = deque(id for id in self._ready if id in past and (past[id].activity or past[id].settled))
        return not self._ready

    def _start(self, id: str) -> None:
        task = self._run.loop.create_task(self._run.steps.run(self._scope, id))
        self._running[task] = id
        task.add_done_callback(self._tell)

    def _tell(self, task: asyncio.Task[Outcome]) -> None:
        self._ended.append(task)
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _settle(self, id: str, outcome: Outcome) -> None:
        if outcome.status == "suspended":
            self._suspended = True
            if outcome.output is not None:
                self._wakes.append(outcome.output)
            return
        self._scope.outcomes[id] = outcome
        if outcome.port in SIGNALS:
            if self.signal is None:
                self.signal = outcome
        elif outcome.status == "failed" and not outcome.port:
            if self.failure is None:
                self.failure = outcome.error
        else:
            self._follow(id, outcome.port)

    def _follow(self, id: str, port: str) -> None:
        """Decide the edges out of a step, and of all steps that are dead because of it."""
        dead: list[str] = []
        self._decide(self._region.outgoing.get(id, ()), port, dead)
        while dead:
            skipped = dead.pop()
            self._scope.outcomes[skipped] = self._run.steps.skip(self._scope, skipped)
            self._decide(self._region.outgoing.get(skipped, ()), "", dead)

    def _decide(self, edges: Sequence[tuple[str, str]], port: str, dead: list[str]) -> None:
        for outlet, target in edges:
            left = self._undecided[target] = self._undecided[target] - 1
            if outlet == port:
                self._live.add(target)
            if target in self._begun:
                continue
            if target in self._live:
                if left == 0 or target in self._joins_any:
                    self._begun.add(target)
                    self._ready.append(target)
            elif left == 0:
                self._begun.add(target)
                dead.append(target)

    async def _abandon(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
            for task in self._running:
                if not task.cancelled():
                    task.exception()
