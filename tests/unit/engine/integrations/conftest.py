from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.core.errors import BusinessError
from engine.core.secrets import Credential, Secret, Use
from engine.integrations.registry import IntegrationRegistry
from engine.workflow.emitter import emit
from tests.support.web_server import Answer, WebServer, serving


class Secrets:
    """Credentials by name, and who asked for them."""

    def __init__(self, *credentials: Credential) -> None:
        self.known = {one.name: one for one in credentials}
        self.uses: list[tuple[str, Use]] = []

    async def credential(self, name: str, use: Use) -> Credential:
        self.uses.append((name, use))
        if name not in self.known:
            raise BusinessError(f"there is no credential {name!r}")
        return self.known[name]

    async def reveal(self, name: str, use: Use) -> Secret:
        return (await self.credential(name, use)).secret()


def login(name: str, username: str, password: str) -> Credential:
    return Credential(name, "login", "password", {"username": username}, {"password": Secret(password, name)})


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], WebServer]]:
    """Start web servers."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as start:
        yield start


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Callable[..., IntegrationRegistry]]:
    """Make registries: `registry(crm={...}, secrets=...)`. A file that was written by hand stays."""
    made: list[IntegrationRegistry] = []

    def make(secrets: Secrets | None = None, **entries: Any) -> IntegrationRegistry:
        if entries:
            (tmp_path / "integrations.yaml").write_text(emit({"integrations": entries}))
        made.append(IntegrationRegistry(tmp_path, secrets or Secrets()))
        return made[-1]

    yield make
    for one in made:
        await one.close()
