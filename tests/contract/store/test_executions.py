"""Executions, leases, definitions and artifacts, on every store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from engine.core.errors import ExecutionBusy, ExecutionError, NoSuchExecution, StoreError
from engine.core.events import ExecutionForked, ExecutionPaused, ExecutionStarted, ExecutionSucceeded, ExecutionWaiting
from engine.core.ids import new_id
from engine.store.protocols import Definition, Store
from tests.contract.store.journals import DEFINITION, claimed, create, created, entry, journal, step


async def test_a_new_execution_is_queued(store: Store) -> None:
    execution = new_id()
    first = created(execution, "Поръчки\0", source="cli", parent="p-1")
    record = await store.create([first], DEFINITION)
    assert record == await store.get(execution)
    assert (record.workflow, record.source, record.parent) == ("Поръчки\ufffd", "cli", "p-1")
    assert (record.status, record.definition, record.last_seq) == ("queued", DEFINITION.hash, 1)
    assert record.created_at == record.updated_at == first.at
    assert (record.owner, record.fence) == ("", 0)
    assert await store.find(workflow="Поръчки\0") == [record]


async def test_an_execution_is_created_once(store: Store) -> None:
    record = await create(store)
    again = entry(record.id, 1, created(record.id).event, at=5)
    with pytest.raises(ExecutionError, match="already"):
        await store.create([again], DEFINITION)
    assert len(await journal(store, record.id)) == 1


async def test_an_execution_begins_with_its_creation(store: Store) -> None:
    execution = new_id()
    for entries in ([], [step(execution, 1)], [created(execution), step(execution, 3)]):
        with pytest.raises(StoreError):
            await store.create(entries, DEFINITION)
    with pytest.raises(NoSuchExecution):
        await store.get(execution)


async def test_a_fork_names_its_parent(store: Store) -> None:
    execution, parent = new_id(), new_id()
    fork = entry(execution, 4, ExecutionForked(parent, 3), at=9000)
    copied = [created(execution, parent="grandparent"), entry(execution, 2, ExecutionStarted("p", 1))]
    record = await store.create([*copied, step(execution, 3), fork], DEFINITION)
    assert record == await store.get(execution)
    assert (record.status, record.parent, record.created_at, record.last_seq) == ("queued", parent, 9000, 4)


async def test_part_of_an_id_is_enough(store: Store) -> None:
    one, two = await create(store), await create(store)
    assert (await store.get(one.id[-12:])).id == one.id
    assert (await store.get(one.id[-6:].upper())).id == one.id
    with pytest.raises(ExecutionError, match="several"):
        await store.get(two.id[:6])
    for wrong in ("", one.id[-3:], "zzzzzz", "%%%%", "____", "a'b\0", "\ud800abc", one.id + "0"):
        with pytest.raises(NoSuchExecution):
            await store.get(wrong)


async def test_finds_newest_first(store: Store) -> None:
    records = []
    for number in range(5):
        records.append(await create(store, "odd" if number % 2 else "even", parent="p" if number > 2 else ""))
        await asyncio.sleep(0.002)
    newest = list(reversed(records))
    assert await store.find() == newest
    assert await store.find(limit=2) == newest[:2]
    assert await store.find(limit=2, before=newest[1].id) == newest[2:4]
    assert await store.find(workflow="odd") == [records[3], records[1]]
    assert await store.find(parent="p") == [records[4], records[3]]
    assert await store.find(workflow="none") == []
    lease = await store.claim(records[0].id, "a", 60)
    await store.append(lease, [entry(lease.execution, 2, ExecutionStarted("p", 1))])
    assert [found.id for found in await store.find(status=["running", "failed"])] == [records[0].id]
    assert len(await store.find(status=["queued"])) == 4


async def test_a_lease_has_one_holder(store: Store) -> None:
    record = await create(store)
    first = await store.claim(record.id, "a", 60)
    assert first.last_seq == 1
    with pytest.raises(ExecutionBusy, match="a"):
        await store.claim(record.id, "b", 60)
    again = await store.claim(record.id, "a", 60)
    assert again.fence == first.fence + 1
    held = await store.get(record.id)
    assert (held.owner, held.fence) == ("a", again.fence)
    assert 50 < held.lease_until - time.time() < 70
    with pytest.raises(NoSuchExecution):
        await store.claim(new_id(), "a", 60)


async def test_only_one_of_many_gets_the_lease(store: Store) -> None:
    record = await create(store)
    claims = await asyncio.gather(
        *(store.claim(record.id, f"owner {number}", 60) for number in range(10)), return_exceptions=True
    )
    assert sum(isinstance(claim, ExecutionBusy) for claim in claims) == 9
    assert (await store.get(record.id)).fence == 1


async def test_a_lease_lapses_is_renewed_and_released(store: Store) -> None:
    record = await create(store)
    first = await store.claim(record.id, "a", 0)
    assert await store.renew([first], 60) == []
    with pytest.raises(ExecutionBusy):
        await store.claim(record.id, "b", 60)
    await store.renew([first], 0)
    second = await store.claim(record.id, "b", 60)
    assert await store.renew([first, second], 60) == [first]
    await store.release(first)
    assert (await store.get(record.id)).owner == "b"
    await store.append(second, [step(record.id, 2)])
    await store.release(second)
    released = await store.get(record.id)
    assert (released.owner, released.lease_until, released.fence) == ("", 0, second.fence)
    third = await store.claim(record.id, "c", 60)
    assert (third.fence, third.last_seq) == (second.fence + 1, 2)


async def test_due_is_what_could_run(store: Store) -> None:
    now = time.time()
    queued, running, waiting, paused, doubtful, done, held = [await create(store) for _ in range(7)]
    for record, event in (
        (running, ExecutionStarted("p", 1)),
        (waiting, ExecutionWaiting(now + 100)),
        (paused, ExecutionPaused()),
        (doubtful, ExecutionWaiting(None, ("pay",))),
        (done, ExecutionSucceeded()),
    ):
        lease = await store.claim(record.id, "a", 60)
        await store.append(lease, [entry(record.id, 2, event)])
        await store.release(lease)
    await store.claim(held.id, "a", 60)

    async def due(at: float) -> set[str]:
        return {record.id for record in await store.due(at)}

    assert await due(now) == {queued.id, running.id}
    assert await due(now + 99) == {queued.id, running.id}
    assert await due(now + 100) == {queued.id, running.id, waiting.id}
    await store.claim(held.id, "a", 0)
    assert await due(now) == {queued.id, running.id, held.id}
    assert len(await store.due(now, limit=2)) == 2


async def test_only_a_finished_execution_can_be_deleted(store: Store) -> None:
    lease = await claimed(store)
    with pytest.raises(ExecutionError, match="queued"):
        await store.delete(lease.execution)
    await store.append(lease, [entry(lease.execution, 2, ExecutionSucceeded())])
    await store.release(lease)
    await store.delete(lease.execution)
    for call in (store.get(lease.execution), store.delete(lease.execution), store.claim(lease.execution, "a", 1)):
        with pytest.raises(NoSuchExecution):
            await call
    assert await store.find() == []
    assert await journal(store, lease.execution) == []


async def test_definitions_are_pinned(store: Store) -> None:
    await create(store)
    assert await store.definition(DEFINITION.hash) == DEFINITION
    other = Definition("ff" * 32, "a: \0 Ж\n" * 50_000)
    await store.pin(other)
    await store.pin(other)
    assert await store.definition(other.hash) == other
    with pytest.raises(StoreError):
        await store.definition("00" * 32)


async def test_artifacts_are_kept_by_content(store: Store) -> None:
    for data in (b"", b"a", bytes(range(256)) * 5000):
        digest = await store.put(data)
        assert await store.put(data) == digest
        assert await store.fetch(digest) == data
    for wrong in ("00" * 32, "", "../../etc/passwd", "a\0b"):
        with pytest.raises(StoreError):
            await store.fetch(wrong)


async def test_the_same_artifact_at_once(store: Store) -> None:
    digests = await asyncio.gather(*(store.put(b"same" * 1000) for _ in range(8)))
    assert len(set(digests)) == 1
    assert await store.fetch(digests[0]) == b"same" * 1000


async def test_a_closed_store_says_so(new_store: Callable[[], Store]) -> None:
    store = new_store()
    async with store:
        lease = await claimed(store)
    for call in (store.get(lease.execution), store.append(lease, [step(lease.execution, 2)]), store.find()):
        with pytest.raises(StoreError, match="closed"):
            await call


async def test_everything_is_there_after_reopening(new_store: Callable[[], Store], kind: str) -> None:
    if kind == "memory":
        pytest.skip("a store in memory ends with its process")
    async with new_store() as store:
        lease = await claimed(store)
        await store.append(lease, [step(lease.execution, 2)])
        digest = await store.put(b"data")
        record, entries = await store.get(lease.execution), await journal(store, lease.execution)
        await store.release(lease)
    async with new_store() as store:
        again = await store.get(lease.execution)
        assert (again.last_seq, again.updated_at, again.fence) == (record.last_seq, record.updated_at, record.fence)
        assert await journal(store, lease.execution) == entries
        assert await store.definition(DEFINITION.hash) == DEFINITION
        assert await store.fetch(digest) == b"data"
        newer = await store.claim(lease.execution, "b", 60)
        await store.append(newer, [step(lease.execution, 3)])


async def test_entering_says_whether_one_can_write(store: Store, kind: str) -> None:
    assert store.writable
    assert store.exclusive == (kind != "postgresql")


async def test_a_wish_waits_for_whoever_holds_the_lease(store: Store) -> None:
    lease = await claimed(store)
    await store.ask(lease.execution, "cancel for lunch")
    await store.ask(lease.execution, "cancel Обяд\0")
    assert (await store.asked(lease.owner))[lease.execution].startswith("cancel Обяд")
    await store.answered(lease.execution)
    assert lease.execution not in await store.asked(lease.owner)
    await store.answered(lease.execution)
