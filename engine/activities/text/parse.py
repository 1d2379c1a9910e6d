"""Numbers and dates out of text as people write them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.tables import shown

_SPACE = re.compile(r"[\s\u00a0\u202f\u2009'’_]")
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d{1,3})?")
_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "януари февруари март април май юни юли август септември октомври ноември декември",
        "яну фев мар апр май юни юли авг сеп окт ное дек",
    )
    for number, name in enumerate(names.split(), 1)
} | {"sept": 9, "ян": 1, "септ": 9, "ноем": 11}
_TIME = re.compile(
    r"(?:^|[\sT,]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*([ap])?\.?m?\.?(?:\s*ч\.?)?$", re.IGNORECASE
)
_DIGITS = re.compile(r"(\d{1,4})[-./\s](\d{1,2})[-./\s](\d{1,4})\.?")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th|-?[а-я]{2})?[\s.-]+([^\W\d]+)\.?,?[\s.-]+(\d{2,4})", re.IGNORECASE)
_NAMED_FIRST = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{2,4})", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """The number."""

    value: int | float


@activity(
    "text.parse_number",
    label="Text to number",
    icon="hash-straight",
    effect=Effect.PURE,
    keywords=("convert", "amount", "currency"),
)
async def parse_number(
    text: Annotated[str, Param("Text", placeholder="1 234,56 лв.")],
    decimal: Annotated[
        Literal["auto", ".", ","],
        Param("Decimal sign", "auto takes the last of both signs, and asks where it cannot tell."),
    ] = "auto",
) -> Number:
    """Read a number as people write it: with separated thousands, a currency, a percent sign, or brackets for minus.

    A per cent is divided by 100. What one comma before three digits (1,234) means cannot be told: that is an error,
    unless the decimal sign is given. A lone point is a decimal point. The output holds `value`.
    """
    return Number(_number(text, decimal))


def _number(text: str, decimal: str) -> int | float:
    wrong = BusinessError(
        say("{text} is not a number", text=shown(text)), hint=say("Check the text, or cut the number out of it first.")
    )
    if len(text) > 200:
        raise wrong
    compact = _SPACE.sub("", text).replace("−", "-").replace("–", "-")
    found = list(_NUMBER.finditer(compact))
    if len(found) != 1:
        raise wrong
    digits = (
        found[0].group().rstrip(".,") if decimal == "auto" else found[0].group().rstrip("." if decimal == "," else ",")
    )
    before, after = compact[: found[0].start()], compact[found[0].end() :]
    negative = (before.startswith("(") and after.endswith(")")) or before.startswith("-") or after == "-"
    if decimal == "auto":
        decimal = _decimal(digits, text)
    group = "," if decimal == "." else "."
    digits, _, power = digits.lower().partition("e")
    whole, _, fraction = digits.partition(decimal)
    if decimal in fraction or group in fraction or not re.fullmatch(r"[+-]?\d*|[+-]?\d{1,3}(?:[.,]\d{2,3})+", whole):
        raise wrong
    plain = whole.replace(group, "") + ("." + fraction if fraction else "") + ("e" + power if power else "")
    try:
        value: int | float = int(plain) if re.fullmatch(r"[+-]?\d+", plain) else float(plain)
    except ValueError:
        raise wrong from None
    if not math.isfinite(value):
        raise wrong
    if "%" in before + after:
        value = value / 100
    return -value if negative else value


def _decimal(digits: str, text: str) -> str:
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    if comma < 0:
        return "," if digits.count(".") > 1 else "."
    if digits.count(",") > 1:
        return "."
    if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", digits):
        raise BusinessError(
            say("it cannot be told whether the comma in {text} is a decimal sign", text=shown(text)),
            hint=say("Give the decimal sign."),
        )
    return ","


@dataclass(frozen=True)
class Moment:
    """The date, and date with time (midnight where the text has none)."""

    date: date
    datetime: datetime


@activity(
    "text.parse_date", label="Text to date", icon="calendar", effect=Effect.PURE, keywords=("convert", "day", "time")
)
async def parse_date(
    text: Annotated[str, Param("Text", placeholder="31.12.2026 14:30")],
    format: Annotated[str, Param("Format", "Empty to find it out.", "%d.%m.%Y", advanced=True)] = "",
    order: Annotated[
        Literal["day first", "month first"], Param("In 03/04/2026", "Which of the two is meant.")
    ] = "day first",
) -> Moment:
    """Read a date, perhaps with a time, as people write it.

    It understands ISO 8601, 31.12.2026, 31/12/26, 5 January 2026, Jan 5, 2026 and 5 януари 2026 г., with times such
    as 14:30 or 2:30 pm. Two digits of a year are 1970 to 2069. The output holds `date` and `datetime`.
    """
    given = " ".join(text.split())
    wrong = BusinessError(
        say("{text} is not a date", text=shown(text)), hint=say("Give the format, for example %d.%m.%Y.")
    )
    if len(given) > 100:
        raise wrong
    try:
        if format:
            found = datetime.strptime(given, format)
            return Moment(found.date(), found)
        try:
            found = datetime.fromisoformat(given)
            return Moment(found.date(), found)
        except ValueError:
            pass
        clock = time()
        match = _TIME.search(given)
        if match:
            hour, half = int(match.group(1)), (match.group(5) or "").lower()
            if half:
                if not 1 <= hour <= 12:
                    raise wrong
                hour = hour % 12 + (12 if half == "p" else 0)
            fraction = (match.group(4) or "").ljust(6, "0")
            clock = time(hour, int(match.group(2)), int(match.group(3) or 0), int(fraction))
            given = given[: match.start()].rstrip(" ,")
        day = _day(given.removesuffix("г.").removesuffix("г").rstrip(" ,"), order)
    except ValueError:
        raise wrong from None
    if day is None:
        raise wrong
    return Moment(day, datetime.combine(day, clock))


def _day(text: str, order: str) -> date | None:
    if match := _DIGITS.fullmatch(text):
        first, second, third = match.groups()
        if len(first) == 4:
            return date(int(first), int(second), int(third))
        if len(third) in (2, 4) and len(first) <= 2:
            day, month = (first, second) if order == "day first" else (second, first)
            return date(_year(third), int(month), int(day))
        return None
    if match := _NAMED.fullmatch(text):
        day, name, year = match.groups()
    elif match := _NAMED_FIRST.fullmatch(text):
        name, day, year = match.groups()
    else:
        return None
    month_number = _MONTHS.get(name.lower())
    return date(_year(year), month_number, int(day)) if month_number else None


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)
