"""A file fetched: whole under its name, or not at all; and taken up where it was left."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, activity
from engine.sdk.durations import Duration
from engine.sdk.http.call import (
    REPEATABLE,
    Auth,
    Authority,
    Call,
    Credential,
    Headers,
    KeyName,
    Query,
    RetryOn,
    Url,
    Username,
    Verify,
    matches,
    repeat_key,
    shown_url,
)
from engine.sdk.http.exchange import FINAL, check_status, client_for, opened, pause, retry_after
from engine.sdk.http.reply import chunks
from engine.sdk.http.system import Configured, Retries, counted, joined, limits
from engine.sdk.partial import Damaged, Partial

if TYPE_CHECKING:
    import httpx

_RANGE = re.compile(r"bytes\s+(?:(\d+)-(\d+)|\*)/(\d+|\*)")
_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
_PIECE = 1 << 20


@dataclass(frozen=True)
class Downloaded:
    """Where the file is, its size in bytes, its SHA-256, and from which byte on it was fetched in the last try."""

    path: Path
    size: int
    sha256: str
    resumed_at: int
    url: str


@activity(
    "http.download",
    label="HTTP download",
    icon="download",
    effect=Effect.IDEMPOTENT,
    keywords=("file", "fetch", "save"),
)
async def download(
    ctx: Context,
    url: Url,
    path: Annotated[Path, Param("File to save as", kind="save")],
    integration: Configured = None,
    checksum: Annotated[str, Param("Checksum", "That it must have: sha256:…, sha1:…, md5:…, sha512:…")] = "",
    query: Query = {},  # noqa: B006
    headers: Headers = {},  # noqa: B006
    auth: Auth = "none",
    username: Username = "",
    credential: Credential = None,
    key_name: KeyName = "X-API-Key",
    timeout: Annotated[
        Duration | None,
        Param("Time limit", "How long the server may be silent. Empty: the integration's, or the usual one.", "30s"),
    ] = None,
    retries: Retries = None,
    retry_on: RetryOn = REPEATABLE,
    max_size: Annotated[float | None, Param("Largest file", unit="MB", advanced=True)] = None,
    verify: Verify = True,
    authority: Authority = None,
) -> Downloaded:
    """Download a file, replacing what is there.

    It takes its name only when it is complete, on the disk, and has the checksum. A connection that breaks is taken up
    where it was, also by a retry of the step or after a crash, if the server can tell that the file is still the same.
    The output holds `path`, `size`, `sha256`, `resumed_at` and `url`.
    """
    wanted = _checksum(checksum)
    patience, tries = limits(integration, timeout, retries, (30.0, 5))
    url = joined(integration, url)
    call = Call(
        ctx, "GET", url, query, {**headers, "Accept-Encoding": "identity"}, auth, username, credential, key_name,
        patience, tries, retry_on, verify=verify, authority=authority, integration=integration,
    )  # fmt: skip
    part = await asyncio.to_thread(Partial, path, f"{repeat_key(ctx)} {url}", wanted[0], max_size)
    try:
        async with client_for(call, stall=patience) as client:
            await _fetch(client, call, part)
        await asyncio.to_thread(part.finish, wanted[1], shown_url(url))
    except (BusinessError, Damaged):
        await asyncio.to_thread(part.discard)
        raise
    finally:
        part.close()
    return Downloaded(path, part.size, part.sha256, part.resumed_at, shown_url(url))


async def _fetch(client: httpx.AsyncClient, call: Call, part: Partial) -> None:
    tries = 0
    while True:
        tries += 1
        wait: float | None = None
        before = part.size
        conditional = (
            {"Range": f"bytes={part.size}-", "If-Range": part.validator} if part.size and part.validator else {}
        )
        asked = replace(call, headers={**call.headers, **conditional})
        try:
            async with counted(asked) as answers, opened(client, asked, None) as response:
                answers.append(response)
                status = response.status_code
                if not matches(status, call.retry_on) or tries > call.retries:
                    if await _received(response, asked, part):
                        return
                    continue
                fault = SystemFault(say("{shown} was answered with {status}", shown=call.shown, status=status))
                wait = retry_after(response)
        except _Ours as error:
            raise error.fault from None
        except SystemFault as error:
            if part.size > before == part.resumed_at:
                tries = 1  # it gets on
            if tries > call.retries or isinstance(error, FINAL):
                raise
            fault = error
        await pause(call, fault, tries, wait)


class _Ours(Exception):
    """A failure on this side, which tells nothing of the server: the disk is full."""

    def __init__(self, fault: SystemFault) -> None:
        super().__init__()
        self.fault = fault


async def _received(response: httpx.Response, call: Call, part: Partial) -> bool:
    try:
        return await _receive(response, call, part)
    except SystemFault as error:
        if part.unwritable:
            raise _Ours(error) from None
        raise


async def _receive(response: httpx.Response, call: Call, part: Partial) -> bool:
    """Add what the response holds to the part. Gives False if it has to be fetched from the beginning."""
    import httpx

    place = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
    start = part.size
    if response.status_code == 416 and start:
        if place and place[3] == str(start):
            return True
        await asyncio.to_thread(part.restart, "")
        return False
    if response.status_code == 206 and start:
        if not place or place[1] != str(start):
            await asyncio.to_thread(part.restart, "")
            return False
        total = int(place[3]) if place[3] != "*" else None
    else:
        if not matches(response.status_code, call.expect) or response.status_code == 206:
            body = b""
            async with aclosing(chunks(response, call)) as pieces:
                async for piece in pieces:
                    body += piece
                    if len(body) > 2000:
                        break
            check_status(response, body, replace(call, expect="200"))
        plain = response.headers.get("content-encoding", "identity").lower() == "identity"
        tag = response.headers.get("etag", "")
        validator = response.headers.get("last-modified", "") if tag.startswith("W/") or not tag else tag
        await asyncio.to_thread(part.restart, validator if plain else "")
        length = response.headers.get("content-length", "")
        total = int(length) if plain and length.isdigit() else None
    part.resumed_at = part.size
    held = bytearray()
    try:
        async with aclosing(chunks(response, call)) as pieces:
            async for piece in pieces:
                held += piece
                if len(held) >= _PIECE:
                    await asyncio.to_thread(part.write, bytes(held), total)
                    held.clear()
                    call.ctx.progress(part.size, total)
    except httpx.TransportError:
        await asyncio.to_thread(part.write, bytes(held), total)
        raise
    await asyncio.to_thread(part.write, bytes(held), total)
    call.ctx.progress(part.size, total)
    if total is not None and part.size != total:
        raise SystemFault(say("{shown} gave {size} of {total} bytes", shown=call.shown, size=part.size, total=total))
    return True


def _checksum(text: str) -> tuple[str, str]:
    """The algorithm and the expected digest of `sha256:…`, or of a digest alone, by its length."""
    name, _, digest = text.strip().lower().rpartition(":")
    if not digest:
        return "sha256", ""
    name = name.replace("-", "") or next((known for known, length in _LENGTHS.items() if length == len(digest)), "")
    if _LENGTHS.get(name) != len(digest) or not re.fullmatch("[0-9a-f]+", digest):
        raise BusinessError(
            say("{text!a} is not a checksum", text=text[:100]),
            hint=say("Write the algorithm and the digest: sha256:9f86d0…"),
        )
    return name, digest
