"""SFTP (version 3) by asyncssh."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, Any

from engine.activities.ftp.server import PIECE, Broken, Entry, Server, absent, in_the_way
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import ActivityError, BusinessError, SystemFault
from engine.sdk.endpoint import reason, unreached
from engine.sdk.files import append_bytes

if TYPE_CHECKING:
    import asyncssh

_FOLDER = 2
"""FILEXFER_TYPE_DIRECTORY, where a server tells types apart from permissions."""


async def connect_sftp(server: Server) -> SftpRemote:
    """Connect, check the server's key, and log in. Raises as `_told` does, and `BusinessError` for a key that is not
    known."""
    asyncssh: Any = await asyncio.to_thread(_asyncssh)
    known = await asyncio.to_thread(_known, server)
    credential = server.credential
    keys = await asyncio.to_thread(_keys, credential) if credential is not None and credential.kind == "ssh_key" else []
    password = credential.secret().reveal() if credential is not None and credential.kind != "ssh_key" else None
    keeper = _HostKeys(server, known)

    class Client(asyncssh.SSHClient):  # type: ignore[misc]
        def validate_host_public_key(self, host: str, addr: str, port: int, key: Any) -> bool:
            return keeper.accepts(host, addr, port, key)

    try:
        async with asyncio.timeout(server.timeout):
            connection = await asyncssh.connect(
                server.host,
                server.port,
                client_factory=Client,
                known_hosts=([], [], []),
                username=server.username or "anonymous",
                password=password,
                client_keys=keys or None,
                agent_path=None,
                config=None,
                preferred_auth=("publickey",) if keys else ("password", "keyboard-interactive"),
                login_timeout=server.timeout,
                keepalive_interval=server.timeout,
            )
    except asyncssh.HostKeyNotVerifiable:
        raise keeper.refusal() from None
    except asyncssh.PermissionDenied:
        raise BusinessError(
            say("{shown} does not let {user!a} in", shown=server.shown, user=server.username),
            hint=say("Check the credential."),
        ) from None
    except asyncssh.Error as error:
        raise SystemFault(
            say("no connection to {shown} came about: {reason}", shown=server.shown, reason=redact(str(error))[:300])
        ) from None
    except OSError as error:
        raise unreached(error, server.shown) from None
    try:
        with _errors(server, ""):
            if keeper.new:
                await asyncio.to_thread(append_bytes, keeper.file, keeper.new.encode(), line=True)
            return SftpRemote(server, connection, await connection.start_sftp_client())
    except BaseException:
        connection.abort()
        raise


class _HostKeys:
    """Decides whether the key of a server is the right one."""

    def __init__(self, server: Server, known: asyncssh.SSHKnownHosts | None) -> None:
        self._server = server
        self._known = known
        self._seen = ""
        self._differs = False
        self.file = server.known_hosts or Path("~/.ssh/known_hosts").expanduser()
        self.new = ""
        """The line to add to the known hosts."""

    def accepts(self, host: str, addr: str, port: int, key: Any) -> bool:
        self._seen = key.get_fingerprint("sha256")
        if not self._server.verify:
            return True
        if self._server.host_key:
            import asyncssh

            self._differs = key != asyncssh.import_public_key(self._server.host_key)
            return not self._differs
        if self._server.fingerprint:
            return bool(
                self._server.fingerprint.removeprefix("SHA256:").rstrip("=") == self._seen.removeprefix("SHA256:")
            )
        matched = self._known.match(host, addr, port) if self._known is not None else ((), (), ())
        if key in matched[2]:
            self._differs = True
            return False
        if matched[0]:
            self._differs = key not in matched[0]
            return not self._differs
        if self._server.new_hosts == "accept":
            place = host if port == 22 else f"[{host}]:{port}"
            self.new = f"{place} {key.export_public_key().decode().strip()}\n"
            return True
        return False

    def refusal(self) -> BusinessError:
        shown = self._server.shown
        if self._server.fingerprint:
            return BusinessError(
                say("{shown} has another key than it must have: {seen}", shown=shown, seen=self._seen),
                hint=say("Ask those who run the server. Somebody may have put another one in its place."),
            )
        if self._differs:
            return BusinessError(
                say("{shown} has another key than before: {seen}", shown=shown, seen=self._seen),
                hint=say(
                    "Ask those who run the server. If it is right, remove the old key from {file}.", file=self.file
                ),
            )
        return BusinessError(
            say("{shown} is not known yet", shown=shown),
            hint=say(
                "Its key is {seen}. If that is right, give it as the fingerprint, or accept new servers.",
                seen=self._seen,
            ),
        )


class SftpRemote:
    """A connection of SFTP."""

    def __init__(self, server: Server, connection: asyncssh.SSHClientConnection, sftp: asyncssh.SFTPClient) -> None:
        self._server = server
        self._connection = connection
        self._sftp = sftp

    @contextmanager
    def _errors(self, path: str) -> Iterator[None]:
        with _errors(self._server, path):
            yield

    async def entries(self, folder: str) -> list[Entry]:
        with self._errors(folder):
            found = [one async for one in self._sftp.scandir(folder)]
        return [
            _entry(str(one.filename), posixpath.join(folder, str(one.filename)), one.attrs)
            for one in found
            if one.filename not in (".", "..")
        ]

    async def look(self, path: str) -> Entry | None:
        import asyncssh

        with self._errors(path):
            try:
                return _entry(posixpath.basename(path), path, await self._sftp.stat(path))
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                return None

    async def pieces(self, path: str, start: int) -> AsyncGenerator[bytes, None]:
        with self._errors(path):
            async with await self._sftp.open(path, "rb") as file:
                while piece := await self._in_time(file.read(PIECE, start)):
                    start += len(piece)
                    yield bytes(piece)

    async def write(self, path: str, start: int, pieces: AsyncIterator[bytes]) -> None:
        with self._errors(path):
            async with await self._sftp.open(path, "r+b" if start else "wb") as file:
                if start:
                    await file.truncate(start)
                async for piece in pieces:
                    await self._in_time(file.write(piece, start))
                    start += len(piece)

    async def _in_time(self, call: Any) -> Any:
        async with asyncio.timeout(self._server.timeout):
            return await call

    def sure(self, size: int) -> int:
        """A piece travels in parts side by side, so the last one may have holes."""
        return max(0, size - 1) // PIECE * PIECE

    async def rename(self, path: str, target: str) -> None:
        import asyncssh

        with self._errors(path):
            try:
                await self._sftp.posix_rename(path, target)
            except asyncssh.SFTPOpUnsupported:
                there = await self.look(target)
                if there is not None and not there.folder:
                    await self._sftp.remove(target)
                await self._sftp.rename(path, target)

    async def delete(self, path: str) -> None:
        with self._errors(path):
            await self._sftp.remove(path)

    async def remove_folder(self, path: str) -> None:
        with self._errors(path):
            await self._sftp.rmdir(path)

    async def make_folder(self, path: str) -> None:
        with self._errors(path):
            await self._sftp.mkdir(path)

    async def sha256(self, path: str) -> str:
        return ""

    async def close(self) -> None:
        self._sftp.exit()
        self._connection.close()
        try:
            async with asyncio.timeout(2.0):
                await self._connection.wait_closed()
        except TimeoutError:
            self._connection.abort()


def _entry(name: str, path: str, attributes: Any) -> Entry:
    folder = S_ISDIR(attributes.permissions) if attributes.permissions is not None else attributes.type == _FOLDER
    modified = datetime.fromtimestamp(attributes.mtime, UTC) if attributes.mtime is not None else None
    return Entry(name, path, folder, None if folder else attributes.size, modified)


def _asyncssh() -> Any:
    import asyncssh

    return asyncssh


def _known(server: Server) -> Any:
    import asyncssh

    file = server.known_hosts or Path("~/.ssh/known_hosts").expanduser()
    if not file.is_file():
        return None
    try:
        return asyncssh.read_known_hosts(str(file))
    except (OSError, ValueError) as error:
        raise BusinessError(say("{file} cannot be read as known hosts: {error}", file=file, error=error)) from None


def _keys(credential: Any) -> list[Any]:
    import asyncssh

    passphrase = credential.secret("passphrase").reveal() if "passphrase" in credential.hidden else None
    try:
        return [asyncssh.import_private_key(credential.secret().reveal(), passphrase or None)]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise BusinessError(
            say("the SSH key of the credential {name!r} cannot be read", name=credential.name),
            hint=say("See that it is a whole private key, and that its passphrase is right."),
        ) from None


@contextmanager
def _errors(server: Server, path: str) -> Iterator[None]:
    import asyncssh

    try:
        yield
    except (asyncssh.Error, OSError, EOFError) as error:
        raise _told(error, server, path) from None


def _told(error: Exception, server: Server, path: str) -> ActivityError:
    """What a person is told about an answer of the server, or about its silence."""
    import asyncssh

    shown, said = server.shown, redact(" ".join(str(error).split()))[:300]
    if isinstance(error, (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)):
        return absent(path, shown)
    if isinstance(error, asyncssh.SFTPFileAlreadyExists):
        return in_the_way(path, shown)
    if isinstance(error, (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)):
        return SystemFault(
            say("{shown} has no space left: {reason}", shown=shown, reason=said),
            hint=say("Free some space, then try again."),
        )
    if isinstance(error, TimeoutError):
        return Broken(say("{shown} was silent for too long", shown=shown), hint=say("Allow more time."))
    if isinstance(error, (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)) or not isinstance(
        error, asyncssh.SFTPError
    ):
        return Broken(
            say("the connection to {shown} broke: {reason}", shown=shown, reason=reason(error)), hint=say("Try again.")
        )
    return BusinessError(
        say("{shown} refuses it for {path}: {reason}", shown=shown, path=path, reason=said),
        hint=say("See what the user of the credential may do there."),
    )
