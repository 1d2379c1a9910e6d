"""Who is told of what was committed: in order, on the loop, without a task per delivery."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NamedTuple

from engine.core.events import Entry

_log = logging.getLogger(__name__)


class Progress(NamedTuple):
    """How far a running step is, as it says itself; not part of the journal."""

    execution: str
    address: str
    done: float
    total: float | None
    message: str


Receiver = Callable[[Entry | Progress], None]


class Subscription:
    """Ends with `close()`, or as a context manager."""

    def __init__(self, bus: Bus, receive: Receiver, execution: str | None) -> None:
        self._bus = bus
        self.receive = receive
        self.execution = execution

    def close(self) -> None:
        self._bus._subscriptions.discard(self)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Bus:
    """Tells every subscriber; one that fails harms neither the others nor the execution."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    def subscribe(self, receive: Receiver, execution: str | None = None) -> Subscription:
        subscription = Subscription(self, receive, execution)
        self._subscriptions.add(subscription)
        return subscription

    def publish(self, news: Sequence[Entry | Progress]) -> None:
        if not self._subscriptions:
            return
        for subscription in tuple(self._subscriptions):
            wanted = subscription.execution
            for item in news:
                if wanted is None or item.execution == wanted:
                    try:
                        subscription.receive(item)
                    except Exception:
                        _log.exception("a subscriber failed")
