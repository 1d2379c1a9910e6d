"""Bringing a store to the schema of this program, with Alembic; only where it is new or older.

Revisions are numbered `0001`, `0002`, …; SQLite files carry the number in `PRAGMA user_version`, so that an up-to-date
file is recognised without importing SQLAlchemy.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import StoreError, StoreTooNew
from engine.core.sentences import say

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERSION = 1
"""The newest revision, as a number."""

APPLICATION_ID = 0x52504153
"""What SQLite files of ours carry in `PRAGMA application_id`: "RPAS"."""


def check(version: int, where: str) -> bool:
    """Whether a store of that version is up to date. Raises `StoreTooNew`."""
    if version > VERSION:
        raise StoreTooNew(
            say(
                "The store {where} was written by a newer version of RPA Studio (schema {version}, not {newest}).",
                where=where,
                version=version,
                newest=VERSION,
            ),
            hint=say("Update RPA Studio, or choose another data folder with RPA_HOME."),
        )
    return version == VERSION


def foreign(path: Path) -> StoreError:
    return StoreError(
        say("The file {path} is a database of another program.", path=path),
        hint=say("Choose another file, or another data folder with RPA_HOME."),
    )


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the transaction that `connection` is in."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def upgrade_sqlite(path: Path) -> None:
    """Bring an SQLite file up to date in one transaction. Raises `StoreError`, `sqlite3.Error`."""
    from sqlalchemy import create_engine, event, text
    from sqlalchemy.pool import NullPool

    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(path, isolation_level=None, timeout=10),
        poolclass=NullPool,
    )
    # The driver would commit before each CREATE TABLE; a store half made must never be seen.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            version = connection.execute(text("PRAGMA user_version")).scalar_one()
            if check(version, str(path)):
                return
            if version == 0 and connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one():
                raise foreign(path)
            upgrade(connection)
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
    finally:
        engine.dispose()
