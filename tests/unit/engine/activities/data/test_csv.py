from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.activities import data
from engine.core.errors import BusinessError

Call = Callable[..., Any]


def write(folder: Path, content: str | bytes, encoding: str = "utf-8") -> str:
    path = folder / "in.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return "in.csv"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1251", "cp1251"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encodings_are_found(call: Call, tmp_path: Path, encoding: str, found: str) -> None:
    output = call(data.read_csv, path=write(tmp_path, "name;city\nAna;София\nBo;Пловдив\n", encoding))
    assert output["encoding"] == found
    assert output["columns"] == ["name", "city"]
    assert [row["city"] for row in output["rows"]] == ["София", "Пловдив"]


def test_western_text_is_not_taken_for_cyrillic(call: Call, tmp_path: Path) -> None:
    output = call(data.read_csv, path=write(tmp_path, "city\nMünchen\nKöln\nSão Paulo\n", "cp1252"))
    assert [row["city"] for row in output["rows"]] == ["München", "Köln", "São Paulo"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separators_are_found(call: Call, tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "text", "n"], ["1", '"a, b; c | d"', "2"], ["3", '"x\ny"', "4"]]
    output = call(data.read_csv, path=write(tmp_path, "\n".join(delimiter.join(line) for line in lines)))
    assert output["delimiter"] == delimiter
    assert output["rows"][1] == {"id": 3, "text": "x\ny", "n": 4}


def test_excels_own_first_line_is_understood(call: Call, tmp_path: Path) -> None:
    output = call(data.read_csv, path=write(tmp_path, "sep=|\r\na|b\r\n1|2\r\n"))
    assert (output["delimiter"], output["rows"]) == ("|", [{"a": 1, "b": 2}])


def test_types_are_those_of_whole_columns_and_lose_nothing(call: Call, tmp_path: Path) -> None:
    text = (
        "id,zip,price,day,moment,flag,phone,code,mixed\n"
        "1,05021,2.5,2026-01-02,2026-01-02 03:04,true,+359 2,12E5,1\n"
        "-2,12345,3,2026-02-30x,2026-01-02T03:04:05Z,FALSE,2,13E5,a\n"
        "3,,,,,,,,\n"
    ).replace("2026-02-30x", "2026-02-28")
    rows = call(data.read_csv, path=write(tmp_path, text))["rows"]
    assert rows[0] == {
        "id": 1,
        "zip": "05021",
        "price": 2.5,
        "day": date(2026, 1, 2),
        "moment": datetime(2026, 1, 2, 3, 4),
        "flag": True,
        "phone": "+359 2",
        "code": "12E5",
        "mixed": "1",
    }
    assert type(rows[1]["price"]) is float
    assert rows[2] == {**dict.fromkeys(rows[0]), "id": 3}
    assert call(data.read_csv, path="in.csv", types="text")["rows"][0]["id"] == "1"
    assert call(data.read_csv, path="in.csv", columns="id, zip", column_types={"id": "text"})["rows"][1] == {
        "id": "-2",
        "zip": "12345",
    }
    with pytest.raises(BusinessError, match=r"row 2 of in\.csv, column 'mixed': 'a' is not a number"):
        call(data.read_csv, path="in.csv", column_types={"mixed": "number"})
    with pytest.raises(BusinessError, match="no column 'nix'"):
        call(data.read_csv, path="in.csv", column_types={"nix": "number"})


def test_other_decimal_signs_and_dates(call: Call, tmp_path: Path) -> None:
    path = write(tmp_path, "v;d\n1,5;31.12.2025\n2;01.01.2026\n")
    rows = call(data.read_csv, path=path, decimal=",", date_format="%d.%m.%Y")["rows"]
    assert rows == [{"v": 1.5, "d": date(2025, 12, 31)}, {"v": 2.0, "d": date(2026, 1, 1)}]


def test_bad_rows_are_told_by_line(call: Call, tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n"1\n2",x\n3\n4,5,6\n\n , \n7,8,,\n')
    with pytest.raises(BusinessError, match=r"2 bad rows \(line 4: 1 cells, not 2; line 5: 3 cells, not 2\)"):
        call(data.read_csv, path=path)
    skipped = call(data.read_csv, path=path, on_bad_row="skip")
    assert [row["a"] for row in skipped["rows"]] == ["1\n2", "7"]
    assert skipped["bad_rows"] == [
        {"line": 4, "reason": "1 cells, not 2", "text": "3"},
        {"line": 5, "reason": "3 cells, not 2", "text": "4,5,6"},
    ]
    repaired = call(data.read_csv, path=path, on_bad_row="repair")["rows"]
    assert repaired[1:3] == [{"a": "3", "b": None}, {"a": "4", "b": "5"}]


def test_headers(call: Call, tmp_path: Path) -> None:
    path = write(tmp_path, "Report\n a ,,a\n1,2,3\n")
    assert call(data.read_csv, path=path, header=2)["columns"] == ["a", "column_2", "a_2"]
    path = write(tmp_path, "1,2\n3,4\n")
    assert call(data.read_csv, path=path, header=0)["columns"] == ["column_1", "column_2"]
    assert call(data.read_csv, path=path, header=0, names="x, y")["rows"][0] == {"x": 1, "y": 2}
    assert call(data.read_csv, path=path, names="x, y", limit=1)["rows"] == [{"x": 3, "y": 4}]
    with pytest.raises(BusinessError, match="has 2 columns, and 1 names"):
        call(data.read_csv, path=path, names="x")


def test_files_without_rows(call: Call, tmp_path: Path) -> None:
    assert call(data.read_csv, path=write(tmp_path, ""))["columns"] == []
    output = call(data.read_csv, path=write(tmp_path, "a,b\n"))
    assert (output["columns"], output["rows"]) == (["a", "b"], [])


def test_what_is_no_csv_is_refused(call: Call, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="looks like an Excel workbook"):
        call(data.read_csv, path=write(tmp_path, b"PK\x03\x04rest"))
    with pytest.raises(BusinessError, match="not a text file"):
        call(data.read_csv, path=write(tmp_path, b"a\0\0\xff\xfe\x01\0\0b"))
    with pytest.raises(BusinessError, match=r"there is no file or folder .*none\.csv"):
        call(data.read_csv, path="none.csv")
    with pytest.raises(BusinessError, match="there is no encoding 'klingon'"):
        call(data.read_csv, path=write(tmp_path, "a\n"), encoding="klingon")
    with pytest.raises(BusinessError, match=r"line 2 of in\.csv is not in the encoding utf-8"):
        call(data.read_csv, path=write(tmp_path, b"a\n\xff\n"), encoding="utf-8")
    with pytest.raises(BusinessError, match="cannot separate cells"):
        call(data.read_csv, path=write(tmp_path, "a\n"), delimiter="ab")


def test_what_is_written_is_read_back(call: Call, tmp_path: Path) -> None:
    rows = [
        {"t": 'a "b", c\nd', "n": 1.5, "d": date(2026, 1, 2), "b": True, "z": None},
        {"t": "ж\0=", "n": -2.0, "d": None, "b": False, "z": None},
    ]
    assert call(data.write_csv, path="sub/out.csv", rows=rows)["count"] == 2
    assert call(data.read_csv, path="sub/out.csv")["rows"] == rows
    call(
        data.write_csv, path="sub/out.csv", rows=rows, delimiter=";", decimal=",", encoding="utf-8-sig", line_end="crlf"
    )
    content = (tmp_path / "sub" / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbft;n;d;b;z\r\n")
    assert b";1,5;2026-01-02;true;\r\n" in content


def test_writing_refuses_what_cannot_be_read_back(call: Call, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="both separator and decimal sign"):
        call(data.write_csv, path="x.csv", rows=[{"a": 1.5}], decimal=",")
    with pytest.raises(BusinessError, match=r"line 2 of what is written to x\.csv has the character"):
        call(data.write_csv, path="x.csv", rows=[{"a": "ж"}], encoding="cp1252")
    with pytest.raises(BusinessError, match="ud800"):
        call(data.write_csv, path="x.csv", rows=[{"a": "\ud800"}])
    assert list(tmp_path.iterdir()) == []


def test_formulas_can_be_guarded_against(call: Call, tmp_path: Path) -> None:
    call(data.write_csv, path="x.csv", rows=[{"a": "=cmd()", "b": -1}], guard_formulas=True)
    assert (tmp_path / "x.csv").read_text() == "a,b\n'=cmd(),-1\n"


def test_rows_are_appended_as_the_file_is(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    call(data.append_csv, path="log.csv", rows=[{"a": 1, "b": 2}])
    call(data.append_csv, path="log.csv", rows=[{"b": 4, "a": 3}])
    assert path.read_text() == "a,b\n1,2\n3,4\n"
    path.write_bytes("име;b\r\nx;1".encode("cp1251"))
    call(data.append_csv, path="log.csv", rows=[{"име": "я"}])
    assert path.read_bytes().decode("cp1251") == "име;b\r\nx;1\nя;\r\n"
    with pytest.raises(BusinessError, match=r"log\.csv has no column 'c'"):
        call(data.append_csv, path="log.csv", rows=[{"c": 1}])
    assert call(data.append_csv, path="log.csv", rows=[])["count"] == 0
