"""Tables of a PDF, found by the lines around their cells or by how their texts stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from engine.activities.pdf.document import Pages, Password, counted, laid_out
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.tables import Row, column_names

if TYPE_CHECKING:
    from pdfplumber.page import Page

_LINES = {"vertical_strategy": "lines", "horizontal_strategy": "lines"}
_TEXT = {
    "vertical_strategy": "text",
    "horizontal_strategy": "text",
    "text_keep_blank_chars": True,  # a space within a cell parts no columns
    "text_x_tolerance": 4,
}


@dataclass(frozen=True)
class FoundTable:
    """One table, and the number of the page that it starts on."""

    page: int
    rows: list[Row]
    columns: list[str]
    count: int


@dataclass(frozen=True)
class PdfTables:
    """The tables, in order; and the rows of the first, as a table."""

    tables: list[FoundTable]
    rows: list[Row]
    columns: list[str]
    count: int


@activity(
    "pdf.read_tables",
    label="Read PDF tables",
    icon="table",
    effect=Effect.PURE,
    keywords=("extract", "invoice", "rows"),
)
def read_tables(
    path: Annotated[Path, Param("PDF", kind="file")],
    ctx: Context,
    pages: Pages = "",
    find: Annotated[
        Literal["auto", "lines", "text"],
        Param("Find by", "lines: drawn around cells. text: how texts stand. auto: text where there are no lines."),
    ] = "auto",
    header: Annotated[bool, Param("The first row is the header")] = True,
    join: Annotated[
        bool, Param("Join over pages", "A table with the same columns at the start of the next page goes on there.")
    ] = True,
    password: Password = None,
) -> PdfTables:
    """Read the tables of a PDF as rows.

    Cells are text, trimmed, with null for an empty one; 'Convert columns' makes numbers and dates of them.
    The output holds `tables` (each with `page`, `rows`, `columns`, `count`), and `rows`, `columns` and `count` of the
    first, so that it can be given on as a table. All are empty where there is none.
    """
    _, numbers = counted(path, password, pages)
    tables: list[FoundTable] = []
    with laid_out(path, password) as document:
        for done, number in enumerate(numbers, 1):
            ctx.check()
            page = document.pages[number]
            for place, grid in enumerate(_grids(page, find)):
                _add(tables, grid, number + 1, header, join and place == 0 and done > 1)
            page.close()
            ctx.progress(done, len(numbers))
    if not tables:
        return PdfTables([], [], [], 0)
    first = tables[0]
    return PdfTables(tables, first.rows, first.columns, first.count)


def _grids(page: Page, find: str) -> list[list[list[str | None]]]:
    found = page.extract_tables(_LINES) if find != "text" else []
    if not found and find != "lines":
        found = page.extract_tables(_TEXT)
    grids = []
    for grid in found:
        clean = [[(cell or "").strip() or None for cell in line] for line in grid]
        clean = [line for line in clean if any(line)]
        used = [place for place in range(len(grid[0])) if any(line[place] for line in clean)]
        if len(used) > 1 and clean:
            grids.append([[line[place] for place in used] for line in clean])
    return grids


def _add(tables: list[FoundTable], grid: list[list[str | None]], page: int, header: bool, goes_on: bool) -> None:
    head = [" ".join((cell or "").split()) for cell in grid[0]] if header else []
    columns = column_names(head if header else [None] * len(grid[0]))
    if goes_on and tables and len(tables[-1].columns) == len(columns):
        last = tables[-1]
        if columns == last.columns:
            more = grid[1:] if header else grid
        else:
            more = grid if not header or _continues(last, grid[0]) else []
        if more or columns == last.columns:
            rows = [*last.rows, *(dict(zip(last.columns, line, strict=True)) for line in more)]
            tables[-1] = FoundTable(last.page, rows, last.columns, len(rows))
            return
    rows = [dict(zip(columns, line, strict=True)) for line in (grid[1:] if header else grid)]
    tables.append(FoundTable(page, rows, columns, len(rows)))


def _continues(table: FoundTable, line: list[str | None]) -> bool:
    """Whether a first line looks like a row of the table and not like another header: it has digits where rows do."""
    digits = [any(any(letter.isdigit() for letter in row[name] or "") for row in table.rows) for name in table.columns]
    return any(digits) and all(
        any(letter.isdigit() for letter in cell or "") for cell, wanted in zip(line, digits, strict=True) if wanted
    )
