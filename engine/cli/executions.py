"""`rpa executions`, `show` and `journal`: what the store knows. They only read, also while another process runs."""

from __future__ import annotations

import argparse
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from engine.cli.options import SUCCEEDED, Command, add_json
from engine.cli.terminal import Terminal, age, brief, jsonable, printable, short
from engine.core import durations
from engine.core.errors import NoSuchExecution, UsageError
from engine.core.settings import Settings

if TYPE_CHECKING:
    from engine.api import Client, Entry, ExecutionRecord, ExecutionState, StepState

_STATUSES = ("queued", "running", "waiting", "paused", "in_doubt", "succeeded", "failed", "cancelled")
_NAME = 28
"""Columns of a workflow's name in a listing."""


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[Client]:
    """The engine, for reading. Raises `NoSuchExecution` where nothing was ever run."""
    from engine.api import open_engine

    if not settings.store.exists():
        raise NoSuchExecution(f"nothing was run yet: there is no store in {settings.home}")
    async with open_engine(settings, write=False) as client:
        yield client


def _executions_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--status",
        action="append",
        default=[],
        choices=_STATUSES,
        metavar="STATUS",
        help=f"only these: {', '.join(_STATUSES)}",
    )
    parser.add_argument("--workflow", metavar="NAME", default="", help="only those of this workflow")
    parser.add_argument("--limit", metavar="NUMBER", type=_count, default=20, help="at most so many (20)")
    add_json(parser)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 1 to 100000")
    return int(text)


def _executions(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    import asyncio

    async def find() -> list[ExecutionRecord]:
        async with _reading(settings) as client:
            return await client.executions(status=arguments.status, workflow=arguments.workflow, limit=arguments.limit)

    try:
        records = asyncio.run(find())
    except NoSuchExecution:
        records = []
    if terminal.as_json:
        terminal.document(records)
    elif not records:
        terminal.say("There are no executions" + (" like that." if arguments.status or arguments.workflow else " yet."))
    else:
        listing(records, terminal)
    return SUCCEEDED


def listing(records: Iterable[ExecutionRecord], terminal: Terminal, now: float | None = None) -> None:
    """The table of executions."""
    rows = [
        (
            short(record.id),
            terminal.cut(printable(record.workflow), _NAME),
            record.status,
            age(record.created_at, now),
            durations.text(max(0.0, record.updated_at - record.created_at)),
            record.error or (f"wakes {age(record.wake_at, now)}" if record.wake_at else ""),
        )
        for record in records
    ]
    terminal.table(rows, ("ID", "WORKFLOW", "STATUS", "STARTED", "TOOK", ""), right=(3, 4), status=2)


def _one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("execution", metavar="EXECUTION", help="its id, or the last characters of it")


def _show_options(parser: argparse.ArgumentParser) -> None:
    _one(parser)
    parser.add_argument("--at", metavar="SEQ", type=_count, help="as it was right after this event of its journal")
    add_json(parser)


def _show(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    import asyncio

    from engine.cli import outcome as outcomes

    async def show() -> None:
        async with _reading(settings) as client:
            record = await client.record(arguments.execution)
            if arguments.at is not None and arguments.at > record.last_seq:
                raise UsageError(f"--at {arguments.at}: the journal of {short(record.id)} ends at {record.last_seq}")
            state = await client.state(record.id, until=arguments.at)
            if terminal.as_json:
                terminal.document(described(await outcomes.fetched(client, snapshot(state)), record))
                return
            header(record, state, settings, terminal)
            steps(state, terminal)
            if arguments.at is None:
                outcomes.show(await client.outcome(record.id), settings, terminal)

    asyncio.run(show())
    return SUCCEEDED


def snapshot(state: ExecutionState) -> dict[str, Any]:
    """What the fold of the journal knows, as plain data."""
    return {
        "status": state.status,
        "inputs": state.inputs,
        "variables": state.variables.get("", {}),
        "output": state.output,
        "error": state.error,
        "in_doubt": list(state.in_doubt),
        "steps": [{field.name: getattr(step, field.name) for field in fields(step)} for step in state.steps()],
    }


def described(snapshot: dict[str, Any], record: ExecutionRecord) -> dict[str, Any]:
    """The JSON document of `show`."""
    row = jsonable(record)
    return {"execution": row.pop("id"), **row, **snapshot, "duration_ms": _took(record)}


def _took(record: ExecutionRecord) -> int:
    return round(1000 * max(0.0, record.updated_at - record.created_at))


def header(record: ExecutionRecord, state: ExecutionState, settings: Settings, terminal: Terminal) -> None:
    """What it is, in lines of a name and a value."""
    lines = [
        ("execution", record.id),
        ("workflow", record.workflow),
        ("file", record.source),
        ("status", state.status.replace("_", " ")),
        ("started", f"{_clock(record.created_at)} ({age(record.created_at)})"),
        ("events", f"{state.last_seq:,}"),
        ("fork of", record.parent),
    ]
    lines += [(f"input {name}", brief(value, terminal.width - 20)) for name, value in state.inputs.items()]
    width = max(len(name) for name, value in lines if value)
    for name, value in lines:
        if value:
            terminal.say(f"{terminal.style(f'{name:<{width}}', 'dim')}  {printable(value)}")


def steps(state: ExecutionState, terminal: Terminal) -> None:
    """The steps that are remembered: the outermost, and those inside bodies that have not ended."""
    rows = [_step_row(step, state) for step in state.steps() if step.status != "skipped"]
    skipped = sum(step.status == "skipped" for step in state.steps())
    if rows:
        terminal.say()
        terminal.table(rows, ("STEP", "STATUS", "TOOK", ""), right=(2,), status=1)
    if skipped:
        terminal.say(f"({skipped:,} skipped)")


def _step_row(step: StepState, state: ExecutionState) -> tuple[str, str, str, str]:
    took = durations.text(max(0.0, (step.ended_at or state.updated_at) - step.started_at)) if step.started_at else ""
    notes = [f"try {step.attempt}"] if step.attempt > 1 else []
    if step.error:
        notes.append(str(step.error.get("message", "")))
    elif step.address in state.rounds:
        notes.append(f"{len(state.rounds[step.address]):,} rounds done")
    elif step.output is not None:
        notes.append(brief(step.output, 60))
    return step.address, step.status, took, "; ".join(notes)


def _journal_options(parser: argparse.ArgumentParser) -> None:
    _one(parser)
    parser.add_argument("--after", metavar="SEQ", type=_count, default=0, help="only what follows this event")
    parser.add_argument("--step", metavar="ADDRESS", default="", help="only this step, and what is inside it")
    add_json(parser)


def _journal(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    import asyncio

    async def read() -> None:
        async with _reading(settings) as client:
            record = await client.record(arguments.execution)
            chunks: AsyncIterator[list[Entry]] = client.journal(record.id, after=arguments.after)
            first = True
            async with aclosing(chunks) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    wanted = [entry for entry in chunk if _inside(entry, arguments.step)]
                    _print(wanted, terminal, first)
                    first = first and not wanted
                    if terminal.closed:
                        return
            if terminal.as_json:
                terminal.raw("[]\n" if first else "\n]\n")

    asyncio.run(read())
    return SUCCEEDED


def _print(chunk: list[Entry], terminal: Terminal, first: bool) -> None:
    if not terminal.as_json:
        for entry in chunk:
            terminal.say(
                terminal.cut(journal_line(entry), terminal.width) if terminal.interactive else journal_line(entry)
            )
            if terminal.closed:
                return
        return
    import json

    for entry in chunk:
        document = {"seq": entry.seq, "at": entry.at, "event": type(entry.event).__name__, **jsonable(entry.event)}
        terminal.raw(("[\n" if first else ",\n") + json.dumps(document))
        first = False
        if terminal.closed:
            return


def _inside(entry: Entry, step: str) -> bool:
    """Whether the event belongs to the step or to a body of it."""
    if not step:
        return True
    place = str(getattr(entry.event, "address", "") or getattr(entry.event, "scope", ""))
    return place == step or (place.startswith(step) and place[len(step)] in "[./")


def journal_line(entry: Entry) -> str:
    """An event in one line: its number, when, what, and the fields that say something."""
    event = entry.event
    name = type(event).__name__
    words = "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in name).strip()
    parts: list[str] = []
    for field in (one.name for one in fields(event)):
        value = getattr(event, field)
        if field in ("retry_at", "wake_at", "until") and value is not None:
            parts.append(f"{field}={_clock(value)}")
        elif field in ("address", "scope"):
            parts.insert(0, printable(value))
        elif field == "error" and isinstance(value, dict):
            parts.append(printable(str(value.get("message", ""))))
        elif value not in (None, "", (), {}, []) and not (field == "attempt" and value == 1):
            parts.append(f"{field}={brief(value, 60)}")
    return f"{entry.seq:>6}  {_clock(entry.at, milliseconds=True)}  {words:<19} {'  '.join(parts)}".rstrip()


def _clock(at: float, *, milliseconds: bool = False) -> str:
    try:
        text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
    except (OverflowError, ValueError, OSError):
        return str(at)
    return f"{text}.{int(at % 1 * 1000):03d}" if milliseconds else text


COMMANDS = (
    Command(
        "executions",
        "list executions, newest first",
        "rpa executions --status failed --limit 5",
        _executions_options,
        _executions,
    ),
    Command("show", "show where an execution stands, step by step", "rpa show 1a2b3c4d", _show_options, _show),
    Command(
        "journal",
        "print the events of an execution",
        "rpa journal 1a2b3c4d --step 'each[3]' | less",
        _journal_options,
        _journal,
    ),
)
