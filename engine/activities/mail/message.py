"""A mail as it came, read whatever is wrong with it: broken MIME, unknown charsets, bytes where there should be none.

The standard library's lenient parser takes the parts apart; headers are kept as they came and decoded here, because
what it makes of bytes outside of ASCII is lost.
"""

from __future__ import annotations

import email.errors
import email.header
import email.utils
import re
from collections.abc import Iterator
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from html.parser import HTMLParser
from typing import Any

from engine.activities.mail.mails import Attachment
from engine.core.errors import BusinessError
from engine.sdk.encodings import decode_text

_BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote", "hr", "pre"}
_ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
_UNSEEN = {"style", "script", "head", "title"}


class _AsItCame(Compat32):
    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


_POLICY = _AsItCame()


def parsed(content: bytes) -> Message:
    """The mail or its headers as the parser takes them apart; it takes anything."""
    return BytesParser(policy=_POLICY).parsebytes(content)


def header(message: Message, name: str) -> str:
    """A header as a person reads it, in one line; empty if there is none."""
    return decoded(str(message.get(name, "")))


def addresses(message: Message, name: str) -> list[tuple[str, str]]:
    """The names and addresses in all headers of a name."""
    raw = [" ".join(str(one).split()) for one in message.get_all(name, [])]
    found = [(who, address) for who, address in email.utils.getaddresses(raw) if "@" in address]
    if not found:  # a comma or a bracket where there should be none
        found = [("", address) for one in raw for address in _ADDRESS.findall(one)]
    return [(decoded(who), decoded(address)) for who, address in found]


def date(message: Message) -> datetime | None:
    """The date that the sender wrote, if it is one."""
    try:
        found = email.utils.parsedate_to_datetime(str(message.get("date", "")))
        return found.astimezone() if found.tzinfo is None else found
    except (TypeError, ValueError, OverflowError, IndexError, OSError):
        return None


def decoded(raw: str) -> str:
    """The text of a raw header: encoded words of any charset, and bytes that nobody encoded."""
    raw = " ".join(raw.split())
    if not raw.isascii():
        return _text(raw.encode("utf-8", "surrogateescape"), "")
    if "=?" not in raw:
        return raw
    try:
        parts = email.header.decode_header(raw)
    except (ValueError, email.errors.HeaderParseError):
        return raw
    read = "".join(part if isinstance(part, str) else _text(part, charset or "") for part, charset in parts)
    return " ".join(read.split())


def texts(message: Message) -> tuple[str, str]:
    """Its plain text and its HTML; the plain one is made of the other where it is missing."""
    plain: list[str] = []
    html: list[str] = []
    for part in parts(message):
        if not is_file(part):
            (html if part.get_content_subtype() == "html" else plain).append(
                _text(content(part), str(part.get_content_charset("") or ""))
            )
    written = "\n".join(html).replace("\r\n", "\n")
    return "\n".join(plain).replace("\r\n", "\n") or _readable(written), written


def files(message: Message) -> Iterator[tuple[Attachment, bytes]]:
    """Its attachments, and what is in them."""
    for number, part in enumerate((one for one in parts(message) if is_file(one)), 1):
        data = content(part)
        yield Attachment(_name(part, number), len(data), part.get_content_type(), inline(part)), data


def parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, in their order; a mail within the mail is one."""
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from parts(part)
    else:
        yield message


def is_file(part: Message) -> bool:
    """Whether a part is a file, and not the text."""
    disposition = part.get_content_disposition()
    if disposition == "attachment" or part.get_content_maintype() not in ("text", "multipart"):
        return True
    if part.get_content_maintype() == "multipart":  # without the boundary it lives by
        return False
    return bool(part.get_filename()) or part.get_content_subtype() not in ("plain", "html")


def inline(part: Message) -> bool:
    """Whether the HTML text shows it."""
    if part.get_content_disposition() == "attachment" or part.get_content_maintype() != "image":
        return False
    return part.get_content_disposition() == "inline" or bool(part.get("content-id"))


def content(part: Message) -> bytes:
    """The bytes of a part; where their encoding is broken, as they came."""
    payload = part.get_payload()
    if isinstance(payload, list):  # a mail within the mail
        try:
            return payload[0].as_bytes() if payload and isinstance(payload[0], Message) else b""
        except (ValueError, LookupError, TypeError, AttributeError):
            return b"".join(content(one) for one in payload if isinstance(one, Message))
    try:
        data: Any = part.get_payload(decode=True)
    except (ValueError, LookupError):
        data = str(payload).encode("utf-8", "surrogateescape")
    return data if isinstance(data, bytes) else b""


def _name(part: Message, number: int) -> str:
    try:
        name = decoded(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, IndexError):
        name = ""
    if name:
        return name
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return f"{header(payload[0], 'subject') or number}.eml"
    import mimetypes

    return f"{number}{mimetypes.guess_extension(part.get_content_type()) or '.bin'}"


def _text(data: bytes, charset: str) -> str:
    """`data` in its charset; where that is unknown or wrong, in the one it looks like."""
    if charset.lower() not in ("", "us-ascii", "ascii", "unknown-8bit", "default"):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            pass
    try:
        return decode_text(data, "auto", "")[0]
    except BusinessError:
        return data.decode("latin-1" if charset else "utf-8", "replace")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _UNSEEN
        if tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _UNSEEN))
        if tag in _BLOCKS and tag != "br":
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(" ".join(data.split()).join((" " * data[:1].isspace(), " " * data[-1:].isspace())))


def _readable(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)
