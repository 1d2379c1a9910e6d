from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.activities import excel
from engine.core.errors import BusinessError

Call = Callable[..., Any]
CHALLENGE = Path(__file__).parents[5] / "resources" / "examples" / "rpa-challenge" / "challenge.xlsx"


def book(path: Path, rows: list[list[Any]], merge: tuple[str, ...] = (), title: str = "Data") -> Path:
    made = openpyxl.Workbook()
    page = made.worksheets[0]
    page.title = title
    for row in rows:
        page.append(row)
    for area in merge:
        page.merge_cells(area)
    made.save(path)
    return path


def test_the_challenge_is_read_clean(call: Call) -> None:
    output = call(excel.read_table, path=str(CHALLENGE))
    assert output["columns"] == [
        "First Name",
        "Last Name",
        "Company Name",
        "Role in Company",
        "Address",
        "Email",
        "Phone Number",
    ]
    assert output["count"] == 10
    assert output["rows"][0]["Phone Number"] == 40716543298
    assert output["rows"][9]["Last Name"] == "Palmer"


def test_headers_below_a_title_are_found_trimmed_and_made_unique(call: Call, tmp_path: Path) -> None:
    path = book(
        tmp_path / "messy.xlsx",
        [
            ["Report of 2026"],
            [],
            [None, " Name  ", "Amount", "Amount", None, "Note\n(free)"],
            [None, "a ", 1, 2.5, 7, None],
            [None, None, None, None, None, None],
            [None, "b", None, "", 8, "x"],
            [None, None, None, None, None, None],
        ],
    )
    output = call(excel.read_table, path=str(path))
    assert output["columns"] == ["Name", "Amount", "Amount_2", "column_4", "Note (free)"]
    assert output["header_row"] == 3
    assert output["rows"] == [
        {"Name": "a", "Amount": 1, "Amount_2": 2.5, "column_4": 7, "Note (free)": None},
        {"Name": "b", "Amount": None, "Amount_2": None, "column_4": 8, "Note (free)": "x"},
    ]


def test_a_header_of_two_rows_with_merged_cells(call: Call, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Year", "2025", None, "2026"], [None, "Q1", "Q2", "Q1"], ["x", 1, 2, 3]]
    path = book(tmp_path / "two.xlsx", rows, ("B1:C1", "A1:A2"))
    output = call(excel.read_table, path=str(path), header=1, header_rows=2)
    assert output["columns"] == ["Year", "2025 Q1", "2025 Q2", "2026 Q1"]
    assert output["count"] == 1


def test_types(call: Call, tmp_path: Path) -> None:
    path = book(
        tmp_path / "types.xlsx",
        [
            ["text number", "mixed", "code", "day", "moment", "error"],
            ["1", 1, "007", datetime(2026, 1, 2), datetime(2026, 1, 2, 3, 4), "#N/A"],
            ["2.5", "2", "1", datetime(2026, 1, 3), datetime(2026, 1, 2), 5],
        ],
    )
    output = call(excel.read_table, path=str(path))
    assert output["rows"] == [
        {
            "text number": 1.0,
            "mixed": 1,
            "code": "007",
            "day": date(2026, 1, 2),
            "moment": datetime(2026, 1, 2, 3, 4),
            "error": None,
        },
        {
            "text number": 2.5,
            "mixed": 2,
            "code": "1",
            "day": date(2026, 1, 3),
            "moment": datetime(2026, 1, 2),
            "error": 5,
        },
    ]
    assert output["error_cells"] == ["F2"]
    text = call(excel.read_table, path=str(path), types="text", errors="text")["rows"][0]
    assert text == {
        "text number": "1",
        "mixed": "1",
        "code": "007",
        "day": "2026-01-02",
        "moment": "2026-01-02 03:04:00",
        "error": "#N/A",
    }
    with pytest.raises(BusinessError, match="holds errors in F2"):
        call(excel.read_table, path=str(path), errors="fail")
    with pytest.raises(BusinessError, match=r"row 2 of the sheet 'Data', column 'code': '007' is not a date"):
        call(excel.read_table, path=str(path), column_types={"code": "date"})


def test_ranges_headers_and_limits(call: Call, tmp_path: Path) -> None:
    path = book(tmp_path / "r.xlsx", [["x", 1, 2], ["a", "b", "c"], [4, 5, 6], [None, None, None], [7, 8, 9]])
    assert call(excel.read_table, path=str(path), cells="B2:C3")["rows"] == [{"b": 5, "c": 6}]
    assert call(excel.read_table, path=str(path), header=2, limit=1)["rows"] == [{"a": 4, "b": 5, "c": 6}]
    assert call(excel.read_table, path=str(path), header=2, columns="c")["rows"] == [{"c": 6}, {"c": 9}]
    assert call(excel.read_table, path=str(path), header=2, skip_empty=False)["count"] == 3
    assert call(excel.read_table, path=str(path), header="none", cells="B:C")["columns"] == ["B", "C"]
    assert call(excel.read_cells, path=str(path), cells="B3")["value"] == 5
    assert call(excel.read_cells, path=str(path), cells="a2:b3")["values"] == [["a", "b"], [4, 5]]
    with pytest.raises(BusinessError, match="'here' is not a range"):
        call(excel.read_cells, path=str(path), cells="here")


def test_sheets_by_name_number_and_none(call: Call, tmp_path: Path) -> None:
    path = book(tmp_path / "s.xlsx", [["a"], [1]], title="One")
    assert call(excel.read_table, path=str(path), sheet=" one ")["sheet"] == "One"
    assert call(excel.read_table, path=str(path), sheet=1)["sheet"] == "One"
    for wrong in ("Two", 2, 0):
        with pytest.raises(BusinessError, match="has no sheet") as caught:
            call(excel.read_table, path=str(path), sheet=wrong)
        assert "'One'" in caught.value.hint
    assert call(excel.list_sheets, path=str(path))["sheets"] == [
        {"name": "One", "number": 1, "visible": True, "rows": 2, "columns": 1}
    ]


def test_an_empty_sheet_gives_an_empty_table(call: Call, tmp_path: Path) -> None:
    path = book(tmp_path / "e.xlsx", [])
    output = call(excel.read_table, path=str(path))
    assert (output["rows"], output["columns"], output["header_row"]) == ([], [], 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "is a web page"),
        (b"a;b\r\n1;2\r\n", "is a text file, perhaps CSV"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, r"old format \.xls"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"PK\x03\x04 cut off", "is damaged"),
        (b"\0\1\2\3", "is no Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_told_apart(call: Call, tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(BusinessError, match=message):
        call(excel.read_table, path=str(path))


def test_other_archives_and_broken_parts_are_refused(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(BusinessError, match="is not an Excel workbook"):
        call(excel.read_table, path=str(path))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<broken")
        archive.writestr("xl/workbook.xml", "<broken")
    with pytest.raises(BusinessError, match="is damaged and cannot be opened"):
        call(excel.read_table, path=str(path))
    with pytest.raises(BusinessError, match=r"nothing\.xlsx"):
        call(excel.read_table, path="nothing.xlsx")
