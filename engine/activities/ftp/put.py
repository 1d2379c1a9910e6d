"""Files sent to a server: each whole under its name, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import hashlib
import os
import posixpath
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from engine.activities.ftp.server import (
    PIECE,
    Address,
    Fingerprint,
    FirstContact,
    KnownHosts,
    Login,
    Remote,
    System,
    Timeout,
    changed,
    in_the_way,
    make_folders,
    server,
)
from engine.activities.ftp.transfer import IfExists, Retries, Transfer, is_pattern
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, activity
from engine.sdk.endpoint import Authority, Verify
from engine.sdk.files import file_errors


@dataclass(frozen=True)
class Sent:
    """Where the file is on the server, its size, from which byte on it was sent in the last try, and whether one was
    there and left as it is."""

    path: str
    source: Path
    size: int
    resumed_at: int
    skipped: bool = False


@dataclass(frozen=True)
class AllSent:
    """The files, how many they are, and how many bytes were sent."""

    files: list[Sent]
    count: int
    bytes: int


@activity(
    "ftp.put", label="Put files on a server", icon="cloud-arrow-up", effect=Effect.IDEMPOTENT,
    keywords=("ftp", "ftps", "sftp", "upload", "send"),
)  # fmt: skip
async def put(
    ctx: Context,
    source: Annotated[Path, Param("File", "With * or ? in its name for several.", "out/*.csv", kind="file")],
    path: Annotated[str, Param("Folder or file on the server", "A folder ends with /, or is there.", "orders/")] = "",
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
) -> AllSent:
    """Put files on an FTP, FTPS or SFTP server.

    A file is sent under another name, and takes its own when all of it is there. A transfer that breaks is taken up
    where it was, also by a retry of the step or after a crash. Missing folders are made.
    The output holds `files` (each with `path`, `source`, `size`, `resumed_at`, `skipped`), `count` and `bytes`.
    """
    at = server(address, credential, integration, timeout, verify, authority, fingerprint, known_hosts, new_hosts)
    transfer = Transfer(ctx, at, retries)
    several = is_pattern(source.name)
    waiting = await asyncio.to_thread(_sources, source)
    done: list[Sent] = []

    async def work(remote: Remote) -> None:
        folder = several or not path or path.endswith("/")
        if not folder:
            there = await remote.look(at.at(path))
            folder = there is not None and there.folder
        while waiting:
            place = at.at(posixpath.join(path, waiting[0].name) if folder else path)
            await make_folders(remote, posixpath.dirname(place))
            done.append(await _send(transfer, remote, waiting[0], place, if_exists))
            del waiting[0]

    await transfer.run(work)
    return AllSent(done, len(done), transfer.moved)


def _sources(source: Path) -> list[Path]:
    with file_errors(source, "read"):
        if is_pattern(source.name) and not source.exists():
            return sorted(Path(one) for one in glob.glob(str(source)) if os.path.isfile(one))
        with open(source, "rb"):
            return [source]


async def _send(transfer: Transfer, remote: Remote, source: Path, place: str, if_exists: IfExists) -> Sent:
    ctx, shown = transfer.ctx, transfer.server.shown
    state = await asyncio.to_thread(_state, source)
    size = state[0]
    there = await remote.look(place)
    if there is not None:
        if there.folder or if_exists == "fail":
            raise in_the_way(place, shown)
        if if_exists == "skip":
            return Sent(place, source, there.size or 0, 0, True)
    mark = hashlib.sha256(f"{ctx.key} {place} {state}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    half = posixpath.join(posixpath.dirname(place), f".{posixpath.basename(place)[:80]}.{mark}.part")
    left = await remote.look(half)
    start = remote.sure(left.size) if left is not None and left.size is not None and left.size <= size else 0
    try:
        async with aclosing(_pieces(transfer, source, start, size)) as pieces:
            await remote.write(half, start, pieces)
        now = await remote.look(half)
        if now is not None and now.size not in (None, size):
            raise SystemFault(
                say("{shown} has {size} of {total} bytes of {path}", shown=shown, size=now.size, total=size, path=place)
            )
        digest = await remote.sha256(half)
        if digest and digest != await asyncio.to_thread(_sha256, source):
            await remote.delete(half)
            raise SystemFault(say("{path} was damaged on the way to {shown}", path=place, shown=shown))
        if await asyncio.to_thread(_state, source) != state:
            await remote.delete(half)
            raise changed(str(source))
        await remote.rename(half, place)
    except BusinessError:
        with contextlib.suppress(BusinessError, SystemFault):
            await remote.delete(half)
        raise
    return Sent(place, source, size, start)


async def _pieces(transfer: Transfer, source: Path, start: int, size: int) -> AsyncGenerator[bytes, None]:
    """The bytes of the file from `start` to `size`, which it had when it was looked at."""
    with file_errors(source, "read"):
        stream = await asyncio.to_thread(open, source, "rb")
        try:
            stream.seek(start)
            while start < size and (piece := await asyncio.to_thread(stream.read, min(PIECE, size - start))):
                yield piece
                start += len(piece)
                transfer.moved += len(piece)
                transfer.ctx.progress(start, size, source.name)
        finally:
            stream.close()


def _state(source: Path) -> tuple[int, int]:
    with file_errors(source, "read"):
        found = source.stat()
        return found.st_size, found.st_mtime_ns


def _sha256(source: Path) -> str:
    with file_errors(source, "read"), open(source, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
