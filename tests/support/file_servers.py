"""Real FTP, FTPS and SFTP servers on free ports of 127.0.0.1, which can be made to break off in the middle."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
import threading
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import asyncssh

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it stands on asyncore, which Python 3.11 warns of
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_DTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "ada", "k0rrekt-Pferd#7"


@dataclass
class FileServer:
    """A running server. After `cut_after` bytes of a transfer it breaks the connection, so many `cuts` are left.

    `moved` counts the bytes of all transfers; `refusals` are answers to commands, in the place of the true ones.
    """

    port: int = 0
    cut_after: int = 0
    cuts: int = 0
    moved: int = 0
    refusals: dict[str, str] | None = None
    fingerprint: str = ""
    damage: bool = False

    def count(self, size: int, in_this: int) -> bool:
        """Whether to break off now."""
        self.moved += size
        if self.cuts > 0 and in_this >= self.cut_after:
            self.cuts -= 1
            return True
        return False


def _reset(connection: Any) -> None:
    with contextlib.suppress(OSError, AttributeError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _handler(server: FileServer, root: Path, pem: Path | None, features: bool) -> type[FTPHandler]:
    data: Any = TLS_DTPHandler if pem else DTPHandler
    control: Any = TLS_FTPHandler if pem else FTPHandler

    class Data(data):  # type: ignore[misc]
        through = 0

        def _cut(self, size: int) -> None:
            self.through += size
            if server.count(size, self.through):
                time.sleep(0.2)  # what was sent arrives: a reset takes back what was not read
                channel = self.cmd_channel
                for one in (self, channel):
                    _reset(one.socket)
                    one.socket.close()
                raise ConnectionResetError

        def send(self, piece: bytes) -> int:
            sent = super().send(piece)
            self._cut(sent)
            return int(sent)

        def recv(self, size: int) -> bytes:
            found = super().recv(size)
            self._cut(len(found))
            return b"\0" + found[1:] if server.damage and found else bytes(found)

    class Control(control):  # type: ignore[misc]
        dtp_handler = Data
        use_sendfile = False
        proto_cmds: ClassVar[dict[str, Any]] = {
            **control.proto_cmds,
            "XSHA256": {"perm": "l", "auth": True, "arg": True, "help": "Syntax: XSHA256 <SP> file-name."},
        }

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._extra_feats = ["XSHA256"]

        def ftp_XSHA256(self, path: str) -> None:
            self.respond(f"250 {hashlib.sha256(Path(path).read_bytes()).hexdigest()}")

        def ftp_FEAT(self, line: str) -> None:
            if features:
                super().ftp_FEAT(line)
            else:
                self.respond("502 what?")

        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            if server.refusals and cmd in server.refusals:
                self.respond(server.refusals[cmd])
                return
            super().pre_process_command(line, cmd, arg)

        def handle_error(self) -> None:
            self.close()

    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(root), perm="elradfmwMT")
    Control.authorizer = authorizer
    if pem:
        Control.certfile = str(pem)
        Control.tls_control_required = Control.tls_data_required = True
    return Control


@contextlib.contextmanager
def ftp_server(root: Path, pem: Path | None = None, *, features: bool = True) -> Iterator[FileServer]:
    """An FTP server over a folder; with a certificate it insists on TLS; without `features` it is an old one."""
    state = FileServer()
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), _handler(state, root, pem, features), ioloop=loop)
    state.port = server.address[1]
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            loop.loop(timeout=0.02, blocking=False)
        with contextlib.suppress(OSError):
            server.close_all()
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield state
    finally:
        stopping.set()
        thread.join()


@contextlib.asynccontextmanager
async def sftp_server(root: Path, key: asyncssh.SSHKey | None = None) -> AsyncIterator[FileServer]:
    """An SFTP server over a folder, which lets the user in with the password or the key."""
    state = FileServer()

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=str(root).encode())
            self.through = 0

        def _cut(self, size: int) -> None:
            self.through += size
            if state.count(size, self.through):
                self.channel.get_connection().abort()
                raise asyncssh.SFTPConnectionLost("cut")

        def read(self, file_obj: Any, offset: int, size: int) -> bytes:
            found: Any = super().read(file_obj, offset, size)
            self._cut(len(found))
            return bytes(found)

        def write(self, file_obj: Any, offset: int, data: bytes) -> int:
            self._cut(len(data))
            written: Any = super().write(file_obj, offset, data)
            return int(written)

    class Door(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, given: asyncssh.SSHKey) -> bool:
            return username == USER and key is not None and given == key.convert_to_public()

    host = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=Door, server_host_keys=[host], sftp_factory=Files)
    state.port = server.get_port()
    state.fingerprint = host.convert_to_public().get_fingerprint("sha256")
    try:
        yield state
    finally:
        server.close()
        await server.wait_closed()
