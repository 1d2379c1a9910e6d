"""Nothing that a script starts outlives it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.activities import script
from engine.core.errors import StepTimeout
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sessions and signals")

TREE = """
import os, signal, subprocess, sys, time
kind = sys.argv[1]
def note():
    with open("pids", "a") as file:
        file.write(f"{os.getpid()}\\n")
def hold():
    note()
    while True:
        time.sleep(1)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if kind == "child":
    if not os.fork():
        hold()
elif kind == "daemon":
    if not os.fork():
        os.setsid()
        if not os.fork():
            os.close(0); os.close(1); os.close(2)
            hold()
        os._exit(0)
elif kind == "exec":
    subprocess.Popen([sys.executable, "-c", "import os, time; open('pids', 'a').write(f'{os.getpid()}\\\\n'); time.sleep(600)"],
                     start_new_session=True)
elif kind == "stopped":
    if not os.fork():
        note()
        os.kill(os.getpid(), signal.SIGSTOP)
while not os.path.exists("pids"):
    time.sleep(0.01)
note()
while kind != "none" and len(sys.argv) < 3:
    time.sleep(1)
"""


def _pids(folder: Path, count: int) -> list[int]:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            found = [int(line) for line in (folder / "pids").read_text().split()]
        except (FileNotFoundError, ValueError):
            found = []
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError("the script did not start")


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _gone(pids: list[int], within: float = 10.0) -> bool:
    until = time.monotonic() + within
    while any(map(_alive, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("kind", ["child", "daemon", "exec", "stopped"])
async def test_cancelling_ends_the_whole_tree(kind: str, tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path)
    running = asyncio.create_task(env.run(script.run_python, code=TREE, arguments=[kind]))
    pids = await asyncio.to_thread(_pids, tmp_path, 2)
    assert len(pids) == 2
    env.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await asyncio.to_thread(_gone, pids)  # killed is not yet dead on a busy machine


async def test_a_timeout_ends_the_whole_tree(tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path)
    with pytest.raises(StepTimeout):
        await env.run(script.run_python, code=TREE, arguments=["daemon"], timeout=1)
    assert await asyncio.to_thread(_gone, _pids(tmp_path, 2))


@pytest.mark.parametrize("kind", ["child", "daemon", "exec"])
async def test_what_a_script_leaves_behind_ends_with_it(kind: str, tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path)
    output = await env.run(script.run_python, code=TREE, arguments=[kind, "end"])
    assert output.result is None
    assert await asyncio.to_thread(_gone, _pids(tmp_path, 2))


def test_a_shell_that_ends_before_its_child(call: Call) -> None:
    assert call(script.run_shell, code="sleep 600 & echo $!")["result"].isdigit()


async def test_a_polite_script_may_clean_up(tmp_path: Path) -> None:
    code = "trap 'echo cleaned > mark; exit 1' TERM; echo > ready; while :; do sleep 0.05; done"
    with pytest.raises(StepTimeout):
        await ActivityEnvironment(tmp_path).run(script.run_shell, code=code, timeout=0.5)
    assert (tmp_path / "mark").read_text() == "cleaned\n"


ENGINE = """
import asyncio, sys
from pathlib import Path
from engine.activities import script
from engine.sdk.testing import ActivityEnvironment
asyncio.run(ActivityEnvironment(Path(sys.argv[1])).run(script.run_python, code=sys.stdin.read(), arguments=["child"]))
"""


def test_killing_the_engine_leaves_no_orphan(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ENGINE, str(tmp_path)], stdin=subprocess.PIPE, text=True) as engine:
        assert engine.stdin is not None
        engine.stdin.write(TREE)
        engine.stdin.close()
        pids = _pids(tmp_path, 2)
        assert all(map(_alive, pids))
        engine.send_signal(signal.SIGKILL)
        engine.wait()
    assert _gone(pids)


async def test_many_at_once_leave_nothing(tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path)
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    there = {child.pid for child in psutil.Process().children(recursive=True)}
    outputs = await asyncio.gather(*(env.run(script.query, code=f"echo {n}") for n in range(12)))
    assert [output.result for output in outputs] == [str(n) for n in range(12)]
    after = len(os.listdir("/proc/self/fd")) if before else 0
    assert after <= before
    new = [child for child in psutil.Process().children(recursive=True) if child.pid not in there]
    assert [child for child in new if child.status() != psutil.STATUS_ZOMBIE] == []


async def test_memory_stays_flat(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        output = await ActivityEnvironment(tmp_path).run(script.query, code="head -c 100000000 /dev/zero")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert output.truncated
    assert peak < 20_000_000


async def test_the_loop_stays_free(tmp_path: Path) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await ActivityEnvironment(tmp_path).run(script.query, code="sleep 0.5")
    ticking.cancel()
    assert ticks > 10
