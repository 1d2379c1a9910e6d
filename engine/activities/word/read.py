"""What a Word document says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from engine.activities.word.document import open_document
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.tables import Row, column_names

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell

_CHECK_EVERY = 200


@dataclass(frozen=True)
class WordParagraph:
    """A paragraph; `level` is 1 to 9 for a heading, 0 for a title or text."""

    text: str
    style: str
    level: int


@dataclass(frozen=True)
class WordTable:
    """A table, the number of the heading's row taken away."""

    rows: list[Row]
    columns: list[str]
    count: int


@dataclass(frozen=True)
class WordText:
    """The text, its paragraphs, its tables, and what the document says of itself."""

    text: str
    paragraphs: list[WordParagraph]
    tables: list[WordTable]
    title: str
    author: str


@activity("word.read", label="Read Word document", icon="file-doc", effect=Effect.PURE, keywords=("docx", "extract"))
def read_document(
    path: Annotated[Path, Param("Document", kind="file")],
    ctx: Context,
    header: Annotated[bool, Param("The first row of a table is its header")] = True,
) -> WordText:
    """Read the text and the tables of a Word document.

    The output holds `text` (with tables as lines parted by tabs, in their places), `paragraphs` (each with `text`,
    `style` and `level`), `tables` (each with `rows`, `columns`, `count`), `title` and `author`.
    """
    document = open_document(path)
    paragraphs: list[WordParagraph] = []
    tables: list[WordTable] = []
    lines: list[str] = []
    for place, (paragraph, table) in enumerate(_blocks(document)):
        if not place % _CHECK_EVERY:
            ctx.check()
        if paragraph is not None:
            paragraphs.append(paragraph)
            lines.append(paragraph.text)
        if table is not None:
            grid = _grid(table)
            lines += ["\t".join(line) for line in grid]
            tables.append(_table(grid, header))
    said = document.core_properties
    return WordText("\n".join(lines), paragraphs, tables, said.title or "", said.author or "")


def _blocks(document: Document) -> Iterator[tuple[WordParagraph | None, Table | None]]:
    from docx.text.paragraph import Paragraph

    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            style = str(block.style.name) if block.style is not None else ""
            digits = style.removeprefix("Heading ")
            level = int(digits) if style.startswith("Heading ") and digits.isdecimal() else 0
            yield WordParagraph(block.text, style, level), None
        else:
            yield None, block


def _grid(table: Table) -> list[list[str]]:
    """The texts of the cells; a merged cell has its text in each of its places."""
    return [[_text(cell) for cell in row.cells] for row in table.rows]


def _text(cell: _Cell) -> str:
    return (
        cell.text.replace("\n", " ").strip()
        if not cell.tables
        else " ".join(
            [cell.text.replace("\n", " ").strip(), *(" ".join(line) for one in cell.tables for line in _grid(one))]
        ).strip()
    )


def _table(grid: list[list[str]], header: bool) -> WordTable:
    width = max((len(line) for line in grid), default=0)
    lines = [[*line, *[""] * (width - len(line))] for line in grid]
    columns = column_names(lines[0] if header and lines else [None] * width)
    rows = [
        {name: cell or None for name, cell in zip(columns, line, strict=True)}
        for line in (lines[1:] if header else lines)
    ]
    return WordTable([row for row in rows if any(row.values())], columns, sum(any(row.values()) for row in rows))
