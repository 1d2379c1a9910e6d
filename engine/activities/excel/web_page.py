"""The tables of a web page as a workbook: what many programs of the web give out under a name that ends in .xls."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import BusinessError
from engine.core.sentences import say

if TYPE_CHECKING:
    from openpyxl import Workbook

_MAX_SPAN = 256
_MAX_CELLS = 200_000
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHARSET = re.compile(rb"charset=[\"']?([A-Za-z0-9_-]+)")


def web_workbook(content: bytes, path: Path) -> Workbook:
    """A workbook with a sheet for each table, named Table 1, Table 2 and so on; a cell over several is merged.

    Raises `BusinessError` where there is no table.
    """
    import openpyxl

    parser = _Tables()
    parser.feed(_text(content))
    parser.close()
    tables = [rows for rows in parser.tables if any(rows)]
    if not tables:
        raise BusinessError(
            say("{name} is a web page without a table", name=path.name),
            hint=say("It may be a log-in or an error page: open it in a browser and see."),
        )
    book = openpyxl.Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    for number, rows in enumerate(tables, 1):
        page = book.create_sheet(f"Table {number}")
        taken: set[tuple[int, int]] = set()
        for row, cells in enumerate(rows, 1):
            column = 1
            for text, across, down in cells:
                while (row, column) in taken:
                    column += 1
                if text:
                    page.cell(row, column, text).data_type = "s"  # also what begins with =
                if across > 1 or down > 1:
                    covered = {(row + r, column + c) for r in range(down) for c in range(across)}
                    if len(taken) + len(covered) > _MAX_CELLS:
                        raise BusinessError(say("{name} is too large to be opened", name=path.name))
                    taken |= covered
                    page.merge_cells(
                        start_row=row, start_column=column, end_row=row + down - 1, end_column=column + across - 1
                    )
                column += across
    return book


def _text(content: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    told = _CHARSET.search(content[:4096])
    for encoding in ([told[1].decode()] if told else []) + ["utf-8", "cp1252"]:
        try:
            return content.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("latin-1")


class _Tables(HTMLParser):
    """The outermost tables: rows of cells, each with its text and how many columns and rows it covers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[tuple[str, int, int]]]] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self.tables[-1].append([])
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            found = dict(attrs)
            self._span = (_span(found.get("colspan")), _span(found.get("rowspan")))
            self._cell = []
        elif tag in ("br", "p", "div") and self._cell:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        text = _REFUSED.sub("", " ".join("".join(self._cell).split()))
        if not self.tables[-1]:
            self.tables[-1].append([])
        self.tables[-1][-1].append((text[:32_767], *self._span))
        self._cell = None


def _span(text: str | None) -> int:
    return min(max(int(text), 1), _MAX_SPAN) if text and text.isdecimal() and len(text) < 6 else 1
