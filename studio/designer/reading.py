"""Reading a file that is to be opened: as a workflow where it is one, else as text in whatever encoding."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from engine.api import LARGEST, SUFFIX, Document, Workflow, loads
from engine.core.errors import DocumentError
from studio.base.i18n import language, tr
from studio.designer.disk import Stamp, stamp

_CODE_PAGES: Final = {"bg": "cp1251"}
"""In what texts of that language are often written that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as it was read: a document, or a text that is none. `note` says why the text may not be what it was."""

    path: Path
    known: Stamp
    text: str
    document: Document | None = None
    note: str = ""


class IsFolder(DocumentError):
    """A folder was to be opened. `files` are the workflows in it."""

    def __init__(self, path: Path, files: list[Path]) -> None:
        super().__init__(tr("{name} is a folder without workflows.", name=path.name or path))
        self.path = path
        self.files = files


class IsMissing(DocumentError):
    """There is no file to be opened."""

    def __init__(self) -> None:
        super().__init__(tr("There is no such file."), hint=tr("It may have been moved or deleted."))


def read(path: Path) -> Loaded:
    """Read the file at `path`; any thread. Raises `DocumentError` where nothing of it can be shown."""
    path = Path(os.path.abspath(path))
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise IsFolder(path, sorted(file for file in path.glob(f"*{SUFFIX}") if file.is_file()))
        if not stat.S_ISREG(found.st_mode):
            raise DocumentError(tr("It is no file, but a device or a pipe."))
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise IsMissing from None
    except PermissionError:
        raise DocumentError(tr("You may not read it."), hint=tr("Ask its owner for permission.")) from None
    except (OSError, ValueError) as error:
        raise DocumentError(str(getattr(error, "strerror", "") or error)) from None
    if len(content) > LARGEST:
        raise DocumentError(
            tr("It is larger than {size} MB.", size=LARGEST // 1024 // 1024),
            hint=tr("Keep data in files of its own and read them with a step."),
        )
    known = stamp(content, found)
    text, note = decoded(content)
    try:
        document = loads(text, name=path.name) if text.strip() else Document(Workflow(), text)
    except DocumentError:
        return Loaded(path, known, text, note=note)
    return Loaded(path, known, text, replace(document, path=path) if not note else None, note)


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and what to say about how it was read. Raises `DocumentError` where it is none."""
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\0" in content and not wide:
        raise DocumentError(tr("It is no text file."))
    name = "utf-16" if wide else _CODE_PAGES.get(language(), "cp1252")
    try:
        text = content.decode(name)
    except UnicodeDecodeError:
        name = "latin-1"
        text = content.decode(name)
    return text, tr("The file is not UTF-8 text and is shown as {encoding}.", encoding=name)
