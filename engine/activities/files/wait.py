"""Waiting for a file that somebody else is still writing."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from engine.activities.files.listing import FileInfo, entries, info, name_pattern
from engine.core import durations
from engine.core.errors import ActivityError, BusinessError, StepTimeout
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.durations import Duration
from engine.sdk.files import file_errors

_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp")
"""What browsers and transfer programs call a file that is not complete."""
_SIGNS = frozenset("*?[")
_STEP = 0.5

_State = tuple[int, int, int]
"""Size in bytes, time of the last change in nanoseconds, and inode of a file."""


@dataclass(frozen=True)
class Arrived:
    """The first of the files by name, all of them, and how many there are."""

    path: Path
    files: list[FileInfo]
    count: int


@activity(
    "files.wait",
    label="Wait for a file",
    icon="hourglass",
    effect=Effect.PURE,
    keywords=("download", "arrive", "complete"),
)
async def wait(
    path: Annotated[Path, Param("File", "Its name may hold * and ?.", "inbox/orders-*.csv", kind="file")],
    ctx: Context,
    timeout: Annotated[Duration | None, Param("At most", "Empty to wait for ever.", "10m")] = 600,
    stable: Annotated[Duration, Param("Complete when unchanged for", unit="seconds", advanced=True)] = 2,
    smallest: Annotated[int, Param("At least", "0 to take an empty file, too.", unit="bytes", advanced=True)] = 1,
) -> Arrived:
    """Wait until a file is there and complete.

    Complete is a file that has had the same size and time for a while and that no other program holds locked.
    Names with * and ? wait for at least one such file, and the output holds all that are complete; names that browsers
    and transfer programs give to half a file (.part, .crdownload, .tmp …) do not count then.
    It looks at the world and changes nothing; if the process dies meanwhile, it waits anew.
    """
    if _SIGNS & set(str(path.parent)) and not path.parent.is_dir():
        raise BusinessError(
            say("only the name of the file may hold * and ?, not its folder {parent}", parent=path.parent)
        )
    started = time.monotonic()
    since: dict[Path, tuple[_State, float]] = {}
    while True:
        now = time.monotonic()
        seen = await asyncio.to_thread(_look, path, smallest)
        since = {
            one: (state, since[one][1] if one in since and since[one][0] == state else now)
            for one, state in seen.items()
        }
        ready = [one for one, (_, then) in since.items() if now - then >= stable]
        arrived = await asyncio.to_thread(_arrived, ready) if ready else []
        if arrived:
            return Arrived(arrived[0].path, arrived, len(arrived))
        waited = time.monotonic() - started
        if timeout is not None and waited >= timeout:
            spent = durations.text(timeout)
            message = say("no complete file {path} within {timeout}", path=path, timeout=spent)
            if seen:
                message = say(
                    "no complete file {path} within {timeout}, one is still being written", path=path, timeout=spent
                )
            raise StepTimeout(message, hint=say("Check the name, or wait longer."))
        ctx.progress(waited, timeout, "being written" if seen else "not there")
        left = _STEP if timeout is None else max(0.0, timeout - waited)
        await asyncio.sleep(min(_STEP, left, max(stable / 4, 0.02)))


def _look(path: Path, smallest: int) -> dict[Path, _State]:
    """The files that fit, and their state."""
    if _SIGNS & set(path.name) and not path.exists():
        names = name_pattern(path.name)
        try:
            found = [Path(entry.path) for entry in entries(path.parent, False, False) if names.fullmatch(entry.name)]
        except OSError:
            return {}  # no such folder yet, or a share that is away for a moment; the time limit tells if it stays so
        found = [one for one in found if one.suffix.lower() not in _UNFINISHED]
    else:
        found = [path]
    states: dict[Path, _State] = {}
    for one in found:
        try:
            status = os.stat(one)
        except ValueError:
            with file_errors(one):
                raise
        except OSError:
            continue
        if one.is_file() and status.st_size >= smallest:
            states[one] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return states


def _arrived(paths: list[Path]) -> list[FileInfo]:
    found = []
    for one in sorted(paths):
        try:
            if not _locked(one):
                found.append(info(one))
        except ActivityError:
            continue  # gone meanwhile
    return found


def _locked(path: Path) -> bool:
    """Whether another program holds it. Only Windows and programs that lock files let one know."""
    try:
        with open(path, "rb" if sys.platform != "win32" else "r+b") as stream:
            if sys.platform != "win32":
                import fcntl

                fcntl.flock(stream.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, (BlockingIOError, PermissionError, FileNotFoundError))
    return False
