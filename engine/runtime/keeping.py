"""Files that activities give become artifacts: in the output of a step, and beside its error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.core.values import File, FileRef

LARGEST = 1_000_000_000
"""Bytes of a file that can be kept."""
_LONGEST_NAME = 150
Put = Callable[[bytes], Awaitable[str]]


async def keep(value: Any, put: Put) -> Any:
    """`value`, plain data, with every `File` in it stored and replaced by its `FileRef`.

    Raises `BusinessError` for a file that is too large, `SystemFault` for one that cannot be read.
    """
    if type(value) is File:
        return await _kept(value, put)
    if type(value) is dict:
        return {key: await keep(item, put) for key, item in value.items()}
    if type(value) is list:
        return [await keep(item, put) for item in value]
    return value


async def _kept(file: File, put: Put) -> FileRef:
    name = safe_name(redact(file.name))
    content = file.content
    if isinstance(content, Path):
        try:
            size = content.stat().st_size
            data = b"" if size > LARGEST else await asyncio.to_thread(content.read_bytes)
        except OSError as error:
            raise SystemFault(say("{name} cannot be kept: {reason}", name=name, reason=error.strerror)) from None
    else:
        data, size = content, len(content)
    if size > LARGEST:
        raise BusinessError(
            say("{name} is too large to be kept: {size} MB", name=name, size=size // 1_000_000),
            hint=say("Save it to a folder instead."),
        )
    if file.media_type.startswith("text/"):
        data = redact(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return FileRef(await put(data), len(data), name, file.media_type)


def safe_name(name: str) -> str:
    """`name` as every file system takes it: one part of a path, with nothing that means something to any of them."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(
        "_" if sign in '<>:"|?*' or ord(sign) < 32 or ord(sign) == 127 or "\ud800" <= sign <= "\udfff" else sign
        for sign in last
    ).strip(" .")
    if not kept:
        return "file"
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 20:
        return kept[:_LONGEST_NAME]
    return f"{stem[: _LONGEST_NAME - len(suffix) - 1]}.{suffix}"
