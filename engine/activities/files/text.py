"""Text files, read and written whole, or grown at the end."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.encodings import decode_text, encode_text
from engine.sdk.files import append_bytes, atomic_write, file_errors

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class TextFile:
    """The text of a file; where it is, the name of its encoding, and its size in bytes."""

    text: str
    path: Path
    encoding: str
    size: int


@dataclass(frozen=True)
class WrittenFile:
    """Where the file is, and its size in bytes."""

    path: Path
    size: int


@activity("files.read", label="Read text file", icon="file-text", effect=Effect.PURE, keywords=("open", "load", "txt"))
def read(
    path: Annotated[Path, Param("File", kind="file")],
    encoding: Annotated[str, Param("Encoding", "auto, utf-8, windows-1251 …")] = "auto",
    line_ends: Annotated[
        Literal["unify", "keep"], Param("Line ends", "unify: every line ends with \\n, as on Linux.", advanced=True)
    ] = "unify",
    largest: Annotated[float, Param("At most", "A larger file is refused.", unit="MB", advanced=True)] = 100,
) -> TextFile:
    """Read a text file.

    The encoding is found out: by the byte order mark, else UTF-8, else UTF-16, else the Windows one for Cyrillic or
    Western letters. A byte order mark is not part of the text.
    The output holds the `text`, the `path`, the name of the `encoding` and the `size` in bytes.
    """
    content = _content(path, largest)
    text, found = decode_text(content, encoding, str(path))
    text = text.removeprefix("\ufeff")
    if line_ends == "unify" and "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return TextFile(text, path, found, len(content))


@activity(
    "files.write",
    label="Write text file",
    icon="pencil-simple",
    effect=Effect.IDEMPOTENT,
    keywords=("save", "create", "txt"),
)
def write(
    path: Annotated[Path, Param("File", "Missing folders are made.", kind="save")],
    text: Annotated[str, Param("Text", kind="text")],
    encoding: Annotated[
        str, Param("Encoding", "utf-8, utf-8-sig (for Excel), windows-1251 …", advanced=True)
    ] = "utf-8",
    line_ends: Annotated[
        Literal["keep", "windows"], Param("Line ends", "windows: every line ends with \\r\\n.", advanced=True)
    ] = "keep",
    if_exists: Annotated[Literal["replace", "fail"], Param("If the file is there")] = "replace",
) -> WrittenFile:
    """Write a text file, in place of what it held.

    The file is written whole or not at all: who reads it meanwhile, or after a crash, finds the old text or the new.
    A file that holds exactly this text already counts as written, so that repeating the step does no harm.
    """
    if line_ends == "windows":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    content = encode_text(text, encoding, str(path))
    if if_exists == "fail":
        with file_errors(path, "write"):
            there = path.exists()
        if there and (path.is_dir() or path.stat().st_size != len(content) or path.read_bytes() != content):
            raise BusinessError(
                say("{path} is already there", path=path), hint=say("Choose another name, or let the step replace it.")
            )
        if there:
            return WrittenFile(path, len(content))
    with atomic_write(path) as stream:
        stream.write(content)
    return WrittenFile(path, len(content))


@activity(
    "files.append", label="Append to text file", icon="file-plus", effect=Effect.ONCE, keywords=("add", "log", "txt")
)
def append(
    path: Annotated[Path, Param("File", "It and missing folders are made.", kind="save")],
    text: Annotated[str, Param("Text", kind="text")],
    newline: Annotated[bool, Param("On lines of its own", "Begin on a new line, and end the last one.")] = True,
    encoding: Annotated[str, Param("Encoding", "utf-8, windows-1251 …", advanced=True)] = "utf-8",
) -> WrittenFile:
    """Add text to the end of a file.

    The text is added in one piece and is on the disk when the step ends. Adding it twice would double it: after a
    crash in the middle the step is in doubt, and nobody repeats it unasked.
    """
    if newline and not text.endswith("\n"):
        text += "\n"
    content = encode_text(text, encoding, str(path))
    return WrittenFile(path, append_bytes(path, content, line=newline))


def _content(path: Path, largest: float) -> bytes:
    """The bytes of an ordinary file of at most `largest` megabytes: a pipe would never end, a device has no end."""
    with file_errors(path, "read"):
        if not stat.S_ISREG(path.stat().st_mode):
            if path.is_dir():
                raise IsADirectoryError
            raise BusinessError(
                say("{path} is not an ordinary file", path=path), hint=say("Give the path of a file that holds data.")
            )
        with open(path, "rb") as stream:
            content = stream.read(int(largest * MEGABYTE) + 1)
            size = os.fstat(stream.fileno()).st_size
    if len(content) > largest * MEGABYTE:
        raise BusinessError(
            say(
                "{path} has {size:.1f} MB, more than the {largest:g} MB that are allowed",
                path=path,
                size=size / MEGABYTE,
                largest=largest,
            ),
            hint=say("Check that it is the right file, or raise the limit of the step."),
        )
    return content
