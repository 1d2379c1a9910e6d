"""Single values in YAML: what an unquoted text means when it is read, and when it must be quoted to be written.

Reading follows the core schema of YAML 1.2 where no data is at stake: `true`, `null`, `12`, `1.5`, `0x1F`, `.inf`.
Everything else is text: `yes`, `on`, `12:30`, `2026-11-23`, and also `007`, `+359888` and `1_000`, which other
readers turn into numbers that no longer show what was typed. Writing quotes whatever any reader might take for
something else.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_BASED = re.compile(r"-?0(?:x[0-9a-fA-F]+|o[0-7]+)")
_FLOAT = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")

_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_PLAIN = re.compile(
    r"[^\W\d][\w ./\\()+=<>;$%^*?!&@~|',-]*(?::[\w./\\()+=<>;$%^*?!&@~|',-][\w ./\\()+=<>;$%^*?!&@~|',-]*)*"
)
_DURATION = re.compile(r"(?:[0-9]{1,9}(?:ms|[smhdw]))+")
_UNSAFE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_LONGEST_DECIMAL = 10**4000


def resolve(text: str) -> Any:
    """What an unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-.0123456789":
        return text
    try:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _BASED.fullmatch(text):
            return int(text, 0)
    except ValueError:  # longer than Python is willing to convert
        return text
    return float(text) if _FLOAT.fullmatch(text) else text


def scalar(value: Any) -> str:
    """A value other than a filled list or mapping, on one line. Raises `TypeError` for what is not plain data."""
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -_LONGEST_DECIMAL < value < _LONGEST_DECIMAL else hex(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, (dict, list)) and not value:
        return "{}" if isinstance(value, dict) else "[]"
    raise TypeError(f"a {type(value).__name__} cannot be written")


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
    text = repr(value)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def quoted(text: str) -> str:
    """A text on one line, in quotes unless every reader takes it for that text without them."""
    if _PLAIN.fullmatch(text):
        if text[-1] != " " and text.lower() not in _RESERVED:
            return text
    elif _DURATION.fullmatch(text):
        return text
    if _UNSAFE.search(text) or "\n" in text or "\t" in text:
        return _UNSAFE.sub(_escape, json.dumps(text, ensure_ascii=False))
    if ("\\" in text or '"' in text) and "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def flow(value: Any) -> str:
    """Any plain value on one line."""
    if isinstance(value, dict) and value:
        return "{" + ", ".join(f"{_flow_key(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list) and value:
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and not (value.isidentifier() and value.lower() not in _RESERVED):
        return _UNSAFE.sub(_escape, json.dumps(value, ensure_ascii=False))
    return scalar(value)


def _flow_key(key: str) -> str:
    text = key if key in ("x", "y") else flow(key)
    return text if len(text) < LONGEST_KEY else f"? {text} "


LONGEST_KEY = 1000
"""A longer key must be announced by `?`: readers look no further ahead than 1,024 characters."""


def literal(text: str, pad: str) -> list[str] | None:
    """A text of several lines as a literal block, its header first, or None where only quotes can keep it."""
    if "\n" not in text or text.endswith("\n\n") or _UNSAFE.search(text):
        return None
    lines = text.split("\n")
    if not text.removesuffix("\n").rpartition("\n")[2].strip():  # a blank last line would be read as one below the text
        return None
    header = "|2" if lines[0][:1] in ("", " ", "\t") else "|"
    if lines[-1] == "":
        lines.pop()
    else:
        header += "-"
    return [header, *(pad + line if line else "" for line in lines)]
