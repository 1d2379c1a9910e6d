"""Open and save workbooks: what is not one is refused by name, and a save replaces the file whole."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.activities.excel.web_page import web_workbook
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk.cells import cell_text
from engine.sdk.files import atomic_write, read_bytes

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MAX_ROWS, MAX_COLUMNS, MAX_TEXT = 1_048_576, 16_384, 32_767
_MAX_UNPACKED = 2 << 30
_STREAMED = 10 << 20
_BAD_NAME = re.compile("[\\[\\]:*?/\\\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONE = re.compile("[\ud800-\udfff]")


def open_workbook(path: Path, *, values: bool, web_page: bool = False) -> Workbook:
    """The workbook in `path`: with the values that formulas gave last, to read; or with the formulas, to change.

    Large files are streamed when read; merged cells are not known then. With `web_page`, the tables of a web page under
    the name of a workbook are its sheets. Raises `BusinessError` that tells what the file is instead, where it is no
    workbook.
    """
    import openpyxl

    # Parts that the library does not keep (a data validation of a newer Excel) are no news to the person who runs this.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")
    content = read_bytes(path)
    if web_page and _is_web_page(content):
        return web_workbook(content, path)
    _refuse_foreign(content, path)
    try:
        return openpyxl.load_workbook(
            io.BytesIO(content),
            data_only=values,
            read_only=values and len(content) > _STREAMED,
            keep_vba=not values and path.suffix.lower() in (".xlsm", ".xltm"),
        )
    except MemoryError:
        raise BusinessError(say("{name} is too large to be opened", name=path.name)) from None
    except Exception as error:
        # The library lets through whatever its readers raise: KeyError, ValueError, TypeError, ParseError.
        raise BusinessError(
            say("{name} is damaged and cannot be opened ({kind})", name=path.name, kind=type(error).__name__),
            hint=say("Open it in Excel, let Excel repair it, and save it again."),
        ) from None


def _refuse_foreign(content: bytes, path: Path) -> None:
    name = path.name
    if not content:
        raise BusinessError(
            say("{name} is empty", name=name), hint=say("Check that it was copied or downloaded to its end.")
        )
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise BusinessError(
                say("{name} is protected by a password", name=name),
                hint=say("Open it in Excel and save it without a password."),
            )
        raise BusinessError(
            say("{name} is in the old format .xls", name=name), hint=say("Open it in Excel and save it as .xlsx.")
        )
    if not content.startswith(b"PK"):
        if _is_web_page(content):
            kind = say("a web page or XML under the name of a workbook")
            raise BusinessError(
                say("{name} is {kind}", name=name, kind=kind),
                hint=say("Save it from Excel as .xlsx, or let the step that reads it take tables of web pages."),
            )
        kind = say("no Excel workbook") if b"\0" in content[:1024] else say("a text file, perhaps CSV")
        raise BusinessError(
            say("{name} is {kind}", name=name, kind=kind),
            hint=say("Save it from Excel as .xlsx, or read a CSV file with data.read_csv."),
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise BusinessError(
            say("{name} is damaged: it ends too early or was changed", name=name),
            hint=say("Copy or download it again."),
        ) from None
    if "xl/workbook.bin" in names:
        raise BusinessError(
            say("{name} is in the binary format .xlsb", name=name), hint=say("Open it in Excel and save it as .xlsx.")
        )
    if "[Content_Types].xml" not in names or not any(entry.startswith("xl/") for entry in names):
        raise BusinessError(say("{name} is not an Excel workbook", name=name), hint=say("Save it from Excel as .xlsx."))
    if size > _MAX_UNPACKED:
        raise BusinessError(
            say("{name} unpacks to {size} MB, which is more than can be opened", name=name, size=size >> 20)
        )


def _is_web_page(content: bytes) -> bool:
    """Whether it is HTML or XML, as many programs of the web give it out under a name that ends in .xls."""
    start = content[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<table", b"<?xml", b"<meta", b"<!--"))


def find_sheet(book: Workbook, sheet: str | int, path: Path) -> Worksheet:
    """A sheet by name (case and outer spaces do not matter) or number from 1; the first visible one if empty."""
    sheets = book.worksheets
    if isinstance(sheet, int):
        if 1 <= sheet <= len(sheets):
            return sheets[sheet - 1]
    elif not sheet.strip():
        found = next((one for one in sheets if one.sheet_state == "visible"), sheets[0] if sheets else None)
        if found is not None:
            return found
    else:
        for one in sheets:
            if one.title == sheet:
                return one
        for one in sheets:
            if one.title.strip().casefold() == sheet.strip().casefold():
                return one
    listed = ", ".join(repr(one.title) for one in sheets) or say("none")
    raise BusinessError(
        say("{name} has no sheet {sheet!r}", name=path.name, sheet=sheet),
        hint=say("Its sheets are: {listed}.", listed=listed),
    )


def sheet_name(name: str) -> str:
    """`name` if Excel allows it for a sheet. Raises `BusinessError`."""
    if not name.strip() or len(name) > 31 or _BAD_NAME.search(name) or name[0] == "'" or name[-1] == "'":
        raise BusinessError(
            say("{name!r} cannot be the name of a sheet", name=name),
            hint=say("It must have 1 to 31 characters, none of them [ ] : * ? / \\ and no ' at either end."),
        )
    return name


@contextmanager
def changed_workbook(path: Path, *, create: bool = False) -> Iterator[Workbook]:
    """The workbook to change, saved whole when the block ends well. With `create`, a new one if it is missing."""
    import openpyxl

    book = openpyxl.Workbook() if create and not path.exists() else open_workbook(path, values=False)
    try:
        yield book
        if not any(one.sheet_state == "visible" for one in book.worksheets):
            raise BusinessError(say("{name} would have no visible sheet left", name=path.name))
        with atomic_write(path) as stream:
            book.save(stream)
    finally:
        book.close()
        if book.vba_archive is not None:
            book.vba_archive.close()


def cell_value(value: Any, place: str) -> tuple[Any, bool]:
    """`value` as Excel holds it, and whether text had to be cleaned.

    Control characters and half characters go; aware times lose their zone; what Excel would garble (numbers of more
    than 15 digits, years before 1900, infinity) and lists, mappings and bytes become text.
    Raises `BusinessError` naming `place` for text that is too long.
    """
    if value is None or isinstance(value, (bool, time)):
        return value, False
    if isinstance(value, int):
        return (value if abs(value) < 10**15 else str(value)), False
    if isinstance(value, float):
        return (value if value - value == 0 else str(value)), False
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
        return (value if value.year >= 1900 else cell_text(value)), False
    if isinstance(value, date):
        return (value if value.year >= 1900 else value.isoformat()), False
    if isinstance(value, timedelta):
        return value, False
    text = cell_text(value)
    clean = _LONE.sub("\ufffd", _REFUSED.sub("", text))
    if len(clean) > MAX_TEXT:
        raise BusinessError(
            say("{place}: a text of {count:,} characters does not fit into a cell", place=place, count=len(clean)),
            hint=say("Excel holds {most:,}.", most=MAX_TEXT),
        )
    return clean, clean != text
