"""Files and folders on a server moved, deleted and made."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Annotated, Literal

from engine.activities.ftp.server import (
    Address,
    Broken,
    Entry,
    Fingerprint,
    FirstContact,
    KnownHosts,
    Login,
    Remote,
    System,
    Timeout,
    absent,
    connected,
    in_the_way,
    make_folders,
    server,
)
from engine.activities.ftp.transfer import is_pattern, meant
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, StepTimeout, activity
from engine.sdk.endpoint import Authority, Verify


@dataclass(frozen=True)
class MovedThere:
    """Where the files are now, and where they were."""

    paths: list[str]
    previous: list[str]


@dataclass(frozen=True)
class Deleted:
    """How many files and folders are gone."""

    count: int


@dataclass(frozen=True)
class MadeFolder:
    """The folder, and how many had to be made for it."""

    path: str
    made: int


@activity(
    "ftp.move", label="Move files on a server", icon="folder-open", effect=Effect.ONCE,
    keywords=("ftp", "ftps", "sftp", "rename", "archive"),
)  # fmt: skip
async def move(
    ctx: Context,
    path: Annotated[str, Param("File or folder", "With * or ? in its name for several files.", "orders/*.csv")],
    destination: Annotated[
        str, Param("Folder or file to move it to", "A folder ends with /, or is there.", "orders/done/")
    ],
    address: Address = "",
    if_exists: Annotated[Literal["fail", "replace"], Param("If a file is there")] = "fail",
    credential: Login = None,
    integration: System = None,
    timeout: Timeout = 30.0,
    fingerprint: Fingerprint = "",
    known_hosts: KnownHosts = None,
    new_hosts: FirstContact = "refuse",
    verify: Verify = True,
    authority: Authority = None,
) -> MovedThere:
    """Move or rename files on an FTP, FTPS or SFTP server, once.

    Missing folders are made. When the connection breaks before the server has answered, nobody knows whether a file
    was moved: that is an error which no retry of the step repeats.
    The output holds `paths` and `previous`.
    """
    at = server(address, credential, integration, timeout, verify, authority, fingerprint, known_hosts, new_hosts)
    moved = MovedThere([], [])
    async with connected(at) as remote:
        if is_pattern(posixpath.basename(path)):
            entries, inside = await meant(remote, at, path), True
        else:
            there = await remote.look(at.at(path))
            if there is None:
                raise absent(at.at(path), at.shown)
            target = await remote.look(at.at(destination))
            entries, inside = [there], destination.endswith("/") or (target is not None and target.folder)
        for number, entry in enumerate(entries, 1):
            place = at.at(posixpath.join(destination, entry.name) if inside else destination)
            await _move(remote, entry, place, at.shown, if_exists == "replace")
            moved.paths.append(place)
            moved.previous.append(entry.path)
            ctx.progress(number, len(entries), entry.name)
    return moved


async def _move(remote: Remote, entry: Entry, place: str, shown: str, replace: bool) -> None:
    if place == entry.path:
        return
    there = await remote.look(place)
    if there is not None and (not replace or there.folder or entry.folder):
        raise in_the_way(place, shown)
    await make_folders(remote, posixpath.dirname(place))
    try:
        await remote.rename(entry.path, place)
    except Broken as fault:
        raise StepTimeout(
            say("{message}, and nobody knows whether {path} was moved", message=fault.message, path=entry.path),
            hint=say("'List files on a server' shows what there is."),
        ) from None


@activity(
    "ftp.delete", label="Delete files on a server", icon="trash", effect=Effect.IDEMPOTENT,
    keywords=("ftp", "ftps", "sftp", "remove"),
)  # fmt: skip
async def delete(
    ctx: Context,
    path: Annotated[str, Param("File or folder", "With * or ? in its name for several files.", "orders/done/*.csv")],
    address: Address = "",
    recursive: Annotated[bool, Param("Folders with all that is in them")] = False,
    must_exist: Annotated[bool, Param("It must be there")] = False,
    credential: Login = None,
    integration: System = None,
    timeout: Timeout = 30.0,
    fingerprint: Fingerprint = "",
    known_hosts: KnownHosts = None,
    new_hosts: FirstContact = "refuse",
    verify: Verify = True,
    authority: Authority = None,
) -> Deleted:
    """Delete files, or a folder, on an FTP, FTPS or SFTP server.

    What is not there is deleted already, unless it must be there. The output holds `count`.
    """
    at = server(address, credential, integration, timeout, verify, authority, fingerprint, known_hosts, new_hosts)
    count = 0
    async with connected(at) as remote:
        if is_pattern(posixpath.basename(path)):
            entries = await meant(remote, at, path)
        else:
            there = await remote.look(at.at(path))
            entries = [] if there is None else [there]
        if not entries and must_exist:
            raise absent(at.at(path), at.shown)
        for entry in entries:
            if entry.path in ("", "/", "."):
                raise BusinessError(say("the whole server is not deleted"))
            count += await _delete(ctx, remote, entry, recursive)
    return Deleted(count)


async def _delete(ctx: Context, remote: Remote, entry: Entry, recursive: bool) -> int:
    """Delete the entry, what is in it first. Gives how many are gone."""
    count, waiting, folders = 0, [entry], []
    while waiting:
        one = waiting.pop()
        if one.folder:
            folders.append(one)
            waiting += await remote.entries(one.path) if recursive else []
            continue
        await remote.delete(one.path)
        count += 1
        ctx.progress(count)
    for folder in reversed(folders):
        await remote.remove_folder(folder.path)
    return count + len(folders)


@activity(
    "ftp.make_folder", label="Make folder on a server", icon="folder-plus", effect=Effect.IDEMPOTENT,
    keywords=("ftp", "ftps", "sftp", "directory", "mkdir"),
)  # fmt: skip
async def make_folder(
    ctx: Context,
    path: Annotated[str, Param("Folder", placeholder="orders/2026/11")],
    address: Address = "",
    credential: Login = None,
    integration: System = None,
    timeout: Timeout = 30.0,
    fingerprint: Fingerprint = "",
    known_hosts: KnownHosts = None,
    new_hosts: FirstContact = "refuse",
    verify: Verify = True,
    authority: Authority = None,
) -> MadeFolder:
    """Make a folder on an FTP, FTPS or SFTP server, and those above it that are missing.

    One that is there already is no error. The output holds `path` and `made`.
    """
    at = server(address, credential, integration, timeout, verify, authority, fingerprint, known_hosts, new_hosts)
    async with connected(at) as remote:
        place = at.at(path)
        return MadeFolder(place, await make_folders(remote, place))
