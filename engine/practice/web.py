"""What goes over the wire, as the pages see it: a request that was read within limits, and a reply."""

from __future__ import annotations

import email.parser
import email.policy
import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import Any

MAX_FORM = 64 << 10
"""Bytes of a form or of JSON."""
MAX_UPLOAD = 20 << 20
"""Bytes of an upload, with everything around the file."""
MAX_FIELDS = 100


class Refused(Exception):
    """The request cannot be served: a status, and one sentence for whoever sent it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Upload:
    """A file that came with a form. `name` has no folders."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Request:
    """A request. `path` is decoded, `headers` have lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)

    @property
    def _media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of a form or the keys of a JSON object. Raises `Refused`."""
        if self._media_type == "application/json":
            found = self.json
            if not isinstance(found, dict):
                raise Refused(400, "The JSON is not an object.")
            return {str(name): value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}
        if self._media_type == "multipart/form-data":
            return {name: content.decode("utf-8", "replace") for name, file, content in self._parts if not file}
        try:
            pairs = urllib.parse.parse_qsl(
                self.body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace"
            )
        except ValueError:
            raise Refused(400, "The form cannot be read.") from None
        return dict(pairs)

    @cached_property
    def json(self) -> Any:
        """The JSON in the body. Raises `Refused`."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused(400, "The body is not JSON.") from None

    @property
    def uploads(self) -> list[Upload]:
        """The files that came with the form. Raises `Refused`."""
        return [Upload(name, content) for _, name, content in self._parts if name]

    @cached_property
    def _parts(self) -> list[tuple[str, str, bytes]]:
        if self._media_type != "multipart/form-data":
            raise Refused(415, "A file is sent as multipart/form-data.")
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode("latin-1", "replace")
        if self.body.count(b"\nContent-Disposition:") > MAX_FIELDS:
            raise Refused(413, "The form has too many parts.")
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + self.body)
        if not message.is_multipart():
            raise Refused(400, "The form cannot be read.")
        parts = []
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            given = (part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
            clean = "".join(letter for letter in given if letter.isprintable())[:200]
            parts.append((str(name or ""), clean, _bytes(part.get_payload(decode=True))))
        return parts

    def cookie(self, name: str) -> str:
        """The value of a cookie, or an empty text."""
        try:
            found = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return ""
        return found.value if found else ""

    def number(self, name: str, default: float, most: float) -> float:
        """A number of the query, between 0 and `most`. Raises `Refused`."""
        text = self.query.get(name, "")
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= most:
            raise Refused(400, f"{name} must be a number from 0 to {most:g}.")
        return value


@dataclass(frozen=True)
class Reply:
    """What is sent back. `cut` is the number of bytes of the body after which the connection is torn."""

    body: bytes = field(default=b"", repr=False)
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


def redirect(address: str, **headers: str) -> Reply:
    """See other: to be read with GET."""
    return Reply(status=303, headers={"Location": address, **headers})


def as_json(value: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(value, indent=1, ensure_ascii=False).encode(), status, "application/json; charset=utf-8")


def _bytes(content: object) -> bytes:
    return content if isinstance(content, bytes) else b""
