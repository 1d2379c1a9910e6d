"""What goes wrong with databases, on the real ones: each has a name, and says what to do."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.activities.sql import execute, insert, query, tables, transaction
from engine.core.secrets import Credential, Secret
from engine.sdk import BusinessError, StepTimeout, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.activities.sql.conftest import PASSWORD, Place, login


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "not said which server"),
        ("oracle://host/x", "not a kind of database"),
        ("shop.db", "not a kind of database"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://ada:secret@host/x", "holds a password"),
        ("postgresql:///x", "no host"),
        ("postgresql://host:nan/x", "no host"),
        ("postgresql://host/x?sslmode=maybe", "an option that is not known"),
        ("sqlite:///missing.db", "the file is not there"),
    ],
)
async def test_an_address_that_cannot_be(tmp_path: Path, address: str, told: str) -> None:
    with pytest.raises(BusinessError, match=told) as refused:
        await ActivityEnvironment(tmp_path).run(query, sql="SELECT 1", address=address)
    assert refused.value.hint and "secret" not in str(refused.value) + refused.value.hint
    assert not (tmp_path / "missing.db").exists()


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb"])
async def test_a_host_that_is_gone(tmp_path: Path, dialect: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = ActivityEnvironment(tmp_path)
    with pytest.raises(SystemFault, match="cannot be reached") as refused:
        await environment.run(query, sql="SELECT 1", address=f"{dialect}://127.0.0.1:{port}/x")
    assert "running" in refused.value.hint
    await environment.close()


async def test_a_wrong_password(pg: Place, maria: Place) -> None:
    await pg.do("DROP ROLE IF EXISTS guarded", f"CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'")
    hba = (await pg.run(query, sql="SELECT setting FROM pg_settings WHERE name = 'hba_file'")).value
    lines = "host all guarded 127.0.0.1/32 scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 trust"
    await pg.do(
        f"COPY (SELECT line FROM regexp_split_to_table('{lines}', '\n') AS line) TO '{hba}'", "SELECT pg_reload_conf()"
    )
    await maria.do(
        f"CREATE OR REPLACE USER guarded@localhost IDENTIFIED BY '{PASSWORD}'", "GRANT ALL ON *.* TO guarded@localhost"
    )
    for place in (pg, maria):
        place.environment.credentials["right"] = login("right", "guarded")
        for _ in range(50):
            with suppress(Exception):
                await place.run(query, sql="SELECT 1", credential="wrong")
                await asyncio.sleep(0.05)  # the server reads its rules anew a moment later
                continue
            break
        with pytest.raises(BusinessError, match=r"does not let 'guarded' in") as refused:
            await place.run(query, sql="SELECT 1", credential="wrong")
        assert "credential" in refused.value.hint and "not-the-word" not in str(refused.value)
        assert (await place.run(query, sql="SELECT 1", credential="right")).value == 1
        whole = Credential(
            "db", "database", "password", {"url": place.address, "username": "guarded"}, {"password": Secret(PASSWORD)}
        )
        place.environment.credentials["db"] = whole
        assert (await place.environment.run(query, sql="SELECT 1 AS one", credential="db")).row == {"one": 1}
        with pytest.raises(BusinessError, match="there is no database"):
            await place.run(query, sql="SELECT 1", credential="right", address=place.address + "x")


async def test_a_connection_that_breaks_is_replaced(pg: Place, maria: Place) -> None:
    for place, suicide in ((pg, "SELECT pg_terminate_backend(pg_backend_pid())"), (maria, "KILL CONNECTION_ID()")):
        with pytest.raises(SystemFault, match=r"connection to .* failed"):
            await place.run(query, sql=suicide)
        assert (await place.run(query, sql="SELECT 1")).value == 1


class Proxy:
    """A way to a server that can be cut when a client says a word."""

    def __init__(self, port: int, word: bytes) -> None:
        self.target, self.word, self.cut = port, word, False

    async def __aenter__(self) -> Proxy:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up, down = await asyncio.open_connection("127.0.0.1", self.target)

        async def forth() -> None:
            while data := await reader.read(65536):
                down.write(data)
                if self.word in data and not self.cut:
                    self.cut = True
                    await down.drain()
                    return

        async def back() -> None:
            while data := await up.read(65536):
                if self.cut:
                    return
                writer.write(data)

        tasks = [asyncio.create_task(forth()), asyncio.create_task(back())]
        with suppress(ConnectionError):
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for one in (writer, down):
            one.close()


async def test_when_the_answer_to_a_commit_is_lost_nothing_repeats_it(pg: Place, maria: Place) -> None:
    for place, commit in ((pg, b"COMMIT"), (maria, b"\x03COMMIT")):
        await place.do("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        host, _, database = place.address.rpartition("/")
        async with Proxy(int(host.rpartition(":")[2]), commit) as proxy:
            through = f"{host.rpartition(':')[0]}:{proxy.port}/{database}"
            with pytest.raises(StepTimeout, match="nobody knows whether it was kept"):
                await place.run(execute, sql="INSERT INTO t (id) VALUES (1)", address=through)
        assert (await place.run(query, sql="SELECT count(*) FROM t")).value == 1
        async with Proxy(int(host.rpartition(":")[2]), b"INSERT INTO t (id) VALUES (2)") as proxy:
            through = f"{host.rpartition(':')[0]}:{proxy.port}/{database}"
            with pytest.raises(SystemFault, match=r"connection to .* failed") as refused:
                await place.run(execute, sql="INSERT INTO t (id) VALUES (2)", address=through)
        assert not isinstance(refused.value, StepTimeout)
        assert (await place.run(query, sql="SELECT count(*) FROM t")).value == 1


async def test_of_two_that_wait_for_each_other_one_may_try_again(pg: Place, maria: Place) -> None:
    for place, nap in ((pg, "SELECT pg_sleep(0.4)"), (maria, "SELECT SLEEP(0.4)")):
        await place.do("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")
        await place.run(insert, rows=[{"id": 1, "n": 0}, {"id": 2, "n": 0}], table="t")
        ways = [
            f"UPDATE t SET n = n + 1 WHERE id = {a}; {nap}; UPDATE t SET n = n + 1 WHERE id = {b}"
            for a, b in ((1, 2), (2, 1))
        ]
        ended = await asyncio.gather(*(place.run(transaction, sql=way) for way in ways), return_exceptions=True)
        (lost,) = [one for one in ended if isinstance(one, BaseException)]
        assert isinstance(lost, SystemFault) and "in favour of another" in str(lost)
        assert (await place.run(query, sql="SELECT sum(n) FROM t")).value == 2


async def test_a_file_that_is_no_database_or_is_held_or_read_only(
    lite: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.db").write_text("Dear Ada, this is not a database at all. " * 50)
    with pytest.raises(BusinessError, match="no database, or it is damaged"):
        await lite.run(tables, address="sqlite:///letter.db")
    await lite.do("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    monkeypatch.setattr("engine.activities.sql.database._LOCKED", 0.1)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        lite.environment.context.shared._made.clear()
        with pytest.raises(SystemFault, match="another program holds"):
            await lite.run(insert, rows=[{"id": 1}], table="t")
        assert (await lite.run(query, sql="SELECT count(*) FROM t")).value == 0
    with pytest.raises(BusinessError, match="there is no database"):
        await lite.run(execute, sql="SELECT 1", address="sqlite:///no/folder/x.db")
    if sys.platform == "linux" and os.path.exists("/dev/full"):
        await lite.do("PRAGMA max_page_count = 3")
    with pytest.raises(BusinessError, match=r"row 2, column 'id'"):
        await lite.run(insert, rows=[{"id": 1}, {"id": 2**70}], table="t")
    with pytest.raises(BusinessError, match="note"):
        await lite.run(query, sql="SELECT :note", parameters={"note": "\ud800"})
    assert (await lite.run(query, sql="SELECT :note", parameters={"note": "a\0b"})).value == "a\0b"


async def test_postgresql_types(pg: Place) -> None:
    sql = """SELECT '{"a": [1]}'::jsonb AS j, ARRAY[1,2] AS list, 12::numeric AS n, '1 day'::interval AS i,
      '2026-11-24 08:00+00'::timestamptz AS z, E'\\\\x00ff'::bytea AS b, gen_random_uuid() AS u, '10.0.0.1'::inet AS ip, 'NaN'::numeric AS nan"""
    row = (await pg.run(query, sql=sql)).row
    assert row["j"] == {"a": [1]} and row["list"] == [1, 2] and type(row["n"]) is int and row["i"] == timedelta(days=1)
    assert row["z"] == datetime(2026, 11, 24, 8, tzinfo=UTC) and row["b"] == b"\x00\xff" and len(row["u"]) == 36
    assert row["ip"] == "10.0.0.1" and row["nan"] != row["nan"]
    await pg.do(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        'CREATE TABLE "Odd Names" ("Key" uuid, m mood, j jsonb, ok bool, i interval, t timestamptz, l int[])',
    )
    given = {
        "Key": row["u"],
        "m": "ok",
        "j": {"x": [None]},
        "ok": "yes",
        "i": "1h30m",
        "t": "2026-11-24T08:00:00Z",
        "l": ["1", 2],
    }
    await pg.run(insert, rows=[given], table="Odd Names")
    back = (
        await pg.run(
            query, sql='SELECT * FROM "Odd Names" WHERE m = :m AND "Key" = :u', parameters={"m": "ok", "u": row["u"]}
        )
    ).row
    assert (
        back["j"] == {"x": [None]} and back["ok"] is True and back["i"] == timedelta(minutes=90) and back["l"] == [1, 2]
    )
    with pytest.raises(BusinessError, match=r"row 1, column 'ok': 'perhaps' is not bool"):
        await pg.run(insert, rows=[{"ok": "perhaps"}], table="Odd Names")
    with pytest.raises(BusinessError, match=r"day: 'soon' is not date"):
        await pg.run(query, sql="SELECT :day::date", parameters={"day": "soon"})


async def test_json_kept_as_text(maria: Place) -> None:
    await maria.do("CREATE TABLE t (id INTEGER AUTO_INCREMENT PRIMARY KEY, doc JSON)")
    done = await maria.run(execute, sql="INSERT INTO t (doc) VALUES (:doc)", parameters={"doc": {"a": "é % 5"}})
    assert done.last_id == 1
    assert (await maria.run(query, sql="SELECT doc FROM t", json_columns="doc")).value == {"a": "é % 5"}


async def test_a_workflow_reads_what_it_wrote(tmp_path: Path) -> None:
    text = """
steps:
  - {id: make, activity: sql.execute, with: {address: "sqlite:///shop.db", sql: "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)"}}
  - {id: fill, activity: sql.insert, with: {address: "sqlite:///shop.db", table: people, rows: [{id: 1, name: Ada}, {id: 2, name: Grace}]}}
  - {id: read, activity: sql.query, with: {address: "sqlite:///shop.db", sql: "SELECT * FROM people WHERE id > :id", parameters: {id: 1}}}
outputs: {people: "{{ steps.read.output.rows }}"}
edges: [make.next -> fill, fill.next -> read]
"""
    async with file_engine(tmp_path) as engine:
        outcome: Any = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.status == "succeeded", outcome.error
    assert outcome.output == {"people": [{"id": 2, "name": "Grace"}]}
