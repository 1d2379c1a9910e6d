from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.activities.sql import execute
from engine.core.secrets import Credential, Secret
from engine.sdk.testing import ActivityEnvironment
from tests import postgres
from tests.support import mariadb

PASSWORD = "k0rrekt-Pferd#7"
Run = Callable[..., Any]


def login(name: str, username: str, password: str = PASSWORD) -> Credential:
    return Credential(name, "login", "password", {"username": username}, {"password": Secret(password, name)})


def _shared(factory: pytest.TempPathFactory) -> Path:
    """The folder that the workers of one run share."""
    folder = factory.getbasetemp()
    return folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.shared_server(_shared(tmp_path_factory)) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mariadb.shared_server(_shared(tmp_path_factory)) as port:
        yield port


class Place:
    """A database of this test's own, and activities run on it."""

    def __init__(self, environment: ActivityEnvironment, dialect: str, address: str, credential: str | None) -> None:
        self.environment = environment
        self.dialect = dialect
        self.address = address
        self.credential = credential

    async def run(self, what: Run, **values: Any) -> Any:
        given = {"address": self.address, **({"credential": self.credential} if self.credential else {}), **values}
        return await self.environment.run(what, **given)

    async def do(self, *statements: str) -> None:
        for statement in statements:
            await self.run(execute, sql=statement)


@contextlib.asynccontextmanager
async def place(request: pytest.FixtureRequest, folder: Path, dialect: str) -> AsyncIterator[Place]:
    credentials = [login("root", "root", ""), login("wrong", "guarded", "not-the-word")]
    environment = ActivityEnvironment(folder, credentials=credentials)
    name = f"t{uuid.uuid4().hex[:12]}"
    if dialect == "sqlite":
        yield Place(environment, dialect, "sqlite:///shop.db", None)
    elif dialect == "postgresql":
        import asyncpg

        server = request.getfixturevalue("postgres_url")
        admin = await asyncpg.connect(server)
        await admin.execute(f"CREATE DATABASE {name}")
        try:
            yield Place(environment, dialect, f"{server.rpartition('/')[0]}/{name}", None)
        finally:
            await environment.close()
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await admin.close()
    else:
        port = request.getfixturevalue("mariadb_port")
        server = Place(environment, dialect, f"mariadb://127.0.0.1:{port}/mysql", "root")
        await server.do(f"CREATE DATABASE {name}")
        yield Place(environment, dialect, f"mariadb://127.0.0.1:{port}/{name}", "root")
        await server.do(f"DROP DATABASE {name}")
    await environment.close()


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with place(request, tmp_path, request.param) as made:
        yield made


@pytest.fixture
async def pg(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with place(request, tmp_path, "postgresql") as made:
        yield made


@pytest.fixture
async def maria(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with place(request, tmp_path, "mariadb") as made:
        yield made


@pytest.fixture
async def lite(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with place(request, tmp_path, "sqlite") as made:
        yield made
