"""What there is: files found, looked at and fingerprinted."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, Port, To, activity
from engine.sdk.durations import Duration
from engine.sdk.files import file_errors

CHUNK = 1 << 20
_CHECK_EVERY = 200


@dataclass(frozen=True)
class FileInfo:
    """A file or folder: its path and the parts of that, the size in bytes, and the local time it was last changed."""

    path: Path
    name: str
    stem: str
    extension: str
    folder: Path
    kind: Literal["file", "folder", "other"]
    size: int
    modified: datetime


@dataclass(frozen=True)
class FileList:
    """The files found, how many there are, and how many bytes together."""

    files: list[FileInfo]
    count: int
    size: int


@dataclass(frozen=True)
class Existence:
    """Whether it is there, and what it is; `kind` is empty for what is not."""

    exists: bool
    kind: Literal["file", "folder", "other", ""]
    path: Path


@dataclass(frozen=True)
class Fingerprint:
    """The hash in hexadecimal digits, and the size of the file in bytes."""

    hash: str
    size: int


_SORTS: dict[str, Callable[[FileInfo], Any]] = {
    "name": lambda one: (one.name.casefold(), one.name),
    "path": lambda one: str(one.path),
    "modified": lambda one: (one.modified, one.name),
    "size": lambda one: (one.size, one.name),
}


@activity("files.list", label="List files", icon="list", effect=Effect.PURE, keywords=("glob", "find", "search", "dir"))
def list_files(
    folder: Annotated[Path, Param("Folder", kind="folder")],
    ctx: Context,
    pattern: Annotated[
        str, Param("Names", "* stands for anything, ? for a character; several with a semicolon.", "*.csv; *.xlsx")
    ] = "*",
    recursive: Annotated[bool, Param("Also in folders inside")] = False,
    kind: Annotated[Literal["files", "folders", "both"], Param("What to list")] = "files",
    sort: Annotated[Literal["name", "path", "modified", "size"], Param("Sort by")] = "name",
    descending: Annotated[bool, Param("Largest or latest first")] = False,
    newer_than: Annotated[
        Duration | None, Param("Changed within the last", "Empty for any time.", "7d", advanced=True)
    ] = None,
    older_than: Annotated[
        Duration | None, Param("Not changed for", "Empty for any time.", "30d", advanced=True)
    ] = None,
    smallest: Annotated[int, Param("At least", unit="bytes", advanced=True)] = 0,
    largest: Annotated[int | None, Param("At most", unit="bytes", advanced=True)] = None,
    hidden: Annotated[bool, Param("Also hidden ones", "Their names begin with a dot.", advanced=True)] = False,
    limit: Annotated[int | None, Param("No more than", unit="files", advanced=True)] = None,
) -> FileList:
    """List the files of a folder.

    Capitals and small letters are the same in names. Folders that are links are not entered.
    The output holds `files`, each with its path, name, size and time, in a fixed order; their `count`; and the `size`.
    """
    names = name_pattern(pattern)
    now = time.time()
    oldest = now - newer_than if newer_than is not None else None
    latest = now - older_than if older_than is not None else None
    found: list[FileInfo] = []
    with file_errors(folder, "list"):
        for seen, entry in enumerate(entries(folder, recursive, hidden), 1):
            if not seen % _CHECK_EVERY:
                ctx.check()
                ctx.progress(seen)
            if not names.fullmatch(entry.name):
                continue
            try:
                status = entry.stat()
            except OSError:
                try:
                    status = entry.stat(follow_symlinks=False)  # a link to nowhere
                except FileNotFoundError:
                    continue  # deleted meanwhile
            is_folder = stat.S_ISDIR(status.st_mode)
            if kind != "both" and is_folder != (kind == "folders"):
                continue
            if (oldest is not None and status.st_mtime < oldest) or (latest is not None and status.st_mtime > latest):
                continue
            if not is_folder and (status.st_size < smallest or (largest is not None and status.st_size > largest)):
                continue
            found.append(_info(Path(entry.path), status))
    found.sort(key=_SORTS[sort], reverse=descending)
    found = found[:limit]
    return FileList(found, len(found), sum(one.size for one in found))


@activity("files.info", label="File details", icon="info", effect=Effect.PURE, keywords=("size", "date", "stat"))
def info(path: Annotated[Path, Param("File or folder", kind="file")]) -> FileInfo:
    """Look up the size and time of a file or folder, and the parts of its path."""
    with file_errors(path, "look at"):
        return _info(path, path.stat())


@activity(
    "files.exists",
    label="File exists",
    icon="question",
    effect=Effect.PURE,
    ports=(Port("true", "Yes"), Port("false", "No")),
    keywords=("if", "missing", "check"),
)
def exists(
    path: Annotated[Path, Param("File or folder", kind="file")],
    kind: Annotated[Literal["any", "file", "folder"], Param("What must be there")] = "any",
) -> To:
    """Go one of two ways, by whether a file or folder is there.

    The output says whether it `exists`, and of which `kind` what is there is.
    """
    with file_errors(path, "look at"):
        try:
            there: Literal["file", "folder", "other", ""] = _kind(path.stat())
        except (FileNotFoundError, NotADirectoryError):
            there = ""
    good = there != "" and kind in ("any", there)
    return To("true" if good else "false", Existence(good, there, path))


@activity(
    "files.hash", label="Hash of a file", icon="fingerprint", effect=Effect.PURE, keywords=("checksum", "sha256", "md5")
)
def hash_file(
    path: Annotated[Path, Param("File", kind="file")],
    ctx: Context,
    algorithm: Annotated[Literal["sha256", "sha512", "sha1", "md5", "blake2b"], Param("Algorithm")] = "sha256",
    expected: Annotated[str, Param("It must be", "The step fails if the hash is another one.", advanced=True)] = "",
) -> Fingerprint:
    """Compute the hash of a file, by which two files can be told apart or found to be the same."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    size = 0
    with file_errors(path, "read"):
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise BusinessError(
                say("{path} is not an ordinary file", path=path), hint=say("Give the path of a file that holds data.")
            )
        with open(path, "rb") as stream:
            while chunk := stream.read(CHUNK):
                ctx.check()
                digest.update(chunk)
                size += len(chunk)
                ctx.progress(size, status.st_size)
    found = digest.hexdigest()
    if expected and found != expected.strip().lower():
        raise BusinessError(
            say(
                "{path} has the {algorithm} {found}, not {wanted}",
                path=path,
                algorithm=algorithm,
                found=found,
                wanted=expected.strip()[:200],
            ),
            hint=say("The file is damaged or not the one that was meant."),
        )
    return Fingerprint(found, size)


def name_pattern(pattern: str) -> re.Pattern[str]:
    """What names must match: `*.csv; *.xlsx`, without regard to case."""
    parts = [part.strip() for part in pattern.split(";") if part.strip()] or ["*"]
    return re.compile("|".join(fnmatch.translate(part) for part in parts), re.IGNORECASE)


def entries(folder: Path, recursive: bool, hidden: bool) -> Iterator[os.DirEntry[str]]:
    """Everything in a folder. What cannot be entered below it is passed over."""
    waiting: list[str | Path] = [folder]
    while waiting:
        current = waiting.pop()
        try:
            scan = os.scandir(current)
        except (PermissionError, FileNotFoundError):
            if current is folder:
                raise
            continue
        with scan:
            for entry in scan:
                if entry.name.startswith(".") and not hidden:
                    continue
                yield entry
                if recursive and entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _kind(status: os.stat_result) -> Literal["file", "folder", "other"]:
    if stat.S_ISREG(status.st_mode):
        return "file"
    return "folder" if stat.S_ISDIR(status.st_mode) else "other"


def _info(path: Path, status: os.stat_result) -> FileInfo:
    try:
        modified = datetime.fromtimestamp(int(status.st_mtime)).astimezone()
    except (OverflowError, ValueError, OSError):
        modified = datetime.fromtimestamp(0).astimezone()  # a time that no calendar has, as some disks report
    kind = _kind(status)
    return FileInfo(
        path, path.name, path.stem, path.suffix, path.parent, kind, status.st_size if kind == "file" else 0, modified
    )
