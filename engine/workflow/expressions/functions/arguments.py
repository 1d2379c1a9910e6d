"""What functions take: each check gives the value back or says what is needed instead."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.access import Missing
from engine.workflow.expressions.limits import Meter
from engine.workflow.expressions.operators import NUMBERS
from engine.workflow.expressions.rendering import as_text, kind

_ITEM = say("an item")


def text(value: Any, what: str = say("text")) -> str:
    if type(value) is not str:
        raise ExpressionError(
            say("{what} is needed, not {kind}", what=what, kind=kind(value)),
            hint=say("Write str(…) to bring a value to text"),
        )
    return value


def number(value: Any) -> Any:
    if type(value) not in NUMBERS:
        hint = say("Write int(…) or float(…) to bring text to a number") if type(value) is str else ""
        raise ExpressionError(say("a number is needed, not {kind}", kind=kind(value)), hint=hint)
    return value


def whole(value: Any, what: str = say("a whole number"), least: int = -1_000_000_000, most: int = 1_000_000_000) -> int:
    if type(value) is not int:
        raise ExpressionError(say("{what} is needed, not {kind}", what=what, kind=kind(value)))
    if not least <= value <= most:
        raise ExpressionError(say("{what} lies between {least:,} and {most:,}", what=what, least=least, most=most))
    return value


def items(value: Any, meter: Meter, turns: int = 1) -> list[Any]:
    """A list; each of its items costs `turns` turns of a loop."""
    if type(value) is not list:
        hint = say("Write keys(…), values(…) or items(…) for a mapping") if type(value) is dict else ""
        raise ExpressionError(say("a list is needed, not {kind}", kind=kind(value)), hint=hint)
    meter.turns(len(value) * turns)
    return value


def mapping(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise ExpressionError(say("a mapping is needed, not {kind}", kind=kind(value)))
    return value


def moment(value: Any) -> date:
    """A date, or a date and time."""
    if type(value) is not date and type(value) is not datetime:
        hint = say("Write parse_date(…) to bring text to a date") if type(value) is str else ""
        raise ExpressionError(say("a date is needed, not {kind}", kind=kind(value)), hint=hint)
    return value


def clock(value: Any) -> datetime | time:
    """Something that has a time of day; a date is its midnight."""
    if type(value) is time:
        return value
    day = moment(value)
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)


def scalar(value: Any, what: str) -> Any:
    if type(value) in (list, dict):
        raise ExpressionError(say("{what} is a single value, not {kind}", what=what, kind=kind(value)))
    return value


def field(item: Any, key: str) -> Any:
    """The field of an item of a list of mappings."""
    if type(item) is not dict:
        raise ExpressionError(say("the items are mappings, but one is {kind}", kind=kind(item)))
    try:
        return item[key]
    except KeyError:
        raise Missing(_ITEM, key, item) from None


def identity(value: Any) -> Any:
    """What makes two values the same for `unique` and `count`; true is not 1, but 1.0 is."""
    if type(value) in (list, dict):
        return (str, as_text(value))
    return (type(value) if type(value) not in (int, float) else float, value)
