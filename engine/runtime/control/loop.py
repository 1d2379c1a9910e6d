"""Again and again: `control.foreach` and `control.while`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Interval

from engine.core.sentences import recalled, say
from engine.runtime.flow import Flow
from engine.runtime.retry import failure
from engine.runtime.scope import BodyFailed, Suspended
from engine.runtime.state import Round
from engine.sdk import BusinessError, Effect, Expression, Param, Port, To, activity


@dataclass(slots=True)
class Rounds:
    """What the rounds gave: `results` in item order (null for a round that failed or was left), `errors` as `index`,
    `item` and `error`, and how many rounds there were."""

    results: list[Any]
    errors: list[dict[str, Any]]
    count: int


@dataclass(slots=True)
class _Progress:
    """Where a `foreach` stands, shared by the rounds that run side by side."""

    items: list[Any]
    todo: Iterator[tuple[int, Any]]
    results: list[Any]
    errors: dict[int, dict[str, Any]] = field(default_factory=dict)
    failure: dict[str, Any] | None = None
    leaving: Round | None = None
    wakes: list[float | None] = field(default_factory=list)
    done: int = 0

    @property
    def over(self) -> bool:
        return self.failure is not None or self.leaving is not None


@activity(
    "control.foreach",
    label="For each",
    icon="repeat",
    effect=Effect.PURE,
    ports=(Port("body", "Each", body=True), Port("done", "Done")),
    keywords=("loop", "iterate", "rows", "items"),
)
async def foreach(
    flow: Flow,
    items: Annotated[
        Any,
        Param(
            "Items",
            "A list; a mapping gives `key` and `value` pairs, a number counts from 0.",
            "{{ steps.read.output.rows }}",
        ),
    ],
    concurrency: Annotated[
        int, Interval(ge=1, le=1000), Param("At once", "How many items are worked on side by side.")
    ] = 1,
    on_item_error: Annotated[
        Literal["fail", "continue", "collect"],
        Param(
            "If an item fails",
            "Fail the loop, go on with the next item, or go on and leave through `error` at the end.",
        ),
    ] = "fail",
    result: Annotated[
        Expression | None,
        Param(
            "Result of a round",
            "An expression over the steps inside; without it, what the last step gave.",
            advanced=True,
        ),
    ] = None,
) -> To:
    """Run steps for each item of a list.

    The steps inside see the item as `item` and its place, from 0, as `index`. `output.results` holds what each round
    gave, in the order of the items.
    """
    values = _as_items(items)
    progress = _Progress(values, iter(enumerate(values)), [None] * len(values))

    async def work() -> None:
        for index, item in progress.todo:
            if progress.over and not flow.begun(index):
                continue
            try:
                ended = await flow.body(number=index, names={"item": item, "index": index}, result=result)
            except Suspended as suspended:
                progress.wakes.append(suspended.wake_at)
                return
            _note(flow, progress, index, ended, on_item_error)

    if concurrency == 1 or len(values) < 2:
        await work()
    else:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(concurrency, len(values))):
                    group.create_task(work())
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
    if progress.wakes and (not progress.over or flow.unsettled()):
        raise Suspended(min((wake for wake in progress.wakes if wake is not None), default=None))
    if progress.failure is not None:
        raise BodyFailed(progress.failure)
    if progress.leaving is not None and progress.leaving.signal == "stop":
        return To("stop", progress.leaving.output)
    errors = [
        {"index": index, "item": values[index], "error": progress.errors[index]} for index in sorted(progress.errors)
    ]
    if errors and on_item_error == "collect":
        first = errors[0]["error"]
        message = say(
            "{failed} of {count} items failed; the first: {reason}",
            failed=len(errors),
            count=len(values),
            reason=recalled(first),
        )
        told = failure(first["kind"], first["type"], message, first["step"], recalled(first, "hint"))
        raise BodyFailed({**first, **told})
    return To("done", Rounds(progress.results, errors, progress.done))


def _note(flow: Flow, progress: _Progress, index: int, ended: Round, on_item_error: str) -> None:
    progress.done += 1
    flow.progress(progress.done, len(progress.items))
    if ended.error is not None:
        if on_item_error == "fail":
            progress.failure = progress.failure or ended.error
        progress.errors[index] = ended.error
    elif ended.signal in ("break", "stop"):
        progress.leaving = progress.leaving or ended
    elif not ended.signal:
        progress.results[index] = ended.output


def _as_items(items: Any) -> list[Any]:
    if items is None:
        return []
    if isinstance(items, list):
        return items
    if isinstance(items, dict):
        return [{"key": key, "value": value} for key, value in items.items()]
    if isinstance(items, int) and not isinstance(items, bool):
        if not 0 <= items <= 10_000_000:
            raise BusinessError(say("{items} is not a number of rounds", items=items))
        return list(range(items))
    raise BusinessError(
        say("the items are {name}, not a list", name=type(items).__name__),
        hint=say("Give a list, for example {{{{ steps.read.output.rows }}}}."),
    )


@activity(
    "control.while",
    label="While",
    icon="arrow-clockwise",
    effect=Effect.PURE,
    ports=(Port("body", "Again", body=True), Port("done", "Done")),
    keywords=("loop", "until", "repeat"),
)
async def while_(
    flow: Flow,
    condition: Annotated[
        Expression,
        Param(
            "While", "An expression, evaluated anew for each round; it sees `index` and `vars`.", "{{ vars.page < 10 }}"
        ),
    ],
    check: Annotated[
        Literal["before", "after"],
        Param(
            "Look",
            "Before each round, or after it: then the round's own steps are in reach, and it runs at least once.",
        ),
    ] = "before",
    limit: Annotated[
        int, Interval(ge=1, le=10_000_000), Param("At most", "More rounds than that fail the step.", unit="rounds")
    ] = 10_000,
    result: Annotated[
        Expression | None, Param("Result of a round", "An expression over the steps inside.", advanced=True)
    ] = None,
) -> To:
    """Run steps again and again while a condition holds.

    The steps inside see the number of the round, from 0, as `index`.
    """
    results: list[Any] = []
    number = 0
    negated = _Negated(condition)
    while True:
        if not flow.begun(number):
            if check == "before" and not condition(index=number):
                break
            if number >= limit:
                raise BusinessError(
                    say("the loop did not end after {limit:,} rounds", limit=limit),
                    hint=say("See why its condition stays true, or raise the limit."),
                )
            flow.begin(number)
        ended = await flow.body(
            number=number, names={"index": number}, result=result, ends=negated if check == "after" else None
        )
        number += 1
        flow.progress(number)
        if ended.error is not None:
            raise BodyFailed(ended.error)
        if ended.signal == "stop":
            return To("stop", ended.output)
        if ended.signal == "break":
            break
        results.append(ended.output if ended.signal != "continue" else None)
        if ended.signal == "ended":
            break
    return To("done", Rounds(results, [], number))


class _Negated:
    """An expression that ends a loop, made of one that keeps it going."""

    def __init__(self, condition: Expression) -> None:
        self.source = condition.source
        self._condition = condition

    def within(self, scope: Any) -> _Negated:
        inner = getattr(self._condition, "within", None)
        return _Negated(inner(scope)) if inner is not None else self

    def __call__(self, **names: Any) -> bool:
        return not self._condition(**names)
