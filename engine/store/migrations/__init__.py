"""The steps from each schema of the store to the next, for Alembic; `env` is run by it, `versions` holds the steps."""
