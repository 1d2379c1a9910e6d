"""What stands between all executions and one system: its rate limit, its circuit breaker, and the count of calls."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from engine.core.errors import ActivityError, SystemFault
from engine.core.secrets import redact
from engine.integrations.breaker import Breaker, Breaking, State
from engine.integrations.rate import Rate, TokenBucket
from engine.sdk.endpoint import reason
from engine.sdk.integration import Overloaded

_DOWN = (SystemFault, TimeoutError, ConnectionError, ssl.SSLError)
"""What means that the system does not work. Anything else is an answer, or an affair of the activity."""


@dataclass(slots=True)
class Tally:
    """Calls that have ended, since it was last taken: how many, how many of them failed, and their seconds."""

    calls: int = 0
    failed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What `Traffic` keeps to; while it stays the same, so does the traffic."""

    rate: Rate | None
    burst: int
    breaker: Breaking
    timeout: float


class Traffic:
    """One a system and process. Used on one event loop. `turned` is told of each new state of the breaker, `ended` of
    each call that has ended."""

    def __init__(
        self, name: str, limits: Limits, turned: Callable[[State, str], None], ended: Callable[[], None]
    ) -> None:
        self.limits = limits
        self.tally = Tally()
        self.running = 0
        self._clock = asyncio.get_running_loop().time
        self._bucket = TokenBucket(limits.rate, limits.burst)
        self._turned = turned
        self._ended = ended
        self.breaker = Breaker(name, limits.breaker, self._clock, self._breaker_turned)

    @property
    def waiting(self) -> int:
        """How many wait for their turn under the rate limit."""
        return self._bucket.waiting

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """See `engine.sdk.integration.Integration.call`."""
        self.breaker.check()
        await self._bucket.take()
        try:
            trying = self.breaker.admit()
        except SystemFault:
            self._bucket.give_back()
            raise
        started = self._clock()
        self.running += 1
        failure = ""
        try:
            yield
        except Overloaded as error:
            self._bucket.hold(error.wait)
            self.breaker.succeeded(trying)
            raise
        except _DOWN as error:
            failure = _told(error)
            self.breaker.failed(trying, failure)
            raise
        except asyncio.CancelledError:
            # A step's own time limit cancels: that a system let it run out is the system's failure.
            if self._clock() - started >= self.limits.timeout:
                failure = reason(TimeoutError())
                self.breaker.failed(trying, failure)
            else:
                self.breaker.abandoned(trying)
            raise
        except ActivityError:
            self.breaker.succeeded(trying)
            raise
        except BaseException:
            self.breaker.abandoned(trying)
            raise
        else:
            self.breaker.succeeded(trying)
        finally:
            self.running -= 1
            self.tally.calls += 1
            self.tally.failed += bool(failure)
            self.tally.seconds += self._clock() - started
            self._ended()

    def taken(self) -> Tally:
        """What was counted since the last time."""
        tally, self.tally = self.tally, Tally()
        return tally

    def _breaker_turned(self, state: State, reason: str) -> None:
        if state == "open":
            self._bucket.let_go()
        self._turned(state, reason)


def _told(error: BaseException) -> str:
    return error.message if isinstance(error, ActivityError) else redact(reason(error))
