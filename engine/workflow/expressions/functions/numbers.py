"""Functions over numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cmp_to_key
from typing import Any

from engine.core.errors import ExpressionError, NoValueError
from engine.core.sentences import say
from engine.workflow.expressions.functions.arguments import items, number, text, whole
from engine.workflow.expressions.functions.registry import function
from engine.workflow.expressions.limits import Meter
from engine.workflow.expressions.operators import ORDER
from engine.workflow.expressions.rendering import kind, quoted

_PLACES = say("decimals")

_NUMBERS = "numbers"
_EXACT = Context(prec=1_500)
_DECIMALS = 300


@function(_NUMBERS, "abs")
def abs_(value: Any) -> Any:
    """The number or duration without its sign."""
    return abs(value) if type(value) is timedelta else abs(number(value))


@function(_NUMBERS, "round")
def round_(value: Any, decimals: int = 0) -> Any:
    """The number rounded as in business, half away from zero: round(2.5) is 3, round(2.675, 2) is 2.68."""
    number(value)
    whole(decimals, _PLACES, -_DECIMALS, _DECIMALS)
    if type(value) is float and not math.isfinite(value):
        raise ExpressionError(say("the number is infinite or not a number"))
    rounded = _rounded(value, decimals)
    return float(rounded) if type(value) is float and decimals > 0 else int(rounded)


def _rounded(value: Any, decimals: int) -> Decimal:
    exact = Decimal(value) if type(value) is not float else Decimal(repr(value))
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT)


@function(_NUMBERS)
def floor(value: Any) -> Any:
    """The largest whole number that is not above the number."""
    return math.floor(number(value))


@function(_NUMBERS)
def ceil(value: Any) -> Any:
    """The smallest whole number that is not below the number."""
    return math.ceil(number(value))


@function(_NUMBERS)
def sqrt(value: Any) -> float:
    """The square root."""
    if number(value) < 0:
        raise ExpressionError(say("a negative number has no square root"))
    return math.sqrt(value)


@function(_NUMBERS, "pow")
def pow_(meter: Meter, base: Any, exponent: Any) -> Any:
    """The base raised to the exponent."""
    number(base)
    number(exponent)
    if type(base) is not float and type(exponent) is not float and exponent >= 0:
        meter.whole(int(base).bit_length() * int(exponent))
        return base**exponent
    result = float(base) ** float(exponent)
    if type(result) is complex:
        raise ExpressionError(say("the result is not a real number"))
    return result


@function(_NUMBERS, "sum")
def sum_(meter: Meter, values: Any) -> Any:
    """The sum of a list of numbers or durations; 0 for an empty list."""
    values = items(values, meter)
    try:
        kinds = set(map(type, values))
        if kinds <= {int, float, bool}:
            return math.fsum(values) if float in kinds and _finite(values) else sum(values)
    except OverflowError:
        raise ExpressionError(say("the sum is too large")) from None
    if kinds == {timedelta}:
        return sum(values, timedelta(0))
    odd = next(value for value in values if type(value) not in (int, float, bool))
    raise ExpressionError(say("the list holds {kind}, so it has no sum", kind=kind(odd)))


def _finite(values: list[Any]) -> bool:
    return all(map(math.isfinite, values))


@function(_NUMBERS)
def average(meter: Meter, values: Any) -> Any:
    """The mean of a list of numbers or durations; no value for an empty list."""
    total = sum_(meter, values)
    if not values:
        raise NoValueError(say("the list is empty, so it has no average"))
    return total / len(values)


def by_order(meter: Meter) -> Callable[[Any], Any]:
    """A key for sorting values that can be ordered as `<` orders them; others are an `ExpressionError`."""
    less = ORDER["Lt"]

    def compare(a: Any, b: Any) -> int:
        meter.turns(2)
        return -1 if less(a, b) else int(less(b, a))

    return cmp_to_key(compare)


def _extreme(meter: Meter, values: tuple[Any, ...], choose: Any) -> Any:
    found = items(values[0], meter, turns=2) if len(values) == 1 else list(values)
    if not found:
        if choose is min:
            raise NoValueError(say("the list is empty, so it has no smallest item"))
        raise NoValueError(say("the list is empty, so it has no largest item"))
    kinds = set(map(type, found))
    if len(kinds) == 1 and kinds <= {int, float, str}:
        return choose(found)
    return choose(found, key=by_order(meter))


@function(_NUMBERS, "min")
def min_(meter: Meter, *values: Any) -> Any:
    """The smallest of a list, or of the values given; no value for an empty list."""
    return _extreme(meter, values, min)


@function(_NUMBERS, "max")
def max_(meter: Meter, *values: Any) -> Any:
    """The largest of a list, or of the values given; no value for an empty list."""
    return _extreme(meter, values, max)


@function(_NUMBERS)
def format_number(value: Any, decimals: int = 2, point: str = ".", thousands: str = ",") -> str:
    """The number as text: format_number(1234.5) is '1,234.50', format_number(1234.5, 2, ',', ' ') is '1 234,50'."""
    number(value)
    whole(decimals, _PLACES, 0, _DECIMALS)
    if type(value) is float and not math.isfinite(value):
        raise ExpressionError(say("the number is infinite or not a number"))
    marks = {".": text(point)[:5], ",": text(thousands)[:5]}
    return "".join(marks.get(char, char) for char in f"{_rounded(value, decimals):,f}")


@function(_NUMBERS)
def parse_number(value: str, point: str = ".", thousands: str = ",") -> Any:
    """The number that a text writes: parse_number('1 234,50', ',', '.') is 1234.5; blanks do not matter."""
    written = text(value)
    if len(written) > 1_000:
        raise ExpressionError(say("the text is too long for a number"))
    bare = "".join(written.split())
    if text(thousands):
        bare = bare.replace(thousands, "")
    bare = bare.replace(text(point), ".") if point else bare
    try:
        return int(bare) if bare.lstrip("+-").isdigit() else float(bare)
    except ValueError:
        raise ExpressionError(say("{value} is not a number", value=quoted(value))) from None
