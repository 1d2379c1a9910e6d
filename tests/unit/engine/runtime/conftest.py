"""An engine on an in-memory store, and a short way to run a workflow on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from engine.api import Engine, Entry, Outcome
from engine.core.events import Event
from tests.support.workflows import memory_engine, workflow

Run = Callable[..., Awaitable[Outcome]]


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with memory_engine() as engine:
        yield engine


@pytest.fixture
def run(engine: Engine, tmp_path: Path) -> Run:
    """Run the YAML of a workflow's body; inputs by keyword."""

    async def run(text: str, **inputs: Any) -> Outcome:
        execution = await engine.start(workflow(text), inputs, folder=tmp_path)
        return await engine.wait(execution)

    return run


async def history(engine: Engine, execution: str) -> list[Event]:
    """All events of an execution."""
    entries: list[Entry] = []
    async for chunk in engine.journal(execution):
        entries.extend(chunk)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    return [entry.event for entry in entries]
