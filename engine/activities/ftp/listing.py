"""What is on a server."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import Annotated, Literal

from engine.activities.ftp.server import (
    Address,
    Entry,
    Fingerprint,
    FirstContact,
    KnownHosts,
    Login,
    System,
    Timeout,
    connected,
    server,
)
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, activity
from engine.sdk.endpoint import Authority, Verify

_MOST = 100_000


@dataclass(frozen=True)
class Listing:
    """What was found, by path, and how much it is."""

    entries: list[Entry]
    count: int


@activity(
    "ftp.list", label="List files on a server", icon="list-bullets", effect=Effect.IDEMPOTENT,
    keywords=("ftp", "ftps", "sftp", "folder", "directory"),
)  # fmt: skip
async def list_files(
    ctx: Context,
    address: Address = "",
    path: Annotated[str, Param("Folder", "Starts at the folder of the address.", "orders/2026")] = "",
    pattern: Annotated[str, Param("Names like", placeholder="*.csv")] = "*",
    kind: Annotated[Literal["files", "folders", "all"], Param("What")] = "files",
    recursive: Annotated[bool, Param("Also in the folders inside")] = False,
    credential: Login = None,
    integration: System = None,
    timeout: Timeout = 30.0,
    fingerprint: Fingerprint = "",
    known_hosts: KnownHosts = None,
    new_hosts: FirstContact = "refuse",
    verify: Verify = True,
    authority: Authority = None,
) -> Listing:
    """List the files and folders on an FTP, FTPS or SFTP server.

    The output holds `entries` (each with `name`, `path`, `folder`, `size`, `modified`) and `count`.
    """
    at = server(address, credential, integration, timeout, verify, authority, fingerprint, known_hosts, new_hosts)
    found: list[Entry] = []
    async with connected(at) as remote:
        waiting = [at.at(path)]
        while waiting:
            for entry in await remote.entries(waiting.pop()):
                if entry.folder and recursive and entry.name not in ("", ".", ".."):
                    waiting.append(entry.path)
                if kind in ("all", "folders" if entry.folder else "files") and fnmatch.fnmatchcase(entry.name, pattern):
                    found.append(entry)
                if len(found) + len(waiting) > _MOST:
                    raise BusinessError(say("there is more than {most:,} to list", most=_MOST))
            ctx.progress(len(found))
    found.sort(key=lambda one: one.path)
    return Listing(found, len(found))
