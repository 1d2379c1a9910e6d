"""Open Word documents: what is not one is refused by name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk.files import read_bytes

if TYPE_CHECKING:
    from docx.document import Document

MAX_UNPACKED = 512 << 20


def open_document(path: Path) -> Document:
    """The document in `path`. Raises `BusinessError` that tells what the file is instead, where it is none."""
    import docx

    content = read_bytes(path)
    _refuse_foreign(content, path.name)
    try:
        return docx.Document(io.BytesIO(content))
    except MemoryError:
        raise BusinessError(say("{name} is too large to be opened", name=path.name)) from None
    except Exception as error:
        # The library lets through whatever its readers raise: KeyError, ValueError, XMLSyntaxError.
        raise BusinessError(
            say("{name} is damaged and cannot be opened ({kind})", name=path.name, kind=type(error).__name__),
            hint=say("Open it in Word, let Word repair it, and save it again."),
        ) from None


def _refuse_foreign(content: bytes, name: str) -> None:
    if not content:
        raise BusinessError(
            say("{name} is empty", name=name), hint=say("Check that it was copied or downloaded to its end.")
        )
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise BusinessError(
                say("{name} is protected by a password", name=name),
                hint=say("Open it in Word and save it without a password."),
            )
        raise BusinessError(
            say("{name} is in the old format .doc", name=name), hint=say("Open it in Word and save it as .docx.")
        )
    if content.startswith(b"{\\rtf"):
        raise BusinessError(
            say("{name} is in the format RTF", name=name), hint=say("Open it in Word and save it as .docx.")
        )
    if not content.startswith(b"PK"):
        raise BusinessError(say("{name} is no Word document", name=name), hint=say("Check that it is the right file."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise BusinessError(
            say("{name} is damaged: it ends too early or was changed", name=name),
            hint=say("Copy or download it again."),
        ) from None
    if "[Content_Types].xml" not in names or not any(entry.startswith("word/") for entry in names):
        kind = "OpenDocument" if "content.xml" in names else "Excel" if "xl/workbook.xml" in names else "ZIP"
        raise BusinessError(
            say("{name} is no Word document but a file of the kind {kind}", name=name, kind=kind),
            hint=say("Save it from Word as .docx."),
        )
    if size > MAX_UNPACKED:
        raise BusinessError(
            say("{name} unpacks to {size} MB, which is more than can be opened", name=name, size=size >> 20)
        )
