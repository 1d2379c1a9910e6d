"""Moments as a person says them: "Today 03:12", "2 min ago", "18 Nov"."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QLocale

from studio.base.i18n import language, tr, trn


def at(moment: float, now: float | None = None) -> str:
    """The day and the time of a moment (seconds since 1970): "today 03:12", "yesterday 15:40", "18 Nov 15:40"."""
    then, today = datetime.fromtimestamp(moment), _now(now)
    days = (today.date() - then.date()).days
    time = f"{then:%H:%M}"
    if days == 0:
        return tr("today {time}", time=time)
    if days == 1:
        return tr("yesterday {time}", time=time)
    return f"{_day(then, today)} {time}"


def ago(moment: float, now: float | None = None) -> str:
    """How long a moment is past: "just now", "2 min ago", "1 h ago", "Yesterday", "18 Nov"."""
    then, today = datetime.fromtimestamp(moment), _now(now)
    days = (today.date() - then.date()).days
    seconds = (today - then).total_seconds()
    if days == 1:
        return tr("Yesterday")
    if days != 0:
        return _day(then, today)
    if seconds < 60:
        return tr("Just now")
    if seconds < 3600:
        return trn("{n} min ago", "{n} min ago", int(seconds // 60))
    return trn("{n} h ago", "{n} h ago", int(seconds // 3600))


def _now(now: float | None) -> datetime:
    return datetime.now() if now is None else datetime.fromtimestamp(now)


def _day(then: datetime, today: datetime) -> str:
    form = "d MMM" if then.year == today.year else "d MMM yyyy"
    return QLocale(language()).toString(QDate(then.year, then.month, then.day), form)
