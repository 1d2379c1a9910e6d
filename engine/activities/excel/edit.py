"""Change workbooks that are there. Charts and pictures are kept as far as openpyxl reads them; shapes are not."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.excel.read import bounds, header_row
from engine.activities.excel.workbook import MAX_COLUMNS, MAX_ROWS, cell_value, changed_workbook, find_sheet, sheet_name
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.tables import Rows, column_names, columns_of

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class Changed:
    """The workbook, the sheet, the range that was written, and how many rows of it."""

    path: Path
    sheet: str
    cells: str
    count: int


@activity("excel.append", label="Append rows to Excel", icon="file-xls", effect=Effect.ONCE, keywords=("add", "xlsx"))
def append_rows(
    path: Annotated[Path, Param("Workbook", kind="save")],
    rows: Annotated[Rows, Param("Table", kind="table")],
    sheet: Annotated[
        str | int, Param("Sheet", "Name, or number from 1; empty for the first. A new name adds one.")
    ] = "",
    formulas: Annotated[
        bool, Param("Text that starts with = is a formula", "Off, it stays text and cannot do harm.", advanced=True)
    ] = False,
) -> Changed:
    """Append rows below the last row in use of a sheet, in the columns that its header names.

    A workbook or sheet that is not there is made, with a header. The formats of the last row are taken over. A column
    that the header does not have is an error. The workbook is saved whole.
    The output holds `path`, `sheet`, `cells` (the range written) and `count`, the number of rows appended.
    """
    fresh = not path.exists()
    with changed_workbook(path, create=True) as book:
        if isinstance(sheet, str) and sheet.strip() and not _has(book, sheet):
            if fresh:
                book.worksheets[0].title = sheet_name(sheet)
            else:
                book.create_sheet(sheet_name(sheet))
        page = find_sheet(book, sheet, path)
        last = _last_row(page)
        names = columns_of(rows)
        places = {name: place for place, name in enumerate(names, 1)}
        if last:
            top = header_row(page)
            heads = [cell.value for cell in page[top]]
            places = {name: place for place, name in enumerate(column_names(heads), 1)}
            unknown = [name for name in names if name not in places]
            if unknown:
                there = [name for name, place in places.items() if heads[place - 1] is not None]
                raise BusinessError(
                    say(
                        "the sheet {title!r} of {name} has no column {unknown}",
                        title=page.title,
                        name=path.name,
                        unknown=", ".join(map(repr, unknown)),
                    ),
                    hint=say("Its columns are: {names}.", names=", ".join(there)),
                )
        elif names:
            from openpyxl.styles import Font

            for name, place in places.items():
                _put(page.cell(1, place), name, False)
                page.cell(1, place).font = Font(bold=True)
            last = 1
        if last + len(rows) > MAX_ROWS:
            raise BusinessError(
                say("the sheet {title!r} cannot hold {count:,} more rows", title=page.title, count=len(rows))
            )
        model = last if last and last != (header_row(page) if last else 0) else None
        for index, row in enumerate(rows, last + 1):
            for name in names:
                cell = page.cell(index, places[name])
                _put(cell, row.get(name), formulas)
                if model is not None and page.cell(model, places[name]).has_style:
                    cell._style = copy(page.cell(model, places[name])._style)  # type: ignore[union-attr]
        wide = max(places.values(), default=1)
        return Changed(path, page.title, _range(1, last + 1, wide, last + max(len(rows), 1)), len(rows))


@activity(
    "excel.write_cells",
    label="Write cells",
    icon="file-xls",
    effect=Effect.IDEMPOTENT,
    keywords=("cell", "range", "set"),
)
def write_cells(
    path: Annotated[Path, Param("Workbook", kind="save")],
    at: Annotated[str, Param("Cell", "Upper left corner of what is written.", "B2")],
    value: Annotated[Any, Param("Value", "One value, a list (a row), a list of lists, or a table.")],
    sheet: Annotated[str | int, Param("Sheet", "Name, or number from 1; empty for the first.")] = "",
    header: Annotated[bool, Param("Write the header of a table")] = True,
    number_format: Annotated[str, Param("Number format", "", "#,##0.00", advanced=True)] = "",
    formulas: Annotated[
        bool, Param("Text that starts with = is a formula", "Off, it stays text and cannot do harm.", advanced=True)
    ] = False,
) -> Changed:
    """Write a value, a row or a table into cells; everything around stays as it is.

    A workbook that is not there is made. The output holds `path`, `sheet`, `cells` (the range written) and `count`.
    """
    left, top, _, _ = bounds(at)
    lines = _lines(value, header)
    width = max((len(line) for line in lines), default=0)
    if top + len(lines) - 1 > MAX_ROWS or left + width - 1 > MAX_COLUMNS:
        raise BusinessError(
            say(
                "{count:,} rows and {width:,} columns from {at} on do not fit into a sheet",
                count=len(lines),
                width=width,
                at=at,
            )
        )
    with changed_workbook(path, create=True) as book:
        page = find_sheet(book, sheet, path)
        for row, line in enumerate(lines, top):
            for place, one in enumerate(line, left):
                cell = page.cell(row, place)
                _put(cell, one, formulas)
                if number_format:
                    cell.number_format = number_format
        title = page.title
    return Changed(path, title, _range(left, top, left + max(width, 1) - 1, top + max(len(lines), 1) - 1), len(lines))


@activity(
    "excel.format_cells",
    label="Format cells",
    icon="file-xls",
    effect=Effect.IDEMPOTENT,
    keywords=("style", "bold", "color"),
)
def format_cells(
    path: Annotated[Path, Param("Workbook", kind="file")],
    cells: Annotated[str, Param("Cell or range", "", "A1:D1 or C:C")],
    sheet: Annotated[str | int, Param("Sheet", "Name, or number from 1; empty for the first.")] = "",
    number_format: Annotated[str, Param("Number format", "", "#,##0.00")] = "",
    bold: Annotated[bool | None, Param("Bold", "Empty to leave it.")] = None,
    color: Annotated[str, Param("Text colour", "", "#C00000")] = "",
    fill: Annotated[str, Param("Background", "", "#FFF2CC")] = "",
    align: Annotated[Literal["", "left", "center", "right"], Param("Alignment")] = "",
    wrap: Annotated[bool | None, Param("Wrap text", "Empty to leave it.")] = None,
    width: Annotated[float | None, Param("Width of the columns", unit="characters")] = None,
) -> Changed:
    """Give cells another look; what is left empty stays as it is.

    The output holds `path`, `sheet`, `cells` and `count`, the number of rows.
    """
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    left, top, right, bottom = bounds(cells)
    ink, ground = _colour(color), _colour(fill)
    with changed_workbook(path) as book:
        page = find_sheet(book, sheet, path)
        right = right or max(page.max_column, left)
        bottom = bottom or max(page.max_row, top)
        for line in page.iter_rows(min_row=top, max_row=bottom, min_col=left, max_col=right):
            for cell in line:
                if number_format:
                    cell.number_format = number_format
                if bold is not None or ink:
                    font: Any = copy(cell.font)
                    font.bold = font.bold if bold is None else bold
                    font.color = ink or font.color
                    cell.font = font
                if ground:
                    cell.fill = PatternFill("solid", fgColor=ground)
                if align or wrap is not None:
                    alignment: Any = copy(cell.alignment)
                    alignment.horizontal = align or alignment.horizontal
                    alignment.wrap_text = alignment.wrap_text if wrap is None else wrap
                    cell.alignment = alignment
        if width is not None:
            if not 0 < width <= 255:
                raise BusinessError(say("a column is at most 255 characters wide"))
            for place in range(left, right + 1):
                page.column_dimensions[get_column_letter(place)].width = width
        title = page.title
    return Changed(path, title, _range(left, top, right, bottom), bottom - top + 1)


@dataclass(frozen=True)
class SheetsChanged:
    """The workbook, and the sheets that it has now."""

    path: Path
    sheets: list[str]


@activity("excel.add_sheet", label="Add a sheet", icon="file-xls", effect=Effect.IDEMPOTENT)
def add_sheet(
    path: Annotated[Path, Param("Workbook", "Made if it is missing.", kind="save")],
    name: Annotated[str, Param("Name")],
    position: Annotated[int | None, Param("Position", "1 for the first; empty for the last.")] = None,
) -> SheetsChanged:
    """Add an empty sheet; one of that name is left as it is.

    The output holds `path` and `sheets`, the names of all sheets.
    """
    fresh = not path.exists()
    with changed_workbook(path, create=True) as book:
        if fresh:
            book.worksheets[0].title = sheet_name(name)
        elif not _has(book, name):
            book.create_sheet(sheet_name(name), None if position is None else max(position - 1, 0))
        return SheetsChanged(path, list(book.sheetnames))


@activity("excel.rename_sheet", label="Rename a sheet", icon="file-xls", effect=Effect.IDEMPOTENT)
def rename_sheet(
    path: Annotated[Path, Param("Workbook", kind="file")],
    sheet: Annotated[str | int, Param("Sheet", "Name, or number from 1.")],
    name: Annotated[str, Param("New name")],
) -> SheetsChanged:
    """Rename a sheet. It is no error if that has been done already.

    Formulas that name the sheet are not changed. The output holds `path` and `sheets`, the names of all sheets.
    """
    with changed_workbook(path) as book:
        if isinstance(sheet, int) or _has(book, sheet) or not _has(book, name):
            page = find_sheet(book, sheet, path)
            if _has(book, name) and page.title.casefold() != name.casefold():
                raise BusinessError(say("{name} has a sheet {sheet!r} already", name=path.name, sheet=name))
            if page.title != name:
                page.title = "~"  # so that another case of the same name is not taken for a second sheet
                page.title = sheet_name(name)
        return SheetsChanged(path, list(book.sheetnames))


@activity("excel.delete_sheet", label="Delete a sheet", icon="file-xls", effect=Effect.IDEMPOTENT, keywords=("remove",))
def delete_sheet(
    path: Annotated[Path, Param("Workbook", kind="file")],
    name: Annotated[str, Param("Name")],
) -> SheetsChanged:
    """Delete a sheet. It is no error if there is none of that name.

    The output holds `path` and `sheets`, the names of all sheets.
    """
    with changed_workbook(path) as book:
        if _has(book, name):
            book.remove(find_sheet(book, name, path))
        return SheetsChanged(path, list(book.sheetnames))


def _has(book: Any, name: str) -> bool:
    return any(title.strip().casefold() == name.strip().casefold() for title in book.sheetnames)


def _last_row(page: Worksheet) -> int:
    """Number of the last row that holds something; 0 for an empty sheet. Formats alone do not count."""
    for row in range(page.max_row, 0, -1):
        if any(cell.value is not None and cell.value != "" for cell in page[row]):
            return row
    return 0


def _lines(value: Any, header: bool) -> Sequence[Sequence[Any]]:
    if isinstance(value, dict) and isinstance(value.get("rows"), list):
        value = value["rows"]
    if not isinstance(value, list):
        return [[value]]
    if value and all(isinstance(row, dict) for row in value):
        names = columns_of(value)
        return [*([names] if header else []), *([row.get(name) for name in names] for row in value)]
    if value and all(isinstance(row, list) for row in value):
        return value
    return [value] if value else []


def _put(cell: Cell | MergedCell, value: Any, formulas: bool) -> None:
    from openpyxl.cell.cell import MergedCell

    if isinstance(cell, MergedCell):
        raise BusinessError(
            say(
                "the cell {coordinate} is merged with the one before it and cannot be written",
                coordinate=cell.coordinate,
            )
        )
    held, _ = cell_value(value, f"the cell {cell.coordinate}")
    cell.value = held
    if isinstance(held, str) and held.startswith("=") and not formulas:
        cell.data_type = "s"


def _range(left: int, top: int, right: int, bottom: int) -> str:
    from openpyxl.utils import get_column_letter

    corners = [f"{get_column_letter(column)}{row}" for column, row in ((left, top), (right, bottom))]
    return corners[0] if corners[0] == corners[1] else ":".join(corners)


def _colour(text: str) -> str:
    code = text.strip().lstrip("#").upper()
    if code and (len(code) != 6 or any(sign not in "0123456789ABCDEF" for sign in code)):
        raise BusinessError(
            say("{text!r} is not a colour", text=text), hint=say("Write it as #RRGGBB, for example #C00000.")
        )
    return "FF" + code if code else ""
