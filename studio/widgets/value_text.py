"""A plain value in words: what it is, how it reads in a line, and how it is copied."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from studio.base.i18n import number, tr, trn

COLUMNS: Final = 100
"""Columns of a table at most; a tree shows what has more."""
TEXT: Final = 200_000
"""Characters of a text that are shown."""
_FEW: Final = 4
"""Fields of a mapping at most whose table is shown in its place."""
CELL: Final = 300
"""Characters of a value that are shown in a line."""

Say = Callable[[Any], str]


def is_table(value: Any) -> bool:
    """Whether a value is a list of mappings with columns enough in common to be read as a table."""
    if not isinstance(value, list) or not value or not all(isinstance(row, Mapping) for row in value[:200]):
        return False
    return 0 < len(columns_of(value)) <= COLUMNS


def columns_of(rows: Sequence[Any]) -> list[str]:
    """The names of the columns, in the order in which they come up in the first rows."""
    names: dict[str, None] = {}
    for row in rows[:200]:
        names.update(dict.fromkeys(row))
        if len(names) > COLUMNS:
            break
    return [str(name) for name in names]


def shape(value: Any) -> str:
    """What a value is, in a few words: "6 rows × 3", "5 fields", "12 items"."""
    if is_table(value):
        return tr("{rows} × {columns}", rows=trn("{n} row", "{n} rows", len(value)), columns=len(columns_of(value)))
    if isinstance(value, Mapping):
        return trn("{n} field", "{n} fields", len(value))
    if isinstance(value, list):
        return trn("{n} item", "{n} items", len(value))
    if isinstance(value, str):
        return trn("{n} character", "{n} characters", len(value))
    return ""


def brief(value: Any, limit: int = CELL) -> str:
    """A value in one line of at most `limit` characters."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value[: limit + 1].replace("\r\n", "⏎").replace("\n", "⏎").replace("\t", " ")
    elif isinstance(value, Mapping):
        inner = ", ".join(f"{key}: {_short(item)}" for key, item in itertools.islice(value.items(), 8))
        text = f"{{{inner}{', …' if len(value) > 8 else ''}}}"
    elif isinstance(value, list):
        text = f"[{', '.join(_short(item) for item in value[:8])}{', …' if len(value) > 8 else ''}]"
    elif isinstance(value, datetime | date | time):
        text = value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    elif isinstance(value, bytes):
        text = trn("{n} byte", "{n} bytes", len(value))
    elif isinstance(value, int) and value.bit_length() > 4 * limit:
        text = tr("a number of {n} bits", n=number(value.bit_length()))
    else:
        text = str(value)
    text = printable(text)
    return text if len(text) <= limit else text[:limit] + "…"


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    return brief(value, 40)


def printable(text: str) -> str:
    """Without what no font shows, and what cannot leave the program: NUL characters and lone surrogates."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "␀")


def as_text(value: Any, say: Say = brief) -> str:
    """A value as it is copied: a text as it is, a table with tabs between, anything else as JSON."""
    if isinstance(value, str):
        return printable(value)
    if is_table(value):
        names = columns_of(value)
        rows = ["\t".join(names)]
        rows += ["\t".join("" if row.get(name) is None else brief(row[name], TEXT) for name in names) for row in value]
        return "\n".join(rows)
    return printable(json.dumps(value, ensure_ascii=False, indent=2, default=lambda one: say(one)))


def type_word(value: Any) -> str:
    """The kind of a single value."""
    for kind, word in (
        (bool, tr("yes or no")),
        (int | float, tr("number")),
        (datetime, tr("date and time")),
        (date, tr("date")),
        (time, tr("time")),
        (timedelta, tr("length of time")),
        (bytes, tr("bytes")),
    ):
        if isinstance(value, kind):
            return word
    return tr("null") if value is None else ""


def table_in(value: Any) -> list[Any] | None:
    """The value where it is a table, or the first table in a mapping of few fields, as activities give it."""
    if isinstance(value, Mapping) and len(value) <= _FEW:
        return next((one for one in value.values() if is_table(one)), None)
    return value if is_table(value) else None
