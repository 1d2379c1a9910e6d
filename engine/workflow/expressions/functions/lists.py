"""Functions over lists and mappings."""

from __future__ import annotations

from typing import Any

from engine.core.errors import ExpressionError, NoValueError
from engine.core.sentences import say
from engine.workflow.expressions.functions.arguments import field, identity, mapping, scalar, text, whole
from engine.workflow.expressions.functions.arguments import items as checked
from engine.workflow.expressions.functions.numbers import by_order
from engine.workflow.expressions.functions.registry import function
from engine.workflow.expressions.limits import Meter
from engine.workflow.expressions.operators import guard
from engine.workflow.expressions.rendering import as_text, kind

_A_KEY = say("a key")
_A_SIZE = say("a size")
_THE_NAME_OF_A_FIELD = say("the name of a field")
_THE_VALUE = say("the value")
_WHAT_TO_GROUP_BY = say("what to group by")
_WHAT_TO_SORT_BY = say("what to sort by")

_LISTS = "lists"
_MAPPINGS = "mappings"
_ALIKE = ({int, float}, {int}, {float}, {str})


@function(_LISTS, "len")
def len_(value: Any) -> int:
    """How many items, keys, characters or bytes there are."""
    if type(value) not in (str, list, dict, bytes):
        raise ExpressionError(say("{kind} has no length", kind=kind(value)))
    return len(value)


@function(_LISTS, "range")
def range_(meter: Meter, start: int, stop: int | None = None, step: int = 1) -> list[int]:
    """The whole numbers from start up to, without, stop; range(3) is [0, 1, 2]."""
    first, last = (0, start) if stop is None else (start, stop)
    if whole(step) == 0:
        raise ExpressionError(say("the step cannot be 0"))
    numbers = range(whole(first), whole(last), step)
    meter.items(len(numbers))
    return list(numbers)


@function(_LISTS, "enumerate")
def enumerate_(meter: Meter, items: list[Any], start: int = 0) -> list[list[Any]]:
    """A [position, item] pair for each item."""
    found = checked(items, meter)
    meter.items(3 * len(found))
    return [[position, item] for position, item in enumerate(found, whole(start))]


@function(_LISTS, "zip")
def zip_(meter: Meter, *lists: Any) -> list[list[Any]]:
    """The first items of the lists together, then the second ones, as far as the shortest goes."""
    found = [checked(items, meter) for items in lists]
    meter.items((len(found) + 1) * min(map(len, found), default=0))
    return [list(group) for group in zip(*found, strict=False)]


@function(_LISTS, "sorted")
def sorted_(meter: Meter, items: list[Any], by: str | None = None, reverse: bool = False) -> list[Any]:
    """The items in order, or in the order of their field by; largest first with reverse."""
    return _in_order(meter, items, () if by is None else (by,), reverse)


@function(_LISTS)
def sort_by(meter: Meter, items: list[Any], *fields: str, reverse: bool = False) -> list[Any]:
    """The mappings in order of the first field, then of the next; largest first with reverse."""
    return _in_order(meter, items, fields, reverse)


def _in_order(meter: Meter, items: Any, fields: tuple[Any, ...], reverse: bool) -> list[Any]:
    found = checked(items, meter, turns=4)
    meter.items(len(found))
    result = list(found)
    # A stable sort by the last field first gives the order by all of them.
    for name in reversed(fields):
        key = text(name, _THE_NAME_OF_A_FIELD)
        result = _sorted(meter, result, [field(item, key) for item in result], reverse)
    return result if fields else _sorted(meter, result, result, reverse)


def _sorted(meter: Meter, items: list[Any], keys: list[Any], reverse: bool) -> list[Any]:
    if set(map(type, keys)) not in _ALIKE:
        for key in keys:
            scalar(key, _WHAT_TO_SORT_BY)
        keys = list(map(by_order(meter), keys))
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=bool(reverse))
    meter.check()
    return [items[position] for position in order]


@function(_LISTS)
def unique(meter: Meter, items: list[Any], by: str | None = None) -> list[Any]:
    """The items without repetitions, the first of each kept; with by, those whose field is the same count as one."""
    seen: dict[Any, Any] = {}
    for item in checked(items, meter):
        meter.turns(1)
        value = item if by is None else field(item, text(by))
        if type(value) in (list, dict):
            guard(value, None, meter)
        seen.setdefault(identity(value), item)
    meter.items(len(seen))
    return list(seen.values())


@function(_LISTS)
def group_by(meter: Meter, items: list[Any], by: str) -> dict[str, list[Any]]:
    """A mapping from each value of the field to the list of items that have it."""
    groups: dict[str, list[Any]] = {}
    key = text(by, _THE_NAME_OF_A_FIELD)
    for item in checked(items, meter):
        meter.turns(1)
        groups.setdefault(as_text(scalar(field(item, key), _WHAT_TO_GROUP_BY)), []).append(item)
    meter.items(len(items) + len(groups))
    return groups


@function(_LISTS)
def key_by(meter: Meter, items: list[Any], by: str) -> dict[str, Any]:
    """A mapping from each value of the field to the last item that has it."""
    key = text(by, _THE_NAME_OF_A_FIELD)
    out: dict[str, Any] = {}
    for item in checked(items, meter):
        meter.turns(1)
        out[as_text(scalar(field(item, key), _A_KEY))] = item
    meter.items(len(out))
    return out


@function(_LISTS)
def pluck(meter: Meter, items: list[Any], name: str) -> list[Any]:
    """The field of each item: pluck(rows, 'total')."""
    key = text(name, _THE_NAME_OF_A_FIELD)
    found = checked(items, meter)
    meter.items(len(found))
    return [field(item, key) for item in found]


@function(_LISTS)
def where(meter: Meter, items: list[Any], name: str, value: Any) -> list[Any]:
    """The items whose field is the value: where(rows, 'status', 'open')."""
    key = text(name, _THE_NAME_OF_A_FIELD)
    scalar(value, _THE_VALUE)
    found = [item for item in checked(items, meter) if field(item, key) == value]
    meter.items(len(found))
    return found


@function(_LISTS)
def first(items: Any) -> Any:
    """The first item; no value for an empty list."""
    return _end(items, 0)


@function(_LISTS)
def last(items: Any) -> Any:
    """The last item; no value for an empty list."""
    return _end(items, -1)


def _end(items: Any, position: int) -> Any:
    if type(items) not in (list, str):
        raise ExpressionError(say("a list is needed, not {kind}", kind=kind(items)))
    if not items:
        raise NoValueError(say("the list is empty"))
    return items[position]


@function(_LISTS)
def flatten(meter: Meter, items: list[Any]) -> list[Any]:
    """The items of the lists inside the list, one after another; one level deep."""
    out: list[Any] = []
    for item in checked(items, meter):
        if type(item) is list:
            meter.items(len(item))
            out.extend(item)
        else:
            out.append(item)
        if len(out) > meter.limits.items:
            break
    meter.items(len(out))
    return out


@function(_LISTS)
def chunk(meter: Meter, items: list[Any], size: int) -> list[list[Any]]:
    """The list cut into lists of this size; the last may be shorter."""
    found = checked(items, meter)
    meter.items(2 * len(found))
    return [found[start : start + size] for start in range(0, len(found), whole(size, _A_SIZE, 1))]


@function(_LISTS, "any")
def any_(meter: Meter, items: list[Any]) -> bool:
    """Whether at least one item is true."""
    return any(checked(items, meter))


@function(_LISTS, "all")
def all_(meter: Meter, items: list[Any]) -> bool:
    """Whether every item is true; also for an empty list."""
    return all(checked(items, meter))


@function(_LISTS)
def count(meter: Meter, items: Any, value: Any) -> int:
    """How often the value is in the list, or the part in the text."""
    if type(items) is str:
        meter.check()
        return items.count(text(value))
    found = checked(items, meter)
    if type(value) in (list, dict):
        guard(value, found, meter)
    return found.count(value)


@function(_LISTS)
def compact(meter: Meter, items: list[Any]) -> list[Any]:
    """The items that are not null."""
    found = [item for item in checked(items, meter) if item is not None]
    meter.items(len(found))
    return found


@function(_MAPPINGS)
def keys(meter: Meter, value: dict[str, Any]) -> list[str]:
    """The keys of the mapping."""
    meter.items(len(mapping(value)))
    return list(value)


@function(_MAPPINGS)
def values(meter: Meter, value: dict[str, Any]) -> list[Any]:
    """The values of the mapping."""
    meter.items(len(mapping(value)))
    return list(value.values())


@function(_MAPPINGS)
def items(meter: Meter, value: dict[str, Any]) -> list[list[Any]]:
    """A [key, value] pair for each key of the mapping."""
    meter.items(3 * len(mapping(value)))
    return [[key, item] for key, item in value.items()]


@function(_MAPPINGS)
def merge(meter: Meter, *mappings: Any) -> dict[str, Any]:
    """One mapping with the keys of all of them; later ones win."""
    out: dict[str, Any] = {}
    for part in mappings:
        meter.items(len(mapping(part)))
        out |= part
    meter.items(len(out))
    return out


@function(_MAPPINGS)
def pick(value: dict[str, Any], *names: str) -> dict[str, Any]:
    """The mapping with these keys alone, as far as it has them."""
    found = mapping(value)
    return {name: found[name] for name in names if text(name, _A_KEY) in found}


@function(_MAPPINGS)
def omit(meter: Meter, value: dict[str, Any], *names: str) -> dict[str, Any]:
    """The mapping without these keys."""
    meter.items(len(mapping(value)))
    without = {text(name, _A_KEY) for name in names}
    return {key: item for key, item in value.items() if key not in without}
