"""The store in memory: the same promises but durability. For tests and dry runs."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, Sequence
from typing import Self

from engine.core import events
from engine.core.clock import Clock, SystemClock
from engine.core.errors import ExecutionError, StoreError
from engine.core.events import Entry
from engine.core.sentences import say
from engine.store import operations
from engine.store.artifacts import check_digest, digest_of, missing
from engine.store.protocols import FINISHED, Definition, ExecutionRecord, Lease, Status
from engine.store.records import change_after, check_sequence, legible, moment, new_record

_CHUNK = 2000


class MemoryStore:
    """Keeps `engine.store.protocols.Store`. Events go through their text, so what could not be kept fails here."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.writable = True
        self.exclusive = True
        self._clock = clock or SystemClock()
        self._records: dict[str, ExecutionRecord] = {}
        self._journals: dict[str, list[tuple[int, float, str, int, str]]] = {}
        self._definitions: dict[str, Definition] = {}
        self._artifacts: dict[str, bytes] = {}
        self._wishes: dict[str, str] = {}
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closed = True

    @property
    def refusal(self) -> StoreError | None:
        return StoreError(say("The store in memory is closed.")) if self._closed else None

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(say("The store in memory is closed."))

    async def append(self, lease: Lease, entries: Sequence[Entry]) -> None:
        self._check_open()
        if not entries:
            return
        record = self._records.get(lease.execution)
        if record is None or not record.owner or record.fence != lease.fence:
            raise operations.stale(lease.execution)
        if entries[0].execution != lease.execution:
            raise StoreError(
                say(
                    "An event of execution {execution} under the lease of {holder}.",
                    execution=entries[0].execution,
                    holder=lease.execution,
                )
            )
        check_sequence(entries, record.last_seq + 1)
        self._journals[record.id] += [_row(entry) for entry in entries]
        for entry in entries:
            change = change_after(entry)
            if change is not None:
                record = dataclasses.replace(record, **change._asdict())
        last = entries[-1]
        self._records[record.id] = dataclasses.replace(record, last_seq=last.seq, updated_at=moment(last.at))

    async def read(
        self, execution: str, *, after: int = 0, until: int | None = None
    ) -> AsyncGenerator[list[Entry], None]:
        self._check_open()
        rows = self._journals.get(execution, [])
        last = len(rows) if until is None else min(until, len(rows))
        for start in range(max(after, 0), last, _CHUNK):
            yield [
                Entry(execution, seq, at, events.load(kind, version, text))
                for seq, at, kind, version, text in rows[start : min(start + _CHUNK, last)]
            ]

    async def create(self, entries: Sequence[Entry], definition: Definition) -> ExecutionRecord:
        self._check_open()
        record = new_record(entries, definition.hash)
        there = self._records.get(record.id)
        if there is not None:
            raise ExecutionError(say("There is an execution {id} already.", id=record.id))
        rows = [_row(entry) for entry in entries]
        await self.pin(definition)
        self._records[record.id] = record
        self._journals[record.id] = rows
        return record

    async def get(self, execution: str) -> ExecutionRecord:
        self._check_open()
        if execution in self._records:
            return self._records[execution]
        part = execution.lower()
        found = (
            [record for name, record in self._records.items() if name.startswith(part) or name.endswith(part)]
            if operations.is_part(execution)
            else []
        )
        return operations.only(found, execution)

    async def find(
        self,
        *,
        status: Sequence[Status] = (),
        workflow: str = "",
        parent: str = "",
        limit: int = 100,
        before: str = "",
    ) -> list[ExecutionRecord]:
        self._check_open()
        found = [
            record
            for record in self._records.values()
            if (not status or record.status in status)
            and (not workflow or record.workflow == legible(workflow))
            and (not parent or record.parent == parent)
            and (not before or record.id < before)
        ]
        return sorted(found, key=lambda record: record.id, reverse=True)[:limit]

    async def claim(self, execution: str, owner: str, seconds: float) -> Lease:
        self._check_open()
        record = operations.only([self._records[execution]] if execution in self._records else [], execution)
        if record.owner not in ("", owner) and record.lease_until > self._clock.now():
            raise operations.busy(record)
        lease_until = self._clock.now() + seconds
        record = dataclasses.replace(record, owner=owner, lease_until=lease_until, fence=record.fence + 1)
        self._records[execution] = record
        return Lease(execution, owner, record.fence, record.last_seq)

    def _held(self, lease: Lease) -> ExecutionRecord | None:
        record = self._records.get(lease.execution)
        good = record is not None and (record.owner, record.fence) == (lease.owner, lease.fence)
        return record if good else None

    async def renew(self, leases: Sequence[Lease], seconds: float) -> list[Lease]:
        self._check_open()
        lost = []
        for lease in leases:
            record = self._held(lease)
            if record is None:
                lost.append(lease)
            else:
                self._records[record.id] = dataclasses.replace(record, lease_until=self._clock.now() + seconds)
        return lost

    async def release(self, lease: Lease) -> None:
        self._check_open()
        record = self._held(lease)
        if record is not None:
            self._records[record.id] = dataclasses.replace(record, owner="", lease_until=0.0)

    async def due(self, now: float, limit: int = 100) -> list[ExecutionRecord]:
        self._check_open()
        free = [
            record for record in self._records.values() if not record.owner or record.lease_until <= self._clock.now()
        ]
        found = [
            record
            for record in free
            if record.status in ("queued", "running")
            or (record.status == "waiting" and record.wake_at is not None and record.wake_at <= now)
        ]
        return sorted(found, key=lambda record: record.id)[:limit]

    async def definition(self, hash: str) -> Definition:
        self._check_open()
        if hash not in self._definitions:
            raise operations.no_definition(hash)
        return self._definitions[hash]

    async def pin(self, definition: Definition) -> None:
        self._check_open()
        self._definitions.setdefault(definition.hash, definition)

    async def delete(self, execution: str) -> None:
        self._check_open()
        record = operations.only([self._records[execution]] if execution in self._records else [], execution)
        if record.status not in FINISHED:
            raise operations.unfinished(record)
        del self._records[execution]
        del self._journals[execution]

    async def ask(self, execution: str, wish: str) -> None:
        self._check_open()
        self._wishes[execution] = wish

    async def asked(self, owner: str) -> dict[str, str]:
        self._check_open()
        return dict(self._wishes)

    async def answered(self, execution: str) -> None:
        self._check_open()
        self._wishes.pop(execution, None)

    async def put(self, data: bytes) -> str:
        self._check_open()
        digest = digest_of(data)
        self._artifacts[digest] = data
        return digest

    async def fetch(self, hash: str) -> bytes:
        self._check_open()
        check_digest(hash)
        if hash not in self._artifacts:
            raise missing(hash)
        return self._artifacts[hash]


def _row(entry: Entry) -> tuple[int, float, str, int, str]:
    _, _, seq, at, kind, version, text = operations.journal_row(entry, 0)
    return seq, at, kind, version, text
