"""What the row of an execution says, derived from its events: one derivation for every implementation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.core.errors import StoreError
from engine.core.events import Entry, ExecutionCreated, ExecutionFailed, ExecutionForked, ExecutionWaiting, status_after
from engine.core.sentences import say
from engine.store.protocols import FINISHED, LOCAL_ORGANIZATION, ExecutionRecord, Status


class Change(NamedTuple):
    """What an event that changes the status leaves in the row."""

    status: Status
    wake_at: float | None
    finished_at: float | None
    error: str


def change_after(entry: Entry) -> Change | None:
    """The change that an entry makes to its execution's row, or None."""
    event = entry.event
    status = status_after(event)
    if status is None:
        return None
    return Change(
        status=status,  # type: ignore[arg-type]
        wake_at=event.wake_at if isinstance(event, ExecutionWaiting) else None,
        finished_at=moment(entry.at) if status in FINISHED else None,
        error=legible(str(event.error.get("message", ""))) if isinstance(event, ExecutionFailed) else "",
    )


def new_record(entries: Sequence[Entry], definition: str, organization: str = LOCAL_ORGANIZATION) -> ExecutionRecord:
    """The row of an execution that begins with these entries. Raises `StoreError` if no execution can begin so."""
    if not entries or not isinstance(entries[0].event, ExecutionCreated) or entries[0].seq != 1:
        raise StoreError(say("An execution begins with its event 1, ExecutionCreated."))
    check_sequence(entries, 1)
    created = entries[0].event
    forks = [entry for entry in entries if isinstance(entry.event, ExecutionForked)]
    origin = forks[-1] if forks else entries[0]
    parent = origin.event.parent  # type: ignore[attr-defined]
    return ExecutionRecord(
        id=entries[0].execution,
        workflow=legible(created.workflow),
        definition=definition,
        status="queued",
        created_at=moment(origin.at),
        updated_at=moment(entries[-1].at),
        parent=parent,
        source=legible(created.source),
        last_seq=entries[-1].seq,
        organization_id=organization,
    )


def check_sequence(entries: Sequence[Entry], first: int) -> None:
    """Raises `StoreError` unless the entries are those of one execution, numbered from `first` without a gap."""
    execution = entries[0].execution
    for seq, entry in enumerate(entries, first):
        if entry.seq != seq or entry.execution != execution:
            raise StoreError(
                say(
                    "Event {seq} of execution {execution} is not event {next} of execution {expected}, which "
                    "comes next.",
                    seq=entry.seq,
                    execution=entry.execution,
                    next=seq,
                    expected=execution,
                )
            )


def moment(at: float) -> float:
    """Seconds since 1970 to the microsecond, as the store keeps them: the same number in every database."""
    return round(at, 6)


def legible(text: str) -> str:
    """Text for a column, without what no database can hold: NUL characters, lone surrogates. The journal keeps them."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
