"""How fast the store commits, next to raw sqlite3 on the same disk: `python -m tests.benchmarks.store`.

Every figure is the median of interleaved rounds. A step is one append of two events, the outcome of one step and the
start of the next; raw is one row of the same size in a commit of its own, on a connection of its own.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from engine.core.events import Entry, ExecutionCreated, StepStarted, StepSucceeded
from engine.core.ids import new_id
from engine.store import open_store
from engine.store.protocols import Definition, Lease, Store

ROUNDS = 7
SECONDS = 0.5
DEFINITION = Definition("0" * 64, "name: benchmark\n")
OUTPUT = {"text": "x" * 180}


def raw(path: Path) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, data TEXT)")
        count, until = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            connection.execute("INSERT INTO rows (data) VALUES (?)", (OUTPUT["text"],))
            count += 1
        return count / SECONDS
    finally:
        connection.close()


async def claim(store: Store) -> Lease:
    execution = new_id()
    first = Entry(execution, 1, time.time(), ExecutionCreated("benchmark", DEFINITION.hash, {}))
    await store.create([first], DEFINITION)
    return await store.claim(execution, "benchmark", 600)


async def steps(store: Store, executions: int) -> float:
    """Steps per second of that many executions at once, each awaiting one before it takes the next."""
    leases = [await claim(store) for _ in range(executions)]
    until = time.perf_counter() + SECONDS

    async def run(lease: Lease) -> int:
        seq = 2
        while time.perf_counter() < until:
            now = time.time()
            await store.append(
                lease,
                [
                    Entry(lease.execution, seq, now, StepSucceeded("step", OUTPUT)),
                    Entry(lease.execution, seq + 1, now, StepStarted("step", "text.template", "once")),
                ],
            )
            seq += 2
        return seq // 2 - 1

    begun = time.perf_counter()
    total = sum(await asyncio.gather(*(run(lease) for lease in leases)))
    return total / (time.perf_counter() - begun)


async def burst(store: Store, size: int = 10_000) -> float:
    """Events per second where one execution does not wait, as a fan-out or a loop does."""
    lease = await claim(store)
    begun = time.perf_counter()
    await asyncio.gather(
        *(
            store.append(lease, [Entry(lease.execution, seq, begun, StepSucceeded(f"each[{seq}]/step", OUTPUT))])
            for seq in range(2, size + 2)
        )
    )
    return size / (time.perf_counter() - begun)


async def read(store: Store, size: int = 20_000) -> float:
    lease = await claim(store)
    await store.append(
        lease, [Entry(lease.execution, seq, 1.0, StepSucceeded("step", OUTPUT)) for seq in range(2, size + 2)]
    )
    begun = time.perf_counter()
    count = sum([len(chunk) async for chunk in store.read(lease.execution)])
    return count / (time.perf_counter() - begun)


async def main() -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        async with (
            open_store(Path(folder) / "full.db") as full,
            open_store(Path(folder) / "process.db", durability="process") as process,
        ):

            async def anchor() -> float:
                return raw(Path(folder) / "raw.db")

            cases: dict[str, Callable[[], Awaitable[float]]] = {
                "raw sqlite3, one commit a row": anchor,
                "1 execution, full": lambda: steps(full, 1),
                "10 executions, full": lambda: steps(full, 10),
                "100 executions, full": lambda: steps(full, 100),
                "1 execution, process": lambda: steps(process, 1),
                "burst of 10,000 events, full": lambda: burst(full),
                "read events": lambda: read(full),
            }
            results: dict[str, list[float]] = {name: [] for name in cases}
            for _ in range(ROUNDS):
                for name in random.sample(list(cases), len(cases)):
                    results[name].append(await cases[name]())
    base = statistics.median(results["raw sqlite3, one commit a row"])
    print(f"{'':32}{'per second':>12}{'x raw':>8}   min - max")
    for name, values in results.items():
        middle = statistics.median(values)
        print(f"{name:32}{middle:12,.0f}{middle / base:8.2f}   {min(values):,.0f} - {max(values):,.0f}")


if __name__ == "__main__":
    asyncio.run(main())
