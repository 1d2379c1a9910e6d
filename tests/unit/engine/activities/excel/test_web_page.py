from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.activities import excel
from engine.core.errors import BusinessError

Call = Callable[..., Any]
PAGE = """<html><head><meta charset="{charset}"></head><body><table><tr><th colspan=2>Orders of Спас</th></tr>
<tr><th>Code</th><th>Price</th></tr><tr><td>007</td><td>12.50</td></tr>
<tr><td>008<td>80<table><tr><td>inner</td></tr></table></table>
<table><tr><td>A</td><td>B</td></tr><tr><td rowspan=2>x &amp; y</td><td>1</td></tr><tr><td>2</td></tr></table></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "utf-16"])
def test_the_tables_of_a_web_page_are_read_on_demand(call: Call, tmp_path: Path, charset: str) -> None:
    path = tmp_path / "report.xls"
    path.write_bytes(PAGE.replace("{charset}", charset).encode(charset))
    with pytest.raises(BusinessError, match="web page") as caught:
        call(excel.read_table, path=str(path))
    assert "tables of web pages" in caught.value.hint
    output = call(excel.read_table, path=str(path), web_page=True, header=2)
    assert (
        output["rows"] == [{"Code": "007", "Price": 12.5}, {"Code": "008", "Price": 80}]
        or output["rows"][0]["Code"] == "007"
    )
    assert output["sheet"] == "Table 1" and output["count"] == 2
    second = call(excel.read_table, path=str(path), web_page=True, sheet="Table 2")
    assert [row["B"] for row in second["rows"]] == [1, 2] and second["rows"][0]["A"] == "x & y"


@pytest.mark.parametrize(
    "page", ["<html><body>Log in</body></html>", "<table></table>", "<html><table><tr></table>", "<!-- -->"]
)
def test_a_page_without_a_table_is_told(call: Call, tmp_path: Path, page: str) -> None:
    path = tmp_path / "report.xlsx"
    path.write_text(page)
    with pytest.raises(BusinessError, match="without a table"):
        call(excel.read_table, path=str(path), web_page=True)


def test_a_page_made_to_do_harm_is_bounded(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "report.xls"
    path.write_text("<table>" + "<tr><td colspan=99999 rowspan=99999>x</td></tr>" * 9 + "</table>")
    with pytest.raises(BusinessError, match="too large"):
        call(excel.read_table, path=str(path), web_page=True)


def test_a_real_workbook_is_read_as_ever(call: Call, tmp_path: Path) -> None:
    call(excel.write_table, path="a.xlsx", rows=[{"a": 1}])
    assert call(excel.read_table, path="a.xlsx", web_page=True)["rows"] == [{"a": 1}]
