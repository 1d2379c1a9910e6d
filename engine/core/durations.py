"""Lengths of time as people write them: `90`, `30s`, `1h30m`, `2d`, `500ms`."""

from __future__ import annotations

import re
from datetime import timedelta

from engine.core.sentences import say

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*")


def seconds(value: object) -> float:
    """The seconds of a number, a `timedelta` or a text such as `1h30m`. Raises `ValueError` for anything else."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not 0 <= value < float("inf"):
            raise ValueError(say("{value} is not a length of time", value=value))
        return float(value)
    if isinstance(value, str):
        text = value.strip().lower()
        if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text):
            return float(text)
        if len(text) <= 64 and text and _PART.sub("", text) == "":
            return sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))
    raise ValueError(
        say("{value!r} is not a length of time; write for example 30s, 5m or 1h30m", value=str(value)[:40])
    )


def text(amount: float) -> str:
    """The shortest way to write that many seconds, rounded to what a person cares about: `1.2s`, `3m20s`, `2d4h`."""
    if amount < 1:
        return f"{round(amount * 1000)}ms"
    if amount < 60:
        return f"{amount:.1f}".removesuffix(".0") + "s"
    left = round(amount)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:2])
