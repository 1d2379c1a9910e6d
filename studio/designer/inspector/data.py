"""What the inspector asks of the last execution; kept by `studio.designer.run.values.LastValues`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import SignalInstance

if TYPE_CHECKING:
    from engine.api import Lookup


class LastValue(Protocol):
    """What a step came to. `status` is `not_run`, `running`, `succeeded`, `failed` or `skipped`; `took` in seconds."""

    status: str
    output: Any
    error: dict[str, Any] | None

    @property
    def took(self) -> float | None: ...


class LastData(Protocol):
    """The data of the execution that is looked at."""

    @property
    def changed(self) -> SignalInstance:
        """There may be other data now."""

    def lookup(self, step: str, round: int = 0) -> Lookup | None:
        """The names that a step saw in a round of the loop around it; read in a worker thread."""

    def rounds(self, step: str) -> int:
        """How many rounds that loop had; 0 outside of loops."""

    def read(self, step: str, round: int | None = None) -> LastValue:
        """What a step came to; called in a worker thread. Raises `RpaError` where it cannot be read."""
