"""Pages as pictures, and the text of those that are nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.pdf.document import Pages, Password, chosen, drawn, pdfium_lock
from engine.activities.pdf.read import page_text
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.files import atomic_write
from engine.sdk.ocr import Language, mean, read_words, text_of

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 100_000_000
_FEW = 8


@dataclass(frozen=True)
class PagePictures:
    """The folder, and the pictures in it that were written, in the order of their pages."""

    folder: Path
    files: list[Path]
    count: int


@dataclass(frozen=True)
class ScannedText:
    """The text of the pages together and one by one, which of them were recognized, and how surely, from 0 to 100."""

    text: str
    pages: list[str]
    count: int
    recognized: list[int]
    confidence: float | None


@activity(
    "pdf.to_images", label="PDF pages to images", icon="file-image", effect=Effect.IDEMPOTENT, keywords=("render",)
)
def to_images(
    path: Annotated[Path, Param("PDF", kind="file")],
    folder: Annotated[Path, Param("Folder to write to", "It is made if it is missing.", kind="folder")],
    ctx: Context,
    pages: Pages = "",
    format: Annotated[Literal["png", "jpg"], Param("Format")] = "png",
    dpi: Annotated[int, Param("Resolution", unit="dpi")] = 150,
    password: Password = None,
) -> PagePictures:
    """Draw pages of a PDF as pictures: report.pdf becomes report-1.png, report-2.png and so on.

    The output holds `folder`, `files` and `count`.
    """
    files: list[Path] = []
    with drawn(path, password) as document:
        with pdfium_lock:
            total = len(document)
        numbers = chosen(pages, total, path.name)
        for done, number in enumerate(numbers, 1):
            ctx.check()
            picture = _picture(document, number, dpi, path)
            target = folder / f"{path.stem}-{number + 1:0{len(str(total))}}.{format}"
            with atomic_write(target) as stream:
                picture.save(stream, "PNG" if format == "png" else "JPEG", dpi=(dpi, dpi))
            files.append(target)
            ctx.progress(done, len(numbers))
    return PagePictures(folder, files, len(files))


@activity("pdf.read_scan", label="Read scanned PDF", icon="scan", effect=Effect.PURE, keywords=("ocr", "recognize"))
def read_scan(
    path: Annotated[Path, Param("PDF", kind="file")],
    ctx: Context,
    pages: Pages = "",
    language: Language = "eng",
    every: Annotated[
        bool, Param("Recognize every page", "Off, a page that has text is read as it is.", advanced=True)
    ] = False,
    dpi: Annotated[int, Param("Resolution", unit="dpi", advanced=True)] = 300,
    password: Password = None,
) -> ScannedText:
    """Read the text of a PDF that was scanned, by recognizing its letters (OCR).

    Needs the program Tesseract. The output holds `text`, `pages` (a text each), `count`, `recognized` (the numbers of
    pages) and `confidence`, the mean of their words from 0 to 100.
    """
    texts: list[str] = []
    recognized: list[int] = []
    words = []
    with drawn(path, password) as document:
        with pdfium_lock:
            total = len(document)
        numbers = chosen(pages, total, path.name)
        for done, number in enumerate(numbers, 1):
            ctx.check()
            text = "" if every else page_text(document, number)
            if len(text) < _FEW:
                found = read_words(_picture(document, number, dpi, path), language, ctx)
                text = text_of(found)
                words += found
                recognized.append(number + 1)
            texts.append(text)
            ctx.progress(done, len(numbers))
    return ScannedText("\n\n".join(texts), texts, len(texts), recognized, mean(words))


def _picture(document: Any, number: int, dpi: int, path: Path) -> Image:
    if not 10 <= dpi <= 1200:
        raise BusinessError(say("the resolution must be from 10 to 1200 dpi"))
    with pdfium_lock:
        page = document[number]
        try:
            width, height = page.get_size()
            if width * height * (dpi / 72) ** 2 > MAX_PIXELS:
                raise BusinessError(
                    say("page {number} of {name} is too large for a picture", number=number + 1, name=path.name),
                    hint=say("Choose a lower resolution."),
                )
            bitmap = page.render(scale=dpi / 72)
            picture: Image = bitmap.to_pil().convert("RGB")  # a copy, which outlives the bitmap
            bitmap.close()
        finally:
            page.close()
    return picture
