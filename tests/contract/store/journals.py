"""Entries for the tests of the store."""

from __future__ import annotations

import hashlib
import time

from engine.core.events import Entry, Event, ExecutionCreated, StepStarted, StepSucceeded
from engine.core.ids import new_id
from engine.store.protocols import Definition, ExecutionRecord, Lease, Store

TEXT = "name: Поръчки\nsteps: {}\n"
DEFINITION = Definition(hashlib.sha256(TEXT.encode()).hexdigest(), TEXT)


def entry(execution: str, seq: int, event: Event, at: float | None = None) -> Entry:
    return Entry(execution, seq, round(time.time() if at is None else at, 6), event)


def created(execution: str, workflow: str = "orders", **fields: str) -> Entry:
    return entry(execution, 1, ExecutionCreated(workflow, DEFINITION.hash, {}, **fields))


async def create(store: Store, workflow: str = "orders", **fields: str) -> ExecutionRecord:
    return await store.create([created(new_id(), workflow, **fields)], DEFINITION)


async def claimed(store: Store, owner: str = "a") -> Lease:
    return await store.claim((await create(store)).id, owner, 60)


def step(execution: str, seq: int) -> Entry:
    if seq % 2:
        return entry(execution, seq, StepSucceeded(f"s{seq // 2}", {"n": seq}))
    return entry(execution, seq, StepStarted(f"s{seq // 2}", "text.template", "pure"))


async def journal(store: Store, execution: str, after: int = 0, until: int | None = None) -> list[Entry]:
    return [found async for chunk in store.read(execution, after=after, until=until) for found in chunk]
