"""Definitions, executions, their events, and artifacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "definitions",
        sa.Column("organization_id", sa.String(36), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "hash", name="pk_definitions"),
    )
    op.create_table(
        "executions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organization_id", sa.String(36), nullable=False),
        sa.Column("workflow", sa.Text, nullable=False),
        sa.Column("definition", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("finished_at", sa.Double),
        sa.Column("wake_at", sa.Double),
        sa.Column("parent", sa.String(36), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("lease_until", sa.Double, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("deleted_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_executions"),
        sa.ForeignKeyConstraint(
            ["organization_id", "definition"],
            ["definitions.organization_id", "definitions.hash"],
            name="fk_executions_organization_id",
        ),
    )
    for name, column, condition in (
        ("ix_executions_unfinished", "status", sa.text("finished_at IS NULL")),
        ("ix_executions_leased", "owner", sa.text("owner <> ''")),
    ):
        op.create_index(name, "executions", [column], sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "events",
        sa.Column("execution_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("execution_id", "seq", name="pk_events"),
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name="fk_events_execution_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "artifacts",
            sa.Column("organization_id", sa.String(36), nullable=False),
            sa.Column("hash", sa.String(64), nullable=False),
            sa.Column("data", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("organization_id", "hash", name="pk_artifacts"),
        )
        op.create_table(
            "wishes",
            sa.Column("execution_id", sa.String(36), nullable=False),
            sa.Column("wish", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("execution_id", name="pk_wishes"),
            sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name="fk_wishes_execution_id"),
        )
