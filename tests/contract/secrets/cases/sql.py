"""A server that lets in one user, and refuses everybody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests import postgres
from tests.contract.secrets.world import Case, World

PASSWORD = "p0stgres'quoted\"canary"


@contextmanager
def server(world: World) -> Iterator[str]:
    world.keep("postgres", "login", {"username": "rpa", "password": PASSWORD})
    world.keep(
        "sql", "database", {"url": "postgresql://127.0.0.1/x", "username": "rpa", "password": "0ther=database word"}
    )
    basetemp = world.folder.parents[1]
    with postgres.shared_server(basetemp.parent if os.environ.get("PYTEST_XDIST_WORKER") else basetemp) as url:
        yield url


def cases(world: World, served: str) -> dict[str, Case]:
    at = "postgresql://" + served.partition("://")[2].partition("@")[2]
    table = f"canary_{os.getpid()}"
    given: dict[str, dict[str, Any]] = {
        "execute": {"sql": f"CREATE TABLE IF NOT EXISTS {table} (a text)"},
        "insert": {"table": table, "rows": [{"a": "sung"}]},
        "query": {"sql": f"SELECT a FROM {table}"},
        "tables": {},
        "transaction": {"sql": f"DELETE FROM {table}; INSERT INTO {table} VALUES ('again')"},
    }
    nowhere = "postgresql://127.0.0.1:9/nowhere"
    return {
        f"sql.{name}": Case(
            {**values, "address": at, "credential": "postgres"},
            {
                **values,
                "address": nowhere,
                "credential": ("sql", "login-quotes", "database")[number % 3],
                "timeout": "5s",
            },
        )
        for number, (name, values) in enumerate(given.items())
    }
