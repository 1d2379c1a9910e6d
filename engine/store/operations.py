"""What the store does, as conversations with a database: written once, carried on by SQLite and by PostgreSQL.

An operation is a generator. It yields a statement with its parameters, is sent the reply, and returns its result.
The parameter `rows` of APPEND is a list of rows as `journal_row` makes them.
It raises an error of its own only before it has changed anything, so that others can share its transaction.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from engine.core import events
from engine.core.errors import (
    ExecutionBusy,
    ExecutionError,
    NoSuchExecution,
    StaleFence,
    StoreCorrupt,
    StoreError,
    StoreTooNew,
)
from engine.core.events import Entry
from engine.core.sentences import say
from engine.store import statements as sql
from engine.store.protocols import FINISHED, Definition, ExecutionRecord, Lease
from engine.store.records import Change, legible

T = TypeVar("T")
Row = Sequence[Any]


class Reply(NamedTuple):
    """The rows of a query, or how many rows a change touched."""

    rows: Sequence[Row]
    touched: int


Operation = Generator[tuple[str, dict[str, Any]], Reply, T]

_CHUNK = 2000


def journal_row(entry: Entry, fence: int) -> list[Any]:
    """An entry as a row of the statement APPEND. Raises `TypeError` for an event that holds no plain data."""
    event = entry.event
    return [
        entry.execution, fence, entry.seq, round(entry.at, 6), type(event).__name__, event.version, events.dump(event),
    ]  # fmt: skip


def append(rows: Sequence[list[Any]], changes: dict[tuple[str, int], Change]) -> Operation[set[tuple[str, int]]]:
    """Add rows to the journal, and let the rows of the executions follow. Returns the stale (execution, fence)."""
    reply = yield sql.APPEND, {"rows": rows}
    added = reply.touched
    for (execution, fence), change in changes.items():
        yield sql.FOLLOW, {"execution": execution, "fence": fence, **change._asdict()}
    stale = set()
    if added != len(rows):
        for execution, fence in {(row[0], row[1]) for row in rows}:
            if not (yield from _is_good(execution, fence)):
                stale.add((execution, fence))
    return stale


def _is_good(execution: str, fence: int) -> Operation[bool]:
    reply = yield sql.FENCE, {"execution": execution}
    return bool(reply.rows) and reply.rows[0][0] == fence


def landed(execution: str, fence: int, seq: int) -> Operation[bool]:
    """Whether the holder of `fence`, which still is good, has committed event `seq`."""
    if not (yield from _is_good(execution, fence)):
        return False
    reply = yield sql.LAST, {"execution": execution}
    return (reply.rows[0][0] or 0) >= seq


def read(organization: str, execution: str, after: int, until: int) -> Operation[list[Entry]]:
    """The next chunk of a journal."""
    reply = yield (
        sql.READ,
        {
            "organization": organization,
            "execution": execution,
            "after": after,
            "until": until,
            "limit": _CHUNK,
        },
    )
    return list(_entries(execution, reply.rows))


def _entries(execution: str, rows: Sequence[Row]) -> Iterator[Entry]:
    for seq, at, kind, version, data in rows:
        try:
            event = events.load(kind, version, data)
        except events.UnknownEvent as error:
            raise StoreTooNew(
                say(
                    "Event {seq} of execution {execution} was written by a newer version of RPA Studio ({error}).",
                    seq=seq,
                    execution=execution,
                    error=error,
                ),
                hint=say("Update RPA Studio to go on with this execution."),
            ) from None
        except (ValueError, TypeError, KeyError) as error:
            raise StoreCorrupt(
                say(
                    "Event {seq} of execution {execution} is damaged: {error}.",
                    seq=seq,
                    execution=execution,
                    error=error,
                ),
                hint=say("Restore the store from a backup. The events before this one can still be read."),
            ) from error
        yield Entry(execution, seq, round(at, 6), event)


def create(record: ExecutionRecord, rows: Sequence[list[Any]], definition: Definition) -> Operation[ExecutionRecord]:
    """Store a new execution with its first events and its definition. Doing it again does nothing."""
    reply = yield sql.GET, {"organization": record.organization_id, "execution": record.id}
    if reply.rows:
        there = _record(reply.rows[0])
        if (there.created_at, there.definition) != (record.created_at, record.definition):
            raise ExecutionError(say("There is an execution {id} already.", id=record.id))
        return there
    yield from pin(record.organization_id, definition)
    yield (
        sql.CREATE,
        {
            "id": record.id,
            "organization": record.organization_id,
            "workflow": record.workflow,
            "definition": record.definition,
            "status": record.status,
            "created_at": record.created_at,
            "parent": record.parent,
            "source": record.source,
        },
    )
    yield from append(rows, {})
    return record


def pin(organization: str, definition: Definition) -> Operation[None]:
    text = definition.text.encode("utf-8", "surrogatepass")
    yield sql.PIN, {"organization": organization, "hash": definition.hash, "text": text}


def definition_of(organization: str, digest: str) -> Operation[Definition]:
    reply = yield sql.DEFINITION, {"organization": organization, "hash": digest}
    if not reply.rows:
        raise no_definition(digest)
    return Definition(digest, bytes(reply.rows[0][0]).decode("utf-8", "surrogatepass"))


def no_definition(digest: str) -> StoreError:
    return StoreError(say("The store holds no workflow definition {digest}.", digest=digest))


def get(organization: str, execution: str) -> Operation[ExecutionRecord]:
    """The record of an execution named by its id, or by how the id begins or ends."""
    reply = yield sql.GET, {"organization": organization, "execution": legible(execution)}
    if not reply.rows and is_part(execution):
        part = execution.lower()
        reply = yield sql.LIKE, {"organization": organization, "prefix": f"{part}%", "suffix": f"%{part}"}
    return only([_record(row) for row in reply.rows], execution)


def is_part(name: str) -> bool:
    """Whether `name` can be the beginning or the end of an id."""
    return re.fullmatch(r"[0-9A-Za-z-]{4,36}", name) is not None


def only(found: Sequence[ExecutionRecord], name: str) -> ExecutionRecord:
    """The one record found under that name. Raises `NoSuchExecution`, or `ExecutionError` if there are several."""
    if not found:
        raise NoSuchExecution(
            say("There is no execution {name!r}.", name=name),
            hint=say("List them with `rpa executions`; 4 characters of the id are enough."),
        )
    if len(found) > 1:
        raise ExecutionError(
            say(
                "{name!r} names several executions, {first} and {second} among them.",
                name=name,
                first=found[0].id,
                second=found[1].id,
            ),
            hint=say("Give more characters of the id."),
        )
    return found[0]


def _record(row: Row) -> ExecutionRecord:
    return ExecutionRecord(*row)


def find(
    organization: str, status: Sequence[str], workflow: str, parent: str, limit: int, before: str
) -> Operation[list[ExecutionRecord]]:
    """Records, newest first."""
    text = sql.FIND
    parameters: dict[str, Any] = {"organization": organization, "limit": limit}
    if status:
        names = {f"status_{number}": value for number, value in enumerate(status)}
        text += f" AND e.status IN ({', '.join(f':{name}' for name in names)})"
        parameters.update(names)
    for column, operator, value in (("workflow", "=", legible(workflow)), ("parent", "=", parent), ("id", "<", before)):
        if value:
            text += f" AND e.{column} {operator} :{column}"
            parameters[column] = value
    reply = yield text + sql.NEWEST_FIRST, parameters
    return [_record(row) for row in reply.rows]


def due(organization: str, at: float, limit: int) -> Operation[list[ExecutionRecord]]:
    reply = yield sql.DUE, {"organization": organization, "at": at, "limit": limit}
    return [_record(row) for row in reply.rows]


def claim(organization: str, execution: str, owner: str, seconds: float) -> Operation[Lease]:
    """Take the lease, or raise `ExecutionBusy`."""
    reply = yield (
        sql.CLAIM,
        {
            "organization": organization,
            "execution": execution,
            "owner": owner,
            "seconds": float(seconds),
        },
    )
    if reply.rows:
        fence, last = reply.rows[0]
        return Lease(execution, owner, fence, last)
    reply = yield sql.GET, {"organization": organization, "execution": execution}
    raise busy(only([_record(row) for row in reply.rows], execution))


def busy(held: ExecutionRecord) -> ExecutionBusy:
    return ExecutionBusy(
        say("Execution {execution} is being run by {owner}.", execution=held.id, owner=held.owner),
        hint=say("Wait until it is done or its process has ended."),
    )


def stale(execution: str) -> StaleFence:
    return StaleFence(
        say(
            "This process no longer owns execution {execution}: its lease was given back or taken over.",
            execution=execution,
        ),
        hint=say("Nothing was written. Whoever owns it now goes on with it."),
    )


def renew(leases: Sequence[Lease], seconds: float) -> Operation[list[Lease]]:
    """Returns the leases that were lost."""
    lost = []
    for lease in leases:
        reply = yield sql.RENEW, {**_holder(lease), "seconds": float(seconds)}
        if reply.touched == 0:
            lost.append(lease)
    return lost


def release(lease: Lease) -> Operation[None]:
    yield sql.RELEASE, _holder(lease)


def _holder(lease: Lease) -> dict[str, Any]:
    return {"execution": lease.execution, "owner": lease.owner, "fence": lease.fence}


def void_leases() -> Operation[None]:
    """Forget the leases of processes that cannot be alive."""
    yield sql.VOID_LEASES, {}


def delete(organization: str, execution: str) -> Operation[None]:
    reply = yield sql.DELETE, {"organization": organization, "execution": execution}
    if reply.touched == 0:
        reply = yield sql.GET, {"organization": organization, "execution": execution}
        raise unfinished(only([_record(row) for row in reply.rows], execution))


def unfinished(held: ExecutionRecord) -> ExecutionError:
    assert held.status not in FINISHED
    return ExecutionError(
        say(
            "Execution {execution} is {status}; only a finished one can be deleted.",
            execution=held.id,
            status=held.status.replace("_", " "),
        ),
        hint=say("Cancel it first: `rpa cancel {execution}`.", execution=held.id),
    )


def put(organization: str, digest: str, data: bytes) -> Operation[None]:
    yield sql.PUT, {"organization": organization, "hash": digest, "data": data}


def fetch(organization: str, digest: str) -> Operation[bytes | None]:
    reply = yield sql.FETCH, {"organization": organization, "hash": digest}
    return bytes(reply.rows[0][0]) if reply.rows else None


def ask(execution: str, wish: str) -> Operation[None]:
    yield sql.ASK, {"execution": execution, "wish": legible(wish)}


def asked(owner: str) -> Operation[dict[str, str]]:
    reply = yield sql.ASKED, {"owner": owner}
    return {row[0]: row[1] for row in reply.rows}


def answered(execution: str) -> Operation[None]:
    yield sql.ANSWERED, {"execution": execution}
