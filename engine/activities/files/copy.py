"""Copies of files and folders."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from engine.activities.files.paths import IfExists, already_there, numbered, target
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.files import atomic_write, file_errors

CHUNK = 1 << 20


@dataclass(frozen=True)
class Copied:
    """Where the copy is; how many files were copied and how many passed over; and the size in bytes."""

    path: Path
    files: int
    skipped: int
    size: int


@activity("files.copy", label="Copy file", icon="copy", effect=Effect.IDEMPOTENT, keywords=("duplicate", "folder"))
def copy(
    source: Annotated[Path, Param("File or folder to copy", kind="file")],
    destination: Annotated[
        Path, Param("Folder or file to copy it to", "A folder that is there gets it inside.", kind="save")
    ],
    ctx: Context,
    if_exists: Annotated[
        IfExists, Param("If a file is there", "number: the copy is called 'name (2).txt'; skip: it stays as it is.")
    ] = "fail",
) -> Copied:
    """Copy a file, or a folder with all that is in it.

    Each file is copied whole or not at all, with its time. A file that is there with the same content counts as copied,
    so that repeating the step does no harm. What a folder already holds besides is left alone. Before anything is
    copied it is checked that nothing stands in the way. Links to folders and what is no ordinary file are passed over.
    """
    with file_errors(source, "read"):
        if source.is_dir():
            path = target(source, destination)
            if path.resolve().is_relative_to(source.resolve()):
                raise BusinessError(say("{source} cannot be copied into itself", source=source))
            found = list(_tree(source, ctx))
            pairs = [(one, path / one.relative_to(source)) for one in found]
        else:
            if not stat.S_ISREG(source.stat().st_mode):
                raise BusinessError(
                    say("{source} is not an ordinary file", source=source),
                    hint=say("Give the path of a file that holds data."),
                )
            found, pairs = [source], [(source, target(source, destination))]
            path = pairs[0][1]
    if if_exists == "fail":
        for one, place in pairs:
            if not one.is_dir() and os.path.lexists(place) and not same_content(one, place, ctx):
                raise already_there(place)
    copied, skipped, size = 0, 0, 0
    for done, (one, place) in enumerate(pairs, 1):
        ctx.progress(done, len(pairs), one.name)
        if one.is_dir():
            with file_errors(place, "make"):
                place.mkdir(parents=True, exist_ok=True)
            continue
        if if_exists == "skip" and os.path.lexists(place):
            skipped += 1
            continue
        put = next(
            name
            for name in (numbered(place) if if_exists == "number" else [place])
            if if_exists != "number" or not os.path.lexists(name) or same_content(one, name, ctx)
        )
        if one is source:
            path = put
        copied += 1
        size += copy_file(one, put, ctx)
    return Copied(path, copied, skipped, size)


def copy_file(source: Path, place: Path, ctx: Context) -> int:
    """Copy one file, replacing what is there, and give its size. Nothing is written where the content is the same."""
    with file_errors(source, "read"):
        size = source.stat().st_size
        if same_content(source, place, ctx):
            return size
        stream = open(source, "rb")  # noqa: SIM115 - closed by the block below
    with stream, atomic_write(place) as into:
        while True:
            with file_errors(source, "read"):
                chunk = stream.read(CHUNK)
            if not chunk:
                break
            ctx.check()
            into.write(chunk)
    try:
        shutil.copystat(source, place)
    except OSError:
        pass  # a file system that keeps no such times; the content is there
    return size


def same_content(one: Path, other: Path, ctx: Context) -> bool:
    """Whether both are files and hold the same bytes."""
    with file_errors(other, "read"):
        if not other.is_file() or one.stat().st_size != other.stat().st_size:
            return False
        if one.samefile(other):
            return True
        with open(one, "rb") as left, open(other, "rb") as right:
            while chunk := left.read(CHUNK):
                ctx.check()
                if chunk != right.read(CHUNK):
                    return False
    return True


def _tree(folder: Path, ctx: Context) -> Iterator[Path]:
    """The folder and all folders and files in it, each folder before what it holds."""

    def refuse(error: OSError) -> None:
        raise error

    for name, folders, files in os.walk(folder, onerror=refuse):
        ctx.check()
        yield Path(name)
        for one in list(folders):
            if Path(name, one).is_symlink():
                ctx.log(f"{Path(name, one)} is a link to a folder and was passed over", "warning")
        for one in sorted(files):
            path = Path(name, one)
            if path.is_file():
                yield path
            else:
                ctx.log(f"{path} is not an ordinary file and was passed over", "warning")
        folders.sort()
