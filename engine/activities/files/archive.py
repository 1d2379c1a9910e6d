"""ZIP archives, made and unpacked."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Literal

from engine.activities.files.listing import entries
from engine.activities.files.paths import Paths, already_there
from engine.core.errors import BusinessError, SystemFault
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, Secret, activity
from engine.sdk.files import atomic_write, check_replaceable, file_errors

CHUNK = 1 << 20
MEGABYTE = 1_000_000
_SYNC_ALL = 100
"""From so many files on, putting everything on the disk at once is quicker than each file by itself: 10,000 files take
19 s one by one."""


@dataclass(frozen=True)
class Zipped:
    """Where the archive is, how many files it holds, their size together and its own, in bytes."""

    path: Path
    files: int
    size: int
    compressed: int


@dataclass(frozen=True)
class Unzipped:
    """The folder, the files in it that came out of the archive, how many, and their size together in bytes."""

    folder: Path
    files: list[Path]
    count: int
    skipped: int
    size: int


@activity(
    "files.zip",
    label="Zip files",
    icon="file-zip",
    effect=Effect.IDEMPOTENT,
    keywords=("compress", "archive", "pack"),
)
def zip_files(
    sources: Annotated[Paths, Param("Files and folders", "One path, or a list as 'List files' gives it.", kind="file")],
    archive: Annotated[Path, Param("Archive", "What it held before is replaced.", "reports.zip", kind="save")],
    ctx: Context,
    level: Annotated[int, Param("Compression", "0 for none to 9 for the smallest.", advanced=True)] = 6,
) -> Zipped:
    """Pack files and folders into a ZIP archive.

    A folder is packed with its name and all that is in it, hidden files too; links to folders are passed over.
    The archive is written whole or not at all.
    """
    if not 0 <= level <= 9:
        raise BusinessError(say("the compression must be from 0 to 9"))
    packed = _packed(sources, archive, ctx)
    total = sum(path.stat().st_size for path in packed.values() if path.is_file())
    size, files = 0, 0
    with atomic_write(archive) as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as made:
            for name, path in packed.items():
                with file_errors(path, "read"):
                    try:
                        entry = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
                        name.encode("utf-8")
                    except UnicodeEncodeError:
                        raise BusinessError(
                            say("the name {name!a} cannot stand in an archive", name=name), hint=say("Rename the file.")
                        ) from None
                    if entry.is_dir():
                        made.writestr(entry, b"")
                        continue
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    source = open(path, "rb")  # noqa: SIM115 - closed by the block below
                files += 1
                with source, made.open(entry, "w", force_zip64=entry.file_size > 1 << 30) as into:
                    while chunk := source.read(CHUNK):
                        ctx.check()
                        into.write(chunk)
                        size += len(chunk)
                        ctx.progress(size, total, name)
        compressed = stream.tell()
    return Zipped(archive, files, size, compressed)


@activity(
    "files.unzip",
    label="Unzip files",
    icon="package",
    effect=Effect.IDEMPOTENT,
    keywords=("extract", "unpack", "decompress"),
)
def unzip_files(
    archive: Annotated[Path, Param("Archive", kind="file")],
    folder: Annotated[Path, Param("Folder to unpack into", "It is made if it is missing.", kind="folder")],
    ctx: Context,
    if_exists: Annotated[Literal["replace", "fail", "skip"], Param("If a file is there")] = "replace",
    password: Annotated[Secret | None, Param("Password", "For the old ZIP encryption.", advanced=True)] = None,
    most: Annotated[
        float, Param("At most", "An archive that unpacks to more is refused.", unit="MB", advanced=True)
    ] = 2000,
    most_files: Annotated[
        int, Param("At most", "An archive with more is refused.", unit="files", advanced=True)
    ] = 20_000,
) -> Unzipped:
    """Unpack a ZIP archive.

    Everything is unpacked and checked beside the folder first; files take their places only when all are good. An
    archive is refused whole if it is damaged, if a name leads out of the folder, or if it holds links.
    With 'fail', nothing is unpacked if one of the files is there. Repeating the step unpacks the same files again.
    """
    with _zip_errors(archive), file_errors(archive, "read"), zipfile.ZipFile(archive) as opened:
        wanted = _checked(opened, archive, most, most_files)
        if password is not None:
            opened.setpassword(password.reveal().encode())
        with file_errors(folder, "write"):
            folder.mkdir(parents=True, exist_ok=True)
            if if_exists == "fail":
                for name in wanted:
                    if os.path.lexists(folder / name) and not (folder / name).is_dir():
                        raise already_there(folder / name)
            beside = folder / f".unzip.{secrets.token_hex(6)}.tmp"
            beside.mkdir()
        try:
            _unpack(opened, wanted, beside, archive, most, ctx)
            return _put(wanted, beside, folder, if_exists, ctx)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _packed(sources: list[Path], archive: Path, ctx: Context) -> dict[str, Path]:
    """What goes into the archive, by the name that it has there. Folders end with a slash."""
    found: dict[str, Path] = {}

    def add(name: str, path: Path) -> None:
        if name in found and found[name] != path:
            raise BusinessError(
                say(
                    "{found} and {path} would have the same name in {archive}",
                    found=found[name],
                    path=path,
                    archive=archive,
                ),
                hint=say("Rename one of them."),
            )
        found[name] = path

    for source in sources:
        with file_errors(source, "read"):
            status = source.stat()
            if stat.S_ISREG(status.st_mode):
                add(source.name, source)
                continue
            if not stat.S_ISDIR(status.st_mode):
                raise BusinessError(
                    say("{source} is not an ordinary file", source=source),
                    hint=say("Give the path of a file that holds data."),
                )
            add(source.name + "/", source)
            own = archive.resolve()
            for entry in sorted(entries(source, True, True), key=lambda entry: entry.path):
                ctx.check()
                path = Path(entry.path)
                name = f"{source.name}/{path.relative_to(source).as_posix()}"
                if entry.is_dir(follow_symlinks=False):
                    add(name + "/", path)
                elif entry.is_file() and path.resolve() != own:
                    add(name, path)
    return found


def _checked(opened: zipfile.ZipFile, archive: Path, most: float, most_files: int) -> dict[str, zipfile.ZipInfo]:
    """The files and folders of the archive by their relative path. Raises `BusinessError` for one that is not safe."""
    members = opened.infolist()
    if len(members) > most_files:
        raise BusinessError(
            say(
                "{archive} holds {count} files, more than the {most_files} that are allowed",
                archive=archive,
                count=len(members),
                most_files=most_files,
            )
        )
    size = sum(one.file_size for one in members)
    if size > most * MEGABYTE:
        raise _too_large(archive, most)
    found: dict[str, zipfile.ZipInfo] = {}
    places: dict[str, bool] = {}
    for one in members:
        path = PurePosixPath(one.filename.replace("\\", "/"))
        parts = [part for part in path.parts if part != "."]
        if path.is_absolute() or ".." in parts or PureWindowsPath(one.filename).drive or not parts:
            raise BusinessError(
                say(
                    "{archive} holds {filename!a}, which leads out of the folder",
                    archive=archive,
                    filename=one.filename,
                ),
                hint=say("Do not trust it."),
            )
        if stat.S_IFMT(one.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise BusinessError(
                say(
                    "{archive} holds {filename!a}, which is a link and no file", archive=archive, filename=one.filename
                ),
                hint=say("Do not trust it."),
            )
        name = "/".join(parts)
        is_folder = one.is_dir() or one.filename.endswith("\\")
        above = [str(part) for part in PurePosixPath(name.casefold()).parents][:-1]
        if (
            any(places.get(part) is False for part in above)
            or places.get(name.casefold(), is_folder) != is_folder
            or (not is_folder and name.casefold() in places)
        ):
            raise BusinessError(say("{archive} holds two files called {name!a}", archive=archive, name=name))
        places |= dict.fromkeys(above, True)
        places[name.casefold()] = is_folder
        found[name] = one
    return found


def _unpack(
    opened: zipfile.ZipFile, wanted: dict[str, zipfile.ZipInfo], beside: Path, archive: Path, most: float, ctx: Context
) -> None:
    left = int(most * MEGABYTE)
    total = sum(one.file_size for one in wanted.values())
    one_by_one = len(wanted) < _SYNC_ALL or not hasattr(os, "sync")
    for name, one in wanted.items():
        path = beside / name
        with file_errors(path, "write"):
            if one.is_dir() or one.filename.endswith("\\"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            into = open(path, "xb")  # noqa: SIM115 - closed by the block below
        with into, opened.open(one) as source:
            while chunk := source.read(CHUNK):
                ctx.check()
                left -= len(chunk)
                if left < 0:  # the archive said less about itself
                    raise _too_large(archive, most)
                with file_errors(path, "write"):
                    into.write(chunk)
                ctx.progress(most * MEGABYTE - left, total, name)
            with file_errors(path, "write"):
                into.flush()
                if one_by_one:
                    os.fsync(into.fileno())
    if not one_by_one:
        os.sync()


def _put(wanted: dict[str, zipfile.ZipInfo], beside: Path, folder: Path, if_exists: str, ctx: Context) -> Unzipped:
    files: list[Path] = []
    skipped, size = 0, 0
    for name, one in wanted.items():
        ctx.check()
        source, place = beside / name, folder / name
        with file_errors(place, "write"):
            if source.is_dir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            if if_exists == "skip" and os.path.lexists(place):
                skipped += 1
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.parent.resolve().is_relative_to(folder.resolve()):
                raise BusinessError(
                    say("{place} leads out of {folder} through a link", place=place, folder=folder),
                    hint=say("Unpack into an empty folder."),
                )
            check_replaceable(place)
            os.replace(source, place)
        files.append(place)
        size += one.file_size
    return Unzipped(folder, files, len(files), skipped, size)


def _too_large(archive: Path, most: float) -> BusinessError:
    return BusinessError(
        say("{archive} unpacks to more than the {most:g} MB that are allowed", archive=archive, most=most),
        hint=say("Check where it comes from; if it is meant to be so large, raise the limit of the step."),
    )


@contextmanager
def _zip_errors(archive: Path) -> Iterator[None]:
    """Turn what the library finds wrong with an archive into an error for a person."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error) as error:
        reason = str(error) if isinstance(error, zipfile.BadZipFile) else say("it ends or breaks in the middle")
        raise BusinessError(
            say("{archive} is not a ZIP archive, or is damaged: {reason}", archive=archive, reason=reason),
            hint=say("Get the file again."),
        ) from None
    except (RuntimeError, NotImplementedError) as error:
        if "assword" in str(error):
            raise BusinessError(
                say("{archive} needs a password, or another one", archive=archive),
                hint=say("Set the password of the step."),
            ) from None
        raise BusinessError(
            say("{archive} uses a way of packing that is not supported: {error}", archive=archive, error=error)
        ) from None
    except MemoryError:
        raise SystemFault(say("{archive} needs more memory than there is", archive=archive)) from None
