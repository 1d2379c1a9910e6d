"""What can go wrong with an SQLite file, and that nothing acknowledged is lost by it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.core import faults
from engine.core.errors import StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreReadOnly
from engine.core.events import Entry, ExecutionCreated, StepSucceeded
from engine.core.ids import new_id
from engine.store import open_store
from engine.store import sqlite as module
from engine.store.protocols import Definition, Durability, Lease, Store
from engine.store.sqlite import SqliteStore

DEFINITION = Definition("0" * 64, "name: x\n")


async def claimed(store: Store, owner: str = "a", seconds: float = 60) -> Lease:
    execution = new_id()
    await store.create([Entry(execution, 1, 1.0, ExecutionCreated("w", DEFINITION.hash, {}))], DEFINITION)
    return await store.claim(execution, owner, seconds)


def step(lease: Lease, seq: int, output: object = None) -> Entry:
    return Entry(lease.execution, seq, 2.0, StepSucceeded("a", output))


async def seqs(store: Store, execution: str) -> list[int]:
    return [entry.seq async for chunk in store.read(execution) for entry in chunk]


def limit_pages(store: Store, pages: int) -> None:
    """Let the file grow by that many pages and no further."""
    assert isinstance(store, SqliteStore)
    assert store._writer is not None
    connection = store._writer._conn
    [count] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {count + pages}").fetchone()


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    async with open_store(tmp_path / "a" / "б" / "store #1?%.db") as store:
        await claimed(store)
    assert (tmp_path / "a" / "б" / "store #1?%.db").stat().st_size > 0
    assert [path.name for path in (tmp_path / "a" / "б").iterdir() if path.name.endswith("-wal")] == []


async def test_an_opening_that_is_given_up_leaves_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    async with open_store(path):
        pass
    opening, go, opened = threading.Event(), threading.Event(), list[sqlite3.Connection]()
    check = module._check_version

    def wait(connection: sqlite3.Connection, path: Path) -> int:
        opened.append(connection)
        opening.set()
        assert go.wait(10)
        return check(connection, path)

    monkeypatch.setattr(module, "_check_version", wait)

    async def use() -> None:
        async with open_store(path, readonly=True):
            pass

    task = asyncio.create_task(use())
    assert await asyncio.to_thread(opening.wait, 10)
    task.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


async def test_full_disk_fails_the_group_and_writing_goes_on_after(tmp_path: Path) -> None:
    async with open_store(tmp_path / "store.db") as store:
        lease, other = await claimed(store), await claimed(store)
        await store.append(lease, [step(lease, 2)])
        limit_pages(store, 10)
        outcomes = await asyncio.gather(
            store.append(lease, [step(lease, 3), step(lease, 4, "x" * 1_000_000)]),
            store.append(other, [step(other, 2)]),
            store.append(lease, [step(lease, 5)]),
            return_exceptions=True,
        )
        assert [type(outcome) for outcome in outcomes] == [StoreFull, type(None), StoreFull]
        assert await seqs(store, lease.execution) == [1, 2]
        assert await seqs(store, other.execution) == [1, 2]
        limit_pages(store, 10_000)
        await store.append(lease, [step(lease, 3), step(lease, 4, "x" * 1_000_000)])
        assert await seqs(store, lease.execution) == [1, 2, 3, 4]


async def test_what_queues_behind_a_failure_leaves_no_gap(tmp_path: Path) -> None:
    async with open_store(tmp_path / "store.db") as store:
        lease = await claimed(store)
        limit_pages(store, 10)
        first = asyncio.ensure_future(store.append(lease, [step(lease, 2, "x" * 1_000_000)]))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(store.append(lease, [step(lease, 3)]))
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [StoreFull, StoreFull]
        await store.append(lease, [step(lease, 2)])
        assert await seqs(store, lease.execution) == [1, 2]


@pytest.mark.parametrize("name", ["store.before_insert", "store.after_insert"])
@pytest.mark.parametrize("action", ["raise", "io"])
async def test_a_passing_failure_is_tried_again(tmp_path: Path, name: str, action: faults.Action) -> None:
    async with open_store(tmp_path / "store.db") as store:
        leases = [await claimed(store) for _ in range(3)]
        with faults.arm(name, action):
            await asyncio.gather(*(store.append(lease, [step(lease, 2)]) for lease in leases))
        for lease in leases:
            assert await seqs(store, lease.execution) == [1, 2]


@pytest.mark.parametrize("name", ["store.after_commit", "store.before_ack"])
async def test_done_but_not_told(tmp_path: Path, name: str) -> None:
    async with open_store(tmp_path / "store.db") as store:
        lease = await claimed(store)
        with faults.arm(name), pytest.raises(faults.Injected):
            await store.append(lease, [step(lease, 2)])
        assert await seqs(store, lease.execution) == [1, 2]
        again = await store.claim(lease.execution, "a", 60)
        assert again.last_seq == 2


async def test_another_program_holds_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BUSY_SECONDS", 0.1)
    async with open_store(tmp_path / "store.db") as store:
        lease = await claimed(store)
        foreign = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(
            *(store.append(lease, [step(lease, seq)]) for seq in (2, 3)), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [StoreLocked, StoreLocked]
        assert await seqs(store, lease.execution) == [1]
        foreign.execute("ROLLBACK")
        foreign.close()
        await store.append(lease, [step(lease, 2)])


async def test_the_location_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder") as caught:
        async with open_store(tmp_path):
            pass
    assert caught.value.hint


async def test_the_folder_of_the_location_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        async with open_store(tmp_path / "file" / "store.db"):
            pass


@pytest.mark.parametrize("readonly", [False, True])
async def test_not_a_database(tmp_path: Path, readonly: bool) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"this is a shopping list\n" * 400)
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt) as caught:
        async with open_store(path, readonly=readonly):
            pass
    assert "damaged-" in caught.value.hint
    assert path.read_bytes() == before


async def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    for readonly in (False, True):
        with pytest.raises(StoreError, match="another program"):
            async with open_store(path, readonly=readonly):
                pass


async def test_a_damaged_page_is_told_and_the_file_kept(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        lease = await claimed(store)
        await store.append(lease, [step(lease, seq, "x" * 500) for seq in range(2, 400)])
    data = bytearray(path.read_bytes())
    data[4096 * 12 :] = os.urandom(len(data) - 4096 * 12)
    path.write_bytes(data)
    with pytest.raises(StoreCorrupt):
        async with open_store(path) as store:
            await seqs(store, lease.execution)
    assert path.exists()


async def test_a_damaged_event_says_which(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        lease = await claimed(store)
        await store.append(lease, [step(lease, 2), step(lease, 3)])
    connection = sqlite3.connect(path)
    connection.execute("UPDATE events SET data = '{' WHERE seq = 3")
    connection.commit()
    connection.close()
    async with open_store(path) as store:
        with pytest.raises(StoreCorrupt, match="Event 3"):
            await seqs(store, lease.execution)
        assert [entry.seq async for chunk in store.read(lease.execution, until=2) for entry in chunk] == [1, 2]


async def test_a_damaged_artifact_is_told_and_can_be_stored_again(tmp_path: Path) -> None:
    async with open_store(tmp_path / "store.db") as store:
        digest = await store.put(b"some data")
        [path] = [path for path in (tmp_path / "store.db.artifacts").rglob("*") if path.is_file()]
        path.write_bytes(b"same size")
        with pytest.raises(StoreCorrupt):
            await store.fetch(digest)
        await store.put(b"some data")
        assert await store.fetch(digest) == b"some data"


async def test_opened_for_reading(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with pytest.raises(StoreError):
        async with open_store(path, readonly=True):
            pass
    assert not path.exists()
    async with open_store(path) as store:
        lease = await claimed(store)
    async with open_store(path, readonly=True) as store:
        assert not store.writable
        assert await seqs(store, lease.execution) == [1]
        for call in (store.append(lease, [step(lease, 2)]), store.claim(lease.execution, "b", 1), store.put(b"")):
            with pytest.raises(StoreReadOnly):
                await call


async def test_leases_of_processes_that_died_are_void(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        lease = await claimed(store, "dead", 10_000)
    async with open_store(path) as store:
        assert [record.id for record in await store.due(0)] == [lease.execution]
        assert (await store.claim(lease.execution, "alive", 60)).fence == lease.fence + 1


async def test_a_clock_that_jumps_harms_no_lease(tmp_path: Path) -> None:
    class Clock:
        def __init__(self) -> None:
            self.offset = 0.0

        def now(self) -> float:
            return time.time() + self.offset

        def monotonic(self) -> float:
            return time.monotonic()

        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(seconds)

    clock = Clock()
    async with open_store(tmp_path / "store.db", clock=clock) as store:
        lease = await claimed(store)
        for offset in (3600.0, -3600.0):
            clock.offset = offset
            await store.append(lease, [step(lease, 2 if offset > 0 else 3)])
            assert await store.renew([lease], 60) == []
        clock.offset = 0
        assert await seqs(store, lease.execution) == [1, 2, 3]


async def test_the_log_is_kept_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGE_LOG", 100_000)
    monkeypatch.setattr(module, "_LOOK_EVERY", 4)
    async with open_store(tmp_path / "store.db") as store:
        lease = await claimed(store)
        for seq in range(2, 400):
            await store.append(lease, [step(lease, seq, "x" * 2000)])
        assert (tmp_path / "store.db-wal").stat().st_size < 1_500_000


async def test_the_log_is_written_back_when_idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE_SECONDS", 0.01)
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        before = path.stat().st_size
        lease = await claimed(store)
        await store.append(lease, [step(lease, 2, "x" * 200_000)])
        for _ in range(500):
            if path.stat().st_size >= before + 100_000:
                break
            await asyncio.sleep(0.01)
        assert path.stat().st_size >= before + 100_000


async def test_an_old_sqlite_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 30, 0))
    with pytest.raises(StoreError, match="too old"):
        async with open_store(tmp_path / "store.db"):
            pass


@pytest.mark.parametrize(("durability", "synchronous"), [("full", 2), ("process", 1)])
async def test_durability(tmp_path: Path, durability: Durability, synchronous: int) -> None:
    async with open_store(tmp_path / "store.db", durability=durability) as store:
        assert isinstance(store, SqliteStore)
        assert store._writer is not None
        connection = store._writer._conn
        assert connection.execute("PRAGMA synchronous").fetchone() == (synchronous,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


async def test_an_up_to_date_store_needs_no_sqlalchemy(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path):
        pass
    program = f"""
import asyncio, sys
sys.path.insert(0, {os.getcwd()!r})
from pathlib import Path
from engine.store import open_store
assert not any(name in sys.modules for name in ("aiosqlite", "sqlalchemy", "filelock"))
async def main():
    async with open_store(Path({str(path)!r})) as store:
        assert await store.find() == [] and await store.due(0) == []
asyncio.run(main())
print(sorted(name for name in ("sqlalchemy", "alembic") if name in sys.modules))
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert (out.decode().strip(), err.decode()) == ("[]", "")
