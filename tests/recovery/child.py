"""Runs the job in processes that are killed: `python -m tests.recovery.child`, a server that forks one for each request.

Everything is loaded before the first fork, so that a process costs some hundredths of a second. A request is a line of JSON on
standard input: `folder`, `durability`, `fault` (as in `RPA_FAULT`, empty for none), `kill` (seconds until it is killed,
0 for never). The answer is a line too: how the process ended (`done`, `killed`, `stuck`, or `failed` with its error).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from engine.core import faults
from tests.recovery.job import Home

DEADLINE = 60.0
"""Seconds after which an execution is taken to be stuck."""


def run(request: dict[str, Any]) -> None:
    """Do what the request says in this process, and leave the report in the folder."""
    folder = Path(request["folder"])
    name, _, nth = request["fault"].partition(":")
    armed = faults.arm(name, "kill", int(nth or 1)) if name else contextlib.nullcontext()
    with armed:
        report = asyncio.run(Home(folder, request["durability"]).advance())
    (folder / "report.json").write_text(json.dumps(report))


def _forked(request: dict[str, Any]) -> str:
    errors = Path(request["folder"]) / "errors"
    child = os.fork()
    if child == 0:
        status = 1
        try:
            run(request)
            status = 0
        except BaseException:
            errors.write_text(traceback.format_exc())
        finally:
            os._exit(status)
    if request["kill"]:
        time.sleep(request["kill"])
        os.kill(child, signal.SIGKILL)
    ends = time.monotonic() + DEADLINE
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > ends:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "stuck"
        time.sleep(0.001)
    if os.WIFSIGNALED(status):
        return "killed" if os.WTERMSIG(status) == signal.SIGKILL else f"failed by signal {os.WTERMSIG(status)}"
    return "done" if os.WEXITSTATUS(status) == 0 else f"failed: {errors.read_text()}"


def serve() -> None:
    with tempfile.TemporaryDirectory() as folder:  # once here, so that all is loaded that a run needs
        run({"folder": folder, "durability": "process", "fault": ""})
    with contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin:
            print(json.dumps(_forked(json.loads(line))), flush=True)


if __name__ == "__main__":
    serve()
