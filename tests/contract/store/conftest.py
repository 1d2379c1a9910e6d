"""One suite for every store: each test that takes `store` or `reopen` runs in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from engine.core.ids import new_id
from engine.store import open_store
from engine.store.protocols import Store

KINDS = ["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def new_store(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """Opens the same store each time; in memory a new one."""
    if kind == "memory":
        return lambda: open_store("memory:")
    if kind == "sqlite":
        return lambda: open_store(tmp_path / "store.db")
    url = request.getfixturevalue("postgresql_server")
    organization = new_id()
    return lambda: open_store(url, organization=organization)


@pytest.fixture
async def store(new_store: Callable[[], Store]) -> AsyncIterator[Store]:
    async with new_store() as opened:
        yield opened
