"""The family `time`: dates and times, working days, periods and time zones. Sees `sdk` and `core` alone.

A time without an offset is local. What comes out carries a fixed offset and not the name of a zone, so that it is the
same after it was kept in the journal.
"""

from __future__ import annotations

import zoneinfo
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Family, Param, Port, To, activity

FAMILY = Family("Dates and times", icon="calendar", order=60, color="msg")

_MOST_DAYS = 100_000
_WEEKENDS: Mapping[str, frozenset[int]] = {
    "saturday_sunday": frozenset({6, 7}),
    "friday_saturday": frozenset({5, 6}),
    "sunday": frozenset({7}),
    "none": frozenset(),
}
_TIMES = ("%H", "%I", "%M", "%S", "%f", "%c", "%X", "%T", "%R")

Weekend = Literal["saturday_sunday", "friday_saturday", "sunday", "none"]
Unit = Literal["seconds", "minutes", "hours", "days", "weeks"]
_SECONDS: Mapping[str, int] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}


def _moment(value: Any) -> date:
    """A date, or a date and time, also from ISO text or from the output of an activity of this family."""
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    if isinstance(value, str):
        text = value.strip()[:100]
        try:
            return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                f"{text!r} is not a date; write 2026-11-23 or 2026-11-23 18:30, or use 'Parse date'"
            ) from None
    if isinstance(value, date):
        return value
    raise ValueError("must be a date, or a date and time")


def _days(value: Any) -> list[date]:
    """Days from a list of dates or ISO texts, one text with commas, or rows that have a `date`."""
    if value is None:
        return []
    if isinstance(value, str):
        value = [part for part in value.replace(";", ",").replace("\n", ",").split(",") if part.strip()]
    if not isinstance(value, list):
        raise ValueError("must be a list of dates")
    return [_day(_moment(item["date"] if isinstance(item, Mapping) and "date" in item else item)) for item in value]


Moment = Annotated[date, PlainValidator(_moment, json_schema_input_type=str)]
Days = Annotated[list[date], BeforeValidator(_days, json_schema_input_type=str | list[str])]


@dataclass(frozen=True)
class Instant:
    """A date, or a date and time, as `value`; its text in ISO 8601; and its parts. Monday is weekday 1."""

    value: date
    text: str
    date: date
    year: int
    month: int
    day: int
    weekday: int
    week: int
    quarter: int


@dataclass(frozen=True)
class Text:
    """The date as text."""

    text: str


@dataclass(frozen=True)
class Difference:
    """The time between two moments: in the unit asked for, as a duration, and as years, months and days of a calendar.

    All are negative if the end is before the start.
    """

    amount: float
    duration: timedelta
    years: int
    months: int
    days: int


@dataclass(frozen=True)
class WorkingDay:
    """Whether people work that day, and if not, why: `weekend` or `holiday`."""

    working: bool
    reason: Literal["", "weekend", "holiday"]
    date: date


@dataclass(frozen=True)
class Period:
    """The first and the last day of a period, the first one after it, and how many days it has."""

    start: date
    end: date
    next: date
    days: int


Zone = Annotated[str, Param("Time zone", "Such as Europe/Sofia or UTC; empty for the local one.", "Europe/Sofia")]
Holidays = Annotated[
    Days,
    Param("Holidays", "A list of dates, a text with commas, or rows with a column 'date'.", "2026-12-24, 2026-12-25"),
]
WeekendDays = Annotated[Weekend, Param("Weekend", advanced=True)]


@activity("time.now", label="Present time", icon="clock", effect=Effect.PURE, keywords=("today", "date"))
async def now(zone: Zone = "") -> Instant:
    """Give the present date and time."""
    return _instant(datetime.now(UTC).astimezone(_zone(zone)))


@activity(
    "time.parse", label="Parse date", icon="calendar-dots", effect=Effect.PURE, keywords=("convert", "text", "date")
)
async def parse(
    text: Annotated[str, Param("Text", placeholder="23.11.2026")],
    format: Annotated[str, Param("It is written as", "Empty for ISO 8601.", "%d.%m.%Y %H:%M")] = "",
    zone: Annotated[str, Param("Time zone", "That of a time without one; empty to leave it so.", "Europe/Sofia")] = "",
) -> Instant:
    """Read a date, or a date and time, from a text.

    With a format that has no time of day the result is a date.
    """
    written = text.strip()
    try:
        if not format:
            found: date = _moment(written)
        elif any(mark in format for mark in ("%Y", "%y", "%G", "%c", "%x")):
            found = datetime.strptime(written, format)
        else:  # Python warns about a day without a year; 1900 is the year it would take
            found = datetime.strptime(f"1900 {written}", f"%Y {format}")
    except (ValueError, OverflowError):
        message = say("{text!r} is not a date", text=written[:100])
        if format:
            message = say("{text!r} is not a date written as {format}", text=written[:100], format=format)
        raise BusinessError(message, hint=say("Give the format that it has, such as %d.%m.%Y.")) from None
    if format and isinstance(found, datetime) and not any(mark in format for mark in _TIMES):
        found = found.date()
    if zone and isinstance(found, datetime) and found.tzinfo is None:
        found = _existing(found.replace(tzinfo=_zone(zone)))
    return _instant(found)


@activity(
    "time.format", label="Format date", icon="calendar-check", effect=Effect.PURE, keywords=("text", "convert", "date")
)
async def format_moment(
    value: Annotated[Moment, Param("Date")],
    format: Annotated[
        str,
        Param("Write it as", "%d day, %m month, %Y year, %H hour, %M minute, %S second, %A weekday, %B month's name."),
    ] = "%Y-%m-%d",
) -> Text:
    """Write a date, or a date and time, as text."""
    try:
        return Text(value.strftime(format))
    except (ValueError, UnicodeError):
        raise BusinessError(
            say("{format!a} is not a format for dates", format=format[:100]), hint=say("Use for example %d.%m.%Y.")
        ) from None


@activity(
    "time.add",
    label="Add to a date",
    icon="calendar-plus",
    effect=Effect.PURE,
    keywords=("subtract", "later", "before"),
)
async def add(
    value: Annotated[Moment, Param("Date")],
    years: Annotated[int, Param("Years", "Negative to go back.")] = 0,
    months: Annotated[int, Param("Months", "The 31st becomes the last day of a shorter month.")] = 0,
    weeks: Annotated[int, Param("Weeks")] = 0,
    days: Annotated[int, Param("Days")] = 0,
    hours: Annotated[float, Param("Hours")] = 0,
    minutes: Annotated[float, Param("Minutes")] = 0,
    seconds: Annotated[float, Param("Seconds", advanced=True)] = 0,
    zone: Annotated[
        str, Param("Time zone", "Where its clocks change, days keep the time of day.", "Europe/Sofia", advanced=True)
    ] = "",
) -> Instant:
    """Add years, months, days or hours to a date.

    Years, months, weeks and days are those of the calendar: the time of day stays. Hours, minutes and seconds are
    time that passes. A date with hours added becomes a date and time.
    """
    passing = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if (passing or zone) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if zone and isinstance(value, datetime):
        value = value.astimezone(_zone(zone)) if value.tzinfo else value.replace(tzinfo=_zone(zone))
    try:
        years_on, month = divmod(value.month - 1 + months, 12)
        year = value.year + years + years_on
        value = value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))
        value += timedelta(weeks=weeks, days=days)
        if isinstance(value, datetime):
            if value.tzinfo:
                value = (value.astimezone(UTC) + passing).astimezone(value.tzinfo)
            else:
                value += passing
    except (ValueError, OverflowError, IndexError):
        raise _too_far() from None
    return _instant(value)


@activity(
    "time.difference",
    label="Time between",
    icon="calendar-blank",
    effect=Effect.PURE,
    keywords=("age", "duration", "days"),
)
async def difference(
    start: Annotated[Moment, Param("From")],
    end: Annotated[Moment, Param("To")],
    unit: Annotated[Unit, Param("In")] = "days",
) -> Difference:
    """Compute the time from one date to another.

    The output holds the `amount` in the unit, the `duration`, and whole `years`, `months` and `days`.
    """
    duration = _instantly(end, start) - _instantly(start, end)
    first, last = (start, end) if duration >= timedelta(0) else (end, start)
    months = (last.year - first.year) * 12 + last.month - first.month
    if _later(first, months) > _wall(last):
        months -= 1
    days = (_wall(last) - _later(first, months)).days
    sign = 1 if duration >= timedelta(0) else -1
    amount = duration.total_seconds() / _SECONDS[unit]
    return Difference(
        int(amount) if amount.is_integer() else amount,
        duration,
        sign * (months // 12),
        sign * (months % 12),
        sign * days,
    )


@activity(
    "time.is_business_day",
    label="Is working day",
    icon="briefcase",
    effect=Effect.PURE,
    ports=(Port("true", "Yes"), Port("false", "No")),
    keywords=("weekend", "holiday", "if"),
)
async def is_business_day(
    value: Annotated[Moment, Param("Date")],
    holidays: Holidays = [],  # noqa: B006
    weekend: WeekendDays = "saturday_sunday",
) -> To:
    """Go one of two ways, by whether people work on a day.

    The output says whether it is a `working` day and, if not, the `reason`: weekend or holiday.
    """
    day = _day(value)
    reason: Literal["", "weekend", "holiday"] = ""
    if day in holidays:
        reason = "holiday"
    elif day.isoweekday() in _WEEKENDS[weekend]:
        reason = "weekend"
    return To("false" if reason else "true", WorkingDay(not reason, reason, day))


@activity(
    "time.next_business_day",
    label="Next working day",
    icon="calendar-check",
    effect=Effect.PURE,
    keywords=("weekend", "holiday", "due"),
)
async def next_business_day(
    value: Annotated[Moment, Param("Date")],
    holidays: Holidays = [],  # noqa: B006
    weekend: WeekendDays = "saturday_sunday",
    itself: Annotated[bool, Param("The day itself, if it is one")] = False,
) -> Instant:
    """Find the first working day after a day, or from that day on."""
    start = _day(value)
    return _instant(_working(start - timedelta(1) if itself and start > date.min else start, 1, holidays, weekend))


@activity(
    "time.add_business_days",
    label="Add working days",
    icon="calendar-plus",
    effect=Effect.PURE,
    keywords=("weekend", "holiday", "due", "deadline"),
)
async def add_business_days(
    value: Annotated[Moment, Param("Date")],
    days: Annotated[int, Param("Working days", "Negative to go back.")],
    holidays: Holidays = [],  # noqa: B006
    weekend: WeekendDays = "saturday_sunday",
) -> Instant:
    """Find the day that is so many working days after a day, or before it.

    The day itself does not count. With 0 the day stays, whatever it is.
    """
    return _instant(_working(_day(value), days, holidays, weekend))


@activity(
    "time.period",
    label="Start and end of a period",
    icon="calendar-dots",
    effect=Effect.PURE,
    keywords=("month", "week", "quarter"),
)
async def period(
    value: Annotated[Moment, Param("A day in it")],
    period: Annotated[Literal["week", "month", "quarter", "year"], Param("Period")] = "month",
    week_starts: Annotated[
        Literal["monday", "saturday", "sunday"],
        Param("A week starts on", show_when={"period": ("week",)}, advanced=True),
    ] = "monday",
) -> Period:
    """Find the first and the last day of the week, month, quarter or year that a day is in.

    `next` is the first day after it: compare with `>= start` and `< next` where there are times of day.
    """
    day = _day(value)
    try:
        if period == "week":
            first = {"monday": 1, "saturday": 6, "sunday": 7}[week_starts]
            start = day - timedelta((day.isoweekday() - first) % 7)
            following = start + timedelta(7)
        else:
            length = {"month": 1, "quarter": 3, "year": 12}[period]
            start = date(day.year, (day.month - 1) // length * length + 1, 1)
            following = _later(start, length).date()
        return Period(start, following - timedelta(1), following, (following - start).days)
    except (ValueError, OverflowError):
        raise _too_far() from None


@activity(
    "time.to_zone", label="To another time zone", icon="globe", effect=Effect.PURE, keywords=("utc", "convert", "zone")
)
async def to_zone(
    value: Annotated[Moment, Param("Date and time")],
    zone: Zone = "",
    from_zone: Annotated[
        str, Param("It is in the zone", "For a time without an offset; empty for the local one.", advanced=True)
    ] = "",
) -> Instant:
    """Give the same moment as the clocks of another time zone show it."""
    if not isinstance(value, datetime):
        raise BusinessError(
            say("{value} is a date without a time of day", value=value), hint=say("Give a date and time.")
        )
    try:
        if value.tzinfo is None:
            value = value.replace(tzinfo=_zone(from_zone)) if from_zone else value.astimezone()
        return _instant(value.astimezone(_zone(zone)))
    except (OverflowError, ValueError):
        raise _too_far() from None


def _instant(value: date) -> Instant:
    if isinstance(value, datetime):
        value = datetime.fromisoformat(value.isoformat())
    return Instant(
        value=value,
        text=value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat(),
        date=_day(value),
        year=value.year,
        month=value.month,
        day=value.day,
        weekday=value.isoweekday(),
        week=value.isocalendar().week,
        quarter=(value.month + 2) // 3,
    )


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _zone(name: str) -> tzinfo | None:
    """The zone of that name; None, which `astimezone` takes for the local one, for an empty name."""
    if not name.strip():
        return None
    try:
        return zoneinfo.ZoneInfo(name.strip())
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(name, zoneinfo.available_timezones(), 3, 0.5)
        raise BusinessError(
            say("there is no time zone {name!a}", name=name[:100]),
            hint=say("Use for example {near}.", near=", ".join(near) or "Europe/Sofia"),
        ) from None


def _existing(value: datetime) -> datetime:
    """A time that clocks jumped over becomes the one they jumped to."""
    return value.astimezone(UTC).astimezone(value.tzinfo)


def _wall(value: date) -> datetime:
    """What calendar and clock show, without the offset."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime(value.year, value.month, value.day)


def _instantly(value: date, other: date) -> datetime:
    """For a difference: with an offset if the other has one, too."""
    found = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    if found.tzinfo is None and isinstance(other, datetime) and other.tzinfo is not None:
        try:
            return found.astimezone()
        except (OverflowError, ValueError):
            raise _too_far() from None
    return found


def _later(value: date, months: int) -> datetime:
    years, month = divmod(value.month - 1 + months, 12)
    year = value.year + years
    if not 1 <= year <= 9999:
        raise OverflowError
    return _wall(value).replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))


def _working(day: date, count: int, holidays: list[date], weekend: str) -> date:
    if abs(count) > _MOST_DAYS:
        raise BusinessError(say("{count} working days are more than {most}", count=count, most=_MOST_DAYS))
    free, closed = _WEEKENDS[weekend], frozenset(holidays)
    step = timedelta(1 if count > 0 else -1)
    try:
        for _ in range(abs(count)):
            day += step
            while day.isoweekday() in free or day in closed:
                day += step
    except OverflowError:
        raise _too_far() from None
    return day


def _too_far() -> BusinessError:
    return BusinessError(say("the date is before the year 1 or after the year 9999"), hint=say("Check the numbers."))
