"""Read workbooks as people leave them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.excel.workbook import MAX_COLUMNS, find_sheet, open_workbook
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.cells import CellFormat, CellType, cell_text, type_word
from engine.sdk.tables import Names, Row, column_names, shown

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_CHECK_EVERY = 1000
_HEADER_WITHIN = 30
_ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#FIELD!"}
)


@dataclass(frozen=True)
class ExcelTable:
    """The table; the sheet it stands on, the row of its header (0 for none), and the cells that hold an error."""

    rows: list[Row]
    columns: list[str]
    count: int
    path: Path
    sheet: str
    header_row: int
    error_cells: list[str]


@activity(
    "excel.read", label="Read Excel table", icon="file-xls", effect=Effect.PURE, keywords=("xlsx", "import", "sheet")
)
def read_table(
    path: Annotated[Path, Param("Workbook", kind="file")],
    ctx: Context,
    sheet: Annotated[str | int, Param("Sheet", "Name, or number from 1; empty for the first.")] = "",
    header: Annotated[
        Literal["auto", "none"] | int, Param("Header row", "auto, none, or the number of the row in the sheet.")
    ] = "auto",
    header_rows: Annotated[int, Param("Rows of the header", "Names are put together from them.", advanced=True)] = 1,
    cells: Annotated[str, Param("Range", "Such as B3:F200 or B:F; empty for everything.", "A1:F100")] = "",
    types: Annotated[
        Literal["auto", "text"],
        Param("Types", "auto: a column of numbers kept as text becomes numbers."),
    ] = "auto",
    column_types: Annotated[
        dict[str, CellType], Param("Types of columns", "Where you know better.", kind="table", advanced=True)
    ] = {},  # noqa: B006 - bound as a copy
    columns: Annotated[Names, Param("Only columns", "Empty for all.", advanced=True)] = [],  # noqa: B006
    skip_empty: Annotated[bool, Param("Leave out empty rows")] = True,
    trim: Annotated[bool, Param("Trim spaces around text", advanced=True)] = True,
    errors: Annotated[
        Literal["null", "text", "fail"], Param("Cells with an error", "Such as #N/A.", advanced=True)
    ] = "null",
    limit: Annotated[int | None, Param("At most", unit="rows", advanced=True)] = None,
    web_page: Annotated[
        bool,
        Param(
            "Take tables of a web page",
            "Many programs give out HTML under the name of a workbook; each table counts as a sheet.",
            advanced=True,
        ),
    ] = False,
) -> ExcelTable:
    """Read a table from a sheet of an Excel workbook.

    The header is found below titles and empty rows. Its names are trimmed, completed and made unique; a name in merged
    cells counts for each of them (not in files above 10 MB). Empty rows and empty columns without a name are left out;
    dates without a time are dates. Formulas give the value that Excel saved last: a file that no spreadsheet program
    has ever computed gives null for them.
    The output is a table (`rows`, `columns`, `count`), with `path`, `sheet`, `header_row` (its last row) and
    `error_cells`, the addresses of cells with an error.
    """
    from openpyxl.utils import get_column_letter

    if header_rows < 1 or (isinstance(header, int) and header < 0):
        raise BusinessError(
            say("a header has at least one row, counted from 1"), hint=say("Choose none if there is no header.")
        )
    book = open_workbook(path, values=True, web_page=web_page)
    try:
        page = find_sheet(book, sheet, path)
        left, top, right, bottom = bounds(cells)
        grid: list[tuple[int, list[Any]]] = []
        for offset, found in enumerate(
            page.iter_rows(min_row=top, max_row=bottom, min_col=left, max_col=right, values_only=True)
        ):
            if not offset % _CHECK_EVERY:
                ctx.check()
            if not skip_empty or any(cell is not None and cell != "" for cell in found):
                grid.append((top + offset, list(found)))
        title = page.title
        merged = _merged(page)
    finally:
        book.close()
    while grid and _is_empty(grid[-1][1]):
        grid.pop()
    width = max((len(line) for _, line in grid), default=0)
    for _, line in grid:
        line.extend([None] * (width - len(line)))

    start = _header_at(grid, 0 if header == "none" else header)
    heads: list[list[Any]] = []
    head_row = 0
    if start is not None:
        head_row = start + header_rows - 1
        head = {row: line for row, line in grid if start <= row <= head_row}
        heads = [
            [merged.get((row, left + place), cell) for place, cell in enumerate(head.get(row, [None] * width))]
            for row in range(start, head_row + 1)
        ]
    body = [(row, line) for row, line in grid if row > head_row]
    if limit is not None:
        body = body[: max(limit, 0)]
    used = [
        place
        for place in range(width)
        if any(not _blank(head[place]) for head in heads) or any(not _blank(line[place]) for _, line in body)
    ]
    names = column_names([_head_text([head[place] for head in heads]) for place in used])
    if not heads:
        names = [get_column_letter(left + place) for place in used]
    unknown = [name for name in [*columns, *column_types] if name not in names]
    if unknown:
        there = ", ".join(names) or say("none")
        raise BusinessError(
            say(
                "the sheet {title!r} of {name} has no column {unknown!r}",
                title=title,
                name=path.name,
                unknown=unknown[0],
            ),
            hint=say("Its columns are: {names}.", names=there),
        )
    error_cells: list[str] = []
    made: dict[str, list[Any]] = {}
    for place, name in zip(used, names, strict=True):
        ctx.check()
        values = [line[place] for _, line in body]
        for index, value in enumerate(values):
            if isinstance(value, str):
                if value in _ERRORS:
                    error_cells.append(f"{get_column_letter(left + place)}{body[index][0]}")
                    values[index] = value if errors == "text" else None
                elif trim:
                    values[index] = value.strip() or None
        kind: CellType = column_types.get(name, "text" if types == "text" else "auto")
        made[name] = _typed(values, kind, name, [row for row, _ in body], title)
    if error_cells and errors == "fail":
        raise BusinessError(
            say(
                "the sheet {title!r} of {name} holds errors in {names}",
                title=title,
                name=path.name,
                names=", ".join(error_cells[:10]),
            ),
            hint=say("Correct the formulas there, or choose what such cells shall give."),
        )
    kept = columns or names
    rows = (
        [dict(zip(kept, row, strict=True)) for row in zip(*(made[name] for name in kept), strict=True)] if kept else []
    )
    return ExcelTable(rows, list(kept), len(rows), path, title, head_row, error_cells)


def bounds(text: str) -> tuple[int, int, int | None, int | None]:
    """Left, top, right and bottom of a range, from 1; the last two are None for an open end."""
    from openpyxl.utils import range_boundaries

    if not text.strip():
        return 1, 1, None, None
    try:
        left, top, right, bottom = range_boundaries(text.strip().replace("$", "").upper())
    except (ValueError, TypeError):
        raise BusinessError(
            say("{text!r} is not a range", text=text), hint=say("Write for example A1:F100, B:F or C7.")
        ) from None
    if (right or 0) > MAX_COLUMNS:
        raise BusinessError(say("the range {text!r} is wider than a sheet", text=text))
    return left or 1, top or 1, right, bottom


def _merged(page: Worksheet) -> dict[tuple[int, int], Any]:
    """The value of every cell that is merged with others in its row or rows; nothing for a streamed sheet."""
    found: dict[tuple[int, int], Any] = {}
    for area in getattr(getattr(page, "merged_cells", None), "ranges", ()):
        if area.size["rows"] * area.size["columns"] > MAX_COLUMNS:
            continue
        value = page.cell(area.min_row, area.min_col).value
        found.update(dict.fromkeys(area.cells, value))
    return found


def header_row(page: Worksheet) -> int:
    """Number of the row that looks like the header of the sheet; 1 for an empty one."""
    top = page.iter_rows(max_row=10 * _HEADER_WITHIN, values_only=True)
    return _header_at([(row, list(line)) for row, line in enumerate(top, 1)], "auto") or 1


def _header_at(grid: list[tuple[int, list[Any]]], header: str | int) -> int | None:
    """Row of the header: as told, or the first at the top that is about as wide as the table and all text."""
    if header == 0:
        return None
    if isinstance(header, int):
        return header
    top = [(row, [cell for cell in cells if not _blank(cell)]) for row, cells in grid if not _is_empty(cells)]
    top = top[:_HEADER_WITHIN]
    if not top:
        return None
    widest = max(len(cells) for _, cells in top)
    wide = [(row, cells) for row, cells in top if len(cells) >= widest * 0.6]
    for row, cells in wide:
        if all(isinstance(cell, str) for cell in cells):
            return row
    return wide[0][0]


def _head_text(parts: list[Any]) -> str:
    texts = [" ".join(cell_text(_plain_date(part)).split()) for part in parts]
    return " ".join(dict.fromkeys(text for text in texts if text))


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_empty(cells: list[Any]) -> bool:
    return all(map(_blank, cells))


def _plain_date(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) and value.time() == time() else value


def _typed(values: list[Any], kind: CellType, name: str, rows: list[int], sheet: str) -> list[Any]:
    if all(value is None or (isinstance(value, datetime) and value.time() == time()) for value in values):
        values = [value.date() if isinstance(value, datetime) else value for value in values]
    if kind == "text":
        return [None if value is None else cell_text(_plain_date(value)) for value in values]
    texts = [value for value in values if isinstance(value, str)]
    if kind == "auto":
        others = {type(value) for value in values if value is not None and not isinstance(value, str)}
        kind = CellFormat().infer(texts)
        if not texts or kind not in ("integer", "number") or others - {int, float}:
            return values
    convert = CellFormat().converter(kind)
    made: list[Any] = []
    for row, value in zip(rows, values, strict=True):
        try:
            made.append(_as(kind, value, convert(value) if isinstance(value, str) else value))
        except (ValueError, OverflowError):
            raise BusinessError(
                say(
                    "row {row} of the sheet {sheet!r}, column {name!r}: {value} is not a {kind}",
                    row=row,
                    sheet=sheet,
                    name=name,
                    value=shown(value),
                    kind=type_word(kind),
                ),
                hint=say("Correct the cell, or give the column another type."),
            ) from None
    return made


def _as(kind: CellType, given: Any, value: Any) -> Any:
    if value is None or isinstance(given, str):
        return value
    if kind == "date" and isinstance(value, datetime):
        return value.date()
    if kind == "datetime" and isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    if kind == "integer" and isinstance(value, float):
        if not value.is_integer():
            raise ValueError("not a whole number")
        return int(value)
    fits = {"integer": (int,), "number": (int, float), "boolean": (bool,), "date": (date,), "datetime": (datetime,)}
    if not isinstance(value, fits[kind]):
        raise ValueError("of another type")
    return value


@dataclass(frozen=True)
class CellValues:
    """The first value, and all of them: a list of rows, each a list of cells."""

    value: Any
    values: list[list[Any]]
    sheet: str


@activity("excel.read_cells", label="Read cells", icon="file-xls", effect=Effect.PURE, keywords=("range", "cell"))
def read_cells(
    path: Annotated[Path, Param("Workbook", kind="file")],
    cells: Annotated[str, Param("Cell or range", "", "B2 or A1:C10")],
    sheet: Annotated[str | int, Param("Sheet", "Name, or number from 1; empty for the first.")] = "",
    formulas: Annotated[bool, Param("Give formulas instead of their values", advanced=True)] = False,
) -> CellValues:
    """Read a cell, or a range of cells, as it is.

    The output holds `value`, the first cell, and `values`, all of them: a list of rows, each a list of cells.
    """
    left, top, right, bottom = bounds(cells)
    book = open_workbook(path, values=not formulas)
    try:
        page = find_sheet(book, sheet, path)
        found = [
            [_plain_date(value) for value in row]
            for row in page.iter_rows(
                min_row=top,
                max_row=bottom or max(page.max_row or 1, top),
                min_col=left,
                max_col=right or max(page.max_column or 1, left),
                values_only=True,
            )
        ]
        title = page.title
    finally:
        book.close()
    return CellValues(found[0][0] if found and found[0] else None, found, title)


@dataclass(frozen=True)
class SheetList:
    """The sheets in order: name, number from 1, whether it is visible, and how many rows and columns are in use."""

    sheets: list[Row]
    names: list[str]
    count: int


@activity("excel.list_sheets", label="List sheets", icon="file-xls", effect=Effect.PURE)
def list_sheets(path: Annotated[Path, Param("Workbook", kind="file")]) -> SheetList:
    """List the sheets of a workbook.

    The output holds `sheets`, each with `name`, `number` (from 1), `visible`, `rows` and `columns` in use; `names`; and
    `count`.
    """
    book = open_workbook(path, values=True)
    try:
        names = [page.title for page in book.worksheets]
        found = [
            {
                "name": page.title,
                "number": number,
                "visible": page.sheet_state == "visible",
                "rows": page.max_row,
                "columns": page.max_column,
            }
            for number, page in enumerate(book.worksheets, 1)
        ]
    finally:
        book.close()
    return SheetList(found, names, len(found))
