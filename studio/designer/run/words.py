"""How lengths of time, counts and errors of a run are said."""

from __future__ import annotations

import time

from engine.core.errors import RpaError
from studio.base.i18n import number, sentence, tr

_DAY = 86_400


def length(seconds: float) -> str:
    """A length of time: 1 ms, 0.42 s, 00:41, 2:06:14, 3 d 2 h."""
    if seconds < 0.0995:
        return tr("{n} ms", n=round(max(0.0, seconds) * 1000))
    if seconds < 9.995:
        return tr("{n} s", n=f"{seconds:.2f}")
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60:02}:{whole % 60:02}"
    if whole < _DAY:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return tr("{days} d {hours} h", days=whole // _DAY, hours=whole % _DAY // 3600)


def elapsed(seconds: float) -> str:
    """How long something has been going on: it changes ten times a second at most."""
    if seconds < 9.95:
        return tr("{n} s", n=f"{max(0.0, seconds):.1f}")
    return length(seconds)


def stopwatch(seconds: float) -> str:
    """The same where it stands in a place of its own: 00:04.2."""
    if seconds >= 3600:
        return length(seconds)
    tenths = int(max(0.0, seconds) * 10)
    return f"{tenths // 600:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def moment(at: float) -> str:
    """A time of day to the millisecond; empty for a moment that no calendar holds."""
    try:
        return time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at * 1000) % 1000:03}"
    except (OSError, OverflowError, ValueError):
        return ""


def of(done: int, total: int | None) -> str:
    """How many of how many: 4 of 12."""
    return tr("{done} of {total}", done=number(done), total=number(total)) if total is not None else number(done)


def trouble(error: Exception) -> tuple[str, str]:
    """What an error says, as a sentence, and what to do about it."""
    if not isinstance(error, RpaError):
        return f"{type(error).__name__}: {error}", ""
    return sentence(error.message), sentence(error.hint)
