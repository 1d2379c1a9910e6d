"""How a value looks on one line: short, quick for data of any size, and never a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.core.secrets import MASK, SecretRef, redact
from engine.core.values import ArtifactRef
from studio.base.i18n import number, tr, trn

_DEEPEST = 4
_EACH = 8
"""Items of a list or mapping that are written out."""


def brief(value: Any, most: int = 160) -> str:
    """One line of at most `most` characters."""
    text = redact(_text(value, most, 0)).replace("\n", "⏎ ").replace("\r", "").replace("\0", "␀")
    return text if len(text) <= most else text[: most - 1] + "…"


def summary(value: Any) -> str:
    """How much it is, where that is worth telling: `1,284 items`; else empty."""
    if isinstance(value, list):
        return trn("{n} item", "{n} items", len(value))
    if isinstance(value, Mapping):
        return trn("{n} field", "{n} fields", len(value))
    if isinstance(value, bytes):
        return trn("{n} byte", "{n} bytes", len(value))
    if isinstance(value, str) and len(value) > 200:
        return trn("{n} character", "{n} characters", len(value))
    return ""


def _text(value: Any, most: int, depth: int) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        # A lone surrogate cannot be drawn.
        text = value[: most + 1].encode("utf-8", "replace").decode("utf-8")
        return text if depth == 0 else json.dumps(text, ensure_ascii=False)
    if isinstance(value, int):
        return str(value) if value.bit_length() < 2_000 else tr("a number of {n} bits", n=number(value.bit_length()))
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, SecretRef):
        return f"{value.name} {MASK}"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, ArtifactRef):
        return value.summary or tr("a large value")
    if isinstance(value, bytes):
        return summary(value)
    if isinstance(value, (list, tuple)):
        if depth >= _DEEPEST:
            return "[…]"
        parts = [_text(item, most, depth + 1) for item in value[:_EACH]]
        return "[" + ", ".join(parts + (["…"] if len(value) > _EACH else [])) + "]"
    if isinstance(value, Mapping):
        if depth >= _DEEPEST:
            return "{…}"
        parts = []
        for key in value:
            if len(parts) == _EACH:
                parts.append("…")
                break
            parts.append(f"{str(key)[:most]}: {_text(value[key], most, depth + 1)}")
        return "{" + ", ".join(parts) + "}"
    return type(value).__name__
