"""Values on their way into a database, where each place has a type, and out of it as plain data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.activities.sql.address import Dialect
from engine.core import durations
from engine.core.sentences import say
from engine.core.values import plain
from engine.sdk import BusinessError, SecretRef
from engine.sdk.tables import shown

_JSON_CODES = {"postgresql": {114, 3802}, "mariadb": {245}, "sqlite": set[int]()}
"""Codes by which a column of a result says that it holds JSON."""
_LARGEST = 2**63


def sent(value: Any, dialect: Dialect, place: str, kind: str = "") -> Any:
    """`value` as the driver takes it; `kind` is PostgreSQL's name of the type that is expected there.

    Raises `BusinessError`, which names the `place`, for what does not fit.
    """
    if value is None:
        return None
    if isinstance(value, SecretRef):
        raise BusinessError(
            say("{place}: the secret {name!r} is not handed over like this", place=place, name=value.name)
        )
    try:
        if dialect == "postgresql":
            return _typed(value, kind)
        return _loose(value, dialect)
    except (ValueError, TypeError, ArithmeticError):
        what = kind or say("what a database can hold")
        raise BusinessError(
            say("{place}: {value} is not {kind}", place=place, value=shown(value), kind=what),
            hint=say("Convert it first, or see which type the column has."),
        ) from None


def _loose(value: Any, dialect: Dialect) -> Any:
    """For databases that convert by themselves."""
    if isinstance(value, (list, dict)):
        return _json(value)
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST * (2 if dialect == "mariadb" else 1):
        raise ValueError
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, str):
        value.encode()
    if dialect == "sqlite":
        if isinstance(value, datetime):
            return value.isoformat(" ")
        if isinstance(value, (date, time)):
            return value.isoformat()
        return value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _typed(value: Any, kind: str) -> Any:
    """For PostgreSQL, whose driver wants exactly the Python type of each place."""
    if kind.endswith("[]"):
        items = value if isinstance(value, list) else json.loads(value)
        return [None if item is None else _typed(item, kind[:-2]) for item in items]
    convert = _TYPES.get(kind)
    if convert is not None:
        return convert(value)
    return value if isinstance(value, (bytes, bool, int, float)) else _text(value)


def _whole(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    found = int(value)
    if not -_LARGEST <= found < _LARGEST:
        raise ValueError
    return found


def _truth(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in ("true", "t", "yes", "y", "on", "1"):
        return True
    if text in ("false", "f", "no", "n", "off", "0"):
        return False
    raise ValueError


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value.strip())


def _moment(value: Any) -> datetime:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())


def _local(value: Any) -> datetime:
    found = _moment(value)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _zoned(value: Any) -> datetime:
    found = _moment(value)
    return found if found.tzinfo else found.astimezone()


def _hour(value: Any) -> time:
    return value if isinstance(value, time) else time.fromisoformat(value.strip())


def _span(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(seconds=durations.seconds(value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return _json(value)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    text.encode()
    return text


def _json(value: Any) -> str:
    return json.dumps(plain(value), default=lambda one: _text(one), ensure_ascii=False)


def _binary(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode()


_TYPES: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid", "smallint", "integer", "bigint"), _whole),
    **dict.fromkeys(("float4", "float8", "real", "double precision"), float),
    "numeric": lambda value: Decimal(str(value)),
    "bool": _truth,
    "date": _day,
    "timestamp": _local,
    "timestamptz": _zoned,
    "time": _hour,
    "timetz": _hour,
    "interval": _span,
    "bytea": _binary,
    "json": lambda value: value if isinstance(value, str) else _json(value),
    "jsonb": lambda value: value if isinstance(value, str) else _json(value),
    "uuid": lambda value: UUID(str(value)),
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "char"), _text),
}


def readers(
    description: Sequence[Sequence[Any]], dialect: Dialect, json_columns: set[str]
) -> list[Callable[[Any], Any]]:
    """For each column of a result, what makes plain data of its values."""
    codes = _JSON_CODES[dialect]
    return [_decoded if column[1] in codes or column[0] in json_columns else received for column in description]


def received(value: Any) -> Any:
    """A value of a result as plain data. A number without a fraction in its type becomes a whole one."""
    kind = type(value)
    if kind in (str, int, float, bool, bytes, type(None), datetime, date, time, timedelta):
        return value
    if kind is Decimal:
        return int(value) if value.is_finite() and value.as_tuple().exponent == 0 else float(value)
    if kind in (memoryview, bytearray):
        return bytes(value)
    if kind is dict:
        return plain(value)
    if isinstance(value, (list, tuple)):
        return [received(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(received(item) for item in value)
    for base in (int, float, str):
        if isinstance(value, base):
            return base(value)
    return str(value)


def _decoded(value: Any) -> Any:
    if not isinstance(value, (str, bytes)):
        return received(value)
    try:
        return json.loads(value)
    except ValueError:
        return value
