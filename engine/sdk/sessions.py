"""What stays open from one step to the next: a browser, a mailbox, a connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from engine.core.errors import BusinessError
from engine.core.sentences import say

CLOSING = 15.0
"""Seconds a session is given to close."""
_log = logging.getLogger(__name__)


class Session(Protocol):
    """Something open that must be closed."""

    async def close(self) -> None: ...


S = TypeVar("S", bound=Session)


class SharedSessions:
    """The sessions that all executions of a process share."""

    def __init__(self) -> None:
        self._made: dict[tuple[type, str], asyncio.Future[Any]] = {}

    async def get(self, kind: type[S], make: Callable[[], Awaitable[S]], name: str) -> S:
        """The one of that kind and name, made by the first who asks."""
        key = (kind, name)
        made = self._made.get(key)
        if made is None or (made.done() and (made.cancelled() or made.exception() is not None)):
            made = self._made[key] = asyncio.ensure_future(make())
        found: S = await asyncio.shield(made)
        return found

    def drop(self, session: Session) -> None:
        """Forget one that no longer works."""
        for key, made in list(self._made.items()):
            if made.done() and not made.cancelled() and made.exception() is None and made.result() is session:
                del self._made[key]

    async def close(self) -> None:
        """Close all, last made first."""
        while self._made:
            _, made = self._made.popitem()
            with contextlib.suppress(Exception):
                await _close(await made)


class Sessions:
    """The sessions of one execution, by kind and name. Used on the engine's loop, by activities that are coroutines.

    All are closed, last opened first, when the execution leaves memory: at its end, for a long wait, when it is paused
    or in doubt. What a step of an execution that goes on later needs must be opened again, see `Flow.openings`.
    """

    def __init__(self, shared: SharedSessions, adopt: Callable[[int], None]) -> None:
        self._shared = shared
        self._open: dict[tuple[type, str], Session] = {}
        self.adopt = adopt
        """`adopt(pid)` notes a process that was started for the execution. Should the engine be killed, the next one
        ends it."""

    def get(self, kind: type[S], name: str = "") -> S | None:
        """The open session of that kind and name."""
        found = self._open.get((kind, name))
        return found if isinstance(found, kind) else None

    def names(self, kind: type[Session]) -> list[str]:
        """The names of the open sessions of a kind, in the order they were opened."""
        return [name for known, name in self._open if known is kind]

    def add(self, session: Session, name: str = "") -> None:
        """Keep a session open. Raises `BusinessError` if one of its kind has that name."""
        key = (type(session), name)
        if key in self._open:
            raise BusinessError(
                say("there is an open session {name!r} already", name=name),
                hint=say("Close it first, or give this one another name."),
            )
        self._open[key] = session

    async def close(self, kind: type[Session], name: str = "") -> bool:
        """Close the session of that kind and name. Gives whether there was one."""
        session = self._open.pop((kind, name), None)
        if session is not None:
            await _close(session)
        return session is not None

    async def close_all(self) -> None:
        """Close what is open, last opened first."""
        while self._open:
            _, session = self._open.popitem()
            await _close(session)

    async def shared(self, kind: type[S], make: Callable[[], Awaitable[S]], name: str = "") -> S:
        """A session that all executions of this process share, made when it is first asked for and closed at the
        process's end: what takes long to start and has no state of its own."""
        return await self._shared.get(kind, make, name)

    def drop(self, session: Session) -> None:
        """Forget a shared session that no longer works, so that the next who asks makes another."""
        self._shared.drop(session)


async def _close(session: Session) -> None:
    """Close it, whatever it says to that, and go on without it when it takes too long."""
    try:
        async with asyncio.timeout(CLOSING):
            await session.close()
    except Exception as error:
        _log.warning("a session could not be closed: %s: %s", type(error).__name__, error)
