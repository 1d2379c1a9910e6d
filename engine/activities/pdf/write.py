"""A simple PDF from text and a table."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.pdf.pages import WrittenPdf
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.cells import cell_text
from engine.sdk.files import atomic_write
from engine.sdk.tables import Names, Rows, columns_of, require

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
_FAMILIES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
)
_SHIPPED = Path(__file__).parents[3] / "resources" / "fonts" / "JetBrainsMono-Regular.ttf"
_MARGIN = 50.0
_lock = threading.Lock()


@dataclass(frozen=True)
class _Fonts:
    regular: str
    bold: str


@activity(
    "pdf.write", label="Write PDF", icon="file-pdf", effect=Effect.IDEMPOTENT, keywords=("create", "report", "letter")
)
def write(
    path: Annotated[Path, Param("PDF", "A file that is there is replaced.", kind="save")],
    ctx: Context,
    title: Annotated[str, Param("Title")] = "",
    text: Annotated[str, Param("Text", "An empty line starts a new paragraph.", kind="text")] = "",
    rows: Annotated[Rows, Param("Table", "It stands below the text.", kind="table")] = [],  # noqa: B006
    columns: Annotated[Names, Param("Columns", "Empty for all.", advanced=True)] = [],  # noqa: B006
    size: Annotated[Literal["A4", "A5", "Letter"], Param("Paper")] = "A4",
    landscape: Annotated[bool, Param("Landscape")] = False,
    font: Annotated[
        Path | None, Param("Font", "A TrueType file; empty for one that has the letters.", kind="file", advanced=True)
    ] = None,
) -> WrittenPdf:
    """Write a simple PDF: a title, paragraphs and a table, with the numbers of pages below.

    A table goes on over pages with its header on each. The output holds `path` and `pages`.
    """
    from reportlab.lib import pagesizes
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    if not (title.strip() or text.strip() or rows):
        raise BusinessError(say("there is nothing to write"), hint=say("Give a title, a text or a table."))
    names = columns or columns_of(rows)
    require(rows, names)
    cells = [[cell_text(row.get(name)) for name in names] for row in rows]
    fonts = _fonts([title, text, *names, *(cell for line in cells for cell in line)], font)
    paper = {"A4": pagesizes.A4, "A5": pagesizes.A5, "Letter": pagesizes.LETTER}[size]
    count = 0

    def foot(canvas: Any, document: Any) -> None:
        nonlocal count
        ctx.check()
        count = document.page
        canvas.setFont(fonts.regular, 8)
        canvas.drawCentredString(document.pagesize[0] / 2, 24, str(count))

    paper = pagesizes.landscape(paper) if landscape else paper
    frame = Frame(_MARGIN, _MARGIN, paper[0] - 2 * _MARGIN, paper[1] - 2 * _MARGIN, 0, 0, 0, 0)
    with atomic_write(path) as stream:
        document = BaseDocTemplate(stream, pagesize=paper, title=title or path.stem)
        document.addPageTemplates([PageTemplate(frames=[frame], onPageEnd=foot)])
        document.build(_story(title, text, names, cells, fonts, paper[0] - 2 * _MARGIN))
    return WrittenPdf(path, count)


def _story(
    title: str, text: str, names: list[str], cells: list[list[str]], fonts: _Fonts, width: float
) -> list[Flowable]:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import LongTable, Paragraph, Spacer

    body = ParagraphStyle("body", fontName=fonts.regular, fontSize=10, leading=14, spaceAfter=8)
    head = ParagraphStyle("head", fontName=fonts.bold, fontSize=17, leading=22, spaceAfter=12)
    cell = ParagraphStyle("cell", parent=body, fontSize=9, leading=11, spaceAfter=0, splitLongWords=True)
    name = ParagraphStyle("name", parent=cell, fontName=fonts.bold)
    story: list[Flowable] = [Paragraph(escape(title), head)] if title.strip() else []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        if block.strip():
            story.append(Paragraph(escape(block.strip("\n")).replace("\n", "<br/>"), body))
    if names:
        lines = [[Paragraph(escape(one), name) for one in names]]
        lines += [[Paragraph(escape(one).replace("\n", "<br/>"), cell) for one in line] for line in cells]
        weights = [
            min(40, max(4, *(len(line[place]) for line in [names, *cells[:500]]))) for place in range(len(names))
        ]
        table = LongTable(lines, colWidths=[width * weight / sum(weights) for weight in weights], repeatRows=1)
        table.setStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#EDEFF3")),
                ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#C4CAD4")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
        story += [Spacer(1, 6), table]
    return story


def _fonts(texts: Iterable[str], given: Path | None) -> _Fonts:
    """Fonts that have all letters of the texts. Raises `BusinessError`."""
    letters = {letter for text in texts for letter in text if letter.isprintable() and not letter.isspace()}
    if given is None:
        try:
            "".join(letters).encode("cp1252")
            return _Fonts("Helvetica", "Helvetica-Bold")
        except UnicodeEncodeError:
            pass
    lacking = ""
    for regular, bold in [(given, given)] if given else _installed():
        name, lacking = _registered(regular, letters)
        if not lacking:
            return _Fonts(name, _registered(bold, set())[0])
    raise BusinessError(
        say("no font that was found has the letter {letter!r}", letter=lacking),
        hint=say("Set the font of the step to a TrueType file that has it."),
    )


def _registered(path: Path, letters: set[str]) -> tuple[str, str]:
    """The name under which a font can be used, and one of the letters that it lacks."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    with _lock:
        known = set(pdfmetrics.getRegisteredFontNames())
        if str(path) not in known:
            try:
                pdfmetrics.registerFont(TTFont(str(path), str(path)))
            except (TTFError, OSError) as error:
                raise BusinessError(
                    say("{name} is not a font that can be used: {error}", name=path.name, error=error),
                    hint=say("Choose a TrueType file (.ttf)."),
                ) from None
        face: Any = pdfmetrics.getFont(str(path)).face  # type: ignore[attr-defined]
    return str(path), next((letter for letter in sorted(letters) if ord(letter) not in face.charToGlyph), "")


@functools.cache
def _installed() -> tuple[tuple[Path, Path], ...]:
    """The fonts there are, the preferred ones first; at last the one that is shipped."""
    there = {file.name: file for folder in _FOLDERS for file in sorted(Path(folder).rglob("*.ttf"))}
    found = [(there[name], there.get(bold, there[name])) for name, bold in _FAMILIES if name in there]
    return (*found, (_SHIPPED, _SHIPPED))
