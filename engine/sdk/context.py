"""What a running activity may ask of its surroundings."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal, Protocol

from engine.sdk.sessions import Sessions

Level = Literal["debug", "info", "warning", "error"]


class Cancelled(asyncio.CancelledError):
    """Raised by `Context.check` in a step that was told to stop."""


class Context(Protocol):
    """Given to an activity that has a parameter annotated `Context`. Safe to use from a worker thread."""

    @property
    def execution(self) -> str:
        """Id of the execution."""

    @property
    def step(self) -> str:
        """Address of the step: `each[3]/fill`."""

    @property
    def attempt(self) -> int:
        """1 for the first try, 2 for the first retry."""

    @property
    def key(self) -> str:
        """The same text for every attempt of this step, also after a crash, and for no other step: the key to send
        with a request so that the other side can tell a repetition."""

    @property
    def folder(self) -> Path:
        """Folder of the workflow; relative paths of parameters are already resolved against it."""

    @property
    def scratch(self) -> Path:
        """An empty folder of the execution's own for what is needed while it runs; it is removed at its end."""

    @property
    def sessions(self) -> Sessions:
        """What stays open from one step of this execution to the next."""

    def log(self, message: str, level: Level = "info", **data: Any) -> None:
        """Write a line to the execution's journal. Secret values are masked."""

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        """Tell how far the step is. Cheap: call it as often as there is news. Not kept in the journal."""

    @property
    def cancelled(self) -> bool:
        """Whether the step was told to stop."""

    def check(self) -> None:
        """Raise `Cancelled` if the step was told to stop; for the loops of functions that run in a worker thread."""
