"""Where Alembic begins: it works on the connection that `engine.store.schema` hands over, within its transaction."""

from __future__ import annotations

from alembic import context

from engine.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
