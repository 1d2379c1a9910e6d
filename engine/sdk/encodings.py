"""Which encoding the bytes of a text file are in."""

from __future__ import annotations

import codecs
import re

from engine.core.errors import BusinessError
from engine.core.sentences import say

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 16
_HIGH = re.compile(rb"[\xc0-\xff]")
_RUN = re.compile(rb"[\xc0-\xff]{2,}")


def decode_text(content: bytes, encoding: str, what: str) -> tuple[str, str]:
    """The text of `content`, and the name of its encoding. `what` names the file in errors.

    With the encoding `auto`: by its byte order mark, else UTF-8, else UTF-16 if every other byte is zero, else
    Windows-1251 where high bytes stand in runs as in Cyrillic words, else Windows-1252.
    Raises `BusinessError` for an unknown encoding and for bytes that are not in it.
    """
    name = encoding.strip().lower()
    if name in ("", "auto"):
        name = _detect(content, what)
    try:
        return content.decode(name), name
    except LookupError:
        raise BusinessError(
            say("there is no encoding {encoding!r}", encoding=encoding),
            hint=say("Use for example utf-8, windows-1251, or auto."),
        ) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BusinessError(
            say("line {line} of {what} is not in the encoding {name}", line=line, what=what, name=name),
            hint=say("Choose another encoding, or auto."),
        ) from None


def encode_text(text: str, encoding: str, what: str) -> bytes:
    """The bytes of `text`. Raises `BusinessError` for an unknown encoding, and for a character that it lacks."""
    try:
        return text.encode(encoding)
    except LookupError:
        raise BusinessError(
            say("there is no encoding {encoding!r}", encoding=encoding),
            hint=say("Use for example utf-8 or windows-1251."),
        ) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise BusinessError(
            say(
                "line {line} of what is written to {what} has the character {character!a}, which the encoding "
                "{encoding} does not have",
                line=line,
                what=what,
                character=text[error.start],
                encoding=encoding,
            ),
            hint=say("Write UTF-8, or replace the character."),
        ) from None


def _detect(content: bytes, what: str) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    sample = content[:_SAMPLE]
    if b"\0" in sample and len(content) % 2 == 0:
        for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
            zeros = sample[start::2]
            if zeros and zeros.count(0) > len(zeros) * 0.4 and sample[1 - start :: 2].count(0) == 0:
                return name
    try:
        content.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    if b"\0" in sample:
        raise BusinessError(say("{what} is not a text file", what=what), hint=say("Check that it is the right file."))
    high = len(_HIGH.findall(content))
    runs = sum(map(len, _RUN.findall(content)))
    return "cp1251" if runs > high / 2 else "cp1252"
