from __future__ import annotations

import copy
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm

from engine.activities import word
from engine.core.errors import BusinessError
from engine.sdk.context import Cancelled
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]
ITEMS = [{"name": "Lamp", "price": 12.5}, {"name": "Desk & <chair>", "price": 80}]


def letter(path: Path) -> Path:
    """A template with placeholders in every place where people put them."""
    document = docx.Document()
    document.core_properties.title = "A letter"
    document.add_heading("Offer {{ number }}", 1)
    paragraph = document.add_paragraph("Dear ")
    for piece, bold in (
        ("{", False),
        ("{ cust", True),
        ("omer.na", True),
        ("me }", False),
        ("}, welcome to {{town}}!", False),
    ):
        paragraph.add_run(piece).bold = bold
    table = document.add_table(rows=3, cols=2)
    for cell, text in zip(
        [cell for row in table.rows for cell in row.cells],
        ["Thing", "Price", "{{ items.name }}", "{{ items.price }} EUR", "Sum", "{{ total }}"],
        strict=True,
    ):
        cell.text = text
    section = document.sections[0]
    section.header.paragraphs[0].text = "{{ town }}"
    section.footer.add_table(1, 1, Cm(15)).cell(0, 0).text = "Page of {{ customer.name }}"
    document.save(str(path))
    return path


VALUES = {"number": 7, "customer": {"name": "Ада"}, "town": "Sofia", "items": ITEMS, "total": 92.5, "more": 1}


def test_a_template_is_filled_everywhere(call: Call, tmp_path: Path) -> None:
    output = call(
        word.fill_template, template=str(letter(tmp_path / "t.docx")), target="out/letter.docx", values=VALUES
    )
    assert output["filled"] == ["customer.name", "items.name", "items.price", "number", "total", "town"]
    assert (output["unused"], output["missing"]) == (["more"], [])
    made = docx.Document(output["path"])
    assert [one.text for one in made.paragraphs] == ["Offer 7", "Dear Ада, welcome to Sofia!"]
    assert [run.text for run in made.paragraphs[1].runs if run.bold] == ["", ""]
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["Thing", "Price"], ["Lamp", "12.5 EUR"], ["Desk & <chair>", "80 EUR"], ["Sum", "92.5"],
    ]  # fmt: skip
    assert made.sections[0].header.paragraphs[0].text == "Sofia"
    assert made.sections[0].footer.tables[0].cell(0, 0).text == "Page of Ада"


def test_the_look_where_a_placeholder_starts_is_kept(call: Call, tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph()
    paragraph.add_run("{{ na").bold = True
    paragraph.add_run("me }} {{ name }}")
    document.save(str(tmp_path / "t.docx"))
    output = call(word.fill_template, template="t.docx", target="o.docx", values={"name": "Ada"})
    runs = docx.Document(output["path"]).paragraphs[0].runs
    assert [(run.text, bool(run.bold)) for run in runs] == [("Ada", True), (" Ada", False)]


def test_a_list_without_items_leaves_no_row(call: Call, tmp_path: Path) -> None:
    path = letter(tmp_path / "t.docx")
    output = call(word.fill_template, template=str(path), target="o.docx", values={**VALUES, "items": []})
    assert len(docx.Document(output["path"]).tables[0].rows) == 2


def test_inner_tables_and_text_boxes(call: Call, tmp_path: Path) -> None:
    document = docx.Document()
    outer = document.add_table(1, 1).cell(0, 0)
    outer.text = "{{ town }}"
    outer.add_table(1, 1).cell(0, 0).text = "{{ items.name }}"
    box = parse_xml(
        f"<w:r {nsdecls('w')}><w:pict><w:txbxContent><w:p><w:r><w:t>in {{{{ town }}}}</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></w:r>"
    )
    paragraph = document.add_paragraph("before {{ town }} ")
    paragraph._p.append(box)
    document.save(str(tmp_path / "t.docx"))
    output = call(word.fill_template, template="t.docx", target="o.docx", values={"town": "Lyon", "items": ITEMS})
    made = docx.Document(output["path"])
    assert len(made.tables[0].rows) == 1
    assert [row.cells[0].text for row in made.tables[0].cell(0, 0).tables[0].rows] == ["Lamp", "Desk & <chair>"]
    xml = made.element.xml
    assert "in Lyon" in xml and "before Lyon" in xml and "{{" not in xml


@pytest.mark.parametrize("value", ["one\ntwo\r\nthree", "a\x00b\ud800c\ufffed"])
def test_any_text_can_be_filled_in(call: Call, tmp_path: Path, value: str) -> None:
    docx_ = docx.Document()
    docx_.add_paragraph("<{{ text }}>")
    docx_.save(str(tmp_path / "t.docx"))
    output = call(word.fill_template, template="t.docx", target="o.docx", values={"text": value})
    text = docx.Document(output["path"]).paragraphs[0].text
    assert text in ("<one\ntwo\nthree>", "<abcd>")


def test_a_placeholder_without_a_value(call: Call, tmp_path: Path) -> None:
    path = str(letter(tmp_path / "t.docx"))
    values = {name: value for name, value in VALUES.items() if name != "number"}
    with pytest.raises(BusinessError, match="without a value: number") as caught:
        call(word.fill_template, template=path, target="o.docx", values=values)
    assert "customer, town" in caught.value.hint
    assert not (tmp_path / "o.docx").exists()
    for missing, text in (("empty", "Offer "), ("keep", "Offer {{ number }}")):
        output = call(word.fill_template, template=path, target="o.docx", values=values, missing=missing)
        assert docx.Document(output["path"]).paragraphs[0].text == text
        assert output["missing"] == ["number"]


def test_two_lists_in_a_row_are_refused(call: Call, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "{{ a.x }} {{ b.x }}"
    document.save(str(tmp_path / "t.docx"))
    with pytest.raises(BusinessError, match="two lists: a, b"):
        call(word.fill_template, template="t.docx", target="o.docx", values={"a": [], "b": []})


def test_a_document_is_read(call: Call, tmp_path: Path) -> None:
    output = call(word.read_document, path=str(letter(tmp_path / "t.docx")))
    assert output["paragraphs"][0] == {"text": "Offer {{ number }}", "style": "Heading 1", "level": 1}
    assert output["text"].splitlines()[2:4] == ["Thing\tPrice", "{{ items.name }}\t{{ items.price }} EUR"]
    assert output["tables"][0]["rows"][1] == {"Thing": "Sum", "Price": "{{ total }}"}
    assert (output["title"], output["tables"][0]["count"]) == ("A letter", 2)
    bare = call(word.read_document, path="t.docx", header=False)["tables"][0]
    assert bare["columns"] == ["column_1", "column_2"] and bare["count"] == 3


def test_merged_and_ragged_tables_are_read(call: Call, tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Name"
    table.cell(0, 2).text = "Price"
    table.cell(1, 0).text = "Lamp"
    row = table.rows[2]._tr
    row.remove(row.tc_lst[-1])
    document.save(str(tmp_path / "t.docx"))
    output = call(word.read_document, path="t.docx")["tables"][0]
    assert output["columns"] == ["Name", "Name_2", "Price"]
    assert output["rows"] == [{"Name": "Lamp", "Name_2": None, "Price": None}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old format .doc"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"{\\rtf1}", "RTF"),
        (b"<html>", "no Word document"),
        (b"PK\x03\x04half", "ends too early"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("given", ["read", "fill"])
def test_what_is_no_document_is_told(call: Call, tmp_path: Path, content: bytes, said: str, given: str) -> None:
    (tmp_path / "a.docx").write_bytes(content)
    with pytest.raises(BusinessError, match=said) as caught:
        if given == "read":
            call(word.read_document, path="a.docx")
        else:
            call(word.fill_template, template="a.docx", target="o.docx", values={})
    assert caught.value.hint
    assert not (tmp_path / "o.docx").exists()


def test_half_a_document_a_bomb_and_another_kind(call: Call, tmp_path: Path) -> None:
    path = letter(tmp_path / "t.docx")
    (tmp_path / "half.docx").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "bad.docx", "w") as bad:
        for name in whole.namelist():
            bad.writestr(name, b"<broken" if name == "word/document.xml" else whole.read(name))
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<a/>")
        with bomb.open("word/document.xml", "w", force_zip64=True) as entry:
            for _ in range(600):
                entry.write(bytes(1 << 20))
    with zipfile.ZipFile(tmp_path / "sheet.docx", "w") as sheet:
        sheet.writestr("xl/workbook.xml", "<a/>")
    for name, said in (
        ("half", "ends too early"),
        ("bad", "damaged"),
        ("bomb", "unpacks to 600 MB"),
        ("sheet", "Excel"),
    ):
        with pytest.raises(BusinessError, match=said):
            call(word.read_document, path=f"{name}.docx")


async def test_a_long_document_can_be_stopped(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("{{ a }}")
    body = document.element.body
    for _ in range(2000):
        body.insert(0, copy.deepcopy(document.paragraphs[-1]._p))
    document.save(str(tmp_path / "long.docx"))
    env = ActivityEnvironment(tmp_path)
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise Cancelled

    env.context.check = check  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        await env.run(word.fill_template, template="long.docx", target="o.docx", values={"a": "b"})
    assert not (tmp_path / "o.docx").exists()
