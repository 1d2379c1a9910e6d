"""One process writes; what others get."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.core.errors import StoreLocked
from engine.core.events import Entry, ExecutionCreated
from engine.core.ids import new_id
from engine.store import open_store
from engine.store.protocols import Definition, ExecutionRecord, Store

DEFINITION = Definition("0" * 64, "name: x\n")

HOLDER = """
import asyncio, sys
from pathlib import Path
from engine.store import open_store

async def main():
    async with open_store(Path(sys.argv[1])) as store:
        assert store.writable
        print("open", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)

asyncio.run(main())
"""


async def create(store: Store) -> ExecutionRecord:
    return await store.create([Entry(new_id(), 1, 1.0, ExecutionCreated("w", DEFINITION.hash, {}))], DEFINITION)


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that has the store open for writing."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[4],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        try:
            yield process
        finally:
            process.kill()


async def test_a_second_process_reads_and_its_writes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        record = await create(store)
    with holder(path) as process:
        async with open_store(path) as store:
            assert not store.writable
            assert not store.exclusive
            assert await store.find() == [record]
            with pytest.raises(StoreLocked, match=rf"pid {process.pid}, since \d\d:\d\d\) is using") as caught:
                await create(store)
            assert "RPA_HOME" in caught.value.hint
            for call in (store.claim(record.id, "b", 1), store.put(b""), store.delete(record.id)):
                with pytest.raises(StoreLocked):
                    await call


async def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with holder(path) as process:
        process.kill()
        process.wait()
        async with open_store(path) as store:
            assert store.writable
            await create(store)


async def test_waiting_for_the_other_process(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with holder(path) as process:
        assert process.stdin is not None
        opening = open_store(path, wait=30)
        entering = asyncio.create_task(opening.__aenter__())
        await asyncio.sleep(0.2)
        assert not entering.done()
        process.stdin.write(b"\n")
        process.stdin.flush()
        store = await entering
        assert store.writable
        await store.__aexit__(None, None, None)


async def test_opening_twice_in_one_process(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path) as first:
        await create(first)
        async with open_store(path) as second:
            assert not second.writable
            assert len(await second.find()) == 1
            with pytest.raises(StoreLocked, match="This process"):
                await create(second)
        await create(first)
    async with open_store(path) as third:
        assert third.writable


async def test_an_unreadable_owner_file_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with holder(path):
        (tmp_path / "store.db.owner").write_text("{", encoding="utf-8")
        async with open_store(path) as store:
            with pytest.raises(StoreLocked, match="Another RPA Studio process is using"):
                await create(store)


FORKING = """
import asyncio, os, signal, sys, time
from pathlib import Path
from engine.core.errors import StoreLocked
from engine.store import open_store
from engine.store.protocols import Definition

async def main():
    async with open_store(Path(sys.argv[1])) as store:
        definition = Definition("0" * 64, "x")
        await store.pin(definition)
        child = os.fork()
        if child == 0:
            for call in (store.pin(definition), store.find()):
                try:
                    call.send(None)
                except StoreLocked as error:
                    os.write(1, f"{error}\\n".encode())
            time.sleep(60)
        os.write(1, f"{child}\\n".encode())
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_neither_writes_nor_keeps_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "store.db"

    async def is_free() -> bool:
        async with open_store(path) as store:
            return store.writable

    with subprocess.Popen(
        [sys.executable, "-c", FORKING, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
    ) as process:
        assert process.stdout is not None
        lines = sorted(process.stdout.readline().decode() for _ in range(3))
        child = int(lines[0])
        try:
            assert all("was forked from" in line for line in lines[1:])
            process.wait()
            assert asyncio.run(is_free()), "the lock lives on in the child"
        finally:
            os.kill(child, 9)


READONLY = """
import asyncio, os, sys
from pathlib import Path
os.chdir(sys.argv[3])
from engine.core.errors import StoreReadOnly
from engine.store import open_store
from engine.store.protocols import Definition
import aiosqlite, engine.store.sqlite, filelock, urllib.parse
if os.geteuid() == 0:
    os.setuid(65534)

async def main():
    async with open_store(Path(sys.argv[1])) as store:
        assert not store.writable
        assert len(await store.find()) == 1
        try:
            await store.pin(Definition("0" * 64, "x"))
        except StoreReadOnly as error:
            print(error, "|", error.hint)
    try:
        async with open_store(Path(sys.argv[2])):
            pass
    except StoreReadOnly as error:
        print(error)

asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_without_permission_to_write_reading_still_works() -> None:
    with tempfile.TemporaryDirectory() as folder:  # not pytest's, which only its owner may enter
        os.chmod(folder, 0o755)
        reads_without_permission(Path(folder) / "store")


def reads_without_permission(folder: Path) -> None:
    folder.mkdir()
    path = folder / "store.db"

    async def fill() -> None:
        async with open_store(path) as store:
            await create(store)

    asyncio.run(fill())
    folder.chmod(0o555)
    path.chmod(0o444)
    try:
        done = subprocess.run(
            [sys.executable, "-c", READONLY, str(path), str(folder / "new.db"), str(Path(__file__).parents[4])],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[4],
        )
    finally:
        folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert "cannot be written" in first
    assert "permission" in first
    assert "cannot be written" in second
