"""The answer to a request: its body within a limit of size, and as the value it stands for."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from engine.core.sentences import say
from engine.sdk import BusinessError, StepTimeout, SystemFault
from engine.sdk.encodings import decode_text
from engine.sdk.http.call import Call, shown_url

if TYPE_CHECKING:
    import httpx

Form = Literal["auto", "json", "text", "bytes"]
_MB = 1_000_000
_PIECE = 1 << 18
_TEXTS = re.compile(r"text/.*|.*[/+](xml|javascript|x-www-form-urlencoded|yaml|csv)")
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Response:
    """The status; the headers, with names in lower case; the body; and the address that answered in the end."""

    status: int
    headers: dict[str, str]
    body: Any
    content_type: str
    url: str


async def response_of(response: httpx.Response, body: bytes, form: Form) -> Response:
    """A closed response as an output."""
    value = await asyncio.to_thread(_value, response, body, form)
    content_type = response.headers.get("content-type", "")
    return Response(response.status_code, dict(response.headers), value, content_type, shown_url(str(response.url)))


def _value(response: httpx.Response, body: bytes, form: Form) -> Any:
    content_type = response.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if form == "bytes":
        return body
    if form == "auto":
        if not body:
            return None
        if kind.endswith(("/json", "+json")):
            form = "json"
        elif not _TEXTS.fullmatch(kind):
            return body
    where = say("the answer of {shown}", shown=shown_url(str(response.url)))
    charset = _CHARSET.search(content_type)
    try:
        text = body.decode(charset[1] if charset else "utf-8-sig")
    except (LookupError, UnicodeDecodeError):
        text, _ = decode_text(body, "auto", where)
    if form != "json":
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        said = " ".join(text[:80].split())
        raise BusinessError(
            say("{where} is not JSON: {error}; it begins with {said!r}", where=where, error=error, said=said),
            hint=say("Read it as text, or check the address."),
        ) from None


async def body_of(response: httpx.Response, call: Call) -> bytes:
    """The whole body, decoded. Raises `BusinessError` if it is larger than the call allows, before it is in memory."""
    found = bytearray()
    async with aclosing(chunks(response, call)) as pieces:
        async for piece in pieces:
            found += piece
            if len(found) > call.max_size * _MB:
                raise BusinessError(
                    say(
                        "the answer of {shown} is larger than {max_size:g} MB", shown=call.shown, max_size=call.max_size
                    ),
                    hint=say("Raise the limit, ask for less, or download it to a file."),
                )
    return bytes(found)


async def chunks(response: httpx.Response, call: Call) -> AsyncGenerator[bytes, None]:
    """The decoded body in pieces that stay small, also where a little compressed data stands for very much."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        async with _raw(response) as raws:
            async for raw in raws:
                yield raw
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise SystemFault(
            say(
                "{shown} was answered in the encoding {coding!r}, which was not asked for",
                shown=call.shown,
                coding=coding[:40],
            )
        )
    inflater = _Inflater()
    empty = True
    try:
        async with _raw(response) as raws:
            async for raw in raws:
                empty = empty and not raw
                for piece in inflater.feed(raw):
                    yield piece
                    await asyncio.sleep(0)
    except zlib.error:
        raise _broken(call, "it is not compressed as it claims") from None
    if not inflater.ended and not empty:
        raise _broken(call, "it ends too early")


def _raw(response: httpx.Response) -> aclosing[AsyncGenerator[bytes, None]]:
    return aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw()))


class _Inflater:
    """Decompresses piece by piece; several gzip members may follow each other."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(47)
        self._started = False

    @property
    def ended(self) -> bool:
        return self._inflate.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(47)
            try:
                piece = self._inflate.decompress(data, _PIECE)
            except zlib.error:
                if self._started:
                    raise
                self._inflate = zlib.decompressobj(-15)  # "deflate" without the wrapper that the standard asks for
                piece = self._inflate.decompress(data, _PIECE)
            self._started = True
            if piece:
                yield piece
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail


def _broken(call: Call, reason: str) -> SystemFault:
    kind = StepTimeout if call.once else SystemFault
    return kind(f"the answer of {call.shown} is damaged: {reason}")
