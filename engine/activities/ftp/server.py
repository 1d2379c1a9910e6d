"""Which server, as whom, and how sure of it; and what can be done there, over whichever protocol."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Protocol
from urllib.parse import unquote, urlsplit

from engine.core.sentences import say
from engine.sdk import BusinessError, Credential, Integration, Param, SystemFault
from engine.sdk.durations import Duration
from engine.sdk.endpoint import either

PIECE = 1 << 18
"""Bytes that are sent or fetched in one go."""

_PORTS = {"ftp": 21, "ftpes": 21, "ftps": 990, "sftp": 22}
NewHosts = Literal["refuse", "accept"]

Address = Annotated[
    str,
    Param(
        "Server",
        "ftp://, ftpes:// (asks for TLS), ftps:// (TLS from the start) or sftp://, with the folder to start in.",
        "sftp://files.example.com/orders",
    ),
]
Login = Annotated[
    Credential | None, Param("Credential", "User with password or SSH key.", accepts=("login", "ssh_key"))
]
System = Annotated[
    Integration | None, Param("Integration", "Instead of an address and a credential.", accepts=("ftp",))
]
Fingerprint = Annotated[
    str, Param("Fingerprint of the server's key", "SFTP: the key it must have.", "SHA256:…", advanced=True)
]
KnownHosts = Annotated[
    Path | None,
    Param("Known hosts", "SFTP: a file as OpenSSH keeps it; empty for your own.", kind="file", advanced=True),
]
FirstContact = Annotated[
    NewHosts, Param("A server that is not known", "accept: its key is added to the known hosts.", advanced=True)
]
Timeout = Annotated[Duration, Param("Time limit", "How long the server may be silent.", advanced=True)]


@dataclass(frozen=True)
class Entry:
    """What is on a server: its name, its path there, whether it is a folder, its size, and when it was changed."""

    name: str
    path: str
    folder: bool
    size: int | None
    modified: datetime | None


@dataclass(frozen=True)
class Server:
    """A server, and who wants to use it. `start` is the folder that relative paths begin at; empty for that of the
    user. `implicit`: encrypted from the first byte on. `host_key`: the public key that an SFTP server must have."""

    scheme: Literal["ftp", "ftps", "sftp"]
    host: str
    port: int
    start: str
    username: str
    credential: Credential | None
    integration: Integration | None
    implicit: bool
    timeout: float
    verify: bool = True
    authority: Path | None = None
    fingerprint: str = ""
    known_hosts: Path | None = None
    new_hosts: NewHosts = "refuse"
    host_key: str = ""

    @property
    def shown(self) -> str:
        """It in a message."""
        return f"{self.scheme}://{self.host}:{self.port}"

    def at(self, path: str) -> str:
        """A path on the server, from one that may be relative. Raises `BusinessError` for what cannot be one."""
        if any(sign in path for sign in "\0\r\n"):
            raise BusinessError(say("{path!a} is not a path on a server", path=path))
        return posixpath.normpath(posixpath.join(self.start, path)) if self.start or path else "."

    def call(self) -> AbstractAsyncContextManager[None]:
        """Around every request: the turn and the count of the integration, if it is one."""
        return self.integration.call() if self.integration is not None else nullcontext()


def server(
    address: str,
    credential: Credential | None,
    integration: Integration | None,
    timeout: float,
    verify: bool,
    authority: Path | None,
    fingerprint: str,
    known_hosts: Path | None,
    new_hosts: NewHosts,
) -> Server:
    """What is meant by the parameters of a step. Raises `BusinessError` for what cannot be one."""
    address = either(integration, address, "Server")
    credential = credential or (integration.credential if integration is not None else None)
    try:
        parts = urlsplit(address)
        host, port, password = parts.hostname or "", parts.port, parts.password
    except ValueError:
        parts, host, port, password = urlsplit(""), "", None, None
    options = integration.options if integration is not None else {}
    trusted = options.get("authority") or authority
    scheme = "ftps" if parts.scheme == "ftpes" else parts.scheme if parts.scheme in _PORTS else None
    if scheme is None or not host or not host.isprintable() or " " in host:
        raise BusinessError(
            say("the address is not that of a file server"),
            hint=say("Write for example sftp://files.example.com/orders, ftp://…, ftpes://… or ftps://…"),
        )
    if password:
        raise BusinessError(
            say("the address of the server holds a password"),
            hint=say("Take it out, and name a credential that holds it."),
        )
    username = (credential.text("username") if credential else "") or unquote(parts.username or "")
    if credential is not None and credential.kind == "ssh_key" and scheme != "sftp":
        raise BusinessError(
            say("an SSH key serves SFTP alone"), hint=say("Name a credential with a password, or write sftp://…")
        )
    return Server(
        scheme,  # type: ignore[arg-type]
        host,
        port or _PORTS[parts.scheme],
        unquote(parts.path).rstrip("/") or ("/" if parts.path else ""),
        username,
        credential,
        integration,
        parts.scheme == "ftps",
        timeout,
        verify and bool(options.get("verify", True)),
        Path(trusted) if trusted else None,
        fingerprint.strip(),
        known_hosts,
        new_hosts,
        str(options.get("host_key") or ""),
    )


class Broken(SystemFault):
    """The connection ended before the server had answered."""


class Remote(Protocol):
    """A connection to a server. Paths are those of `Server.at`; errors are `BusinessError` and `SystemFault`."""

    async def entries(self, folder: str) -> list[Entry]:
        """What is in a folder, in no order."""

    async def look(self, path: str) -> Entry | None:
        """What is at a path, or None."""

    def pieces(self, path: str, start: int) -> AsyncGenerator[bytes, None]:
        """The bytes of a file from one on."""

    async def write(self, path: str, start: int, pieces: AsyncIterator[bytes]) -> None:
        """Write a file from byte `start` on; what it held behind that is gone. The pieces are of `PIECE` bytes."""

    def sure(self, size: int) -> int:
        """How many bytes of a file that an interrupted `write` left are sure to be what was sent."""

    async def rename(self, path: str, target: str) -> None:
        """Give a file or folder another path, where nothing is; or, for a file, where a file is."""

    async def delete(self, path: str) -> None: ...

    async def remove_folder(self, path: str) -> None: ...

    async def make_folder(self, path: str) -> None: ...

    async def sha256(self, path: str) -> str:
        """The digest of a file in hexadecimal, or nothing where the server cannot tell."""

    async def close(self) -> None: ...


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Remote]:
    """A connection, closed behind the block; one turn of the integration."""
    async with server.call():
        remote = await _connect(server)
        try:
            yield remote
        finally:
            await asyncio.shield(remote.close())


async def _connect(server: Server) -> Remote:
    if server.scheme == "sftp":
        from engine.activities.ftp.secure import connect_sftp

        return await connect_sftp(server)
    from engine.activities.ftp.classic import connect_ftp

    return await connect_ftp(server)


async def make_folders(remote: Remote, path: str) -> int:
    """Make a folder and those above it that are missing. Gives how many were made."""
    missing: list[str] = []
    while path not in ("", "/", "."):
        there = await remote.look(path)
        if there is not None:
            if not there.folder:
                raise BusinessError(say("{path} is a file, not a folder", path=path))
            break
        missing.append(path)
        path = posixpath.dirname(path)
    for folder in reversed(missing):
        await remote.make_folder(folder)
    return len(missing)


def absent(path: str, shown: str) -> BusinessError:
    hint = say("'List files on a server' shows what there is.")
    return BusinessError(say("there is no {path} on {shown}", path=path, shown=shown), hint=hint)


def in_the_way(path: str, shown: str) -> BusinessError:
    return BusinessError(
        say("{path} is already on {shown}", path=path, shown=shown),
        hint=say("Have it replaced, or name another place."),
    )


def changed(path: str) -> SystemFault:
    return SystemFault(
        say("{path} was changed while it was transferred", path=path), hint=say("Try again when it is complete.")
    )
