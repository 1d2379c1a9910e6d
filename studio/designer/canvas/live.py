"""What a run, a check or a comparison shows on the canvas besides the workflow itself. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

Status = Literal["", "waiting", "running", "done", "failed", "skipped", "doubt", "paused", "retrying"]
WireStatus = Literal["running", "done", "dead", "failed"]
Mark = Literal["added", "removed", "changed", "moved"]
"""How a step or a wire differs from the version that is compared with."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something to do about a failure, offered in the bubble of the step; `id` is what a click gives."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class StepLive:
    """What a run says of a step.

    `text` stands below it, on the right (duration, attempts). `count` is how often it ran. `progress` (0 to 1) and
    `chip` ("4 of 12") are shown in the header of a container. `message` is what went wrong, in one line, and what to
    do about it in the next; a waiting step shows it as its summary.
    """

    status: Status = ""
    text: str = ""
    count: int = 0
    progress: float | None = None
    chip: str = ""
    message: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class WireLive:
    """What a run says of a wire: `count` items went over it (None: nothing to count)."""

    status: WireStatus
    count: int | None = None


def counted(count: int) -> str:
    """A count as a wire shows it: 1,284 in full, then 12.9k, 1.2M."""
    if count < 10_000:
        return f"{count:,}"
    factor, unit = next(
        (factor, unit)
        for limit, factor, unit in ((999_950, 1e3, "k"), (999_950_000, 1e6, "M"), (inf, 1e9, "G"))
        if count < limit
    )
    return f"{count / factor:.1f}{unit}"
