"""Functions that choose and convert."""

from __future__ import annotations

from typing import Any

from engine.core.errors import ExpressionError
from engine.core.secrets import SecretRef
from engine.core.sentences import say
from engine.workflow.expressions.functions.registry import function
from engine.workflow.expressions.limits import Meter
from engine.workflow.expressions.operators import NUMBERS
from engine.workflow.expressions.rendering import as_text, kind, quoted

_CONVERT = "converting"
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0", ""})


@function("choosing")
def default(value: Any, fallback: Any, or_null: bool = False) -> Any:
    """The value; the fallback where a step has not run or a key or item is missing (or, with or_null, for null)."""
    return fallback if value is None and or_null else value


@function("choosing")
def secret(name: Any) -> Any:
    """The secret of that name, for a parameter that takes one; its value is not in reach of expressions."""
    if type(name) is not str or not name:
        raise ExpressionError(say("secret() takes the name of a secret"))
    return SecretRef(name)


@function(_CONVERT)
def type_of(value: Any) -> str:
    """What a value is, in a word: text, number, boolean, null, list, mapping, date, duration, bytes, file and so on."""
    names = {"str": "text", "int": "number", "float": "number", "bool": "boolean", "NoneType": "null"}
    names |= {"dict": "mapping", "timedelta": "duration", "SecretRef": "secret", "FileRef": "file"}
    return names.get(type(value).__name__, type(value).__name__)


@function(_CONVERT, "str")
def str_(meter: Meter, value: Any) -> str:
    """The value as text, as it looks inside text."""
    out = as_text(value, meter.limits)
    meter.text(len(out))
    return out


@function(_CONVERT, "bool")
def bool_(value: Any) -> bool:
    """True or false; reads the words true, yes, on, 1 and false, no, off, 0; what is empty, zero or null is false."""
    if type(value) is not str:
        return bool(value)
    word = value[:20].strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ExpressionError(say("{value} is neither true nor false", value=quoted(value)))


@function(_CONVERT, "int")
def int_(meter: Meter, value: Any, base: int = 10) -> int:
    """A whole number, from text or by cutting off what stands after the decimal point."""
    if type(value) in NUMBERS:
        return int(value)
    if type(value) is not str:
        raise ExpressionError(say("{kind} is not a number", kind=kind(value)))
    if type(base) is not int or not 2 <= base <= 36:
        raise ExpressionError(say("a base lies between 2 and 36"))
    if len(value) > 1_000:
        raise ExpressionError(say("the text is too long for a number"))
    try:
        found = int(value, base)
    except ValueError:
        raise ExpressionError(say("{value} is not a whole number", value=quoted(value))) from None
    meter.whole(found.bit_length())
    return found


@function(_CONVERT, "float")
def float_(value: Any) -> float:
    """A number with decimals."""
    if type(value) in NUMBERS:
        return float(value)
    if type(value) is not str:
        raise ExpressionError(say("{kind} is not a number", kind=kind(value)))
    if len(value) > 1_000:
        raise ExpressionError(say("the text is too long for a number"))
    try:
        return float(value)
    except ValueError:
        raise ExpressionError(say("{value} is not a number", value=quoted(value))) from None


@function(_CONVERT)
def is_number(value: Any) -> bool:
    """Whether the value is a number, or text that float() takes."""
    if type(value) is str:
        try:
            float(value[:1_000])
        except ValueError:
            return False
        return len(value) <= 1_000
    return type(value) in (int, float)
