"""What holds for SQLite, PostgreSQL and MariaDB alike, on the real ones."""

from __future__ import annotations

import asyncio
import time
from datetime import date, datetime
from typing import Any

import pytest

from engine.activities.sql import execute, insert, query, tables, transaction
from engine.sdk import BusinessError, SystemFault
from tests.unit.engine.activities.sql.conftest import Place

ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY, who VARCHAR(60) NOT NULL, sum NUMERIC(12,2), day DATE, at TIMESTAMP NULL, note TEXT)"
SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
    "mariadb": "SELECT SLEEP(60)",
}


async def test_values_are_bound_by_name_and_come_back_as_what_they_are(db: Place) -> None:
    await db.do(ORDERS)
    evil = "Robert'); DROP TABLE orders; -- :id %s $1 ?"
    done = await db.run(
        execute,
        sql="INSERT INTO orders (id, who, sum, day, at, note) VALUES (:id, :who, :sum, :day, :at, ':id %s it''s')",
        parameters={"id": 1, "who": evil, "sum": 12.5, "day": date(2026, 11, 24), "at": datetime(2026, 11, 24, 8, 30)},
    )
    assert done.affected == 1
    found = await db.run(
        query, sql="SELECT * FROM orders WHERE id = :id AND who = :who AND id >= :id", parameters={"id": 1, "who": evil}
    )
    as_text = db.dialect == "sqlite"
    assert found.rows == [
        {
            "id": 1,
            "who": evil,
            "sum": 12.5,
            "day": "2026-11-24" if as_text else date(2026, 11, 24),
            "at": "2026-11-24 08:30:00" if as_text else datetime(2026, 11, 24, 8, 30),
            "note": ":id %s it's",
        }
    ]
    assert (found.count, found.truncated, found.value, found.columns[:2]) == (1, False, 1, ["id", "who"])


async def test_texts_find_the_type_of_their_column(db: Place) -> None:
    await db.do(ORDERS)
    rows = [{"id": "7", "who": 12, "sum": "3.20", "day": "2026-01-02", "at": None}, {"id": "8", "who": "b", "sum": 4}]
    done = await db.run(insert, rows=rows, table="orders")
    assert (done.count, done.written) == (2, 2)
    found = await db.run(
        query, sql="SELECT id, who, sum FROM orders WHERE id IN :ids ORDER BY id", parameters={"ids": ["7", "8"]}
    )
    assert found.rows == [{"id": 7, "who": "12", "sum": 3.2}, {"id": 8, "who": "b", "sum": 4}]


@pytest.mark.parametrize(
    ("condition", "ids", "found"),
    [
        ("IN :ids", [1, 3], [1, 3]),
        ("in (:ids)", [2], [2]),
        ("IN :ids", [], []),
        ("NOT IN :ids", [], [1, 2, 3]),
        ("NOT IN (:ids)", [1], [2, 3]),
    ],
)
async def test_a_list_behind_in(db: Place, condition: str, ids: list[int], found: list[int]) -> None:
    await db.do("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    await db.run(insert, rows=[{"id": number} for number in (1, 2, 3)], table="t")
    given = await db.run(
        query,
        sql=f"SELECT id FROM t WHERE id {condition} AND id > :zero ORDER BY id",
        parameters={"ids": ids, "zero": 0},
    )
    assert [row["id"] for row in given.rows] == found


async def test_rows_are_limited_and_one_is_one(db: Place) -> None:
    await db.do("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    await db.run(insert, rows=[{"id": number} for number in range(5000)], table="t", batch=700)
    found = await db.run(query, sql="SELECT id FROM t ORDER BY id", limit=3000)
    assert (found.count, found.truncated, found.rows[-1]) == (3000, True, {"id": 2999})
    assert [one.done for one in db.environment.progressed][-3:] == [1000, 2000, 3000]
    found = await db.run(query, sql="SELECT id AS a, id AS a FROM t ORDER BY id", wanted="first")
    assert found.row == {"a": 0, "a_2": 0} and not found.truncated
    assert (await db.run(query, sql="SELECT count(*) FROM t", wanted="one")).value == 5000
    with pytest.raises(BusinessError, match="no row"):
        await db.run(query, sql="SELECT id FROM t WHERE id < 0", wanted="one")
    with pytest.raises(BusinessError, match="more than one"):
        await db.run(query, sql="SELECT id FROM t", wanted="one")
    assert (await db.run(query, sql="SELECT id FROM t WHERE id < 0")).row is None


async def test_a_query_changes_nothing(db: Place) -> None:
    await db.do("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    with pytest.raises(BusinessError, match="changes something") as refused:
        await db.run(query, sql="INSERT INTO t (id) VALUES (1)")
    assert "SQL execute" in refused.value.hint
    assert (await db.run(query, sql="SELECT count(*) FROM t")).value == 0
    await db.run(insert, rows=[{"id": 1}], table="t")
    assert (await db.run(query, sql="SELECT count(*) FROM t")).value == 1


async def test_rows_go_in_all_or_none(db: Place) -> None:
    await db.do(ORDERS)
    rows: list[dict[str, Any]] = [{"id": number, "who": "x"} for number in range(1500)]
    with pytest.raises(BusinessError, match="such a row already") as refused:
        await db.run(insert, rows=[*rows, {"id": 3, "who": "again"}], table="orders", batch=100)
    assert "updated" in refused.value.hint
    assert (await db.run(query, sql="SELECT count(*) FROM orders")).value == 0
    with pytest.raises(BusinessError, match="missing that must be there"):
        await db.run(insert, rows=[{"id": 1, "who": "a"}, {"id": 2, "who": None}], table="orders")
    await db.run(insert, rows=rows, table="orders")
    again = [{"id": 1, "who": "new"}, {"id": 2, "who": "new"}, {"id": 9999, "who": "new"}]
    skipped = await db.run(insert, rows=again, table="orders", on_conflict="skip")
    assert (skipped.count, skipped.written) == (3, 1)
    assert (await db.run(query, sql="SELECT who FROM orders WHERE id = 1")).value == "x"
    updated = await db.run(insert, rows=again, table="orders", on_conflict="update")
    assert (updated.count, updated.written) == (3, 3)
    assert (await db.run(query, sql="SELECT who FROM orders WHERE id = 1")).value == "new"
    assert (await db.run(query, sql="SELECT count(*) FROM orders")).value == 1501
    with pytest.raises(BusinessError, match=r"missing that must be there|does not fit"):
        await db.run(insert, rows=[{"id": 77777, "who": None}], table="orders", on_conflict="skip")
    assert (await db.run(insert, rows=[], table="orders")).count == 0


async def test_names_that_are_wrong_are_told_with_those_that_are_right(db: Place) -> None:
    await db.do(ORDERS)
    with pytest.raises(BusinessError, match="no table 'ordres'") as refused:
        await db.run(query, sql="SELECT * FROM ordres")
    assert "orders" in refused.value.hint
    with pytest.raises(BusinessError, match="a column is not there"):
        await db.run(query, sql="SELECT wo FROM orders")
    with pytest.raises(BusinessError, match="no table 'ordres'") as refused:
        await db.run(insert, rows=[{"id": 1}], table="ordres")
    assert "orders" in refused.value.hint
    with pytest.raises(BusinessError, match="no column 'hwo'") as refused:
        await db.run(insert, rows=[{"id": 1, "hwo": 2}], table="orders")
    assert "who" in refused.value.hint
    with pytest.raises(BusinessError, match=":name, and no such") as refused:
        await db.run(query, sql="SELECT * FROM orders WHERE who = :name", parameters={"nam": 1})
    assert "nam" in refused.value.hint
    with pytest.raises(BusinessError, match="'x' is given"):
        await db.run(query, sql="SELECT 1 -- :x", parameters={"x": 1})


async def test_a_wrong_statement_is_told_with_its_place(db: Place) -> None:
    await db.do("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    with pytest.raises(BusinessError, match="wrong at line 2, column 8"):
        await db.run(query, sql="SELECT 1\n  FRMO somewhere WHERE 1 = 1")
    with pytest.raises(BusinessError, match="several"):
        await db.run(execute, sql="CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER)")
    with pytest.raises(BusinessError, match="no statement"):
        await db.run(query, sql="-- nothing")


async def test_several_statements_are_one(db: Place) -> None:
    await db.do(ORDERS)
    script = """
        INSERT INTO orders (id, who, sum) VALUES (:a, 'semi;colon', 10); -- one; two
        UPDATE orders SET sum = sum - :off WHERE id = :a;
        SELECT sum AS rest FROM orders WHERE id = :a;
    """
    done = await db.run(transaction, sql=script, parameters={"a": 1, "off": 4})
    assert [one.affected for one in done.results] == [1, 1, 1]
    assert done.results[2].value == 6 and done.results[2].rows == [{"rest": 6}]
    with pytest.raises(BusinessError, match="such a row already"):
        await db.run(
            transaction,
            sql="UPDATE orders SET sum = 0; INSERT INTO orders (id, who) VALUES (:a, 'x')",
            parameters={"a": 1},
        )
    assert (await db.run(query, sql="SELECT sum FROM orders")).value == 6
    with pytest.raises(BusinessError, match="not a statement of its own"):
        await db.run(transaction, sql="UPDATE orders SET sum = 0; COMMIT; SELECT 1")
    assert (await db.run(query, sql="SELECT sum FROM orders")).value == 6
    with pytest.raises(BusinessError, match="no statement"):
        await db.run(transaction, sql=" ; -- nothing\n")


async def test_rows_that_must_be_affected(db: Place) -> None:
    await db.do(ORDERS)
    await db.run(insert, rows=[{"id": 1, "who": "a"}, {"id": 2, "who": "a"}], table="orders")
    with pytest.raises(BusinessError, match="2 rows were affected instead of 1"):
        await db.run(execute, sql="DELETE FROM orders WHERE who = :who", parameters={"who": "a"}, expected=1)
    assert (await db.run(query, sql="SELECT count(*) FROM orders")).value == 2
    gone = await db.run(
        execute, sql="DELETE FROM orders WHERE who = :who RETURNING id", parameters={"who": "a"}, expected=2
    )
    assert sorted(row["id"] for row in gone.rows) == [1, 2] and gone.affected == 2


async def test_tables_for_people(db: Place) -> None:
    await db.do(
        ORDERS,
        'CREATE TABLE pieces (no INTEGER PRIMARY KEY, "order" INTEGER REFERENCES orders (id))'.replace(
            '"', "`" if db.dialect == "mariadb" else '"'
        ),
    )
    found = await db.run(tables)
    assert [one.name for one in found.tables] == ["orders", "pieces"]
    orders, pieces = found.tables
    assert pieces.columns[1].refers_to == "orders.id"
    assert orders.columns[0].primary_key and not orders.columns[1].nullable and "VARCHAR(60)" in orders.columns[1].type
    assert (await db.run(tables, pattern="ord*")).count == 1


async def test_what_takes_too_long_is_stopped_on_the_server(db: Place) -> None:
    await db.do("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    started = time.monotonic()
    with pytest.raises(SystemFault, match="not done within 200ms"):
        await db.run(query, sql=SLOW[db.dialect], timeout=0.2)
    task = asyncio.ensure_future(db.run(transaction, sql=f"INSERT INTO t (id) VALUES (1); {SLOW[db.dialect]}"))
    await asyncio.sleep(0.3)
    db.environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 30
    assert (await db.run(query, sql="SELECT count(*) FROM t")).value == 0
    if db.dialect == "postgresql":
        busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()"
        assert (await db.run(query, sql=busy)).value == 0
    if db.dialect == "mariadb":
        busy = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(60)%' AND id <> connection_id()"
        assert (await db.run(query, sql=busy)).value == 0
