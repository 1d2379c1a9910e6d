"""Functions over dates, times and durations.

Days and times of day are local, as the people of a workflow mean them; `now()` carries its offset. What these
functions read the clock with is `wall_clock`, which a test may replace.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.functions.arguments import clock, moment, number, text, whole
from engine.workflow.expressions.functions.registry import function
from engine.workflow.expressions.rendering import kind, quoted

_AN_HOUR = say("an hour")
_A_DAY = say("a day")
_A_FORMAT = say("a format")
_A_MINUTE = say("a minute")
_A_MONTH = say("a month")
_A_SECOND = say("a second")
_A_YEAR = say("a year")

_DATES = "dates"
_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def wall_clock() -> datetime:
    """The present, with the offset of the local time zone."""
    return datetime.now().astimezone()


@function(_DATES)
def now() -> datetime:
    """The present date and time, with the offset of the local time zone."""
    return wall_clock()


@function(_DATES)
def today() -> date:
    """The present local date."""
    return wall_clock().date()


@function(_DATES, "date")
def date_(value: Any, month: int | None = None, day: int | None = None) -> date:
    """A date from a date and time, from ISO text, or from date(year, month, day)."""
    if month is not None or day is not None:
        try:
            return date(whole(value, _A_YEAR, 1, 9999), whole(month, _A_MONTH, 1, 12), whole(day, _A_DAY, 1, 31))
        except ValueError:
            raise ExpressionError(say("the month does not have that day")) from None
    if type(value) is str:
        value = parse_date(value)
    found = moment(value)
    return found.date() if isinstance(found, datetime) else found


@function(_DATES, "datetime")
def datetime_(
    value: Any,
    month: int | None = None,
    day: int | None = None,
    hour: int = 0,
    minute: int = 0,
    second: int = 0,
) -> datetime:
    """A date and time from a date, from ISO text, or from datetime(year, month, day, hour, minute, second)."""
    if month is not None or day is not None:
        day_ = date_(value, month, day)
        return datetime.combine(day_, time_(hour, minute, second))
    if type(value) is str:
        value = parse_date(value)
    found = clock(moment(value))
    assert isinstance(found, datetime)
    return found


@function(_DATES, "time")
def time_(value: Any, minute: int = 0, second: int = 0) -> time:
    """A time of day from a date and time, from ISO text, or from time(hour, minute, second)."""
    if type(value) is int:
        return time(whole(value, _AN_HOUR, 0, 23), whole(minute, _A_MINUTE, 0, 59), whole(second, _A_SECOND, 0, 59))
    if type(value) is str:
        try:
            return time.fromisoformat(value[:100])
        except ValueError:
            raise ExpressionError(say("{value} is not a time", value=quoted(value))) from None
    found = clock(value)
    return found if isinstance(found, time) else found.time()


@function(_DATES)
def parse_date(value: str, format: str | None = None) -> date:
    """A date, or a date and time, from ISO text or in a format such as '%d.%m.%Y %H:%M'."""
    written = text(value).strip() if len(text(value)) <= 100 else ""
    try:
        if format is None:
            return date.fromisoformat(written) if len(written) <= 10 else datetime.fromisoformat(written)
        pattern = text(format, _A_FORMAT)
        if len(pattern) > 100:
            raise ValueError
        if not any(mark in pattern for mark in ("%Y", "%y", "%G", "%c", "%x")):
            # Python warns about a day without a year; 1900 is the year it would take.
            written, pattern = f"1900 {written}", f"%Y {pattern}"
        found = datetime.strptime(written, pattern)
    except (ValueError, OverflowError):
        if format:
            raise ExpressionError(say("{value} is not a date in this format", value=quoted(value))) from None
        hint = say("Give its format: parse_date(text, '%d.%m.%Y')")
        raise ExpressionError(say("{value} is not a date", value=quoted(value)), hint=hint) from None
    except Exception:
        raise ExpressionError(say("{format} is not a format for dates", format=quoted(format))) from None
    return found if any(mark in pattern for mark in ("%H", "%I", "%M", "%S", "%c", "%X")) else found.date()


_FORMATS: dict[str, Callable[[Any], str]] = {
    "Y": lambda d: f"{d.year:04}",
    "y": lambda d: f"{d.year % 100:02}",
    "m": lambda d: f"{d.month:02}",
    "B": lambda d: _MONTHS[d.month - 1],
    "b": lambda d: _MONTHS[d.month - 1][:3],
    "d": lambda d: f"{d.day:02}",
    "j": lambda d: f"{d.timetuple().tm_yday:03}",
    "A": lambda d: _DAYS[d.weekday()],
    "a": lambda d: _DAYS[d.weekday()][:3],
    "u": lambda d: str(d.isoweekday()),
    "G": lambda d: f"{d.isocalendar().year:04}",
    "V": lambda d: f"{d.isocalendar().week:02}",
    "H": lambda d: f"{clock(d).hour:02}",
    "I": lambda d: f"{(clock(d).hour + 11) % 12 + 1:02}",
    "p": lambda d: "PM" if clock(d).hour >= 12 else "AM",
    "M": lambda d: f"{clock(d).minute:02}",
    "S": lambda d: f"{clock(d).second:02}",
    "f": lambda d: f"{clock(d).microsecond:06}",
    "z": lambda d: d.strftime("%z") if isinstance(d, datetime) else "",
    "%": lambda d: "%",
}


@function(_DATES)
def format_date(value: Any, format: str = "%Y-%m-%d") -> str:
    """The date or time as text: %Y %y %m %B %b %d %j %A %a %u %V %H %I %p %M %S %f %z; names are English."""
    if type(value) is not time:
        moment(value)
    pattern = text(format, _A_FORMAT)
    if len(pattern) > 1_000:
        raise ExpressionError(say("the format is too long"))
    out: list[str] = []
    marks = iter(pattern)
    for char in marks:
        if char != "%":
            out.append(char)
            continue
        mark = next(marks, "")
        write = _FORMATS.get(mark)
        if write is None or (type(value) is time and mark in "YymBbdjAauGV"):
            raise ExpressionError(say("'%{mark}' is not a part of {kind}", mark=mark, kind=kind(value)))
        out.append(write(value))
    return "".join(out)


@function(_DATES)
def year(value: Any) -> int:
    """The year."""
    return moment(value).year


@function(_DATES)
def quarter(value: Any) -> int:
    """The quarter of the year, 1 to 4."""
    return (moment(value).month + 2) // 3


@function(_DATES)
def month(value: Any) -> int:
    """The month, 1 to 12."""
    return moment(value).month


@function(_DATES)
def week(value: Any) -> int:
    """The ISO week of the year, 1 to 53."""
    return moment(value).isocalendar().week


@function(_DATES)
def day(value: Any) -> int:
    """The day of the month, 1 to 31."""
    return moment(value).day


@function(_DATES)
def weekday(value: Any) -> int:
    """The day of the week, 1 for Monday to 7 for Sunday."""
    return moment(value).isoweekday()


@function(_DATES)
def hour(value: Any) -> int:
    """The hour, 0 to 23."""
    return clock(value).hour


@function(_DATES)
def minute(value: Any) -> int:
    """The minute, 0 to 59."""
    return clock(value).minute


@function(_DATES)
def second(value: Any) -> int:
    """The second, 0 to 59."""
    return clock(value).second


@function(_DATES)
def add_months(value: Any, months: int) -> date:
    """The date so many months later, or earlier; the 31st becomes the last day of a shorter month."""
    found = moment(value)
    years, month_ = divmod(found.month - 1 + whole(months), 12)
    year_ = whole(found.year + years, _A_YEAR, 1, 9999)
    return found.replace(year=year_, month=month_ + 1, day=min(found.day, monthrange(year_, month_ + 1)[1]))


@function(_DATES)
def month_start(value: Any) -> date:
    """The first day of the month."""
    found = moment(value)
    return date(found.year, found.month, 1)


@function(_DATES)
def month_end(value: Any) -> date:
    """The last day of the month."""
    found = moment(value)
    return date(found.year, found.month, monthrange(found.year, found.month)[1])


@function(_DATES)
def local(value: Any) -> datetime:
    """The date and time in the local time zone."""
    return _zoned(value).astimezone()


@function(_DATES)
def utc(value: Any) -> datetime:
    """The date and time in UTC; one without a zone is local."""
    return _zoned(value).astimezone(UTC)


@function(_DATES)
def timestamp(value: Any) -> float:
    """Seconds since 1970 in UTC."""
    return _zoned(value).timestamp()


@function(_DATES)
def from_timestamp(seconds: Any) -> datetime:
    """The date and time in UTC, so many seconds after 1970."""
    return datetime.fromtimestamp(number(seconds), UTC)


def _zoned(value: Any) -> datetime:
    found = clock(moment(value))
    assert isinstance(found, datetime)
    return found


@function(_DATES)
def duration(days: Any = 0, hours: Any = 0, minutes: Any = 0, seconds: Any = 0) -> timedelta:
    """A length of time, to be added to a date: duration(days=1, hours=12)."""
    return timedelta(days=number(days), hours=number(hours), minutes=number(minutes), seconds=number(seconds))


@function(_DATES)
def weeks(count: Any) -> timedelta:
    """A duration of so many weeks."""
    return timedelta(weeks=number(count))


@function(_DATES)
def days(count: Any) -> timedelta:
    """A duration of so many days: today() + days(14)."""
    return timedelta(days=number(count))


@function(_DATES)
def hours(count: Any) -> timedelta:
    """A duration of so many hours."""
    return timedelta(hours=number(count))


@function(_DATES)
def minutes(count: Any) -> timedelta:
    """A duration of so many minutes."""
    return timedelta(minutes=number(count))


@function(_DATES)
def seconds(count: Any) -> timedelta:
    """A duration of so many seconds."""
    return timedelta(seconds=number(count))


@function(_DATES)
def total_days(value: timedelta) -> float:
    """How many days the duration is, with decimals."""
    return _length(value) / timedelta(days=1)


@function(_DATES)
def total_hours(value: timedelta) -> float:
    """How many hours the duration is, with decimals."""
    return _length(value) / timedelta(hours=1)


@function(_DATES)
def total_minutes(value: timedelta) -> float:
    """How many minutes the duration is, with decimals."""
    return _length(value) / timedelta(minutes=1)


@function(_DATES)
def total_seconds(value: timedelta) -> float:
    """How many seconds the duration is, with decimals."""
    return _length(value).total_seconds()


def _length(value: Any) -> timedelta:
    if type(value) is not timedelta:
        raise ExpressionError(say("a duration is needed, not {kind}", kind=kind(value)))
    return value
