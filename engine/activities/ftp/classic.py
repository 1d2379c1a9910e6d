"""FTP and FTPS (RFC 959, 3659, 4217) by Python's own client, which blocks: it works in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import posixpath
import re
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from engine.activities.ftp.server import PIECE, Broken, Entry, Server, absent
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import ActivityError, BusinessError, SystemFault
from engine.sdk.endpoint import reason, trust, unreached

T = TypeVar("T")
_UNKNOWN = ("500", "501", "502", "504")
_UNIX = re.compile(
    r"([\w-])[rwxsStTlL-]{9}\S*\s+\d+\s+.*?\s(\d+)\s+([A-Z][a-z]{2})\s+(\d{1,2})\s+(?:(\d{1,2}):(\d\d)|(\d{4}))\s(.+)"
)
_DOS = re.compile(r"(\d\d)-(\d\d)-(\d{2,4})\s+(\d\d):(\d\d)(AM|PM)?\s+(<DIR>|\d+)\s+(.+)", re.IGNORECASE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DIGEST = re.compile(r"\b[0-9a-fA-F]{64}\b")


class _Ftps(ftplib.FTP_TLS):
    """FTPS as servers want it: the data connection takes up the session of the control connection."""

    implicit = False
    _wrapped: ssl.SSLSocket | None = None

    def connect(self, *arguments: Any, **named: Any) -> str:
        if not self.implicit:
            return super().connect(*arguments, **named)
        self.host, self.port, self.timeout = arguments
        plain = socket.create_connection((self.host, self.port), self.timeout)
        self.af = plain.family
        try:
            self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        try:
            return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size
        except BaseException:
            connection.close()
            raise


async def connect_ftp(server: Server) -> FtpRemote:
    """Connect and log in. Raises as `_told` does."""
    return await asyncio.to_thread(_connect, server)


def _connect(server: Server) -> FtpRemote:
    ftp: ftplib.FTP
    if server.scheme == "ftps":
        ftp = _Ftps(context=trust(server.verify, server.authority), encoding="utf-8")
        ftp.implicit = server.implicit
    else:
        ftp = ftplib.FTP(encoding="utf-8")
    try:
        try:
            ftp.connect(server.host, server.port, server.timeout)
            if isinstance(ftp, _Ftps) and not server.implicit:
                ftp.auth()
        except (OSError, EOFError) as error:
            raise unreached(error, server.shown) from None
        except ftplib.Error as error:
            raise _told(error, server, "") from None
        password = server.credential.secret().reveal() if server.credential is not None else ""
        try:
            ftp.login(server.username or "anonymous", password or "anonymous@")
        except ftplib.error_perm as error:
            raise _not_let_in(error, server) from None
        except (ftplib.Error, OSError, EOFError) as error:
            raise _told(error, server, "") from None
        with _errors(server, ""):
            if isinstance(ftp, _Ftps):
                ftp.prot_p()
            ftp.voidcmd("TYPE I")
            features = ""
            with contextlib.suppress(ftplib.error_perm):
                features = ftp.sendcmd("FEAT").upper()
    except BaseException:
        ftp.close()
        raise
    return FtpRemote(server, ftp, features)


class FtpRemote:
    """A connection of FTP: one command at a time."""

    def __init__(self, server: Server, ftp: ftplib.FTP, features: str) -> None:
        self._server = server
        self._ftp = ftp
        self._features = features
        self._data: socket.socket | None = None

    async def _do(self, path: str, function: Callable[[], T]) -> T:
        def work() -> T:
            with _errors(self._server, path):
                return function()

        call = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(call)
        except asyncio.CancelledError:
            self._cut()
            await asyncio.wait({call}, timeout=5.0)
            if call.done() and not call.cancelled():
                call.exception()
            raise

    def _cut(self) -> None:
        """Wake up a thread that waits for the server."""
        for one in (self._data, self._ftp.sock):
            with contextlib.suppress(OSError, AttributeError):
                if one is not None:
                    one.shutdown(socket.SHUT_RDWR)

    async def entries(self, folder: str) -> list[Entry]:
        return await self._do(folder, lambda: self._entries(folder))

    def _entries(self, folder: str) -> list[Entry]:
        if "MLST" in self._features or "MLSD" in self._features:
            found = list(self._ftp.mlsd(folder, ["type", "size", "modify"]))
            self._ftp.voidcmd("TYPE I")
            return [
                _by_facts(name, folder, facts)
                for name, facts in found
                if facts.get("type", "").lower() not in ("cdir", "pdir")
            ]
        lines: list[str] = []
        self._ftp.retrlines(f"LIST {folder}", lines.append)
        self._ftp.voidcmd("TYPE I")  # lists are text, and sizes are those of bytes
        return [entry for line in lines if (entry := listed(line, folder, datetime.now(UTC))) is not None]

    async def look(self, path: str) -> Entry | None:
        return await self._do(path, lambda: self._look(path))

    def _look(self, path: str) -> Entry | None:
        name, folder = posixpath.basename(path), posixpath.dirname(path)
        try:
            if "MLST" in self._features:
                lines = self._ftp.sendcmd(f"MLST {path}").splitlines()
                facts = dict(
                    pair.partition("=")[::2] for pair in lines[1].strip().partition(" ")[0].lower().split(";") if pair
                )
                return _by_facts(name, folder, facts)
            return self._look_simply(path, name)
        except ftplib.error_perm as error:
            if str(error)[:3] in ("550", "553", "501"):
                return None
            raise

    def _look_simply(self, path: str, name: str) -> Entry:
        """For servers that know no MLST."""
        try:
            size = self._ftp.size(path)
        except ftplib.error_perm:
            here = self._ftp.pwd()
            self._ftp.cwd(path)
            self._ftp.cwd(here)
            return Entry(name, path, True, None, None)
        modified = None
        with contextlib.suppress(ftplib.error_perm):
            modified = _moment(self._ftp.sendcmd(f"MDTM {path}")[4:])
        return Entry(name, path, False, size, modified)

    async def pieces(self, path: str, start: int) -> AsyncGenerator[bytes, None]:
        data = self._data = await self._do(path, lambda: self._ftp.transfercmd(f"RETR {path}", start or None))
        try:
            while piece := await self._do(path, lambda: _filled(data)):
                yield piece
            await self._do(path, lambda: self._ended(data))
        finally:
            data.close()
            self._data = None

    async def write(self, path: str, start: int, pieces: AsyncIterator[bytes]) -> None:
        command = f"APPE {path}" if start else f"STOR {path}"
        data = self._data = await self._do(path, lambda: self._ftp.transfercmd(command))
        try:
            async for piece in pieces:
                await self._do(path, lambda piece=piece: self._send(data, piece))  # type: ignore[misc]
            await self._do(path, lambda: self._ended(data))
        finally:
            data.close()
            self._data = None

    def _send(self, data: socket.socket, piece: bytes) -> None:
        try:
            data.sendall(piece)
        except OSError:
            if self._ftp.sock is not None:
                self._ftp.sock.settimeout(1.0)  # why it was closed: a full disk is said on the other connection
            self._ftp.voidresp()
            raise

    def _ended(self, data: socket.socket) -> None:
        if isinstance(data, ssl.SSLSocket):
            with contextlib.suppress(OSError):  # not every server says goodbye
                data.unwrap()
        data.close()
        self._ftp.voidresp()

    def sure(self, size: int) -> int:
        return size

    async def rename(self, path: str, target: str) -> None:
        def work() -> None:
            try:
                self._ftp.rename(path, target)
            except ftplib.error_perm:
                # Some servers replace nothing by renaming.
                there, source = self._look(target), self._look(path)
                if there is None or there.folder or source is None or source.folder:
                    raise
                self._ftp.delete(target)
                self._ftp.rename(path, target)

        await self._do(path, work)

    async def delete(self, path: str) -> None:
        await self._do(path, lambda: self._ftp.delete(path))

    async def remove_folder(self, path: str) -> None:
        await self._do(path, lambda: self._ftp.rmd(path))

    async def make_folder(self, path: str) -> None:
        await self._do(path, lambda: self._ftp.mkd(path))

    async def sha256(self, path: str) -> str:
        return await self._do(path, lambda: self._sha256(path))

    def _sha256(self, path: str) -> str:
        said = ""
        with contextlib.suppress(ftplib.error_perm):
            if "XSHA256" in self._features:
                said = self._ftp.sendcmd(f"XSHA256 {path}")
            elif re.search(r"\bHASH\b.*SHA-256", self._features):
                self._ftp.sendcmd("OPTS HASH SHA-256")
                said = self._ftp.sendcmd(f"HASH {path}")
        found = _DIGEST.search(said)
        return found[0].lower() if found else ""

    async def close(self) -> None:
        def work() -> None:
            with contextlib.suppress(ftplib.Error, OSError, EOFError):
                if self._ftp.sock is not None:
                    self._ftp.sock.settimeout(2.0)
                    self._ftp.quit()
            self._ftp.close()

        await asyncio.to_thread(work)


def _filled(data: socket.socket) -> bytes:
    """The next bytes, a piece of them; what came before the connection broke is not lost with it."""
    found = bytearray(data.recv(PIECE))
    try:
        while found and len(found) < PIECE:
            more = data.recv(PIECE - len(found))
            if not more:
                break
            found += more
    except OSError:
        pass
    return bytes(found)


def listed(line: str, folder: str, now: datetime) -> Entry | None:
    """An entry of LIST, as servers like those of Unix and DOS write it; None for another line."""
    if found := _UNIX.fullmatch(line.rstrip("\r\n")):
        kind, size, month, day, hour, minute, year, name = found.groups()
        if kind not in "-dl" or month not in _MONTHS or name in (".", ".."):
            return None
        name = name.partition(" -> ")[0] if kind == "l" else name
        number = _MONTHS.index(month) + 1
        wanted = int(year) if year else now.year - ((number, int(day)) > (now.month, now.day + 1))
        modified = _date(wanted, number, int(day), int(hour or 0), int(minute or 0))
        return Entry(name, posixpath.join(folder, name), kind == "d", None if kind == "d" else int(size), modified)
    if found := _DOS.fullmatch(line.rstrip("\r\n")):
        month, day, year, hour, minute, half, size, name = found.groups()
        hours = int(hour) % 12 + 12 * (half.upper() == "PM") if half else int(hour)
        years = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)
        modified = _date(years, int(month), int(day), hours, int(minute))
        is_folder = size.upper() == "<DIR>"
        return Entry(name, posixpath.join(folder, name), is_folder, None if is_folder else int(size), modified)
    return None


def _date(*parts: int) -> datetime | None:
    try:
        return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def _by_facts(name: str, folder: str, facts: dict[str, str]) -> Entry:
    is_folder = facts.get("type", "file").lower() in ("dir", "cdir", "pdir")
    size = facts.get("size", "")
    modified = _moment(facts.get("modify", ""))
    return Entry(name, posixpath.join(folder, name), is_folder, None if is_folder or not size else int(size), modified)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip()[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


@contextmanager
def _errors(server: Server, path: str) -> Iterator[None]:
    try:
        yield
    except (ftplib.Error, OSError, EOFError, UnicodeError) as error:
        raise _told(error, server, path) from None


def _told(error: Exception, server: Server, path: str) -> ActivityError:
    """What a person is told about an answer of the server, or about its silence."""
    said, shown = redact(" ".join(str(error).split()))[:300], server.shown
    code = said[:3]
    if isinstance(error, UnicodeError):
        return BusinessError(say("{shown} has names that are not UTF-8", shown=shown))
    if not isinstance(error, ftplib.Error):
        return Broken(
            say("the connection to {shown} broke: {reason}", shown=shown, reason=reason(error)), hint=say("Try again.")
        )
    if code in ("530", "332"):
        return _not_let_in(error, server)
    if code in ("452", "552"):
        return SystemFault(
            say("{shown} has no space left: {reason}", shown=shown, reason=said),
            hint=say("Free some space, then try again."),
        )
    if isinstance(error, ftplib.error_temp):
        return SystemFault(say("{shown} cannot do it now: {reason}", shown=shown, reason=said), hint=say("Try again."))
    if code == "550" and re.search(r"no such|not found|cannot find|does not exist|not exist", said, re.IGNORECASE):
        return absent(path, shown)
    if code in _UNKNOWN:
        return BusinessError(say("{shown} does not know this command: {reason}", shown=shown, reason=said))
    return BusinessError(
        say("{shown} refuses it for {path}: {reason}", shown=shown, path=path, reason=said),
        hint=say("See what the user of the credential may do there."),
    )


def _not_let_in(error: Exception, server: Server) -> ActivityError:
    said = redact(" ".join(str(error).split()))[:300]
    user = server.username or "anonymous"
    return BusinessError(
        say("{shown} does not let {user!a} in: {reason}", shown=server.shown, user=user, reason=said),
        hint=say("Check the credential."),
    )
