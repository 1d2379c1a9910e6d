"""What operators do: arithmetic, comparison and membership of plain values, bounded in size."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.limits import Meter, weigh
from engine.workflow.expressions.rendering import kind

NUMBERS = frozenset({int, float, bool})
_ORDERED = frozenset({int, float, bool, str, bytes, date, datetime, time, timedelta})
GROUPS = frozenset({list, dict})
_MOMENTS = frozenset({date, datetime})
_COMPARED = 1_000_000
"""Characters and items of a list or mapping that is compared with another."""


def add(a: Any, b: Any, meter: Meter) -> Any:
    one, two = type(a), type(b)
    if one in NUMBERS and two in NUMBERS:
        return a + b
    if (one is str and two is str) or (one is bytes and two is bytes):
        meter.text(len(a) + len(b))
        return a + b
    if one is list and two is list:
        meter.items(len(a) + len(b))
        return a + b
    if one is timedelta and two is timedelta:
        return a + b
    if one in _MOMENTS and two is timedelta:
        return _moved(a, b)
    if one is timedelta and two in _MOMENTS:
        return _moved(b, a)
    hint = say("Write str(…) to bring a value to text") if str in (one, two) else ""
    raise ExpressionError(say("cannot add {a} and {b}", a=kind(a), b=kind(b)), hint=hint)


def subtract(a: Any, b: Any, meter: Meter) -> Any:
    one, two = type(a), type(b)
    if (one in NUMBERS and two in NUMBERS) or (one is timedelta and two is timedelta):
        return a - b
    if one in _MOMENTS and two is timedelta:
        return _moved(a, -b)
    if one in _MOMENTS and two in _MOMENTS:
        a, b = alike(a, b)
        return a - b
    raise ExpressionError(say("cannot subtract {b} from {a}", b=kind(b), a=kind(a)))


def multiply(a: Any, b: Any, meter: Meter) -> Any:
    one, two = type(a), type(b)
    if one in NUMBERS and two in NUMBERS:
        if one is int and two is int:
            meter.whole(a.bit_length() + b.bit_length())
        return a * b
    if one is int and (two is str or two is bytes or two is list):
        return multiply(b, a, meter)
    if two is int and (one is str or one is bytes):
        meter.text(len(a) * max(b, 0))
        return a * b
    if two is int and one is list:
        meter.items(len(a) * max(b, 0))
        return a * b
    if (one is timedelta and two in NUMBERS) or (one in NUMBERS and two is timedelta):
        return a * b
    raise ExpressionError(say("cannot multiply {a} by {b}", a=kind(a), b=kind(b)))


def _division(operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any, Meter], Any]:
    def divide(a: Any, b: Any, meter: Meter) -> Any:
        one, two = type(a), type(b)
        if one in NUMBERS and two in NUMBERS:
            return operate(a, b)
        if one is timedelta and (two is timedelta or (two in NUMBERS and operate is operator.truediv)):
            return operate(a, b)
        raise ExpressionError(say("cannot divide {a} by {b}", a=kind(a), b=kind(b)))

    return divide


ARITHMETIC: dict[str, Callable[[Any, Any, Meter], Any]] = {
    "Add": add,
    "Sub": subtract,
    "Mult": multiply,
    "Div": _division(operator.truediv),
    "FloorDiv": _division(operator.floordiv),
    "Mod": _division(operator.mod),
}


def negative(a: Any) -> Any:
    if type(a) in NUMBERS or type(a) is timedelta:
        return -a
    raise ExpressionError(say("{a} has no negative", a=kind(a)))


def positive(a: Any) -> Any:
    if type(a) in NUMBERS or type(a) is timedelta:
        return +a
    raise ExpressionError(say("{a} is not a number", a=kind(a)))


def _moved(moment: date, by: timedelta) -> date:
    if type(moment) is date and (by.seconds or by.microseconds):
        moment = datetime(moment.year, moment.month, moment.day)
    return moment + by


def alike(a: date, b: date) -> tuple[date, date]:
    """Two moments that can be ordered: a date is its midnight, and a time without a zone is local time."""
    if type(a) is type(b) is date:
        return a, b
    one, two = _instant(a), _instant(b)
    if (one.tzinfo is None) != (two.tzinfo is None):
        return one.astimezone(), two.astimezone()
    return one, two


def _instant(moment: date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)


def equal(a: Any, b: Any, meter: Meter) -> bool:
    one = type(a)
    if one in GROUPS and one is type(b):
        guard(a, b, meter)
    return bool(a == b)


def guard(a: Any, b: Any, meter: Meter) -> None:
    """Refuse to compare what would take too long: Python cannot be stopped while it compares."""
    meter.check()
    for value in (a, b):
        if type(value) in GROUPS:
            meter.turns(weigh(value, meter.limits, _COMPARED) // 8)


def ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def order(a: Any, b: Any) -> bool:
        one, two = type(a), type(b)
        if one in _ORDERED and two in _ORDERED:
            try:
                return compare(a, b)
            except TypeError:
                if one in _MOMENTS and two in _MOMENTS:
                    return compare(*alike(a, b))
        hint = say("Write int(…) or float(…) to bring text to a number") if {one, two} & {int, float} else ""
        raise ExpressionError(say("cannot tell which is larger, {a} or {b}", a=kind(a), b=kind(b)), hint=hint)

    return order


ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "Lt": ordered(operator.lt),
    "LtE": ordered(operator.le),
    "Gt": ordered(operator.gt),
    "GtE": ordered(operator.ge),
}


def contains(part: Any, whole: Any, meter: Meter) -> bool:
    """`part in whole`: an item of a list, a key of a mapping, a part of a text."""
    group = type(whole)
    if group is list:
        meter.turns(len(whole) // 8)
        if type(part) in GROUPS:
            guard(part, whole, meter)
        return part in whole
    if group is dict and type(part) is str:
        return part in whole
    if group is str and type(part) is str:
        if len(whole) > 10_000:
            meter.check()
        return part in whole
    raise ExpressionError(say("cannot look for {part} in {whole}", part=kind(part), whole=kind(whole)))
