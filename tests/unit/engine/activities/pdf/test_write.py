from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image

from engine.activities import pdf
from engine.core.errors import BusinessError
from engine.core.secrets import SecretRef
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]
Make = Callable[..., Path]


def texts(path: str | Path) -> list[str]:
    return [page.extract_text().strip() for page in pypdf.PdfReader(path).pages]


def test_several_become_one_with_bookmarks(call: Call, letter: Make, tmp_path: Path) -> None:
    sources = [str(letter("a.pdf", 2, "A")), str(letter("b.pdf", 1, "B"))]
    output = call(pdf.merge, sources=sources, target="all.pdf")
    assert output["pages"] == 3 and texts(output["path"]) == ["A 1", "A 2", "B 1"]
    assert [one.title for one in pypdf.PdfReader(output["path"]).outline] == ["a", "b"]  # type: ignore[union-attr]
    with pytest.raises(BusinessError, match="no PDF"):
        call(pdf.merge, sources=[], target="all.pdf")


def test_what_is_not_merged_leaves_nothing(call: Call, letter: Make, tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 half")
    with pytest.raises(BusinessError, match=r"bad\.pdf"):
        call(pdf.merge, sources=[str(letter()), "bad.pdf"], target="out/all.pdf")
    assert not (tmp_path / "out").exists()


def test_one_becomes_several(call: Call, letter: Make, tmp_path: Path) -> None:
    path = str(letter(pages=12))
    output = call(pdf.split, path=path, folder="parts", every=5)
    assert [Path(one).name for one in output["files"]] == ["letter-1.pdf", "letter-2.pdf", "letter-3.pdf"]
    assert [len(texts(one)) for one in output["files"]] == [5, 5, 2]
    output = call(pdf.split, path=path, folder="parts", ranges=["2", "3-4,1"], name="part {number}")
    assert [texts(one) for one in output["files"]] == [["Page 2"], ["Page 3", "Page 4", "Page 1"]]
    for wrong in ({"every": 0}, {"name": "all"}, {"name": "../{number}"}, {"ranges": ["13"]}):
        with pytest.raises(BusinessError):
            call(pdf.split, path=path, folder="parts", **wrong)


def test_pages_are_taken_in_any_order_and_turned(call: Call, letter: Make, tmp_path: Path) -> None:
    path = letter()
    assert texts(call(pdf.extract_pages, path=str(path), target="some.pdf", pages="last, 1")["path"]) == [
        "Page 3",
        "Page 1",
    ]
    output = call(pdf.rotate, path=str(path), target="turned.pdf", angle=90, pages="2")
    assert [page.rotation for page in pypdf.PdfReader(output["path"]).pages] == [0, 90, 0]
    with pytest.raises(BusinessError, match="in place"):
        call(pdf.rotate, path=str(path), target=str(path))
    output = call(pdf.extract_pages, path=str(path), target=str(path), pages="2")
    assert texts(path) == ["Page 2"]


async def test_a_lock_is_put_on_and_taken_off(letter: Make, tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path, secrets={"key": "c0rrect", "none": ""})
    path = letter()
    locked = await env.run(pdf.protect, path=str(path), target="locked.pdf", new_password=SecretRef("key"))
    reader = pypdf.PdfReader(locked.path)
    assert reader.is_encrypted and not reader.decrypt("wrong") and reader.decrypt("c0rrect")
    opened = await env.run(
        pdf.extract_pages, path=str(locked.path), target="open.pdf", pages="1-", password=SecretRef("key")
    )
    assert len(texts(opened.path)) == 3
    with pytest.raises(BusinessError, match="empty"):
        await env.run(pdf.protect, path=str(path), target="locked.pdf", new_password=SecretRef("none"))


def test_a_form_is_read_and_filled(call: Call, form: Path, tmp_path: Path) -> None:
    read = call(pdf.read_form, path=str(form))
    assert (
        read["values"] == {"name": None, "urgent": False, "way": "parcel", "town": "Sofia"}
        or read["values"]["name"] == ""
    )
    assert {one["name"]: one["type"] for one in read["fields"]} == {
        "name": "text", "urgent": "check", "way": "radio", "town": "choice",
    }  # fmt: skip
    values = {"name": "Иван", "urgent": True, "way": "courier", "town": "Lyon"}
    filled = call(pdf.fill_form, path=str(form), target="filled.pdf", values=values)
    assert call(pdf.read_form, path=filled["path"])["values"] == values
    assert filled["filled"] == list(values) and filled["left"] == []
    off = call(pdf.fill_form, path=filled["path"], target="off.pdf", values={"urgent": "no"})
    assert call(pdf.read_form, path=off["path"])["values"]["urgent"] is False


def test_a_final_form_shows_its_values_and_has_no_fields(call: Call, form: Path) -> None:
    final = call(pdf.fill_form, path=str(form), target="final.pdf", values={"name": "Ada Lovelace"}, flatten=True)
    assert call(pdf.read_form, path=final["path"])["count"] == 0
    assert "Ada Lovelace" in call(pdf.read_text, path=final["path"])["text"]


@pytest.mark.parametrize(
    ("values", "listed"),
    [({"nam": "x"}, "name, urgent"), ({"town": "Rome"}, "Sofia, Lyon"), ({"way": "owl"}, "courier")],
)
def test_what_does_not_fit_the_form_is_told(call: Call, form: Path, values: dict[str, Any], listed: str) -> None:
    with pytest.raises(BusinessError) as caught:
        call(pdf.fill_form, path=str(form), target="filled.pdf", values=values)
    assert listed in caught.value.hint


def test_a_pdf_without_a_form(call: Call, letter: Make) -> None:
    with pytest.raises(BusinessError, match="no fields"):
        call(pdf.fill_form, path=str(letter()), target="filled.pdf", values={"a": 1})


@pytest.mark.parametrize("format", ["png", "jpg"])
def test_pages_become_pictures(call: Call, letter: Make, format: str) -> None:
    path = letter(pages=10, pagesize=(360, 720))
    output = call(pdf.to_images, path=str(path), folder="pictures", pages="9-", format=format, dpi=72)
    assert [Path(one).name for one in output["files"]] == [f"letter-09.{format}", f"letter-10.{format}"]
    with Image.open(output["files"][0]) as picture:
        assert picture.size == (360, 720) and picture.getextrema() != ((255, 255),) * 3


@pytest.mark.parametrize(("size", "dpi"), [((360, 720), 5000), ((14_000, 14_000), 300)])
def test_a_picture_that_would_be_too_large(call: Call, letter: Make, size: tuple[int, int], dpi: int) -> None:
    with pytest.raises(BusinessError):
        call(pdf.to_images, path=str(letter(pagesize=size)), folder="pictures", dpi=dpi)


def test_a_report_is_written_and_read_again(call: Call, tmp_path: Path) -> None:
    rows = [{"Код": n, "Name": f"Lamp <{n}> & co", "Price": n / 2} for n in range(1, 101)]
    output = call(pdf.write, path="report.pdf", title="Отчет", text="Първи ред\nвтори\n\nSecond <b>", rows=rows)
    read = call(pdf.read_text, path=output["path"])
    assert output["pages"] == read["total"] > 1
    assert read["text"].startswith("Отчет\nПърви ред\nвтори\nSecond <b>")
    found = call(pdf.read_tables, path=output["path"])
    assert found["count"] == 100 and found["rows"][99] == {"Код": "100", "Name": "Lamp <100> & co", "Price": "50.0"}


def test_a_letter_that_no_font_has_is_told(call: Call, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="no font") as caught:
        call(pdf.write, path="report.pdf", text="\U00013000")
    assert "font" in caught.value.hint
    with pytest.raises(BusinessError, match="nothing to write"):
        call(pdf.write, path="report.pdf")
    (tmp_path / "a.ttf").write_bytes(b"no font")
    with pytest.raises(BusinessError, match="not a font"):
        call(pdf.write, path="report.pdf", text="x", font="a.ttf")
    assert not (tmp_path / "report.pdf").exists()
