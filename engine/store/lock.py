"""The lock that makes one process the writer of a store. It dies with its process.

Two files beside the store: `NAME.lock`, which the operating system locks, and `NAME.owner`, which says who holds it
(a locked file cannot be read everywhere).
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import StoreLocked
from engine.core.sentences import say

if TYPE_CHECKING:
    from filelock import BaseFileLock

_PAUSE = 0.05


class ProcessLock:
    """Taken by `acquire`, given back by `release`. A forked child does not hold it."""

    def __init__(self, store: Path) -> None:
        self._lock_path = store.with_name(store.name + ".lock")
        self._owner_path = store.with_name(store.name + ".owner")
        self._store = store
        self._lock: BaseFileLock | None = None
        self._pid = 0

    async def acquire(self, wait: float) -> bool:
        """Try for `wait` seconds. Raises `OSError` where the files cannot be written."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._lock_path, thread_local=False)
        deadline = time.monotonic() + wait
        while True:
            try:
                lock.acquire(blocking=False)
                break
            except Timeout:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                await asyncio.sleep(min(_PAUSE, left))
        self._lock = lock
        self._pid = os.getpid()
        owner = {"pid": self._pid, "host": platform.node(), "since": time.time()}
        fresh = self._owner_path.with_name(f"{self._owner_path.name}.{self._pid}")
        fresh.write_text(json.dumps(owner), encoding="utf-8")
        os.replace(fresh, self._owner_path)
        return True

    def release(self) -> None:
        """Give it back; does nothing where it is not held."""
        if self._lock is None or self._pid != os.getpid():
            return
        self._owner_path.unlink(missing_ok=True)
        self._lock.release()
        self._lock = None

    def check(self) -> None:
        """Raises `StoreLocked` unless this very process holds it."""
        if self._pid == os.getpid() and self._lock is not None:
            return
        if self._lock is not None:
            raise StoreLocked(
                say(
                    "Process {pid} was forked from process {parent}, which has the store {store} open.",
                    pid=os.getpid(),
                    parent=self._pid,
                    store=self._store,
                ),
                hint=say("Start a new process, or open the store after forking."),
            )
        raise self.refusal()

    def refusal(self) -> StoreLocked:
        """The error that says who holds it."""
        hint = say("Wait until it is done, or choose another data folder with RPA_HOME. Reading works meanwhile.")
        try:
            owner = json.loads(self._owner_path.read_text(encoding="utf-8"))
            pid, host, since = int(owner["pid"]), str(owner["host"]), float(owner["since"])
        except (OSError, ValueError, KeyError, TypeError):
            return StoreLocked(
                say("Another RPA Studio process is using the store {store}.", store=self._store), hint=hint
            )
        if pid == os.getpid() and host == platform.node():
            return StoreLocked(
                say("This process has the store {store} open already.", store=self._store),
                hint=say("Close it there first."),
            )
        started = time.localtime(since)
        today = time.localtime()[:3] == started[:3]
        when = time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", started)
        message = say(
            "Another RPA Studio process (pid {pid}, since {when}) is using the store {store}.",
            pid=pid,
            when=when,
            store=self._store,
        )
        if host != platform.node():
            message = say(
                "Another RPA Studio process (pid {pid} on {host}, since {when}) is using the store {store}.",
                pid=pid,
                host=host,
                when=when,
                store=self._store,
            )
        return StoreLocked(message, hint=hint)
