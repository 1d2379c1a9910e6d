"""One program with all that it starts: fed, listened to within limits, and ended as a whole.

On POSIX it leads a session of its own, so that one signal reaches all of its group. What leaves the group (a daemon
that forked twice) is known by a mark in its environment, as build servers do it. Beside it waits a little shell on a
pipe that only this process holds: when the engine is killed, the pipe closes and the shell kills the group. What went
into another session outlives a killed engine; on Windows everything does.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import BusinessError, StepTimeout, SystemFault
from engine.sdk.files import file_error

MARK = "RPA_SCRIPT_RUN"
"""The variable by which the processes of a run are known."""
TAIL = 4096
"""Bytes kept of the end of each stream beyond what is kept of its beginning."""
_GRACE = 1.0
"""Seconds between the polite signal and the other."""
_SWEEPS = 50
"""Rounds of looking for what is left: one that forks faster than it can be killed is given up after a second."""
_LINGER = 0.5
"""Seconds that processes left behind by a program that ended may still write."""
WINDOWS = sys.platform == "win32"
_LAUNCH = '(exec </dev/fd/{fd} >/dev/null 2>&1; read -r _; kill -KILL -$$) & exec "$@"'


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended: its exit code (negative: the signal that killed it), what it wrote, and after how long."""

    code: int
    stdout: Captured
    stderr: Captured
    seconds: float


class Captured:
    """The beginning of a stream, up to `limit` bytes, and the last few of what came after."""

    def __init__(self, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, data: bytes) -> None:
        self.size += len(data)
        room = self._limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail += data[-TAIL:]
            del self._tail[:-TAIL]

    @property
    def cut(self) -> bool:
        """Whether more was written than is kept."""
        return self.size > len(self._head) + len(self._tail)

    @property
    def head(self) -> bytes:
        return bytes(self._head)

    @property
    def text(self) -> str:
        """What is kept, as text; a line tells where and how much was left out."""
        if not self.cut:
            return (self._head + self._tail).decode("utf-8", "replace")
        left_out = self.size - len(self._head) - len(self._tail)
        return (
            f"{self._head.decode('utf-8', 'replace')}\n[… {left_out} bytes left out …]\n"
            f"{self._tail.decode('utf-8', 'replace')}"
        )


class _Protocol(asyncio.SubprocessProtocol):
    def __init__(self, limits: tuple[int, int]) -> None:
        self.captured = {1: Captured(limits[0]), 2: Captured(limits[1])}
        self.exited = asyncio.Event()
        self.drained = asyncio.Event()
        self.closed = asyncio.Event()
        self._open = {1, 2}

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.captured[fd].add(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._open.discard(fd)
        if not self._open:
            self.drained.set()

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


async def run(
    command: Sequence[str],
    *,
    stdin: bytes,
    env: Mapping[str, str],
    folder: Path,
    timeout: float,
    limits: tuple[int, int],
) -> Finished:
    """Run a program in `folder` to its end, and give what it wrote: at most about `limits` bytes of stdout and stderr.

    Whatever it started ends with it. Raises `StepTimeout` after `timeout` seconds, when the whole tree is ended; so it
    is when the call is cancelled. Raises `BusinessError` or `SystemFault` if it cannot be started.
    """
    started = time.monotonic()
    mark = uuid.uuid4().hex
    reading, writing = os.pipe()
    process: asyncio.SubprocessTransport | None = None
    protocol = _Protocol(limits)
    try:
        try:
            process = await _start(command, {**env, MARK: mark}, folder, reading, protocol)
        finally:
            os.close(reading)
        try:
            async with asyncio.timeout(timeout):
                _feed(process, stdin)
                await protocol.exited.wait()
        except TimeoutError:
            streams = (protocol.captured[2].text, protocol.captured[1].text)
            said = next((told for text in streams if (told := redact(text).strip())), "")[-1000:]
            message = say("the script did not end within {timeout:g} seconds", timeout=timeout)
            hint = say("Allow more time, or see what it waits for. All that it started was ended.")
            raise StepTimeout(with_output(message, said), hint=hint) from None
        try:
            async with asyncio.timeout(_LINGER):
                await protocol.drained.wait()
        except TimeoutError:
            pass
    finally:
        try:
            if process is not None:
                await asyncio.shield(_end(process, protocol, mark))
        finally:
            os.close(writing)
    code = process.get_returncode()
    return Finished(
        -1 if code is None else code, protocol.captured[1], protocol.captured[2], time.monotonic() - started
    )


async def _start(
    command: Sequence[str], env: Mapping[str, str], folder: Path, lifeline: int, protocol: _Protocol
) -> asyncio.SubprocessTransport:
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        command = ["/bin/sh", "-c", _LAUNCH.format(fd=lifeline), "script", *command]
        options.update(start_new_session=True, pass_fds=(lifeline,))
    try:
        made, _ = await asyncio.get_running_loop().subprocess_exec(
            lambda: protocol,
            *command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            cwd=folder,
            **options,
        )
    except (ValueError, UnicodeEncodeError):
        raise BusinessError(
            say("a script, its arguments and its folder cannot hold a NUL character or half a character"),
            hint=say("Hand such data over as an input."),
        ) from None
    except (FileNotFoundError, NotADirectoryError) as error:
        raise file_error(error, folder) from None
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise BusinessError(
                say("the script and its arguments are longer than the system allows"),
                hint=say("Keep the code in a file, and hand over data as an input."),
            ) from None
        raise SystemFault(say("the script cannot be started: {reason}", reason=error.strerror or error)) from None
    return made


def _feed(process: asyncio.SubprocessTransport, stdin: bytes) -> None:
    pipe = cast("asyncio.WriteTransport | None", process.get_pipe_transport(0))
    if pipe is not None:
        pipe.write(stdin)
        pipe.close()


async def _end(process: asyncio.SubprocessTransport, protocol: _Protocol, mark: str) -> None:
    """End the program, if it still runs, and all that it started."""
    pid = process.get_pid()
    if not protocol.exited.is_set() and not WINDOWS:
        _signal_group(pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(_GRACE):
                await protocol.exited.wait()
        except TimeoutError:
            pass
    if not WINDOWS:
        _signal_group(pid, signal.SIGKILL)
    await asyncio.to_thread(_sweep, pid, mark)
    process.close()
    try:
        async with asyncio.timeout(_GRACE):
            await protocol.exited.wait()
            await protocol.closed.wait()
    except TimeoutError:
        pass  # the system holds it in a call that nothing can interrupt


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        pass  # all of it has ended; or only what became another user's is left, which nobody here may end


def _sweep(pid: int, mark: str) -> None:
    """Kill the program, its descendants and whatever bears its mark, until nothing new appears."""
    import psutil

    for _ in range(_SWEEPS):
        found = {process for process in psutil.process_iter() if _bears(process, mark)}
        try:
            found |= set(psutil.Process(pid).children(recursive=True))
        except psutil.Error:
            pass
        if not found:
            return
        for process in found:
            try:
                process.kill()
            except psutil.Error:
                pass
        time.sleep(0.02)


def _bears(process: Any, mark: str) -> bool:
    import psutil

    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == mark)
    except (psutil.Error, OSError):
        return False


def ended(code: int) -> str:
    """An exit code in words: `ended with exit code 3`, `was killed (SIGKILL)`."""
    if code >= 0:
        return say("ended with exit code {code}", code=code)
    try:
        return say("was killed ({signal})", signal=signal.Signals(-code).name)
    except ValueError:
        return say("was killed (signal {number})", number=-code)


def with_output(message: str, tail: str) -> str:
    """What a person is told of a script, and the end of what it wrote."""
    return say("{message}; its last output:\n{tail}", message=message, tail=tail) if tail else message
