"""A private MariaDB server for tests: on a free port of 127.0.0.1, in a temporary folder, user `root`, no password."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock

PATIENCE = 60.0


@contextlib.contextmanager
def shared_server(folder: Path) -> Iterator[int]:
    """The port of a server that the test processes with one `folder` share: the first starts it, the last stops it."""
    state = folder / "mariadb.json"
    lock = filelock.FileLock(folder / "mariadb.lock")
    with lock:
        server = json.loads(state.read_text()) if state.exists() else {"users": 0, **_start()}
        server["users"] += 1
        state.write_text(json.dumps(server))
    try:
        yield server["port"]
    finally:
        with lock:
            server = json.loads(state.read_text())
            server["users"] -= 1
            state.write_text(json.dumps(server))
            if server["users"] == 0:
                state.unlink()
                _stop(server)


def _start() -> dict[str, Any]:
    folder = tempfile.mkdtemp(prefix="rpa-mariadb-")
    user = f"--user={getpass.getuser()}"
    data = f"--datadir={folder}/data"
    install = ["mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal", user]
    done = subprocess.run([*install, "--skip-test-db"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/s", f"--pid-file={folder}/pid"]
    small = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"]
    # Through a shell that ends at once: the server is nobody's child, since the last who uses it stops it.
    subprocess.run(
        ["sh", "-c", f'"$@" >{folder}/log 2>&1 </dev/null &', "sh", "mariadbd", "--no-defaults", user, data, *options, *small],
        start_new_session=True, check=True,
    )  # fmt: skip
    until = time.monotonic() + PATIENCE
    while not _answers(port):
        assert time.monotonic() < until, Path(folder, "log").read_text()
        time.sleep(0.05)
    return {"folder": folder, "port": port}


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            return len(connection.recv(5)) == 5
    except OSError:
        return False


def _stop(server: dict[str, Any]) -> None:
    pid = int(Path(server["folder"], "pid").read_text())
    os.kill(pid, signal.SIGKILL)
    shutil.rmtree(server["folder"], ignore_errors=True)
