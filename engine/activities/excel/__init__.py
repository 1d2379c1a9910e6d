"""The family `excel`: workbooks of the format .xlsx, without Excel. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.excel.edit import add_sheet, append_rows, delete_sheet, format_cells, rename_sheet, write_cells
from engine.activities.excel.read import list_sheets, read_cells, read_table
from engine.activities.excel.write import write_table, write_workbook
from engine.sdk import Family

FAMILY = Family("Excel", icon="file-xls", order=50, color="docs")

__all__ = [
    "add_sheet",
    "append_rows",
    "delete_sheet",
    "format_cells",
    "list_sheets",
    "read_cells",
    "read_table",
    "rename_sheet",
    "write_cells",
    "write_table",
    "write_workbook",
]
