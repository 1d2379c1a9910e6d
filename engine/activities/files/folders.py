"""Folders made, and files and folders deleted."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from engine.activities.files.paths import Paths
from engine.core.errors import BusinessError, SystemFault
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.files import file_errors

_RETRIES = 3


@dataclass(frozen=True)
class Folder:
    """Where the folder is, and whether this step made it."""

    path: Path
    created: bool


@dataclass(frozen=True)
class Deleted:
    """What was deleted, and what was not there."""

    deleted: list[Path]
    missing: list[Path]


@activity(
    "files.create_folder", label="Create folder", icon="folder-plus", effect=Effect.IDEMPOTENT, keywords=("mkdir",)
)
def create_folder(path: Annotated[Path, Param("Folder", "Folders above it are made too.", kind="folder")]) -> Folder:
    """Create a folder, unless it is there."""
    with file_errors(path, "make"):
        there = path.is_dir()
        path.mkdir(parents=True, exist_ok=True)
    return Folder(path, not there)


@activity(
    "files.temp_folder", label="Temporary folder", icon="folder-dashed", effect=Effect.IDEMPOTENT, keywords=("scratch",)
)
def temp_folder(
    ctx: Context,
    parent: Annotated[
        Path | None, Param("Inside", "Empty for the system's folder for temporary files.", kind="folder", advanced=True)
    ] = None,
) -> Folder:
    """Make a folder of its own for this step, which nobody else can read.

    However often the step is tried, also after a crash, it is the same folder with what it holds.
    It stays until somebody deletes it: end the workflow with 'Delete'.
    """
    name = "rpa-" + hashlib.sha256(ctx.key.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    path = (parent or Path(tempfile.gettempdir())) / name
    with file_errors(path, "make"):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir(mode=0o700)
            return Folder(path, True)
        except FileExistsError:
            found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        raise SystemFault(
            say("{path} belongs to somebody else", path=path), hint=say("Choose another folder to make it in.")
        )
    return Folder(path, False)


@activity(
    "files.delete", label="Delete", icon="trash", effect=Effect.IDEMPOTENT, keywords=("remove", "erase", "folder")
)
def delete(
    path: Annotated[Paths, Param("Files or folders", "One path, or a list as 'List files' gives it.", kind="file")],
    ctx: Context,
    recursive: Annotated[bool, Param("Also folders that are not empty", "With all that is in them.")] = False,
    missing_ok: Annotated[
        bool, Param("It may be missing", "If not, repeating the step after a crash can fail.", advanced=True)
    ] = True,
) -> Deleted:
    """Delete files or folders for good.

    A link is deleted, and not what it leads to. The folder of the workflow, that of the user, and all above them are
    refused.
    """
    guarded = [ctx.folder.resolve(), Path.home().resolve()]
    for one in path:
        with file_errors(one, "delete"):
            real = one.parent.resolve() / one.name if one.is_symlink() else one.resolve()
        if any(folder.is_relative_to(real) for folder in guarded):
            raise BusinessError(
                say("{one} is a folder that a step does not delete", one=one),
                hint=say("Check the path; an empty name leads to the folder."),
            )
    deleted: list[Path] = []
    missing: list[Path] = []
    for place, one in enumerate(path, 1):
        ctx.check()
        (deleted if _deleted(one, recursive) else missing).append(one)
        ctx.progress(place, len(path))
    if missing and not missing_ok:
        raise BusinessError(
            say("there is no file or folder {missing}", missing=missing[0]), hint=say("Check the path.")
        )
    return Deleted(deleted, missing)


def _deleted(path: Path, recursive: bool) -> bool:
    """Delete it; False if it was not there."""
    with file_errors(path, "delete"):
        try:
            if not stat.S_ISDIR(path.lstat().st_mode):
                path.unlink()
            elif recursive:
                _delete_tree(path)
            else:
                path.rmdir()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise BusinessError(
                    say("{path} is not empty", path=path),
                    hint=say("Let the step also delete folders that are not empty."),
                ) from None
            raise
    return True


def _delete_tree(path: Path) -> None:
    """Delete a folder while others may be deleting in it, too."""
    for left in range(_RETRIES, -1, -1):
        try:
            shutil.rmtree(path)
            return
        except FileNotFoundError:
            if not os.path.lexists(path):
                return
            if not left:
                raise
