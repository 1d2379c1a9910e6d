"""The family `sql`: databases (SQLite, PostgreSQL, MariaDB). Sees `sdk` and `core` alone.

There is no container whose steps share one transaction: a transaction does not survive the end of the process that
holds it, and a resumed execution would go on behind steps whose effect the database had undone. What belongs together
is one step, `sql.transaction`.
"""

from __future__ import annotations

from engine.activities.sql.execute import execute, transaction
from engine.activities.sql.insert import insert
from engine.activities.sql.query import query
from engine.activities.sql.tables import tables
from engine.sdk.catalog import Family

FAMILY = Family("Databases", icon="database", order=35, color="data")

__all__ = ["execute", "insert", "query", "tables", "transaction"]
