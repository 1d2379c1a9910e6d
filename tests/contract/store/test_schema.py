"""The migrations make the tables, on both databases, and a newer store is refused."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from engine.core.errors import StoreError, StoreReadOnly, StoreTooNew, StoreUnreachable, UsageError
from engine.core.ids import new_id
from engine.store import open_store, schema
from engine.store.tables import metadata
from tests.contract.store.journals import claimed, create, step


def differences(connection: Connection) -> list[object]:
    expected = MetaData()
    for table in metadata.tables.values():
        if table.name not in ("artifacts", "wishes") or connection.dialect.name == "postgresql":
            table.to_metadata(expected)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, expected))


async def in_new_database(server: str) -> str:
    name = "t" + new_id().replace("-", "")
    engine = create_async_engine(make_url(server).set(drivername="postgresql+asyncpg"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def test_the_version_is_that_of_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [f"{schema.VERSION:04}"]


async def test_the_tables_of_sqlite_are_those_declared(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path):
        pass
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert differences(connection) == []
        assert connection.execute(text("PRAGMA user_version")).scalar() == schema.VERSION
    engine.dispose()


@pytest.mark.postgres
async def test_the_tables_of_postgresql_are_those_declared(postgresql_server: str) -> None:
    url = await in_new_database(postgresql_server)
    async with open_store(url):
        pass
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


def test_a_failed_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    upgrade = schema.upgrade

    def fail(connection: Connection) -> None:
        upgrade(connection)
        raise RuntimeError("half-way")

    monkeypatch.setattr(schema, "upgrade", fail)
    with pytest.raises(RuntimeError):
        schema.upgrade_sqlite(path)
    monkeypatch.undo()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
    schema.upgrade_sqlite(path)


async def test_a_newer_sqlite_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_store(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    for readonly in (False, True):
        with pytest.raises(StoreTooNew) as caught:
            async with open_store(path, readonly=readonly):
                pass
        assert caught.value.hint
    assert path.read_bytes() == before


@pytest.mark.postgres
async def test_a_newer_postgresql_store_is_refused(postgresql_server: str) -> None:
    url = await in_new_database(postgresql_server)
    async with open_store(url):
        pass
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(StoreTooNew):
        async with open_store(url):
            pass


@pytest.mark.postgres
async def test_two_open_a_new_postgresql_store_at_once(postgresql_server: str) -> None:
    url = await in_new_database(postgresql_server)

    async def use() -> None:
        async with open_store(url) as store:
            await create(store)

    await asyncio.gather(use(), use(), use())


@pytest.mark.postgres
async def test_a_new_postgresql_database_cannot_be_opened_for_reading(postgresql_server: str) -> None:
    url = await in_new_database(postgresql_server)
    with pytest.raises(StoreError, match="new"):
        async with open_store(url, readonly=True):
            pass
    async with open_store(url) as store:
        record = await create(store)
        async with open_store(url, readonly=True) as reader:
            assert not reader.writable
            assert await reader.get(record.id) == record
            with pytest.raises(StoreReadOnly):
                await create(reader)


@pytest.mark.postgres
async def test_organizations_do_not_see_each_other(postgresql_server: str) -> None:
    async with (
        open_store(postgresql_server, organization=new_id()) as ours,
        open_store(postgresql_server, organization=new_id()) as theirs,
    ):
        lease = await claimed(ours)
        digest = await ours.put(b"ours")
        assert await theirs.find() == []
        assert await theirs.due(1e12) == []
        assert [chunk async for chunk in theirs.read(lease.execution)] == []
        for call in (theirs.get(lease.execution), theirs.claim(lease.execution, "b", 1), theirs.fetch(digest)):
            with pytest.raises(Exception, match="no "):
                await call


@pytest.mark.postgres
async def test_two_processes_share_postgresql(postgresql_server: str) -> None:
    organization = new_id()
    async with (
        open_store(postgresql_server, organization=organization) as one,
        open_store(postgresql_server, organization=organization) as two,
    ):
        old = await one.claim((await create(one)).id, "one", 0)
        new = await two.claim(old.execution, "two", 60)
        with pytest.raises(StoreError, match="no longer owns"):
            await one.append(old, [step(old.execution, 2)])
        await two.append(new, [step(new.execution, 2)])
        assert (await one.get(new.execution)).last_seq == 2
        leases = [await one.claim((await create(one)).id, "one", 60) for _ in range(10)]
        others = [await two.claim((await create(two)).id, "two", 60) for _ in range(10)]
        await asyncio.gather(
            *(one.append(lease, [step(lease.execution, 2)]) for lease in leases),
            *(two.append(lease, [step(lease.execution, 2)]) for lease in others),
        )


@pytest.mark.postgres
async def test_a_broken_connection_loses_nothing(postgresql_server: str) -> None:
    url = await in_new_database(postgresql_server)
    async with open_store(url) as store:
        lease = await claimed(store)
        killer = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
        for seq in range(2, 30):
            if seq % 10 == 0:
                async with killer.begin() as connection:
                    await connection.execute(
                        text(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                        )
                    )
            for _ in range(10):
                try:
                    await store.append(lease, [step(lease.execution, seq)])
                    break
                except StoreUnreachable:
                    continue
        await killer.dispose()
        assert (await store.get(lease.execution)).last_seq == 29


async def test_a_server_that_does_not_answer(unused_tcp_port: int) -> None:
    with pytest.raises(StoreUnreachable) as caught:
        async with open_store(f"postgresql://rpa:hidden@127.0.0.1:{unused_tcp_port}/x"):
            pass
    assert "hidden" not in caught.value.message


@pytest.mark.parametrize("location", ["mysql://x", "http://127.0.0.1/", "postgresql://host:port/x", "a\0b"])
def test_a_location_that_is_none(location: str) -> None:
    with pytest.raises(UsageError):
        open_store(location)
