"""What a PDF says: its text, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from engine.activities.pdf.document import Pages, Password, chosen, counted, drawn, laid_out, pdfium_lock, reading
from engine.sdk import Context, Effect, Param, activity

if TYPE_CHECKING:
    from pypdf import DocumentInformation


@dataclass(frozen=True)
class PdfText:
    """The text of the pages together and one by one, the number of pages that were read and of those in the document.

    `empty` has the numbers of pages without text, which may be scans.
    """

    text: str
    pages: list[str]
    count: int
    total: int
    empty: list[int]


@dataclass(frozen=True)
class PdfInfo:
    """What a PDF says of itself; `width` and `height` are those of the first page, in millimetres."""

    pages: int
    title: str
    author: str
    subject: str
    keywords: str
    program: str
    created: datetime | None
    modified: datetime | None
    protected: bool
    form: bool
    width: float
    height: float
    size: int


@activity("pdf.read_text", label="Read PDF text", icon="file-pdf", effect=Effect.PURE, keywords=("extract", "invoice"))
def read_text(
    path: Annotated[Path, Param("PDF", kind="file")],
    ctx: Context,
    pages: Pages = "",
    layout: Annotated[
        bool, Param("Keep the layout", "Spaces stand for the distances on the page; takes longer.")
    ] = False,
    password: Password = None,
) -> PdfText:
    """Read the text of a PDF.

    A page that was scanned has no text: `empty` names it, and 'Read scanned PDF' reads it.
    The output holds `text` (pages parted by an empty line), `pages` (a text each), `count`, `total` and `empty`.
    """
    texts: list[str] = []
    if layout:
        total, numbers = counted(path, password, pages)
        with laid_out(path, password) as document:
            for done, number in enumerate(numbers, 1):
                ctx.check()
                page = document.pages[number]
                texts.append(page.extract_text(layout=True).rstrip())
                page.close()  # what it parsed would stay in memory
                ctx.progress(done, len(numbers))
    else:
        with drawn(path, password) as drawing:
            with pdfium_lock:
                total = len(drawing)
            numbers = chosen(pages, total, path.name)
            for done, number in enumerate(numbers, 1):
                ctx.check()
                texts.append(page_text(drawing, number))
                ctx.progress(done, len(numbers))
    empty = [number + 1 for number, text in zip(numbers, texts, strict=True) if not text.strip()]
    return PdfText("\n\n".join(texts), texts, len(texts), total, empty)


def page_text(document: Any, number: int) -> str:
    """The text of one page, with plain line ends."""
    with pdfium_lock:
        page = document[number]
        try:
            layer = page.get_textpage()
            try:
                found: str = layer.get_text_bounded()
            finally:
                layer.close()
        finally:
            page.close()
    return found.replace("\r\n", "\n").replace("\x02", "-").replace("\ufffe", "-").strip()


@activity("pdf.info", label="PDF information", icon="file-pdf", effect=Effect.PURE, keywords=("metadata", "pages"))
def info(path: Annotated[Path, Param("PDF", kind="file")], password: Password = None) -> PdfInfo:
    """Tell how many pages a PDF has, and what it says of itself.

    The output holds `pages`, `title`, `author`, `subject`, `keywords`, `program`, `created`, `modified`, `protected`
    (needs or has a password), `form` (has fields to fill in), `width` and `height` in millimetres, and `size` in bytes.
    """
    with reading(path, password) as reader:
        said = reader.metadata
        box = reader.pages[0].mediabox
        return PdfInfo(
            pages=len(reader.pages),
            title=_said(said, "title"),
            author=_said(said, "author"),
            subject=_said(said, "subject"),
            keywords=_said(said, "keywords"),
            program=_said(said, "creator") or _said(said, "producer"),
            created=_time(said, "creation_date"),
            modified=_time(said, "modification_date"),
            protected=reader.is_encrypted,
            form=bool(reader.get_fields()),
            width=round(float(box.width) * 25.4 / 72, 1),
            height=round(float(box.height) * 25.4 / 72, 1),
            size=path.stat().st_size,
        )


def _said(said: DocumentInformation | None, what: str) -> str:
    try:
        return str(getattr(said, what, None) or "")
    except Exception:  # a broken entry is no reason to refuse the rest
        return ""


def _time(said: DocumentInformation | None, what: str) -> datetime | None:
    try:
        found = getattr(said, what, None)
    except Exception:  # programs write these in many wrong ways
        return None
    return found if isinstance(found, datetime) else None
