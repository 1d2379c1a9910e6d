"""The journal, on every store."""

from __future__ import annotations

import asyncio
import math
from datetime import date, datetime, timedelta

import pytest

from engine.core.errors import StaleFence, StoreError
from engine.core.events import (
    Entry,
    ExecutionCancelled,
    ExecutionFailed,
    ExecutionPaused,
    ExecutionStarted,
    ExecutionSucceeded,
    ExecutionWaiting,
    Logged,
    StepSucceeded,
    VariablesSet,
)
from engine.core.ids import new_id
from engine.core.secrets import SecretRef
from engine.store.protocols import Lease, Store
from tests.contract.store.journals import DEFINITION, claimed, create, created, entry, journal, step


async def test_gives_back_what_was_appended(store: Store) -> None:
    lease = await claimed(store)
    first = await journal(store, lease.execution)
    added = [step(lease.execution, seq) for seq in range(2, 12)]
    await store.append(lease, added[:3])
    await store.append(lease, added[3:])
    assert await journal(store, lease.execution) == first + added
    assert await journal(store, lease.execution, after=3) == added[2:]
    assert await journal(store, lease.execution, after=3, until=5) == added[2:4]
    assert await journal(store, lease.execution, after=5, until=5) == []
    assert await journal(store, new_id()) == []


async def test_keeps_any_data(store: Store) -> None:
    lease = await claimed(store)
    data = {
        "nul": "a\0b",
        "surrogate": "\ud800",
        "quotes": "\"'\\ \\u0000 :name {rows} %s $1 ?",
        "$": {"$": "date", "v": "not one"},
        "numbers": [2**80, -(2**63), 1e308, 5e-324, math.inf, 0.1 + 0.2],
        "times": [datetime(2026, 11, 23, 1, 2, 3, 4), date(2026, 1, 1), timedelta(days=3)],
        "bytes": bytes(range(256)),
        "secret": SecretRef("bank"),
        "текст": "😀 \u2028\u2029",
        "\0key": [],
    }
    event = StepSucceeded("a\0[0]/b\udfff", data)
    await store.append(lease, [entry(lease.execution, 2, event)])
    assert (await journal(store, lease.execution))[1].event == event


async def test_keeps_large_data(store: Store) -> None:
    lease = await claimed(store)
    event = StepSucceeded("a", "x\0" * 2_000_000)
    await store.append(lease, [entry(lease.execution, 2, event)])
    assert (await journal(store, lease.execution))[1].event == event


async def test_keeps_deep_data(store: Store) -> None:
    lease = await claimed(store)
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    await store.append(lease, [entry(lease.execution, 2, VariablesSet({"deep": deep}))])
    assert (await journal(store, lease.execution))[1].event == VariablesSet({"deep": deep})


async def test_reads_in_chunks(store: Store) -> None:
    lease = await claimed(store)
    added = [step(lease.execution, seq) for seq in range(2, 7002)]
    await store.append(lease, added)
    chunks = [chunk async for chunk in store.read(lease.execution)]
    assert len(chunks) > 1
    assert [found for chunk in chunks for found in chunk][1:] == added
    assert (await store.get(lease.execution)).last_seq == 7001


async def test_many_executions_at_once(store: Store) -> None:
    leases = await asyncio.gather(*(claimed(store) for _ in range(20)))

    async def run(lease: Lease) -> None:
        for seq in range(2, 22, 2):
            await store.append(lease, [step(lease.execution, seq), step(lease.execution, seq + 1)])

    await asyncio.gather(*(run(lease) for lease in leases))
    for lease in leases:
        assert [found.seq for found in await journal(store, lease.execution)] == list(range(1, 22))


async def test_appends_of_one_execution_need_not_wait_for_each_other(store: Store) -> None:
    lease = await claimed(store)
    await asyncio.gather(*(store.append(lease, [step(lease.execution, seq)]) for seq in range(2, 200)))
    assert [found.seq for found in await journal(store, lease.execution)] == list(range(1, 200))


@pytest.mark.parametrize("seqs", [[1], [3], [2, 2], [2, 4], [0], [-1]])
async def test_refuses_gaps_and_repetitions(store: Store, seqs: list[int]) -> None:
    lease = await claimed(store)
    with pytest.raises(StoreError, match="comes next"):
        await store.append(lease, [step(lease.execution, seq) for seq in seqs])
    await store.append(lease, [step(lease.execution, 2)])
    assert len(await journal(store, lease.execution)) == 2


async def test_refuses_entries_of_another_execution(store: Store) -> None:
    lease, other = await claimed(store), await claimed(store)
    with pytest.raises(StoreError):
        await store.append(lease, [step(other.execution, 2)])
    with pytest.raises(StoreError):
        await store.append(lease, [step(lease.execution, 2), step(other.execution, 3)])
    assert len(await journal(store, other.execution)) == 1


async def test_an_event_without_plain_data_is_the_callers_error(store: Store) -> None:
    lease = await claimed(store)
    with pytest.raises(TypeError):
        await store.append(lease, [entry(lease.execution, 2, StepSucceeded("a", object()))])
    await store.append(lease, [step(lease.execution, 2)])


async def test_appending_nothing_does_nothing(store: Store) -> None:
    lease = await claimed(store)
    await store.append(lease, [])
    assert (await store.get(lease.execution)).last_seq == 1


async def test_a_later_claim_makes_the_fence_stale(store: Store) -> None:
    old = await store.claim((await create(store)).id, "a", 0)
    new = await store.claim(old.execution, "b", 60)
    other = await claimed(store)
    outcomes = await asyncio.gather(
        store.append(other, [step(other.execution, 2)]),
        store.append(old, [step(old.execution, 2)]),
        store.append(new, [step(new.execution, 2), step(new.execution, 3)]),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), StaleFence, type(None)]
    assert len(await journal(store, old.execution)) == 3
    assert (await store.get(old.execution)).last_seq == 3


async def test_a_released_lease_is_stale(store: Store) -> None:
    lease = await claimed(store)
    await store.release(lease)
    with pytest.raises(StaleFence):
        await store.append(lease, [step(lease.execution, 2)])
    again = await store.claim(lease.execution, "a", 60)
    assert again.fence > lease.fence
    await store.append(again, [step(lease.execution, 2)])


async def test_a_cancelled_caller_neither_loses_nor_repeats(store: Store) -> None:
    lease = await claimed(store)
    callers = [asyncio.ensure_future(store.append(lease, [step(lease.execution, seq)])) for seq in range(2, 12)]
    await asyncio.sleep(0)
    for caller in callers[::2]:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await store.append(lease, [step(lease.execution, 12)])
    assert [found.seq for found in await journal(store, lease.execution)] == list(range(1, 13))


async def test_the_record_follows_the_events(store: Store) -> None:
    lease = await claimed(store)
    assert (await store.get(lease.execution)).status == "queued"
    seq = 1

    async def append(event: object, at: float) -> Entry:
        nonlocal seq
        seq += 1
        added = entry(lease.execution, seq, event, at)  # type: ignore[arg-type]
        await store.append(lease, [added])
        return added

    await append(ExecutionStarted("p", lease.fence), 1000.5)
    record = await store.get(lease.execution)
    assert (record.status, record.updated_at, record.last_seq) == ("running", 1000.5, 2)
    await append(Logged("", "info", "hello"), 1001.25)
    record = await store.get(lease.execution)
    assert (record.status, record.updated_at, record.last_seq) == ("running", 1001.25, 3)
    await append(ExecutionWaiting(1795460000.123457), 1002)
    record = await store.get(lease.execution)
    assert (record.status, record.wake_at) == ("waiting", 1795460000.123457)
    await append(ExecutionWaiting(None, ("pay",)), 1003)
    record = await store.get(lease.execution)
    assert (record.status, record.wake_at) == ("in_doubt", None)
    await append(ExecutionPaused(), 1004)
    assert (await store.get(lease.execution)).status == "paused"
    await append(ExecutionStarted("p", lease.fence), 1005)
    await append(ExecutionFailed({"message": "No\0 \udc00 file", "code": "business"}), 1006)
    record = await store.get(lease.execution)
    assert (record.status, record.finished_at, record.error) == ("failed", 1006, "No\ufffd \ufffd file")


@pytest.mark.parametrize(
    ("event", "status"), [(ExecutionSucceeded({"n": 1}), "succeeded"), (ExecutionCancelled("enough"), "cancelled")]
)
async def test_the_last_status_of_one_append_counts(store: Store, event: ExecutionSucceeded, status: str) -> None:
    lease = await claimed(store)
    await store.append(
        lease,
        [
            entry(lease.execution, 2, ExecutionStarted("p", lease.fence)),
            step(lease.execution, 3),
            entry(lease.execution, 4, event),
        ],
    )
    record = await store.get(lease.execution)
    assert record.status == status
    assert record.finished_at == record.updated_at


async def test_times_are_kept_to_the_microsecond(store: Store) -> None:
    lease = await claimed(store)
    at = 1795460000.1234567
    await store.append(lease, [Entry(lease.execution, 2, at, Logged("", "info", ""))])
    assert (await journal(store, lease.execution))[1].at == round(at, 6)


async def test_an_execution_can_begin_with_many_events(store: Store) -> None:
    execution = new_id()
    entries = [created(execution), *(step(execution, seq) for seq in range(2, 5000))]
    record = await store.create(entries, DEFINITION)
    assert record == await store.get(execution)
    assert record.last_seq == 4999
    assert await journal(store, execution) == entries
