"""Files fetched from a server: each whole under its name, or not at all."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from engine.activities.ftp.server import (
    Address,
    Entry,
    Fingerprint,
    FirstContact,
    KnownHosts,
    Login,
    Remote,
    System,
    Timeout,
    absent,
    changed,
    server,
)
from engine.activities.ftp.transfer import IfExists, Retries, Transfer, checked, is_pattern, meant
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, activity
from engine.sdk.endpoint import Authority, Verify
from engine.sdk.files import file_errors
from engine.sdk.partial import Damaged, Partial


@dataclass(frozen=True)
class Fetched:
    """Where the file is, where it was, its size, its SHA-256, from which byte on it was fetched in the last try, and
    whether it was there and left as it is."""

    path: Path
    source: str
    size: int
    sha256: str
    resumed_at: int
    skipped: bool = False


@dataclass(frozen=True)
class AllFetched:
    """The files, how many they are, and how many bytes were fetched."""

    files: list[Fetched]
    count: int
    bytes: int


@activity(
    "ftp.get", label="Get files from a server", icon="cloud-arrow-down", effect=Effect.IDEMPOTENT,
    keywords=("ftp", "ftps", "sftp", "download", "fetch"),
)  # fmt: skip
async def get(
    ctx: Context,
    path: Annotated[str, Param("File on the server", "With * or ? in its name for several.", "orders/*.csv")],
    destination: Annotated[
        Path, Param("Folder or file to save as", "A folder that is there gets it inside.", "in/", kind="save")
    ],
    address: Address = "",
    if_exists: Annotated[IfExists, Param("If a file is there")] = "replace",
    credential: Login = None,
    integration: System = None,
    timeout: Timeout = 30.0,
    retries: Retries = 5,
    fingerprint: Fingerprint = "",
    known_hosts: KnownHosts = None,
    new_hosts: FirstContact = "refuse",
    verify: Verify = True,
    authority: Authority = None,
) -> AllFetched:
    """Get files from an FTP, FTPS or SFTP server.

    A file takes its name only when it is complete and on the disk. A transfer that breaks is taken up where it was,
    also by a retry of the step or after a crash, if size and time on the server are still the same.
    The output holds `files` (each with `path`, `source`, `size`, `sha256`, `resumed_at`, `skipped`), `count`, `bytes`.
    """
    at = server(address, credential, integration, timeout, verify, authority, fingerprint, known_hosts, new_hosts)
    transfer = Transfer(ctx, at, retries)
    waiting: list[Entry] | None = None
    done: list[Fetched] = []

    async def work(remote: Remote) -> None:
        nonlocal waiting
        if waiting is None:
            waiting = await meant(remote, at, path)
        while waiting:
            target, taken = await asyncio.to_thread(_target, destination, waiting[0], is_pattern(path))
            if taken and if_exists != "replace":
                if if_exists == "fail":
                    raise BusinessError(say("{shown} is already there", shown=target))
                done.append(Fetched(target, waiting[0].path, target.stat().st_size, "", 0, True))
            else:
                done.append(await _fetch(transfer, remote, waiting[0].path, target))
            del waiting[0]

    await transfer.run(work)
    return AllFetched(done, len(done), transfer.moved)


def _target(destination: Path, entry: Entry, several: bool) -> tuple[Path, bool]:
    """Where the file goes, and whether something is there."""
    with file_errors(destination, "look at"):
        target = destination / checked(entry).name if several or destination.is_dir() else destination
        return target, os.path.lexists(target)


async def _fetch(transfer: Transfer, remote: Remote, path: str, target: Path) -> Fetched:
    ctx, shown = transfer.ctx, transfer.server.shown
    there = await remote.look(path)
    if there is None:
        raise absent(path, shown)
    part = await asyncio.to_thread(Partial, target, f"{ctx.key} {shown} {path}", "sha256", None)
    try:
        state = f"{there.size} {there.modified.isoformat()}" if there.size is not None and there.modified else ""
        if not state or part.validator != state or part.size > (there.size or 0):
            await asyncio.to_thread(part.restart, state)
        start = part.resumed_at = part.size
        async with aclosing(remote.pieces(path, start)) as pieces:
            async for piece in pieces:
                await asyncio.to_thread(part.write, piece, there.size)
                transfer.moved += len(piece)
                ctx.progress(part.size, there.size, there.name)
        now = await remote.look(path)
        if now is None or (now.size, now.modified) != (there.size, there.modified):
            await asyncio.to_thread(part.restart, "")
            raise changed(path)
        if there.size is not None and part.size != there.size:
            raise SystemFault(
                say(
                    "{shown} gave {size} of {total} bytes of {path}",
                    shown=shown,
                    size=part.size,
                    total=there.size,
                    path=path,
                )
            )
        await asyncio.to_thread(part.finish, await remote.sha256(path), f"{shown}{path}")
        if there.modified is not None:
            os.utime(target, (there.modified.timestamp(),) * 2)
    except (BusinessError, Damaged):
        await asyncio.to_thread(part.discard)
        raise
    finally:
        transfer.hopeless = transfer.hopeless or part.unwritable
        part.close()
    return Fetched(target, path, part.size, part.sha256, start)
