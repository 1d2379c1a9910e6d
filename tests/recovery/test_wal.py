"""After kill -9, and after damage to the end of the log, an SQLite store holds a committed prefix of every journal."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.core.events import Entry, ExecutionCreated, StepSucceeded
from engine.core.faults import VARIABLE
from engine.core.ids import new_id
from engine.store import group, open_store
from engine.store.protocols import Definition

DEFINITION = Definition("0" * 64, "name: x\n")
APPENDS = 40

# Writes to ten executions at once and says on its output what was acknowledged: execution, seq.
WRITER = """
import asyncio, os, sys, time
from pathlib import Path
from engine.core.events import Entry, ExecutionCreated, StepSucceeded
from engine.core.ids import new_id
from engine.store import open_store
from engine.store.protocols import Definition

async def run(store):
    execution = new_id()
    first = Entry(execution, 1, 1.0, ExecutionCreated("w", "0" * 64, {}))
    await store.create([first], Definition("0" * 64, "name: x"))
    os.write(1, f"{execution} 1\\n".encode())
    lease = await store.claim(execution, "writer", 60)
    for seq in range(2, 100_000, 2):
        await store.append(lease, [
            Entry(execution, seq, 1.0, StepSucceeded("a", "x" * (seq % 700))),
            Entry(execution, seq + 1, 1.0, StepSucceeded("b", seq)),
        ])
        os.write(1, f"{execution} {seq + 1}\\n".encode())

async def main():
    async with open_store(Path(sys.argv[1]), durability=sys.argv[2]) as store:
        await asyncio.gather(*(run(store) for _ in range(10)))

asyncio.run(main())
"""


async def prefix_lengths(path: Path) -> dict[str, int]:
    """How many events each execution has, having checked that they are the first ones and whole."""
    lengths = {}
    async with open_store(path) as store:
        for record in await store.find(limit=1000):
            entries = [entry async for chunk in store.read(record.id) for entry in chunk]
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            assert len(entries) % 2 == 1, "a group was kept in part"
            for entry in entries[2::2]:
                assert entry.event == StepSucceeded("b", entry.seq - 1)
            lengths[record.id] = len(entries)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return lengths


def acknowledged(output: bytes) -> dict[str, int]:
    last: dict[str, int] = {}
    for line in output.decode().splitlines(keepends=True):
        if line.endswith("\n"):
            execution, seq = line.split()
            last[execution] = int(seq)
    return last


def write(path: Path, durability: str, fault: str, seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run the writer until the fault, or the time, kills it."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), durability],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, VARIABLE: fault},
        cwd=Path(__file__).parents[2],
    ) as process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.mark.parametrize("nth", [1, 2, 3, 40])
@pytest.mark.parametrize("name", [group.BEFORE_INSERT, group.AFTER_INSERT, group.AFTER_COMMIT, group.BEFORE_ACK])
async def test_a_kill_at_each_point_loses_nothing_acknowledged(tmp_path: Path, name: str, nth: int) -> None:
    path = tmp_path / "store.db"
    async with open_store(path):
        pass
    done = write(path, "full", f"{name}:{nth}", 30)
    assert done.returncode == -9, done.stderr.decode()
    lengths = await prefix_lengths(path)
    told = acknowledged(done.stdout)
    for execution, seq in told.items():
        assert lengths[execution] >= seq
    if name in (group.BEFORE_INSERT, group.AFTER_INSERT):
        assert sum(lengths.values()) == sum(told.values()), "what was not committed is there"
    elif nth == 1:
        assert sum(lengths.values()) > sum(told.values()), "done, but not told"


@pytest.mark.parametrize("durability", ["full", "process"])
async def test_kills_at_random_lose_nothing_acknowledged(
    tmp_path: Path, durability: str, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "store.db"
    told: dict[str, int] = {}
    for _ in range(100 if request.config.getoption("--nightly") else 4):
        done = write(path, durability, "", random.uniform(0.5, 1.5))
        assert done.returncode == -9, done.stderr.decode()
        told |= acknowledged(done.stdout)
        lengths = await prefix_lengths(path)
        for execution, seq in told.items():
            assert lengths[execution] >= seq
    assert told


@pytest.fixture
async def torn(tmp_path: Path) -> tuple[Path, list[int]]:
    """A copy, as a crash leaves it, of a store with one long log; and how long the log was after each append."""
    path = tmp_path / "live" / "store.db"
    copy = tmp_path / "copy"
    sizes = []
    execution = new_id()
    async with open_store(path) as store:
        await store.create([Entry(execution, 1, 1.0, ExecutionCreated("w", DEFINITION.hash, {}))], DEFINITION)
        lease = await store.claim(execution, "a", 60)
        for number in range(APPENDS):
            seq = 2 + 2 * number
            first = Entry(execution, seq, 1.0, StepSucceeded("a", "x" * random.randrange(3000)))
            await store.append(lease, [first, Entry(execution, seq + 1, 1.0, StepSucceeded("b", seq))])
            sizes.append((path.parent / "store.db-wal").stat().st_size)
        copy.mkdir()
        for name in ("store.db", "store.db-wal"):
            shutil.copy(path.parent / name, copy / name)
    return copy, sizes


@pytest.mark.parametrize("damage", ["cut", "flip", "zero"])
async def test_a_damaged_log_recovers_to_a_committed_prefix(
    torn: tuple[Path, list[int]], tmp_path: Path, damage: str
) -> None:
    copy, sizes = torn
    log = (copy / "store.db-wal").read_bytes()
    for number in range(25):
        # Behind the creation of the execution, which the test needs to find anything at all.
        at = random.randrange(sizes[0], len(log))
        damaged = bytearray(log)
        if damage == "cut":
            del damaged[at:]
        elif damage == "flip":
            damaged[at] ^= 1 << random.randrange(8)
        else:
            damaged[at : at + 512] = bytes(len(damaged[at : at + 512]))
        if damage == "zero" and damaged == log:
            continue
        folder = tmp_path / f"{damage}-{number}"
        shutil.copytree(copy, folder)
        (folder / "store.db-wal").write_bytes(damaged)
        [length] = (await prefix_lengths(folder / "store.db")).values()
        whole = sum(size <= at for size in sizes)
        assert length == 1 + 2 * whole, (at, sizes)


async def test_resume_after_a_kill_takes_the_lease_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    done = write(path, "full", "store.after_commit:40", 30)
    assert done.returncode == -9, done.stderr.decode()
    async with open_store(path) as store:
        assert store.writable
        due = await store.due(time.time())
        assert len(due) == 10
        for record in due:
            lease = await store.claim(record.id, "next", 60)
            await store.append(lease, [Entry(record.id, lease.last_seq + 1, 1.0, StepSucceeded("b", lease.last_seq))])
    assert asyncio.all_tasks() == {asyncio.current_task()}
