from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.activities import time
from engine.core.errors import BusinessError
from engine.core.values import decode, encode, plain
from engine.sdk.testing import ActivityEnvironment


@pytest.fixture
def env(tmp_path: Path) -> ActivityEnvironment:
    return ActivityEnvironment(tmp_path)


async def value(env: ActivityEnvironment, function: Any, **given: Any) -> str:
    return str(plain(await env.run(function, **given))["text"])


async def test_the_present_is_the_same_after_the_journal(env: ActivityEnvironment) -> None:
    found = plain(await env.run(time.now, zone="Asia/Tokyo"))
    assert found["value"].utcoffset() == timedelta(hours=9)
    assert abs(found["value"] - datetime.now(UTC)) < timedelta(minutes=1)
    assert encode(decode(encode(found))) == encode(found)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"text": " 2026-11-23 "}, "2026-11-23"),
        ({"text": "2026-11-23T18:30"}, "2026-11-23 18:30:00"),
        ({"text": "23.11.2026", "format": "%d.%m.%Y"}, "2026-11-23"),
        ({"text": "23.11.2026 18:30", "format": "%d.%m.%Y %H:%M"}, "2026-11-23 18:30:00"),
        ({"text": "29.02.", "format": "%d.%m."}, None),
        ({"text": "2026-11-23 18:30", "zone": "Europe/Sofia"}, "2026-11-23 18:30:00+02:00"),
        ({"text": "2026-03-29 03:30", "zone": "Europe/Sofia"}, "2026-03-29 04:30:00+03:00"),
        ({"text": "31.02.2026", "format": "%d.%m.%Y"}, None),
        ({"text": "soon"}, None),
        ({"text": "", "format": "%d"}, None),
        ({"text": "1\0", "format": "%"}, None),
        ({"text": "\ud800"}, None),
    ],
)
async def test_dates_are_read(env: ActivityEnvironment, given: dict[str, Any], text: str | None) -> None:
    if text is None:
        with pytest.raises(BusinessError, match="is not a date"):
            await env.run(time.parse, **given)
    else:
        assert await value(env, time.parse, **given) == text


async def test_dates_are_written(env: ActivityEnvironment) -> None:
    assert await value(env, time.format_moment, value="2026-11-23", format="%d.%m.%Y") == "23.11.2026"
    assert await value(env, time.format_moment, value=datetime(2026, 1, 2, 3, 4), format="%H:%M") == "03:04"
    parsed = plain(await env.run(time.parse, text="2026-11-23"))
    assert await value(env, time.format_moment, value=parsed) == "2026-11-23"
    with pytest.raises(BusinessError, match="not a format"):
        await env.run(time.format_moment, value="2026-11-23", format="\ud800")


@pytest.mark.parametrize("wrong", ["", "soon", 5, None, [], True, "2026-02-30"])
async def test_what_is_no_date_is_told(env: ActivityEnvironment, wrong: Any) -> None:
    with pytest.raises(BusinessError, match=r"^Date: .*(is not|must be) a date"):
        await env.run(time.format_moment, value=wrong)


@pytest.mark.parametrize(
    ("start", "given", "text"),
    [
        ("2026-01-31", {"months": 1}, "2026-02-28"),
        ("2024-02-29", {"years": 1}, "2025-02-28"),
        ("2026-03-31", {"months": -13}, "2025-02-28"),
        ("2026-11-23", {"weeks": 1, "days": -1}, "2026-11-29"),
        ("2026-11-23", {"hours": 36.5}, "2026-11-24 12:30:00"),
        ("2026-03-28 12:00", {"days": 1, "zone": "Europe/Sofia"}, "2026-03-29 12:00:00+03:00"),
        ("2026-03-28 12:00", {"hours": 24, "zone": "Europe/Sofia"}, "2026-03-29 13:00:00+03:00"),
        ("2026-11-23 12:00+02:00", {"hours": 1}, "2026-11-23 13:00:00+02:00"),
    ],
)
async def test_time_is_added(env: ActivityEnvironment, start: str, given: dict[str, Any], text: str) -> None:
    assert await value(env, time.add, value=start, **given) == text


async def test_no_calendar_goes_that_far(env: ActivityEnvironment) -> None:
    for given in ({"years": 9000}, {"months": -(10**9)}, {"days": 10**8}, {"days": 10**12}, {"hours": 1e9}):
        with pytest.raises(BusinessError, match=r"year 9999|Hours"):
            await env.run(time.add, value="2026-11-23", **given)
    for end in ("0001-01-01", "9999-12-31"):
        await env.run(time.period, value="2026-11-23")
        with pytest.raises(BusinessError, match="year 9999"):
            await env.run(time.add_business_days, value=end, days=-9 if end[0] == "0" else 9)
    with pytest.raises(BusinessError, match="year 9999"):
        await env.run(time.period, value="9999-12-31", period="year")
    with pytest.raises(BusinessError, match="more than"):
        await env.run(time.add_business_days, value="2026-11-23", days=10**9)


@pytest.mark.parametrize(
    ("start", "end", "unit", "amount", "calendar"),
    [
        ("2026-01-31", "2026-03-01", "days", 29, (0, 1, 1)),
        ("2024-02-29", "2026-02-28", "weeks", 730 / 7, (2, 0, 0)),
        ("2026-03-01", "2026-01-31", "days", -29, (0, -1, -1)),
        ("2026-11-23 10:00", "2026-11-23 11:30", "hours", 1.5, (0, 0, 0)),
        ("2026-11-23 10:00+02:00", "2026-11-23 10:00+00:00", "minutes", 120, (0, 0, 0)),
        ("2026-11-23", "2026-11-23", "seconds", 0, (0, 0, 0)),
    ],
)
async def test_the_time_between(
    env: ActivityEnvironment, start: str, end: str, unit: str, amount: float, calendar: tuple[int, int, int]
) -> None:
    found = await env.run(time.difference, start=start, end=end, unit=unit)
    assert found.amount == pytest.approx(amount)
    assert (found.years, found.months, found.days) == calendar


@pytest.mark.parametrize(
    ("day", "given", "port", "reason"),
    [
        ("2026-11-23", {}, "true", ""),
        ("2026-11-22 10:00", {}, "false", "weekend"),
        ("2026-11-20", {"weekend": "friday_saturday"}, "false", "weekend"),
        ("2026-11-22", {"weekend": "none"}, "true", ""),
        ("2026-12-24", {"holidays": "2026-12-24, 2026-12-25"}, "false", "holiday"),
        ("2026-12-24", {"holidays": [{"date": date(2026, 12, 24), "name": "Eve"}]}, "false", "holiday"),
    ],
)
async def test_working_days(env: ActivityEnvironment, day: str, given: dict[str, Any], port: str, reason: str) -> None:
    found = await env.run(time.is_business_day, value=day, **given)
    assert (env.port, found.reason) == (port, reason)


async def test_days_are_counted_by_working_days(env: ActivityEnvironment) -> None:
    holidays = ["2026-12-24", "2026-12-25"]
    assert await value(env, time.add_business_days, value="2026-12-23", days=1, holidays=holidays) == "2026-12-28"
    assert await value(env, time.add_business_days, value="2026-12-28", days=-1, holidays=holidays) == "2026-12-23"
    assert await value(env, time.add_business_days, value="2026-12-26", days=0) == "2026-12-26"
    assert await value(env, time.next_business_day, value="2026-11-20") == "2026-11-23"
    assert await value(env, time.next_business_day, value="2026-11-23", itself=True) == "2026-11-23"
    assert await value(env, time.next_business_day, value="2026-11-21", itself=True) == "2026-11-23"
    with pytest.raises(BusinessError, match="Holidays"):
        await env.run(time.next_business_day, value="2026-11-20", holidays="Christmas")


@pytest.mark.parametrize(
    ("period", "given", "start", "end"),
    [
        ("week", {}, "2026-11-23", "2026-11-29"),
        ("week", {"week_starts": "sunday"}, "2026-11-22", "2026-11-28"),
        ("month", {}, "2026-11-01", "2026-11-30"),
        ("quarter", {}, "2026-10-01", "2026-12-31"),
        ("year", {}, "2026-01-01", "2026-12-31"),
    ],
)
async def test_periods(env: ActivityEnvironment, period: str, given: dict[str, Any], start: str, end: str) -> None:
    found = await env.run(time.period, value="2026-11-23", period=period, **given)
    assert (str(found.start), str(found.end)) == (start, end)
    assert found.next - found.end == timedelta(1)
    assert found.days == (found.next - found.start).days


async def test_zones(env: ActivityEnvironment) -> None:
    given = {"value": "2026-11-23 12:00", "from_zone": "Europe/Sofia"}
    assert await value(env, time.to_zone, zone="UTC", **given) == "2026-11-23 10:00:00+00:00"
    assert await value(env, time.to_zone, zone="America/New_York", **given) == "2026-11-23 05:00:00-05:00"
    for wrong in ("Europe/Sofya", "../etc/passwd", "Europe", "a\0", "x" * 300, "/etc/passwd", "\ud800"):
        with pytest.raises(BusinessError, match="no time zone"):
            await env.run(time.to_zone, zone=wrong, **given)
    with pytest.raises(BusinessError, match="without a time of day"):
        await env.run(time.to_zone, value="2026-11-23")
