"""Functions that write data as text, and back."""

from __future__ import annotations

import json
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.functions.arguments import text, whole
from engine.workflow.expressions.functions.registry import function
from engine.workflow.expressions.limits import Meter, weigh
from engine.workflow.expressions.rendering import as_text
from engine.workflow.expressions.rendering import to_json as written

_AN_INDENT = say("an indent")

_ENCODING = "encoding"


@function(_ENCODING)
def to_json(meter: Meter, value: Any, indent: int = 0) -> str:
    """The value as JSON; with indent, over several lines."""
    if type(value) in (list, dict):
        # With an indent, JSON is written by Python instead of C.
        size = weigh(value, meter.limits, meter.limits.text)
        meter.turns(4 * size if indent else size // 8)
    out = written(value, meter.limits, whole(indent, _AN_INDENT, 0, 8) or None)
    meter.text(len(out))
    return out


@function(_ENCODING)
def from_json(meter: Meter, value: str) -> Any:
    """The value that a JSON text writes."""
    source = _sized(meter, value)
    meter.turns(len(source) // 8 + 6 * (source.count("[") + source.count("{")))
    try:
        found = json.loads(source, parse_int=_whole(meter), parse_constant=_refused)
    except RecursionError:
        raise ExpressionError(say("the JSON nests too deep")) from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            raise ExpressionError(say("the text is not JSON at character {place:,}", place=error.pos + 1)) from None
        raise ExpressionError(say("the text is not JSON")) from None
    if type(found) in (list, dict):
        weigh(found, meter.limits, meter.limits.result)
    return found


def _whole(meter: Meter) -> Any:
    most = meter.limits.number_bits * 3 // 10

    def parse(digits: str) -> int:
        if len(digits) > most:
            raise ExpressionError(say("the number is too large"))
        return int(digits)

    return parse


def _refused(name: str) -> Any:
    raise ExpressionError(say("JSON has no number {name}", name=name))


@function(_ENCODING)
def base64(meter: Meter, value: Any) -> str:
    """The text (as UTF-8) or bytes in base64."""
    from base64 import b64encode

    return b64encode(_bytes(meter, value)).decode("ascii")


@function(_ENCODING)
def base64_decode(meter: Meter, value: str) -> str:
    """The text that base64 of UTF-8 holds."""
    from base64 import b64decode

    try:
        return b64decode("".join(_sized(meter, value).split()), validate=True).decode()
    except ValueError:
        raise ExpressionError(say("the text is not base64 of UTF-8 text")) from None


@function(_ENCODING)
def sha256(meter: Meter, value: Any) -> str:
    """The SHA-256 digest of the text (as UTF-8) or bytes, in 64 hexadecimal digits."""
    import hashlib

    return hashlib.sha256(_bytes(meter, value)).hexdigest()


@function(_ENCODING)
def uuid() -> str:
    """A new random UUID (version 4)."""
    return _random_uuid()


def _random_uuid() -> str:
    from uuid import uuid4

    return str(uuid4())


@function(_ENCODING)
def url_encode(meter: Meter, value: Any) -> str:
    """The value as a part of a URL: 'a b&c' is 'a%20b%26c'."""
    from urllib.parse import quote

    source = _encoded(as_text(value, meter.limits))
    meter.turns(len(source))
    out = quote(source, safe="")
    meter.text(len(out))
    return out


@function(_ENCODING)
def url_decode(meter: Meter, value: str) -> str:
    """The text that a part of a URL writes."""
    from urllib.parse import unquote_plus

    source = _sized(meter, value)
    meter.turns(len(source))
    try:
        return unquote_plus(source, errors="strict")
    except ValueError:
        raise ExpressionError(say("the text is not URL encoding of UTF-8")) from None


@function(_ENCODING)
def html_escape(meter: Meter, value: Any) -> str:
    """The value as text inside HTML: < is written &lt;."""
    from html import escape

    source = as_text(value, meter.limits)
    meter.text(6 * len(source))
    return escape(source)


def _sized(meter: Meter, value: Any) -> str:
    source = text(value)
    meter.text(len(source))
    return source


def _bytes(meter: Meter, value: Any) -> bytes:
    if type(value) is bytes:
        meter.text(len(value))
        return value
    return _encoded(_sized(meter, value))


def _encoded(source: str) -> bytes:
    try:
        return source.encode()
    except UnicodeEncodeError:
        raise ExpressionError(say("the text holds half a character (a lone surrogate)")) from None
