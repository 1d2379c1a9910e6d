from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption

from engine.activities import pdf
from engine.activities.pdf.document import chosen
from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import SecretRef
from engine.sdk.context import Cancelled
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]
Make = Callable[..., Path]
READERS = [pdf.read_text, pdf.read_tables, pdf.info, pdf.read_form, pdf.read_scan]


def test_text_is_read_page_by_page(call: Call, letter: Make, env: ActivityEnvironment) -> None:
    output = call(pdf.read_text, path=str(letter(pages=3)))
    assert output["pages"] == ["Page 1", "Page 2", "Page 3"]
    assert output["text"] == "Page 1\n\nPage 2\n\nPage 3"
    assert (output["count"], output["total"], output["empty"]) == (3, 3, [])
    assert [one.done for one in env.progressed] == [1, 2, 3]
    assert call(pdf.read_text, path=str(letter()), pages="last, 1")["pages"] == ["Page 3", "Page 1"]


def test_the_layout_is_kept_on_demand(call: Call, listing: Make) -> None:
    lines = call(pdf.read_text, path=str(listing(3, lines=False)), layout=True)["text"].splitlines()
    heads = [line for line in lines if "Code" in line]
    assert len(heads) == 1 and heads[0].index("Price") - heads[0].index("Name") > 15


def test_a_page_without_text_is_named(call: Call, scanned: Path) -> None:
    assert call(pdf.read_text, path=str(scanned))["empty"] == [1]


def test_what_it_says_of_itself(call: Call, letter: Make, form: Path) -> None:
    output = call(pdf.info, path=str(letter(pagesize=(595.27, 841.89))))
    assert (output["pages"], output["title"], output["author"]) == (3, "A letter", "The shop")
    assert (output["width"], output["height"]) == (210.0, 297.0)
    assert output["created"] is not None and not output["protected"] and not output["form"]
    assert call(pdf.info, path=str(form))["form"]


@pytest.mark.parametrize("lines", [True, False])
def test_a_table_is_joined_over_pages(call: Call, listing: Make, lines: bool) -> None:
    output = call(pdf.read_tables, path=str(listing(100, lines=lines)))
    assert output["columns"] == ["Code", "Name", "Price"]
    assert output["count"] == 100 and len(output["tables"]) == 1
    assert output["rows"][99] == {"Code": "P-100", "Name": "Lamp 100", "Price": "100.50"}
    apart = call(pdf.read_tables, path=str(listing(100, lines=lines)), join=False)["tables"]
    assert [one["page"] for one in apart] == [1, 2, 3] and sum(one["count"] for one in apart) == 100


def test_a_table_without_header_and_a_page_without_table(call: Call, listing: Make, letter: Make) -> None:
    output = call(pdf.read_tables, path=str(listing(2)), header=False)
    assert output["columns"] == ["column_1", "column_2", "column_3"] and output["count"] == 3
    assert call(pdf.read_tables, path=str(letter()))["tables"] == []


def test_a_scan_is_recognized_and_a_text_is_not(call: Call, scanned: Path) -> None:
    output = call(pdf.read_scan, path=str(scanned))
    assert output["recognized"] == [1] and output["confidence"] > 70
    assert "Invoice 4711" in output["pages"][0] and "1234.50" in output["pages"][0]
    assert output["pages"][1] == "This page has text already"


def test_without_tesseract_the_line_to_type_is_told(
    call: Call, scanned: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemFault, match="Tesseract") as caught:
        call(pdf.read_scan, path=str(scanned))
    assert "install" in caught.value.hint


@pytest.mark.parametrize("language", ["klingon", "eng+klingon", "eng; rm -rf", "", "--help"])
def test_a_language_that_is_not_there(call: Call, scanned: Path, language: str) -> None:
    with pytest.raises(BusinessError, match="language") as caught:
        call(pdf.read_scan, path=str(scanned), language=language)
    assert "eng" in caught.value.hint


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ("", [0, 1, 2, 3]),
        ("1-3", [0, 1, 2]),
        ("3-", [2, 3]),
        ("last,1", [3, 0]),
        ("3-2", [2, 1]),
        ("2-last", [1, 2, 3]),
    ],
)
def test_pages_are_chosen(pages: str, found: list[int]) -> None:
    assert chosen(pages, 4, "a.pdf") == found


@pytest.mark.parametrize("pages", ["0", "5", "1-9", "x", "1,,2", "-", "99999999999999999999", "1-2-3"])
def test_pages_that_are_not_there(pages: str) -> None:
    with pytest.raises(BusinessError):
        chosen(pages, 4, "a.pdf")


@pytest.mark.parametrize("read", READERS)
def test_half_a_pdf_is_told(call: Call, letter: Make, read: Call) -> None:
    path = letter(pages=20)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BusinessError, match="ends too early") as caught:
        call(read, path=str(path))
    assert "again" in caught.value.hint


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>Log in", "web page"),
        (b"PK\x03\x04", "not a PDF"),
        (b"%PDF-1.7\nnothing\n%%EOF", "damaged|no pages"),
        (b"%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 1 0 R>> endobj trailer <</Root 9 0 R>> startxref 9\n%%EOF", "damaged|no pages"),
    ],
)  # fmt: skip
def test_what_is_no_pdf_is_told(call: Call, tmp_path: Path, read: Call, content: bytes, said: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(BusinessError, match=said):
        call(read, path=str(path))
    with pytest.raises(BusinessError, match="no file"):
        call(read, path=str(tmp_path / "missing.pdf"))


@pytest.mark.parametrize("read", READERS)
async def test_a_password_is_asked_for_and_used(letter: Make, tmp_path: Path, read: Call) -> None:
    path = letter(encrypt=StandardEncryption("b4tt3ry", "0wner", strength=128))
    env = ActivityEnvironment(tmp_path, secrets={"right": "b4tt3ry", "wrong": "b4tt3rz"})
    with pytest.raises(BusinessError, match="protected by a password"):
        await env.run(read, path=str(path))
    with pytest.raises(BusinessError, match="does not open") as caught:
        await env.run(read, path=str(path), password=SecretRef("wrong"))
    assert "b4tt3rz" not in caught.value.message + caught.value.hint
    assert await env.run(read, path=str(path), password=SecretRef("right"))


def test_a_bomb_is_refused(call: Call, tmp_path: Path) -> None:
    packed = zlib.compress(b"\n" * (300 << 20), 9)
    objects = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R>>",
        b"<</Length %d /Filter /FlateDecode>> stream\n%s\nendstream" % (len(packed), packed),
    ]
    content, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(content)
    content += b"xref\n0 5\n0000000000 65535 f \n%strailer <</Size 5 /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        start,
    )
    path = tmp_path / "bomb.pdf"
    path.write_bytes(content)
    for values in ({"layout": True}, {}):
        if values:
            with pytest.raises(BusinessError, match="more than can be opened"):
                call(pdf.read_text, path=str(path), **values)
    with pytest.raises(BusinessError, match="more than can be opened"):
        call(pdf.read_tables, path=str(path))


async def test_five_hundred_pages_tell_how_far_they_are_and_can_be_stopped(letter: Make, tmp_path: Path) -> None:
    path = letter(pages=500)
    env = ActivityEnvironment(tmp_path)
    read = await env.run(pdf.read_text, path=str(path))
    assert read.count == 500 and read.pages[499] == "Page 500"
    assert len(env.progressed) == 500 and env.progressed[-1].total == 500

    def stop(*_: Any) -> None:
        env.context.cancelled = True

    for function in (pdf.read_text, pdf.read_tables, pdf.read_scan):
        env.context.progress = stop  # type: ignore[assignment, method-assign]
        with pytest.raises(Cancelled):
            await env.run(function, path=str(path))
