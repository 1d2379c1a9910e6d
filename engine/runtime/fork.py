"""A new execution out of a moment of another one: its events up to there are copied, then the changes follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core import events
from engine.core.clock import Clock
from engine.core.errors import UsageError
from engine.core.events import Entry
from engine.core.ids import new_id
from engine.core.sentences import say
from engine.core.values import plain
from engine.runtime.state import ExecutionState
from engine.store.protocols import Definition, Store

_LEFT_OUT = (
    events.ExecutionStarted,
    events.ExecutionWaiting,
    events.ExecutionPaused,
    events.ExecutionSucceeded,
    events.ExecutionFailed,
    events.ExecutionCancelled,
    events.StepPaused,
)
"""What happened to the parent as a whole is not the child's history."""


async def fork(
    store: Store,
    clock: Clock,
    parent: str,
    at: int | None,
    definition: Definition,
    *,
    outputs: Mapping[str, Any],
    variables: Mapping[str, Any],
    inputs: Mapping[str, Any],
) -> list[Entry]:
    """The first events of the child. `at` None means right before what failed the parent.

    `outputs` settles steps by address. Raises `UsageError` for a moment that is not there.
    """
    history: list[Entry] = []
    async for chunk in store.read(parent):
        history.extend(chunk)
    if at is None:
        at = _before_failure(history)
    if not 1 <= at <= len(history):
        raise UsageError(
            say("there is no event {at} in {parent}", at=at, parent=parent),
            hint=say("Its events are numbered 1 to {count}.", count=len(history)),
        )
    while at < len(history) and isinstance(history[at - 1].event, events.VariablesSet):
        if not isinstance(history[at].event, (events.VariablesSet, events.StepSucceeded)):
            break
        at += 1  # a step and the variables it set are one moment: run again, it would find its own changes
    child, now = new_id(), clock.now()
    first = history[0].event
    assert isinstance(first, events.ExecutionCreated)
    kept: list[events.Event] = [
        events.ExecutionCreated(
            first.workflow,
            definition.hash,
            {**first.inputs, **plain(dict(inputs))},
            first.source,
            first.folder,
            parent,
            first.trigger,
        )
    ]
    kept += [entry.event for entry in history[1:at] if not isinstance(entry.event, _LEFT_OUT)]
    kept.append(events.ExecutionForked(parent, at))
    if variables:
        kept.append(events.VariablesSet(plain(dict(variables))))
    kept += [events.StepDecided(address, "done", plain(output), "fork") for address, output in outputs.items()]
    return [Entry(child, seq, now, event) for seq, event in enumerate(kept, 1)]


def _before_failure(history: list[Entry]) -> int:
    state = ExecutionState().apply(history)
    if state.error is None:
        raise UsageError(
            say("the execution did not fail, so say from which event to fork"),
            hint=say("See `rpa journal` for their numbers."),
        )
    failed = state.error.get("step")
    for entry in reversed(history):
        event = entry.event
        if isinstance(event, events.StepFailed) and event.address == failed and event.retry_at is None:
            return entry.seq - 1
    return 1
