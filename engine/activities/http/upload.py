"""A file sent as it is, of any size."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from engine.sdk import Context, Effect, Param, activity
from engine.sdk.files import file_errors
from engine.sdk.http.call import (
    REPEATABLE,
    Auth,
    Authority,
    Call,
    Credential,
    Expect,
    Headers,
    KeyName,
    Query,
    RetryOn,
    Url,
    Username,
    Verify,
)
from engine.sdk.http.exchange import client_for, exchange
from engine.sdk.http.reply import Response, response_of
from engine.sdk.http.system import Configured, Retries, Timeout, joined, limits

_PIECE = 1 << 18


@activity("http.upload", label="HTTP upload", icon="upload", effect=Effect.IDEMPOTENT, keywords=("put", "file", "send"))
async def upload(
    ctx: Context,
    path: Annotated[Path, Param("File", kind="file")],
    url: Url,
    integration: Configured = None,
    content_type: Annotated[str, Param("Content type", advanced=True)] = "application/octet-stream",
    query: Query = {},  # noqa: B006
    headers: Headers = {},  # noqa: B006
    auth: Auth = "none",
    username: Username = "",
    credential: Credential = None,
    key_name: KeyName = "X-API-Key",
    timeout: Timeout = None,
    expect: Expect = "2xx",
    retries: Retries = None,
    retry_on: RetryOn = REPEATABLE,
    verify: Verify = True,
    authority: Authority = None,
) -> Response:
    """Put a file of any size at an address, replacing what is there.

    It is read while it is sent. Use "HTTP send" for a file in a form, or for a server that makes something new of each
    request. The output holds `status`, `headers`, `body`, `content_type` and `url`.
    """
    size = await asyncio.to_thread(_size, path)
    sent = {"content-type": content_type, "content-length": str(size)}
    call = Call(
        ctx, "PUT", joined(integration, url), query,
        {**sent, **{name.lower(): value for name, value in headers.items()}}, auth, username, credential, key_name,
        *limits(integration, timeout, retries, (600.0, 3)), retry_on, expect, False, verify, authority,
        integration=integration, content=lambda: _pieces(ctx, path, size),
    )  # fmt: skip
    async with client_for(call) as client:
        answer, body = await exchange(client, call)
    return await response_of(answer, body, "auto")


def _size(path: Path) -> int:
    with file_errors(path, "read"), open(path, "rb") as stream:
        return os.fstat(stream.fileno()).st_size


async def _pieces(ctx: Context, path: Path, size: int) -> AsyncIterator[bytes]:
    """The first `size` bytes of the file: what is appended meanwhile is not a part of what was announced."""
    with file_errors(path, "read"):
        stream = await asyncio.to_thread(open, path, "rb")
        try:
            done = 0
            while done < size and (piece := await asyncio.to_thread(stream.read, min(_PIECE, size - done))):
                done += len(piece)
                yield piece
                ctx.progress(done, size)
        finally:
            stream.close()
