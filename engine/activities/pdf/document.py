"""Open PDF files: what is not one, not whole or not to be opened is refused by name; a save replaces the file whole."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from engine.core.errors import ActivityError, BusinessError
from engine.core.secrets import Secret
from engine.core.sentences import say
from engine.sdk import Param
from engine.sdk.files import atomic_write, file_errors

if TYPE_CHECKING:
    from pdfplumber.pdf import PDF
    from pypdf import PdfReader, PdfWriter
    from pypdfium2 import PdfDocument

Password = Annotated[Secret | None, Param("Password", "For a protected PDF.", advanced=True)]
Pages = Annotated[str, Param("Pages", "Empty for all; 8- goes to the end.", "1-3, 5, 8-, last")]

MAX_CONTENT = 64 << 20
"""Bytes that the drawing instructions of one page may unpack to."""
_HEAD, _TAIL = 1024, 8192
_PART = re.compile(r"\s*(\d+|last)\s*(-\s*(\d+|last)?)?\s*")

pdfium_lock = threading.RLock()
"""Held for every call of PDFium, which bears one thread at a time."""


def check_pdf(path: Path) -> None:
    """Raises `BusinessError` for a file that is no PDF, or half of one."""
    with file_errors(path, "read"), open(path, "rb") as file:
        head = file.read(_HEAD)
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
    name = path.name
    if not size:
        raise BusinessError(
            say("{name} is empty", name=name), hint=say("Check that it was copied or downloaded to its end.")
        )
    if b"%PDF-" not in head:
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
            raise BusinessError(
                say("{name} is a web page, not a PDF", name=name),
                hint=say("The download may have led to a log-in or an error page: open the file in a browser and see."),
            )
        raise BusinessError(say("{name} is not a PDF", name=name), hint=say("Check that it is the right file."))
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise BusinessError(
            say("{name} is only a part of a PDF: it ends too early", name=name),
            hint=say("Copy or download it again."),
        )


@contextmanager
def reading(path: Path, password: Secret | None = None) -> Iterator[PdfReader]:
    """The document, for its structure: pages, forms, metadata. Raises `BusinessError`."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it can mend is no news to the person who runs this
    check_pdf(path)
    with file_errors(path, "read"):
        file = open(path, "rb")  # noqa: SIM115 - closed below
    with file, _faults(path):
        reader = pypdf.PdfReader(file, strict=False)
        if reader.is_encrypted and not reader.decrypt(password.reveal() if password else ""):
            raise _locked(path, password)
        if not len(reader.pages):
            raise _no_pages(path)
        yield reader


@contextmanager
def laid_out(path: Path, password: Secret | None = None) -> Iterator[PDF]:
    """The document, for the places of its letters and lines. Raises `BusinessError`."""
    import pdfplumber
    from pdfplumber.utils.exceptions import PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    check_pdf(path)
    with file_errors(path, "read"):
        file = open(path, "rb")  # noqa: SIM115 - closed below
    with file, _faults(path):
        try:
            document = pdfplumber.open(file, password=password.reveal() if password else None)
        except PdfminerException as error:
            if error.args and type(error.args[0]).__name__ == "PDFPasswordIncorrect":
                raise _locked(path, password) from None
            raise
        try:
            yield document
        finally:
            document.close()


@contextmanager
def drawn(path: Path, password: Secret | None = None) -> Iterator[PdfDocument]:
    """The document, for its text and its look. Raises `BusinessError`. Use it with `pdfium_lock` held."""
    import pypdfium2
    from pypdfium2 import raw

    check_pdf(path)
    with _faults(path):
        with pdfium_lock:
            try:
                document = pypdfium2.PdfDocument(path, password=password.reveal() if password else None)
            except pypdfium2.PdfiumError as error:
                if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
                    raise _locked(path, password) from None
                raise
        try:
            with pdfium_lock:
                count = len(document)
            if not count:
                raise _no_pages(path)
            yield document
        finally:
            with pdfium_lock:
                document.close()


def _no_pages(path: Path) -> BusinessError:
    return BusinessError(say("{name} has no pages", name=path.name), hint=say("Copy or download it again."))


def _locked(path: Path, password: Secret | None) -> BusinessError:
    if password:
        return BusinessError(
            say("the password does not open {name}", name=path.name), hint=say("Check the password of the step.")
        )
    return BusinessError(
        say("{name} is protected by a password", name=path.name), hint=say("Set the password of the step.")
    )


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Turn whatever the libraries raise about a damaged document into an error for a person."""
    try:
        yield
    except ActivityError:
        raise
    except MemoryError:
        raise BusinessError(say("{name} is too large to be opened", name=path.name)) from None
    except Exception as error:
        if type(error).__name__ == "LimitReachedError":
            raise _too_much(path) from None
        # The libraries let through whatever their readers raise: KeyError, ValueError, TypeError, RecursionError.
        raise BusinessError(
            say("{name} is damaged and cannot be read ({kind})", name=path.name, kind=type(error).__name__),
            hint=say("Copy or download it again, or print it to a new PDF from a viewer that opens it."),
        ) from None


def _too_much(path: Path) -> BusinessError:
    """What is told of a document that is small on disk and huge when it is unpacked."""
    return BusinessError(
        say("{name} unpacks to more than can be opened", name=path.name),
        hint=say("It may have been made to do harm: do not open it elsewhere."),
    )


def chosen(pages: str, count: int, name: str) -> list[int]:
    """The numbers, from 0, of the pages that a text such as `1-3, 5, 8-, last` means, in its order.

    Raises `BusinessError` for what is no such text, and for a page that is not there.
    """
    if not pages.strip():
        return list(range(count))
    found: list[int] = []
    for part in pages.split(","):
        match = _PART.fullmatch(part)
        if not match:
            raise BusinessError(
                say("{pages!r} does not name pages: {part!r}", pages=pages, part=part.strip()),
                hint=say("Write for example: 1-3, 5, 8-, last."),
            )
        first = _number(match[1], count)
        last = first if match[2] is None else count if match[3] is None else _number(match[3], count)
        for number in (first, last):
            if not 1 <= number <= count:
                raise BusinessError(
                    say("{name} has no page {number}", name=name, number=number),
                    hint=say("It has pages 1 to {count}.", count=count),
                )
        found += range(first - 1, last) if first <= last else range(first - 1, last - 2, -1)
    return found


def counted(path: Path, password: Secret | None, pages: str) -> tuple[int, list[int]]:
    """How many pages there are, and which are chosen: none of them unpacks to too much for `laid_out`."""
    with reading(path, password) as reader:
        total = len(reader.pages)
        numbers = chosen(pages, total, path.name)
        for number in numbers:
            contents = reader.pages[number].get_contents()
            if contents is not None and len(contents.get_data()) > MAX_CONTENT:
                raise _too_much(path)
    return total, numbers


def _number(text: str, count: int) -> int:
    return count if text == "last" else int(text[:9])


def save(writer: PdfWriter, path: Path) -> None:
    """Write the document whole. Raises as `file_error` does."""
    with atomic_write(path) as stream:
        writer.write(stream)
