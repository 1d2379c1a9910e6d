"""The workflows that were last open, and how their last execution ended."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.preferences import preferences
from studio.widgets.execution_status import chip_status

if TYPE_CHECKING:
    from engine.api import Client

STATE = "recent"
MOST = 20
_LOOKED_AT = 500
"""Executions, newest first, among which the last one of each workflow is looked for."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A file that was open; `opened` is in seconds since 1970."""

    path: Path
    name: str
    opened: float


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the last execution of a workflow is: a status of the chips, and since when (seconds since 1970)."""

    status: str
    since: float


LastRuns = Callable[[], Awaitable[Mapping[str, LastRun]]]
"""Gives the last execution of each workflow, by its file."""


def recent() -> list[Recent]:
    """The files that were last open, the newest first."""
    found = preferences().state(STATE, [])
    files = []
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and isinstance(one.get("path"), str) and isinstance(one.get("opened"), (int, float)):
            path = Path(one["path"])
            files.append(Recent(path, str(one.get("name") or path.name), float(one["opened"])))
    return files


def missing(files: Iterable[Path]) -> frozenset[Path]:
    """Those that are not there any more. Asks the disk, so it belongs in a worker."""

    def is_there(file: Path) -> bool:
        try:
            return file.is_file()
        except (OSError, ValueError):
            return False

    return frozenset(file for file in files if not is_there(file))


def remember(path: Path, name: str) -> None:
    """Put a file first, as it has just been opened or saved under the name of its workflow."""
    files = [Recent(path, name, time.time()), *(one for one in recent() if one.path != path)]
    _keep(files)


def forget(path: Path) -> None:
    """Take a file off the list."""
    _keep([one for one in recent() if one.path != path])


def _keep(files: Sequence[Recent]) -> None:
    preferences().set_state(
        STATE, [{"path": str(one.path), "name": one.name, "opened": one.opened} for one in files[:MOST]]
    )


async def last_runs(client: Client) -> dict[str, LastRun]:
    """The last execution of each workflow, by the file it was started from."""
    found: dict[str, LastRun] = {}
    for record in await client.executions(limit=_LOOKED_AT):
        if record.source and record.source not in found:
            found[record.source] = LastRun(chip_status(record.status), record.finished_at or record.updated_at)
    return found
