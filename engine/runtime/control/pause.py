"""Later: `control.delay`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from engine.core import durations
from engine.core.sentences import say
from engine.runtime.flow import Flow
from engine.sdk import BusinessError, Effect, Param, activity


@dataclass(frozen=True, slots=True)
class Waited:
    """When the wait was over."""

    at: datetime


@activity(
    "control.delay", label="Delay", icon="clock", effect=Effect.PURE, keywords=("wait", "sleep", "pause", "until")
)
async def delay(
    flow: Flow,
    length: Annotated[Any, Param("For", "A length of time: 30s, 5m, 1h30m, 3d, or a number of seconds.", "5m")] = None,
    until: Annotated[
        Any, Param("Until", "A date and time instead; one without a zone means local time.", "2026-12-24T08:00")
    ] = None,
) -> Waited:
    """Wait for some time, or until a moment.

    A long wait costs nothing: the execution leaves memory, and goes on when the time has come, also after a restart.
    A moment in the past does not wait at all.
    """
    if (length is None) == (until is None):
        raise BusinessError(say("give either a length of time or a moment, not both"))
    if until is not None:
        await flow.wait(until=_moment(until))
    else:
        try:
            await flow.wait(length=durations.seconds(length))
        except ValueError as error:
            raise BusinessError(say("For: {error}", error=error)) from None
    return Waited(datetime.now().astimezone())


def _moment(value: Any) -> float:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise BusinessError(
                say("Until: {value!r} is not a date and time like 2026-12-24T08:00", value=value[:40])
            ) from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise BusinessError(say("Until: must be a date and time"))
    try:
        return value.timestamp()
    except (OverflowError, OSError, ValueError):
        return (value.replace(tzinfo=None) - datetime(1970, 1, 1)) / timedelta(seconds=1)
