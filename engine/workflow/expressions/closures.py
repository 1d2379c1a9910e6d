"""What compiled expressions are made of: closures over a frame.

A closure takes the frame of one evaluation, `[names, meter, limits, loop variables …]`: the meter is made when first
needed, and every loop variable has a place of its own, which is enough because nothing in the language outlives its
loop.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from engine.core.errors import ExpressionError, NoValueError
from engine.core.sentences import say
from engine.workflow.expressions.access import admit, listed, meant, read
from engine.workflow.expressions.functions import FUNCTIONS, Function
from engine.workflow.expressions.limits import Meter
from engine.workflow.expressions.operators import GROUPS
from engine.workflow.expressions.rendering import PLAIN, as_text, kind

Frame = list[Any]
Run = Callable[[Frame], Any]

NAMES, METER, LIMITS, SLOTS = 0, 1, 2, 3
Loop = tuple[Run, "int | tuple[Any, ...]", tuple[Run, ...], int]


def meter_of(f: Frame) -> Meter:
    """The meter of this evaluation."""
    meter: Meter | None = f[METER]
    if meter is None:
        meter = f[METER] = Meter(f[LIMITS])
    return meter


def nothing(f: Frame) -> None:
    return None


def key_text(value: Any) -> str:
    if type(value) is str:
        return value
    if value is None or type(value) in (list, dict):
        raise ExpressionError(say("{kind} cannot be a key of a mapping", kind=kind(value)))
    return as_text(value)


def located(error: Exception, column: int) -> ExpressionError:
    """The error to raise for `error` that happened at `column`."""
    if isinstance(error, ExpressionError):
        error.column = error.column or column
        return error
    return ExpressionError(_reason(error), column=column)


def _reason(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return say("a number cannot be divided by zero")
    if isinstance(error, OverflowError):
        return say("the result is too large")
    if isinstance(error, RecursionError):
        return say("the data nests too deep")
    if isinstance(error, MemoryError):
        return say("there is not enough memory")
    return say("the values do not fit")


def placed(run: Run, column: int) -> Run:
    def placed(f: Frame) -> Any:
        try:
            return run(f)
        except Exception as error:
            raise located(error, column) from None

    return placed


def unknown_name(name: str, names: Iterable[str], column: int) -> ExpressionError:
    if name in FUNCTIONS:
        hint: str = say("It is a function: {signature}", signature=FUNCTIONS[name].signature)
    else:
        names = list(names)
        there = say("In reach: {names}", names=listed(names)) if names else say("In reach nothing")
        hint = meant(name, names, there) or there
    return ExpressionError(say("there is no '{name}'", name=name[:60]), hint=hint, column=column)


def variable(name: str, keys: tuple[str | int, ...], columns: tuple[int, ...]) -> Run:
    def slow(f: Frame) -> Any:
        try:
            value = f[NAMES][name]
        except KeyError:
            raise unknown_name(name, f[NAMES], columns[0]) from None
        return _walk(value, name, keys, columns[1:])

    def run(f: Frame) -> Any:
        try:
            value = f[NAMES][name]
            for key in keys:
                direct = type(value) is dict or (type(value) is list and type(key) is int)
                value = value[key] if direct else read(value, key, "")
        except Exception:
            value = slow(f)
        return value if type(value) in PLAIN else _admitted(value, name, keys, columns)

    return run


def reader(base: Run, keys: tuple[str | int, ...], columns: tuple[int, ...], what: str) -> Run:
    def run(f: Frame) -> Any:
        first = value = base(f)
        try:
            for key in keys:
                direct = type(value) is dict or (type(value) is list and type(key) is int)
                value = value[key] if direct else read(value, key, "")
        except Exception:
            value = _walk(first, what, keys, columns)
        return value if type(value) in PLAIN else _admitted(value, what, keys, columns)

    return run


def _walk(value: Any, what: str, keys: tuple[str | int, ...], columns: tuple[int, ...]) -> Any:
    """Read step by step, so that an error names the part of the path that fails."""
    for place, (key, column) in enumerate(zip(keys, columns, strict=True)):
        if type(value) is dict and key in value:
            value = value[key]
            continue
        try:
            value = read(value, key, _spelled(what, keys[:place]))
        except Exception as error:
            raise located(error, column) from None
    return value


def _admitted(value: Any, what: str, keys: tuple[str | int, ...], columns: tuple[int, ...]) -> Any:
    try:
        return admit(value, _spelled(what, keys))
    except ExpressionError as error:
        raise located(error, columns[0]) from None


def _spelled(what: str, keys: tuple[str | int, ...]) -> str:
    """How a message calls what is read: `steps.read.output[0]`; without a name it is the value."""
    path = "".join(f"[{key}]" if type(key) is int else f".{key}" for key in keys)
    if what:
        return what + path
    return say("the value{path}", path=path) if path else THE_VALUE


THE_VALUE = say("the value")
Test = Callable[[Any, Any, Frame], bool]
_LARGER = {"Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt, "GtE": operator.ge}


def comparison(name: str, test: Test, first: Run, second: Run, column: int) -> Run:
    """One comparison; `name` is that of its node. Equality and order of scalars need neither meter nor `test`."""
    if name in ("Eq", "NotEq"):
        same = name == "Eq"

        def run(f: Frame) -> Any:
            a, b = first(f), second(f)
            if type(a) not in GROUPS:
                return (a == b) is same
            try:
                return test(a, b, f)
            except Exception as error:
                raise located(error, column) from None

        return run
    larger = _LARGER.get(name)

    def tested(f: Frame) -> Any:
        a, b = first(f), second(f)
        if larger is not None and type(a) is type(b) and (type(a) is int or type(a) is float):
            return larger(a, b)
        try:
            return test(a, b, f)
        except Exception as error:
            raise located(error, column) from None

    return tested


def list_of(loops: list[Loop], element: Run) -> Run:
    source, target, tests, column = loops[0]
    if len(loops) > 1 or type(target) is not int or len(tests) > 1:

        def general(f: Frame) -> Any:
            out: list[Any] = []
            append = out.append
            loop_over(loops, 0, f, lambda f: append(element(f)))
            meter_of(f).items(len(out))
            return out

        return general
    # One variable and at most one condition is what nearly every comprehension has: written out, it is twice as fast.
    slot = target
    test = tests[0] if tests else None

    def run(f: Frame) -> Any:
        items = _looped(source(f), column)
        meter = meter_of(f)
        out: list[Any] = []
        for item in items:
            meter.ticks -= 1
            if meter.ticks < 0:
                meter.check()
            f[slot] = item
            if test is None or test(f):
                out.append(element(f))
        meter.check()
        meter.items(len(out))
        return out

    return run


def _looped(items: Any, column: int) -> Any:
    if type(items) not in (list, dict, str):
        raise ExpressionError(say("cannot loop over {kind}", kind=kind(items)), column=column)
    return items


def loop_over(loops: list[Loop], level: int, f: Frame, visit: Callable[[Frame], None]) -> None:
    source, target, tests, column = loops[level]
    items = _looped(source(f), column)
    last = level + 1 == len(loops)
    meter = meter_of(f)
    for item in items:
        meter.ticks -= 1
        if meter.ticks < 0:
            meter.check()
        if type(target) is int:
            f[target] = item
        else:
            _unpack(f, target, item)
        if tests and not all(test(f) for test in tests):
            continue
        if last:
            visit(f)
        else:
            loop_over(loops, level + 1, f, visit)
    meter.check()


def _unpack(f: Frame, target: Any, item: Any) -> None:
    if type(target) is int:
        f[target] = item
        return
    if type(item) is not list or len(item) != len(target):
        found = say("a list of {count:,}", count=len(item)) if type(item) is list else kind(item)
        raise ExpressionError(
            say("the loop takes {count} values at a time, but an item is {found}", count=len(target), found=found)
        )
    for place, part in zip(target, item, strict=True):
        _unpack(f, place, part)


def function_call(function: Function, parts: tuple[Run, ...], options: tuple[tuple[str, Run], ...], column: int) -> Run:
    call, name, metered = function.call, function.name, function.metered
    none: dict[str, Any] = {}

    def run(f: Frame) -> Any:
        values = [part(f) for part in parts]
        named = {key: part(f) for key, part in options} if options else none
        meter = meter_of(f)
        try:
            meter.turns(4)
            return call(meter, *values, **named) if metered else call(*values, **named)
        except ExpressionError as error:
            if not error.column:
                error.args = (say("{name}(): {reason}", name=name, reason=error.message),)
                error.column = column
            raise
        except Exception as error:
            raise ExpressionError(say("{name}(): {reason}", name=name, reason=_reason(error)), column=column) from None

    return run


def default_call(parts: tuple[Run, ...], options: dict[str, Run]) -> Run:
    given = dict(zip(("value", "fallback", "or_null"), parts, strict=False)) | options
    value, fallback, or_null = given["value"], given["fallback"], given.get("or_null", nothing)

    def run(f: Frame) -> Any:
        try:
            found = value(f)
        except NoValueError:
            return fallback(f)
        return fallback(f) if found is None and or_null(f) else found

    return run
