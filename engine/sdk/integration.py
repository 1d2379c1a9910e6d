"""A configured outside system, as an activity sees it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, runtime_checkable

from engine.core.errors import SystemFault
from engine.core.secrets import Credential


class Overloaded(SystemFault):
    """Raised inside `Integration.call()` when the system answers that it is asked too much.

    It is up, so this does not count against it. `wait`: no request to it begins before so many seconds have passed.
    """

    def __init__(self, message: str = "", *, hint: str = "", wait: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.wait = wait


@runtime_checkable
class Integration(Protocol):
    """Type of a parameter that takes the name of an integration. Used on the engine's loop."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str:
        """The name of its adapter: `rest`, `smtp`, `ftp`, ..."""

    @property
    def address(self) -> str:
        """Where it is: a base address, `host:port`, the address of a database."""

    @property
    def options(self) -> Mapping[str, Any]:
        """What else its adapter declares; defaults are filled in.

        Of every kind: `retry` (`attempts`, `delay`, `max_delay`: how a request that may be repeated is tried again).
        Of `rest`, `graphql`, `soap` and `websocket`: `headers` and `query`, ready to be sent, with what signs in.
        """

    @property
    def credential(self) -> Credential | None: ...

    @property
    def timeout(self) -> float:
        """Seconds."""

    def call(self) -> AbstractAsyncContextManager[None]:
        """Around every request: waits for its turn under the rate limit, and counts how the request ended.

        Raises `SystemFault` at once while the system is known to be down (its circuit breaker is open). A `SystemFault`
        or a failure of the connection raised inside counts against the system; `Overloaded`, a `BusinessError` and
        what else is raised do not, because it answered.
        """
