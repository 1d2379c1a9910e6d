from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.activities import excel
from engine.core.errors import BusinessError

Call = Callable[..., Any]
ROWS = [
    {"city": "Sofia", "day": date(2026, 1, 2), "amount": 10.5, "share": 0.25},
    {"city": "Пловдив", "day": None, "amount": 4, "share": 0.75},
]


def test_a_report_with_formats_totals_and_a_chart(call: Call, tmp_path: Path) -> None:
    sheet = {
        "name": "Cities",
        "rows": {"rows": ROWS},
        "title": "By city",
        "labels": {"city": "City"},
        "formats": {"amount": "money", "share": "percent"},
        "totals": {"amount": "sum"},
        "charts": [{"category": "city", "values": "amount", "type": "bar", "title": "Amount"}],
    }
    output = call(excel.write_workbook, path="out/report.xlsx", sheets=[sheet, {"name": "Raw", "rows": ROWS}])
    assert output["sheets"] == ["Cities", "Raw"]
    assert output["count"] == 4
    path = tmp_path / "out" / "report.xlsx"
    page = openpyxl.load_workbook(path, data_only=True)["Cities"]
    assert [cell.value for cell in page[3]] == ["City", "day", "amount", "share"]
    assert page["A3"].font.bold
    assert page["C4"].number_format == "#,##0.00"
    assert page["B4"].number_format == "yyyy-mm-dd"
    assert page["C6"].value == 14.5
    assert page.freeze_panes == "A4"
    assert page.auto_filter.ref == "A3:D5"
    charts = openpyxl.load_workbook(path)["Cities"]._charts  # type: ignore[attr-defined]
    assert len(charts) == 1
    back = call(excel.read_table, path="out/report.xlsx", sheet="Raw")
    assert back["rows"] == ROWS


def test_text_is_never_a_formula_unless_asked_for(call: Call, tmp_path: Path) -> None:
    rows = [{"a": "=1+1"}, {"a": "@x"}, {"a": "+1"}]
    call(excel.write_table, path="f.xlsx", rows=rows)
    page = openpyxl.load_workbook(tmp_path / "f.xlsx").worksheets[0]
    assert [page[f"A{row}"].data_type for row in (2, 3, 4)] == ["s", "s", "s"]
    call(excel.write_table, path="f.xlsx", rows=rows, formulas=True)
    assert openpyxl.load_workbook(tmp_path / "f.xlsx").worksheets[0]["A2"].data_type == "f"
    call(excel.write_cells, path="f.xlsx", at="A2", value="=2+2")
    assert openpyxl.load_workbook(tmp_path / "f.xlsx").worksheets[0]["A2"].data_type == "s"
    call(excel.append_rows, path="f.xlsx", rows=[{"a": "=3"}])
    assert openpyxl.load_workbook(tmp_path / "f.xlsx").worksheets[0]["A5"].data_type == "s"


def test_what_excel_refuses_is_cleaned_or_becomes_text(call: Call) -> None:
    rows = [
        {"v": "a\0b\x07c\ud800d\n\te"},
        {"v": 12345678901234567890},
        {"v": float("inf")},
        {"v": date(1815, 12, 10)},
        {"v": datetime(2026, 1, 2, 3, tzinfo=UTC)},
        {"v": timedelta(hours=30)},
        {"v": {"a": [1]}},
        {"v": True},
        {"v": b"\xff"},
    ]
    for write in (excel.write_table, excel.append_rows):
        name = f"{write.__name__}.xlsx"
        output = call(write, path=name, rows=rows)
        values = call(excel.read_cells, path=name, cells="A2:A10")["values"]
        assert [value[0] for value in values] == [
            "abc\ufffdd\n\te",
            "12345678901234567890",
            "inf",
            "1815-12-10",
            datetime(2026, 1, 2, 3),
            timedelta(hours=30),
            '{"a": [1]}',
            True,
            "/w==",
        ]
        assert output.get("cleaned", 1) == 1


def test_what_does_not_fit_is_refused_and_leaves_the_old_file(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "keep.xlsx"
    call(excel.write_table, path="keep.xlsx", rows=ROWS)
    before = path.read_bytes()
    with pytest.raises(BusinessError, match="row 1, column 'a' of the sheet 'Sheet1': a text of 40,000 characters"):
        call(excel.write_table, path="keep.xlsx", rows=[{"a": "x" * 40_000}])
    with pytest.raises(BusinessError, match="more than a sheet holds"):
        call(excel.write_table, path="keep.xlsx", rows=[{str(place): 1 for place in range(16_385)}])
    with pytest.raises(BusinessError, match="the cell A4: a text of"):
        call(excel.append_rows, path="keep.xlsx", rows=[{"city": "x" * 40_000}])
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["keep.xlsx"]


@pytest.mark.parametrize("name", ["", "a/b", "x" * 32, "[1]", "'a'", "a\0", "\ud800", "a\\b"])
def test_names_that_no_sheet_can_have(call: Call, name: str) -> None:
    with pytest.raises(BusinessError, match="cannot be the name of a sheet"):
        call(excel.write_table, path="n.xlsx", rows=ROWS, sheet=name)


def test_wrong_sheets_are_refused(call: Call) -> None:
    with pytest.raises(BusinessError, match="two sheets are named 'A'"):
        call(excel.write_workbook, path="n.xlsx", sheets=[{"name": "a", "rows": []}, {"name": "A", "rows": []}])
    with pytest.raises(BusinessError, match="no column 'x'"):
        call(excel.write_workbook, path="n.xlsx", sheets=[{"name": "a", "rows": ROWS, "totals": {"x": "sum"}}])
    with pytest.raises(BusinessError, match="Sheets"):
        call(excel.write_workbook, path="n.xlsx", sheets=[{"name": "a", "rows": ROWS, "colour": "red"}])
    with pytest.raises(BusinessError, match="at least one sheet"):
        call(excel.write_workbook, path="n.xlsx", sheets=[])
    with pytest.raises(BusinessError, match=r"must end in \.xlsx"):
        call(excel.write_table, path="n.xls", rows=ROWS)


def test_rows_are_appended_below_the_last_in_the_columns_of_the_header(call: Call, tmp_path: Path) -> None:
    assert call(excel.append_rows, path="log.xlsx", rows=ROWS, sheet="Log")["cells"] == "A2:D3"
    output = call(excel.append_rows, path="log.xlsx", rows=[{"amount": 1, "city": "Varna"}], sheet="log")
    assert output == {"path": str(tmp_path / "log.xlsx"), "sheet": "Log", "cells": "A4:D4", "count": 1}
    back = call(excel.read_table, path="log.xlsx")
    assert back["rows"][2] == {"city": "Varna", "day": None, "amount": 1, "share": None}
    with pytest.raises(BusinessError, match="has no column 'colour'"):
        call(excel.append_rows, path="log.xlsx", rows=[{"colour": 1}])
    call(excel.append_rows, path="log.xlsx", rows=ROWS, sheet="Second")
    assert call(excel.list_sheets, path="log.xlsx")["names"] == ["Log", "Second"]


def test_formatted_empty_rows_do_not_count_as_used(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "tail.xlsx"
    made = openpyxl.Workbook()
    page = made.worksheets[0]
    page.append(["Name ", None])
    page.append(["a"])
    for row in range(3, 1000):
        page.cell(row, 1).number_format = "0.00"
    made.save(path)
    assert call(excel.append_rows, path="tail.xlsx", rows=[{"Name": "b"}])["cells"] == "A3"


def test_cells_are_written_and_formatted(call: Call, tmp_path: Path) -> None:
    call(excel.write_cells, path="c.xlsx", at="B2", value=ROWS)
    assert call(excel.write_cells, path="c.xlsx", at="G1", value=[1, 2, 3])["cells"] == "G1:I1"
    call(excel.write_cells, path="c.xlsx", at="A1", value=5, number_format="0.00")
    call(
        excel.format_cells,
        path="c.xlsx",
        cells="A1:B1",
        bold=True,
        color="#C00000",
        fill="#FFF2CC",
        width=20,
        wrap=True,
    )
    page = openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets[0]
    assert (page["A1"].value, page["A1"].number_format, page["A1"].font.bold) == (5, "0.00", True)
    assert page["B2"].value == "city"
    assert page["I1"].value == 3
    assert page.column_dimensions["A"].width == 20
    with pytest.raises(BusinessError, match="is not a colour"):
        call(excel.format_cells, path="c.xlsx", cells="A1", color="red")


def test_a_merged_cell_is_refused_by_name(call: Call, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].merge_cells("A1:B1")
    made.save(tmp_path / "m.xlsx")
    with pytest.raises(BusinessError, match="the cell B1 is merged"):
        call(excel.write_cells, path="m.xlsx", at="B1", value=1)


def test_sheets_are_added_renamed_and_deleted_as_often_as_one_likes(call: Call) -> None:
    for _ in range(2):
        assert call(excel.add_sheet, path="s.xlsx", name="One")["sheets"] == ["One"]
    for _ in range(2):
        assert call(excel.add_sheet, path="s.xlsx", name="Two", position=1)["sheets"] == ["Two", "One"]
    for _ in range(2):
        assert call(excel.rename_sheet, path="s.xlsx", sheet="Two", name="Three")["sheets"] == ["Three", "One"]
    with pytest.raises(BusinessError, match="has a sheet 'one' already"):
        call(excel.rename_sheet, path="s.xlsx", sheet="Three", name="one")
    assert call(excel.rename_sheet, path="s.xlsx", sheet="Three", name="THREE")["sheets"] == ["THREE", "One"]
    for _ in range(2):
        assert call(excel.delete_sheet, path="s.xlsx", name="Three")["sheets"] == ["One"]
    with pytest.raises(BusinessError, match="no visible sheet"):
        call(excel.delete_sheet, path="s.xlsx", name="One")
