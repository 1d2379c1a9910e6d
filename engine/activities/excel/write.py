"""Write new workbooks: formatted sheets, with totals and charts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from engine.activities.excel.workbook import MAX_COLUMNS, MAX_ROWS, cell_value, sheet_name
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.files import atomic_write
from engine.sdk.tables import Names, Rows, columns_of, require, shown

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_CHECK_EVERY = 1000
_FITTED_ROWS = 1000
_NAMED_FORMATS = {
    "money": "#,##0.00",
    "integer": "#,##0",
    "number": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "time": "hh:mm:ss",
    "text": "@",
}
_SUBTOTALS = {"sum": 109, "mean": 101, "average": 101, "count": 103, "min": 105, "max": 104}
_HEADER = {"bold": True, "bg_color": "#1F3B57", "font_color": "#FFFFFF", "valign": "vcenter", "border": 1}
_HEADER_BORDER = "#D0D7DE"


@dataclass(frozen=True)
class Chart:
    """A chart beside a table: one series for each column of values, over the column of categories.

    `rows` bounds how many rows, from the first, it shows.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    category: str
    values: Names
    type: Literal["column", "bar", "line", "area", "pie"] = "column"
    title: str = ""
    rows: int | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet to write.

    `formats` names the number format of a column: money, integer, number, percent, date, datetime, text, or one of
    Excel's such as 0.000. `labels` are headings shown instead of the names of columns. `totals` puts sum, mean, count,
    min or max of a column below it. `title` stands above the table.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    name: str
    rows: Rows
    columns: Names = field(default_factory=list)
    title: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    widths: dict[str, float] = field(default_factory=dict)
    totals: dict[str, Literal["sum", "mean", "average", "count", "min", "max"]] = field(default_factory=dict)
    charts: list[Chart] = field(default_factory=list)
    freeze: bool = True
    filter: bool = True


@dataclass(frozen=True)
class WrittenWorkbook:
    """Where it was written, its sheets, how many rows, and how many texts had to be cleaned."""

    path: Path
    sheets: list[str]
    count: int
    cleaned: int


@activity(
    "excel.write",
    label="Write Excel workbook",
    icon="file-xls",
    effect=Effect.IDEMPOTENT,
    keywords=("xlsx", "export", "report", "chart"),
)
def write_workbook(
    path: Annotated[Path, Param("Workbook", kind="save")],
    sheets: Annotated[list[Sheet], Param("Sheets", "Name, rows, and how each shall look.")],
    ctx: Context,
    formulas: Annotated[
        bool, Param("Text that starts with = is a formula", "Off, it stays text and cannot do harm.", advanced=True)
    ] = False,
) -> WrittenWorkbook:
    """Write a new workbook of one or several formatted sheets, with totals and charts.

    A file that is there is replaced whole. Each sheet has a bold header that stays in view, a filter, and columns as
    wide as what they hold. Text that Excel refuses (control characters) is cleaned.
    The output holds `path`, `sheets` (names), `count` (rows on all of them) and `cleaned` (texts that were).
    """
    import xlsxwriter

    if not sheets:
        raise BusinessError(say("a workbook needs at least one sheet"))
    if path.suffix.lower() not in (".xlsx", ""):
        raise BusinessError(
            say("{name} must end in .xlsx", name=path.name), hint=say("No other kind of workbook is written.")
        )
    names: set[str] = set()
    for sheet in sheets:
        if sheet_name(sheet.name).casefold() in names:
            raise BusinessError(
                say("two sheets are named {name!r}", name=sheet.name),
                hint=say("Excel does not tell upper from lower case."),
            )
        names.add(sheet.name.casefold())
    cleaned = 0
    with atomic_write(path) as stream:
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        for sheet in sheets:
            cleaned += _SheetWriter(book, sheet, formulas, ctx).write()
        book.close()
    return WrittenWorkbook(path, [sheet.name for sheet in sheets], sum(len(sheet.rows) for sheet in sheets), cleaned)


@activity(
    "excel.write_table",
    label="Write Excel table",
    icon="file-xls",
    effect=Effect.IDEMPOTENT,
    keywords=("xlsx", "export"),
)
def write_table(
    path: Annotated[Path, Param("Workbook", kind="save")],
    rows: Annotated[Rows, Param("Table", kind="table")],
    ctx: Context,
    sheet: Annotated[str, Param("Sheet")] = "Sheet1",
    columns: Annotated[Names, Param("Columns", "Empty for all.")] = [],  # noqa: B006 - bound as a copy
    formats: Annotated[
        dict[str, str],
        Param("Formats", "Column, and money, integer, percent, date, text or a format of Excel's.", kind="table"),
    ] = {},  # noqa: B006
    formulas: Annotated[
        bool, Param("Text that starts with = is a formula", "Off, it stays text and cannot do harm.", advanced=True)
    ] = False,
) -> WrittenWorkbook:
    """Write one table to a new workbook.

    A file that is there is replaced whole. The output holds `path`, `sheets` (names), `count` and `cleaned`.
    """
    return write_workbook(path, [Sheet(sheet, rows, columns, formats=formats)], ctx, formulas)


class _SheetWriter:
    """Writes one sheet."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Sheet, formulas: bool, ctx: Context) -> None:
        self.book, self.sheet, self.formulas, self.ctx = book, sheet, formulas, ctx
        self.columns = sheet.columns or columns_of(sheet.rows)
        self.first = 3 if sheet.title else 1  # number of the first row below the header, from 0
        self.formats: dict[str, Format] = {}
        self.cleaned = 0

    def write(self) -> int:
        """Write it; gives how many texts were cleaned."""
        sheet, columns, rows = self.sheet, self.columns, self.sheet.rows
        what = say("the table for the sheet {name!r}", name=sheet.name)
        asked = [*sheet.columns, *sheet.formats, *sheet.widths, *sheet.totals]
        require(rows, [*asked, *(name for chart in sheet.charts for name in (chart.category, *chart.values))], what)
        if len(rows) + self.first + 1 > MAX_ROWS or len(columns) > MAX_COLUMNS:
            raise BusinessError(
                say(
                    "{what} has {rows:,} rows and {columns:,} columns, more than a sheet holds",
                    what=what,
                    rows=len(rows),
                    columns=len(columns),
                ),
                hint=say(
                    "Excel holds {rows:,} rows and {columns:,} columns; write CSV, or several sheets.",
                    rows=MAX_ROWS,
                    columns=MAX_COLUMNS,
                ),
            )
        page = self.book.add_worksheet(sheet.name)
        labels = [sheet.labels.get(name, name) for name in columns]
        if sheet.title:
            self._put(page, 0, 0, sheet.title, self.book.add_format({"bold": True, "font_size": 14}), "the title")
        header = self.book.add_format({**_HEADER, "border_color": _HEADER_BORDER})
        over_numbers = self.book.add_format({**_HEADER, "border_color": _HEADER_BORDER, "align": "right"})
        for place, (name, label) in enumerate(zip(columns, labels, strict=True)):
            style = over_numbers if rows and isinstance(rows[0].get(name), (int, float)) else header
            self._put(page, self.first - 1, place, label, style, f"the header of {shown(label)}", formula=False)
        for index, row in enumerate(rows):
            if not index % _CHECK_EVERY:
                self.ctx.check()
            for place, name in enumerate(columns):
                value = row.get(name)
                if value is not None:
                    where = f"row {index + 1}, column {name!r} of the sheet {sheet.name!r}"
                    self._put(page, self.first + index, place, value, self._format(name, value), where)
        self._totals(page)
        for place, (name, label) in enumerate(zip(columns, labels, strict=True)):
            page.set_column(place, place, sheet.widths.get(name) or self._width(name, label))
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(self.first - 1)
        if sheet.freeze:
            page.freeze_panes(self.first, 0)
        if sheet.filter and columns and rows:
            page.autofilter(self.first - 1, 0, self.first + len(rows) - 1, len(columns) - 1)
        for number, chart in enumerate(sheet.charts):
            self._chart(page, chart, number)
        return self.cleaned

    def _put(
        self, page: Worksheet, row: int, place: int, value: Any, style: Format | None, where: str, formula: bool = True
    ) -> None:
        held, cleaned = cell_value(value, where)
        self.cleaned += cleaned
        if held is None:
            return
        if isinstance(held, bool):
            page.write_boolean(row, place, held, style)
        elif isinstance(held, (int, float)):
            page.write_number(row, place, held, style)
        elif isinstance(held, (date, time, timedelta)):
            page.write_datetime(row, place, held, style)
        elif self.formulas and formula and held.startswith("=") and len(held) > 1:
            page.write_formula(row, place, held, style)
        else:
            page.write_string(row, place, held, style)

    def _format(self, name: str, value: Any) -> Format | None:
        code = self.sheet.formats.get(name, "")
        if not code:
            if isinstance(value, datetime):
                code = "datetime"
            elif isinstance(value, date):
                code = "date"
            elif isinstance(value, time):
                code = "time"
            elif isinstance(value, timedelta):
                code = "[h]:mm:ss"
            else:
                return None
        return self._style(code)

    def _style(self, code: str, bold: bool = False) -> Format:
        key = f"{code}/{bold}"
        if key not in self.formats:
            style: dict[str, Any] = {"num_format": _NAMED_FORMATS.get(code, code)} if code else {}
            self.formats[key] = self.book.add_format({**style, "bold": True, "top": 1} if bold else style)
        return self.formats[key]

    def _totals(self, page: Worksheet) -> None:
        from xlsxwriter.utility import xl_range

        rows = self.sheet.rows
        if not self.sheet.totals or not rows:
            return
        last = self.first + len(rows)
        for place, name in enumerate(self.columns):
            code = self.sheet.formats.get(name, "")
            function = self.sheet.totals.get(name)
            if function is not None:
                cells = xl_range(self.first, place, last - 1, place)
                result = _subtotal(function, [row.get(name) for row in rows])
                style = self._style("integer" if function == "count" else code, bold=True)
                page.write_formula(last, place, f"=SUBTOTAL({_SUBTOTALS[function]},{cells})", style, result)
            elif place == 0:
                page.write_string(last, place, "Total", self._style("", bold=True))
            else:
                page.write_blank(last, place, None, self._style("", bold=True))

    def _width(self, name: str, label: str) -> float:
        code = self.sheet.formats.get(name, "")
        widest = len(label) + 3
        for row in self.sheet.rows[:_FITTED_ROWS]:
            widest = max(widest, _shown_width(row.get(name), code) + 1)
        if name in self.sheet.totals:
            total = _subtotal(self.sheet.totals[name], [row.get(name) for row in self.sheet.rows])
            widest = max(widest, _shown_width(total, code) + 2)
        return float(min(max(widest, 8), 60))

    def _chart(self, page: Worksheet, chart: Chart, number: int) -> None:
        rows = len(self.sheet.rows) if chart.rows is None else min(chart.rows, len(self.sheet.rows))
        if rows < 1:
            return
        name, last = self.sheet.name, self.first + rows - 1
        drawn = self.book.add_chart({"type": chart.type})
        category = self._place(chart.category)
        for column in chart.values:
            place = self._place(column)
            drawn.add_series(
                {
                    "name": [name, self.first - 1, place],
                    "categories": [name, self.first, category, last, category],
                    "values": [name, self.first, place, last, place],
                }
            )
        drawn.set_title({"name": chart.title, "name_font": {"size": 12}} if chart.title else {"none": True})
        if chart.type == "bar":
            drawn.set_y_axis({"reverse": True})
        if len(chart.values) == 1 and chart.type != "pie":
            drawn.set_legend({"none": True})
        drawn.set_size({"width": 640, "height": max(320, 22 * rows if chart.type == "bar" else 320)})
        page.insert_chart(self.first - 1 + number * 18, len(self.columns) + 1, drawn)

    def _place(self, column: str) -> int:
        if column not in self.columns:
            raise BusinessError(
                say(
                    "the chart on the sheet {name!r} shows the column {column!r}, which is not written there",
                    name=self.sheet.name,
                    column=column,
                )
            )
        return self.columns.index(column)


def _subtotal(function: str, values: list[Any]) -> float:
    if function == "count":
        return len([value for value in values if value is not None and value != ""])
    numbers: list[float] = [
        value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)
    ]
    if not numbers:
        return 0
    if function == "min":
        return min(numbers)
    if function == "max":
        return max(numbers)
    return math.fsum(numbers) / (1 if function == "sum" else len(numbers))


def _shown_width(value: Any, code: str) -> int:
    if value is None:
        return 0
    if isinstance(value, bool):
        return 5
    if isinstance(value, datetime):
        return 16
    if isinstance(value, date):
        return 10
    if isinstance(value, (int, float)):
        pattern = _NAMED_FORMATS.get(code, code)
        grouped = f"{value:,.2f}" if "," in pattern else f"{value:g}" if isinstance(value, float) else str(value)
        return len(grouped) + (len(pattern) - len(pattern.strip("$€лв. ")) if pattern else 0)
    return max((len(line) for line in str(value).splitlines()), default=0)
