"""A private PostgreSQL server for tests: on a free port of 127.0.0.1, in a temporary folder, without fsync."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


@contextlib.contextmanager
def shared_server(folder: Path) -> Iterator[str]:
    """The URL of a server that the test processes with one `folder` share: the first starts it, the last stops it."""
    state = folder / "postgresql.json"
    lock = filelock.FileLock(folder / "postgresql.lock")
    with lock:
        server = json.loads(state.read_text()) if state.exists() else {"users": 0, **_start()}
        server["users"] += 1
        state.write_text(json.dumps(server))
    try:
        yield f"postgresql://rpa@127.0.0.1:{server['port']}/postgres"
    finally:
        with lock:
            server = json.loads(state.read_text())
            server["users"] -= 1
            state.write_text(json.dumps(server))
            if server["users"] == 0:
                state.unlink()
                _stop(server["folder"])


def _start() -> dict[str, Any]:
    bin_folder = programs()
    assert bin_folder is not None
    folder = tempfile.mkdtemp(prefix="rpa-postgresql-")
    if _is_root():
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = f"{folder}/data"
    _run(bin_folder / "initdb", "-D", data, "-U", "rpa", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    _run(bin_folder / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
    return {"folder": folder, "port": port}


def _stop(folder: str) -> None:
    bin_folder = programs()
    assert bin_folder is not None
    _run(bin_folder / "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    command = [str(program), *arguments]
    if _is_root():
        command = ["runuser", "-u", "postgres", "--", *command]
    # Into a file: the server that pg_ctl starts inherits the output, and would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False)
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{program.name} failed: {output.read().decode(errors='replace')}")


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
