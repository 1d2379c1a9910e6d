"""From the text of a cell to a value and back: which type a column of texts holds, and how each value is written."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from engine.core.sentences import say
from engine.core.values import plain

CellType = Literal["auto", "text", "integer", "number", "boolean", "date", "datetime"]
_WORDS: dict[str, str] = {
    word: word
    for word in (say("text"), say("integer"), say("number"), say("boolean"), say("date"), say("datetime"))
}

_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)?\.\d+(?:[eE][+-]?\d+)?|-?(?:0|[1-9]\d*)(?:\.\d+[eE][+-]?\d+|[eE][+-]\d+)?")
_LENIENT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?")
_TRUE = frozenset({"true", "yes", "y", "1", "on", "x", "да"})
_FALSE = frozenset({"false", "no", "n", "0", "off", "не"})


def type_word(kind: CellType) -> str:
    """The name of a type, within a sentence about a cell that is not of it."""
    return _WORDS.get(kind, kind)


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How numbers and dates are written: the decimal sign, and formats of `strptime` (empty for ISO 8601)."""

    decimal: Literal[".", ","] = "."
    date_format: str = ""

    def infer(self, texts: Sequence[str]) -> CellType:
        """The narrowest type that every non-empty text has; `text` where there is none.

        What looks like a number but loses something as one stays text: 007, +359 2, 12E5, and more than 18 digits.
        """
        cells = [cell for cell in map(str.strip, texts) if cell]
        if not cells:
            return "text"
        if self.date_format:
            dated = self._dated(cells)
            if dated:
                return dated
        for kind in _TESTS:
            if all(self._looks(kind, cell) for cell in cells):
                return kind
        return "text"

    def _looks(self, kind: CellType, cell: str) -> bool:
        if kind == "number" and self.decimal == ",":
            if "." in cell:
                return False
            cell = cell.replace(",", ".", 1)
        return _TESTS[kind](cell)

    def _dated(self, cells: Sequence[str]) -> CellType | None:
        try:
            for cell in cells:
                datetime.strptime(cell, self.date_format)
        except ValueError:
            return None
        return "datetime" if "%H" in self.date_format or "%I" in self.date_format else "date"

    def converter(self, kind: CellType) -> Callable[[str], Any]:
        """A function from text to a value of that type; an empty text gives null, a wrong one raises `ValueError`."""
        convert = getattr(self, f"_to_{kind}")

        def converted(cell: str) -> Any:
            cell = cell.strip()
            return convert(cell) if cell else None

        return converted

    def _to_text(self, cell: str) -> str:
        return cell

    def _to_integer(self, cell: str) -> int:
        found = self._to_number(cell)
        if found != int(found):
            raise ValueError("not a whole number")
        return int(cell) if _INTEGER.fullmatch(cell) else int(found)

    def _to_number(self, cell: str) -> float:
        cell = cell.replace(".", "").replace(",", ".") if self.decimal == "," else cell.replace(",", "")
        cell = cell.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
        if not _LENIENT.fullmatch(cell):
            raise ValueError("not a number")
        return float(cell)

    def _to_boolean(self, cell: str) -> bool:
        lower = cell.lower()
        if lower in _TRUE:
            return True
        if lower in _FALSE:
            return False
        raise ValueError("neither true nor false")

    def _to_date(self, cell: str) -> date:
        return self._to_datetime(cell).date()

    def _to_datetime(self, cell: str) -> datetime:
        return datetime.strptime(cell, self.date_format) if self.date_format else datetime.fromisoformat(cell)


def _is_date(cell: str) -> bool:
    if not _DATE.fullmatch(cell):
        return False
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _is_datetime(cell: str) -> bool:
    if not _DATETIME.fullmatch(cell):
        return False
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True


_TESTS: dict[CellType, Callable[[str], bool]] = {
    "integer": lambda cell: _INTEGER.fullmatch(cell) is not None,
    "number": lambda cell: _NUMBER.fullmatch(cell) is not None,
    "boolean": lambda cell: cell.lower() in ("true", "false"),
    "date": _is_date,
    "datetime": _is_datetime,
}


def cell_text(value: Any, decimal: str = ".", date_format: str = "") -> str:
    """A value as the text of a cell: null is empty, dates are ISO 8601 unless `date_format` says otherwise, lists and
    mappings JSON, bytes base64."""
    kind = type(value)
    if kind is str:
        return str(value)
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return repr(value).replace(".", decimal) if decimal != "." else repr(value)
    if isinstance(value, datetime):
        return value.strftime(date_format) if date_format else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.strftime(date_format) if date_format else value.isoformat()
    if isinstance(value, (list, dict)):
        return json.dumps(jsonable(value), ensure_ascii=False)
    return str(jsonable(value))


def jsonable(value: Any) -> Any:
    """Plain data as JSON holds it: dates and times in ISO 8601, durations in seconds, bytes in base64."""
    value = plain(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"a {type(value).__name__} cannot be written")
