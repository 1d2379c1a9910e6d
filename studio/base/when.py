"""Moments, in seconds since 1970, as a person says them: "today 03:12", "2 min ago", "18 Nov".

A moment that no calendar holds is said as nothing.
"""

from __future__ import annotations

import time
from datetime import datetime

from PySide6.QtCore import QDate, QLocale

from studio.base.i18n import language, tr, trn


def at(moment: float, now: float | None = None) -> str:
    """The day and the time within a sentence: "today 03:12", "yesterday 15:40", "18 Nov 15:40"."""
    then, today = _calendar(moment), _today(now)
    if then is None:
        return ""
    clock = f"{then:%H:%M}"
    days = _days(then, today)
    if days == 0:
        return tr("today {time}", time=clock)
    return tr("yesterday {time}", time=clock) if days == 1 else f"{_day(then, today)} {clock}"


def stamp(moment: float, now: float | None = None) -> str:
    """The day and the time where they stand alone: "03:12", "Yesterday 15:40", "18 Nov 15:40"."""
    then, today = _calendar(moment), _today(now)
    if then is None:
        return ""
    clock = f"{then:%H:%M}"
    days = _days(then, today)
    if days == 0:
        return clock
    return tr("Yesterday {time}", time=clock) if days == 1 else f"{_day(then, today)} {clock}"


def ago(moment: float, now: float | None = None) -> str:
    """How long it is past: "just now", "2 min ago", "1 h ago", "Yesterday", "18 Nov"."""
    then, today = _calendar(moment), _today(now)
    if then is None:
        return ""
    days = _days(then, today)
    if days:
        return tr("Yesterday") if days == 1 else _day(then, today)
    seconds = (today - then).total_seconds()
    if seconds < 60:
        return tr("Just now")
    if seconds < 3600:
        return trn("{n} min ago", "{n} min ago", int(seconds // 60))
    return trn("{n} h ago", "{n} h ago", int(seconds // 3600))


def _calendar(moment: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(moment)
    except (OSError, OverflowError, ValueError):
        return None


def _today(now: float | None) -> datetime:
    return datetime.fromtimestamp(time.time() if now is None else now)


def _days(then: datetime, today: datetime) -> int:
    return (today.date() - then.date()).days


def _day(then: datetime, today: datetime) -> str:
    form = "d MMM" if then.year == today.year else "d MMM yyyy"
    return QLocale(language()).toString(QDate(then.year, then.month, then.day), form)
