"""Other places and names for files and folders."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from engine.activities.files.copy import copy_file
from engine.activities.files.paths import already_there, file_name, numbered, target
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.files import check_replaceable, file_errors, sync_folder

IfExists = Literal["fail", "replace", "number"]
_NO_LINK = {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}


@dataclass(frozen=True)
class Moved:
    """Where it is now, and where it was."""

    path: Path
    previous: Path


@activity(
    "files.move", label="Move file", icon="folder-open", effect=Effect.ONCE, keywords=("cut", "archive", "folder")
)
def move(
    source: Annotated[Path, Param("File or folder to move", kind="file")],
    destination: Annotated[
        Path, Param("Folder or file to move it to", "A folder that is there gets it inside.", kind="save")
    ],
    ctx: Context,
    if_exists: Annotated[
        IfExists, Param("If a file is there", "number: it is called 'name (2).txt'; only files are replaced.")
    ] = "fail",
) -> Moved:
    """Move a file or folder.

    Missing folders are made. On one disk a move happens at once or not at all; from disk to disk the copy is complete
    before the original goes. A move that was interrupted is in doubt and not repeated unasked: another file could have
    come to the same place meanwhile, and would be moved in its stead.
    """
    with file_errors(source, "move"):
        place = target(source, destination)
    return _moved(source, place, if_exists, ctx)


@activity("files.rename", label="Rename file", icon="pencil-line", effect=Effect.ONCE, keywords=("name", "folder"))
def rename(
    path: Annotated[Path, Param("File or folder", kind="file")],
    name: Annotated[str, Param("New name", "Without a folder.")],
    ctx: Context,
    if_exists: Annotated[IfExists, Param("If a file of that name is there")] = "fail",
) -> Moved:
    """Give a file or folder another name, in the folder where it is.

    It happens at once or not at all. After a crash in the middle the step is in doubt, as a move is.
    """
    return _moved(path, path.with_name(file_name(name)), if_exists, ctx)


def _moved(source: Path, place: Path, if_exists: IfExists, ctx: Context) -> Moved:
    with file_errors(source, "move"):
        source.lstat()
        if source.is_dir() and not source.is_symlink() and place.resolve().is_relative_to(source.resolve()):
            if place == source:
                return Moved(source, source)
            raise BusinessError(say("{source} cannot be moved into itself", source=source))
    with file_errors(place, "write"):
        place.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(place) and os.path.samestat(source.lstat(), place.lstat()):
            if source.name.casefold() == place.name.casefold() and source.parent == place.parent:
                os.rename(source, place)  # maybe only the case of letters differs, on a disk that does not mind it
            else:
                source.unlink()  # two names of one file, as a move that was interrupted leaves them
            return Moved(place, source)
        if if_exists == "replace":
            if place.is_dir() and not place.is_symlink():
                raise BusinessError(
                    say("{place} is a folder, which is not replaced", place=place), hint=say("Delete it before.")
                )
            check_replaceable(place)
            _put(source, place, ctx)
        else:
            free = numbered(place) if if_exists == "number" else iter([place])
            while not _put_new(source, place := next(free), ctx):
                if if_exists == "fail":
                    raise already_there(place)
        sync_folder(place.parent)
    return Moved(place, source)


def _put_new(source: Path, place: Path, ctx: Context) -> bool:
    """Move to a place where nothing is; False if something is. Of two that do so at once, one is told."""
    if os.path.lexists(place):
        return False
    if source.is_file() and not source.is_symlink():
        try:
            os.link(source, place)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
        else:
            os.unlink(source)
            return True
    _put(source, place, ctx)
    return True


def _put(source: Path, place: Path, ctx: Context) -> None:
    try:
        os.replace(source, place)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    if source.is_dir() and not source.is_symlink():
        beside = place.with_name(f".{place.name[:80]}.{secrets.token_hex(6)}.tmp")
        try:
            shutil.copytree(source, beside, symlinks=True)
            os.rename(beside, place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(source)
    else:
        copy_file(source, place, ctx)
        source.unlink()
