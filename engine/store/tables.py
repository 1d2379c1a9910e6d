"""The tables. They own the schema; `engine.store.statements` holds the SQL that runs on them.

Importing this costs a third of a second: only migrations and tests do.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

definitions = Table(
    "definitions",
    metadata,
    Column("organization_id", String(36), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("text", LargeBinary, nullable=False),  # UTF-8: a text column of PostgreSQL refuses NUL characters
)

executions = Table(
    "executions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organization_id", String(36), nullable=False),
    Column("workflow", Text, nullable=False),
    Column("definition", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("wake_at", Double),
    Column("parent", String(36), nullable=False),
    Column("source", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("deleted_at", Double),
    ForeignKeyConstraint(["organization_id", "definition"], ["definitions.organization_id", "definitions.hash"]),
)
_unfinished = text("finished_at IS NULL")
_leased = text("owner <> ''")
Index("ix_executions_unfinished", executions.c.status, sqlite_where=_unfinished, postgresql_where=_unfinished)
Index("ix_executions_leased", executions.c.owner, sqlite_where=_leased, postgresql_where=_leased)

events = Table(
    "events",
    metadata,
    Column("execution_id", String(36), ForeignKey("executions.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("type", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("data", Text, nullable=False),
)

artifacts = Table(  # of PostgreSQL alone: beside an SQLite file artifacts are files
    "artifacts",
    metadata,
    Column("organization_id", String(36), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

wishes = Table(  # of PostgreSQL alone: beside an SQLite file wishes are files, for whoever may not write to it
    "wishes",
    metadata,
    Column("execution_id", String(36), ForeignKey("executions.id"), primary_key=True),
    Column("wish", Text, nullable=False),
)
