"""Real servers for tests: started on free ports of this machine, stopped after; and lines that are cut."""

from __future__ import annotations

import contextlib
import os
import pwd
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 20.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def program(name: str) -> str:
    """The path of a server's program. Fails with what to install."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError(f"{name} is not installed; `dev.py test` installs what the tests need")
    return found


@contextmanager
def started(*command: str, port: int, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the end of the block, from the moment it listens on `port`."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, cwd=cwd)
        try:
            ends = time.monotonic() + _PATIENCE
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > ends:
                    said.seek(0)
                    raise RuntimeError(f"{command[0]} does not start: {said.read().decode(errors='replace')}")
                time.sleep(0.02)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that a server which runs as nobody can enter and write."""
    folder = Path(tempfile.mkdtemp(prefix="rpa-test-"))
    try:
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


class Line:
    """A line to a server that passes bytes on until `cut`, called with all that one side sent so far, says to cut it.

    `cut(sent, received)` gets the bytes of the client and of the server on one connection. What made it say so is
    passed on or not: `before` cuts ahead of it. `connections` counts.
    """

    def __init__(self, port: int, cut: Callable[[bytes, bytes], bool], *, before: bool = True) -> None:
        self._target = port
        self.cut = cut
        self._before = before
        self._stopping = threading.Event()
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            if select.select([self._listener], [], [], 0.05)[0]:
                client, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._pass, args=(client,))
                self._threads.append(thread)
                thread.start()

    def _pass(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as server:
            seen = {client: b"", server: b""}
            while not self._stopping.is_set():
                for one in select.select([client, server], [], [], 0.05)[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    seen[one] += data
                    ends = self.cut(seen[client], seen[server])
                    if not (ends and self._before):
                        (server if one is client else client).sendall(data)
                    if ends:
                        for each in (client, server):  # a reset, not an orderly end
                            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        return
