"""An integration for tests of activities: it counts the calls, and remembers how they ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from engine.core.secrets import Credential


@dataclass
class Outside:
    """An integration with an address and options; `calls` holds the name of the error of each call, or nothing."""

    name: str
    kind: str
    address: str
    options: Mapping[str, Any] = field(default_factory=dict)
    credential: Credential | None = None
    timeout: float = 10.0
    calls: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        self.calls.append("running")
        try:
            yield
            self.calls[-1] = ""
        except BaseException as error:
            self.calls[-1] = type(error).__name__
            raise
