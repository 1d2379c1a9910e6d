"""A configured outside system, as an activity sees it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, runtime_checkable

from engine.core.secrets import Credential


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
        """What else its adapter declares; defaults are filled in."""

    @property
    def credential(self) -> Credential | None: ...

    @property
    def timeout(self) -> float:
        """Seconds."""

    def call(self) -> AbstractAsyncContextManager[None]:
        """Around every request: waits for its turn under the rate limit, and counts how the request ended.

        Raises `SystemFault` at once while the system is known to be down (its circuit breaker is open).
        """
