"""A circuit breaker: a system that is down is not asked again and again.

::

    closed ── `failures` of them within `window` ──► open ── after `pause` ──► half-open ── it answers ──► closed
                                                      ▲                           │
                                                      └────── it fails again ─────┘

Half-open lets one request through; all others are refused until it has ended. What counts as a failure is that the
system does not work (see `traffic`), never that it refuses what it was given.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge

from engine.core.errors import SystemFault
from engine.core.sentences import say
from engine.sdk.durations import Duration
from engine.sdk.params import Param

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True)
class Breaking:
    """When a circuit breaker opens, and for how long."""

    failures: Annotated[int, Ge(0), Param(say("Failures until it opens"), say("0: it never opens."))] = 5
    window: Annotated[Duration, Param(say("Counted within"))] = 60.0
    pause: Annotated[Duration, Param(say("Pause before it is tried again"))] = 30.0


class Breaker:
    """One circuit breaker. `clock` is monotonic; `turned` is told of each new state with the reason."""

    def __init__(
        self, name: str, settings: Breaking, clock: Callable[[], float], turned: Callable[[State, str], None]
    ) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._turned = turned
        self._failures: deque[float] = deque()
        self._state: State = "closed"
        self._until = 0.0
        self._trying = False
        self.reason = ""

    @property
    def state(self) -> State:
        if self._state == "open" and self._clock() >= self._until:
            return "half-open"
        return self._state

    @property
    def again_at(self) -> float | None:
        """When it is tried again, in seconds since 1970; None unless it is open."""
        return time.time() + self._until - self._clock() if self.state == "open" else None

    def check(self) -> None:
        """Raises `SystemFault` while requests are refused."""
        state = self.state
        if state == "open":
            again = time.strftime("%H:%M:%S", time.localtime(self.again_at))
            raise SystemFault(
                say("the integration {name!r} is down: {reason}", name=self._name, reason=self.reason),
                hint=say("It is tried again at {again}. See `rpa integrations test`.", again=again),
            )
        if state == "half-open" and self._trying:
            raise SystemFault(
                say("the integration {name!r} was down, and is being tried", name=self._name),
                hint=say("Try again in a moment."),
            )

    def admit(self) -> bool:
        """Let a request through. Gives whether it is the one that tries. Raises as `check` does."""
        self.check()
        if self.state == "half-open":
            self._trying = True
            self._turn("half-open", self.reason)
            return True
        return False

    def succeeded(self, trying: bool) -> None:
        """It answered."""
        if trying:
            self._trying = False
            self._failures.clear()
            self._turn("closed", "")

    def failed(self, trying: bool, reason: str) -> None:
        """It does not work."""
        now = self._clock()
        if trying:
            self._trying = False
            self._open(now, reason)
        elif self._state == "closed" and self._settings.failures:
            self._failures.append(now)
            while self._failures and self._failures[0] < now - self._settings.window:
                self._failures.popleft()
            if len(self._failures) >= self._settings.failures:
                self._open(now, reason)

    def abandoned(self, trying: bool) -> None:
        """Nobody knows: whoever asked was stopped. If it was the one that tries, the next one tries."""
        if trying:
            self._trying = False

    def _open(self, now: float, reason: str) -> None:
        self._until = now + self._settings.pause
        self._turn("open", reason)

    def _turn(self, state: State, reason: str) -> None:
        changed = state != self._state
        self._state, self.reason = state, reason
        if changed:
            self._turned(state, reason)
