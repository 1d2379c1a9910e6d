"""Plain data, and how it becomes text: JSON, with a tag for what JSON lacks.

A value is `None`, `bool`, `int`, `float`, `str`, `date`, `datetime`, `time`, `timedelta`, `bytes`, a reference to a
secret or a kept file, a list of values or a mapping from text to values. Whatever an activity returns is brought to
this form by `plain`, once.
The text is pure ASCII, so NUL characters and lone surrogates pass through any database unharmed.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

from engine.core.secrets import SecretRef

TAG = "$"
"""The key that marks a tagged value: `{"$": "date", "v": "2026-11-23"}`."""


@dataclass(frozen=True, slots=True)
class ArtifactRef:
    """A large value kept elsewhere: the SHA-256 of its text in hexadecimal, the text's length in bytes, and a few words
    that say what it is."""

    hash: str
    size: int
    summary: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """What an activity gives to be kept as an artifact: a picture, a document, a download.

    `content` is its bytes, or the path of a file that holds them. In the output of the step a `FileRef` takes its
    place.
    """

    content: bytes | Path = field(repr=False)
    name: str
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file kept as an artifact: the SHA-256 of its bytes in hexadecimal, their number, its name and media type.

    An expression reads the last three; a parameter that takes a path takes it too.
    """

    hash: str
    size: int
    name: str
    media_type: str = "application/octet-stream"


LONGEST = 14_000
"""Bits of a whole number; Python writes out a little more than 4,000 digits."""
_SCALARS = frozenset(
    {str, int, float, bool, type(None), date, datetime, time, timedelta, bytes, SecretRef, ArtifactRef, File, FileRef}
)


def plain(value: Any) -> Any:
    """Bring `value` to plain data: models and dataclasses become mappings, paths text, tuples and sets lists."""
    kind = type(value)
    if kind in _SCALARS:
        if kind is int and value.bit_length() > LONGEST:
            raise TypeError("the number is too long to be written out")
        return value
    if kind is dict:
        return {key if type(key) is str else _key(key): plain(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is not None:
        return {name: plain(getattr(value, name)) for name in fields}
    dump = getattr(value, "model_dump", None)
    if dump is not None:
        return plain(dump())
    for base in (str, bool, int, float, datetime, date, time, timedelta, bytes):
        if isinstance(value, base):
            return _base(base, value)
    if isinstance(value, (set, frozenset)):
        return [plain(item) for item in sorted(value, key=repr)]
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    raise TypeError(f"a {kind.__name__} is not data that a workflow can hold")


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(plain(key))


def _base(base: type, value: Any) -> Any:
    if base is datetime:
        return datetime.fromisoformat(value.isoformat())
    if base is date:
        return date(value.year, value.month, value.day)
    if base is timedelta:
        return timedelta(value.days, value.seconds, value.microseconds)
    if base is time:
        return time.fromisoformat(value.isoformat())
    return base(value)


def encode(value: Any) -> str:
    """The text of a plain value. Raises `TypeError` for anything `plain` would not give."""
    try:
        text = _encoder.encode(value)
    except ValueError:
        return _encoder.encode(_escaped(value))
    return _encoder.encode(_escaped(value)) if '"$"' in text else text


def decode(text: str) -> Any:
    """The value of a text that `encode` made."""
    if '"$"' in text:
        return json.loads(text, object_hook=_untagged)
    return json.loads(text)


def _tagged(value: Any) -> dict[str, Any]:
    kind = type(value)
    if kind is datetime:
        return {TAG: "datetime", "v": value.isoformat()}
    if kind is date:
        return {TAG: "date", "v": value.isoformat()}
    if kind is time:
        return {TAG: "time", "v": value.isoformat()}
    if kind is timedelta:
        return {TAG: "duration", "v": [value.days, value.seconds, value.microseconds]}
    if kind is bytes:
        return {TAG: "bytes", "v": base64.b64encode(value).decode("ascii")}
    if kind is SecretRef:
        return {TAG: "secret", "v": value.name}
    if kind is ArtifactRef:
        return {TAG: "artifact", "v": [value.hash, value.size, value.summary]}
    if kind is FileRef:
        return {TAG: "file", "v": [value.hash, value.size, value.name, value.media_type]}
    raise TypeError(f"a {kind.__name__} is not plain data")


class _Encoder(json.JSONEncoder):
    """Keeps the C encoder that the base class makes anew for every text."""

    def __init__(self) -> None:
        super().__init__(default=_tagged, separators=(",", ":"), allow_nan=False, check_circular=False)
        make = getattr(json.encoder, "c_make_encoder", None)  # where Python has its accelerator
        self._parts = make and make(
            None, self.default, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, False
        )

    def encode(self, value: Any) -> str:
        return "".join(self._parts(value, 0)) if self._parts else super().encode(value)


_encoder = _Encoder()


def _escaped(value: Any) -> Any:
    """`value` with every tag written out, and mappings that hold a `$` key of their own wrapped."""
    if type(value) is dict:
        inner = {key: _escaped(item) for key, item in value.items()}
        return {TAG: "map", "v": list(inner.items())} if TAG in inner else inner
    if type(value) is list:
        return [_escaped(item) for item in value]
    if type(value) is float and not math.isfinite(value):
        return {TAG: "float", "v": repr(value)}
    if value is None or type(value) in (int, float, bool) or isinstance(value, str):
        return value
    return _tagged(value)


def _untagged(found: dict[str, Any]) -> Any:
    tag = found.get(TAG)
    if tag is None:
        return found
    value = found["v"]
    if tag == "datetime":
        return datetime.fromisoformat(value)
    if tag == "date":
        return date.fromisoformat(value)
    if tag == "time":
        return time.fromisoformat(value)
    if tag == "duration":
        return timedelta(*value)
    if tag == "bytes":
        return base64.b64decode(value)
    if tag == "float":
        return float(value)
    if tag == "secret":
        return SecretRef(value)
    if tag == "artifact":
        return ArtifactRef(*value)
    if tag == "file":
        return FileRef(*value)
    if tag == "map":
        return dict(value)
    raise ValueError(f"unknown value tag {tag!r}")
