"""Documents made by another library than the one that reads them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import colors
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Table

Make = Callable[..., Path]


@pytest.fixture
def letter(tmp_path: Path) -> Make:
    """A PDF with a line of text on each page."""

    def make(name: str = "letter.pdf", pages: int = 3, text: str = "Page", **canvas: Any) -> Path:
        path = tmp_path / name
        drawn = Canvas(str(path), **canvas)
        drawn.setTitle("A letter")
        drawn.setAuthor("The shop")
        for number in range(1, pages + 1):
            drawn.drawString(72, 720, f"{text} {number}")
            drawn.showPage()
        drawn.save()
        return path

    return make


@pytest.fixture
def listing(tmp_path: Path) -> Make:
    """A PDF with a table that goes on over pages."""

    def make(count: int = 100, lines: bool = True) -> Path:
        path = tmp_path / "listing.pdf"
        rows = [["Code", "Name", "Price"], *([f"P-{n}", f"Lamp {n}", f"{n}.50"] for n in range(1, count + 1))]
        table = Table(rows, repeatRows=1, colWidths=[120, 200, 120])
        if lines:
            table.setStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
        SimpleDocTemplate(str(path)).build([table])
        return path

    return make


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A form with a text, a check box, radio buttons and a choice."""
    content = io.BytesIO()  # a path would be left open
    drawn = Canvas(content)
    drawn.drawString(72, 740, "Order")
    fields = drawn.acroForm
    fields.textfield(name="name", x=72, y=700, width=200, height=20)
    fields.checkbox(name="urgent", x=72, y=650, size=20)
    fields.radio(name="way", value="parcel", x=72, y=600, selected=True)
    fields.radio(name="way", value="courier", x=120, y=600)
    fields.choice(name="town", value="Sofia", options=["Sofia", "Lyon"], x=72, y=550, width=100, height=20)
    drawn.save()
    path = tmp_path / "form.pdf"
    path.write_bytes(content.getvalue())
    return path


def scan(text: str, size: tuple[int, int] = (1240, 1754)) -> Image.Image:
    """A picture of letters."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((120, 150), text, "black", ImageFont.load_default(42), spacing=24)
    return picture


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """A PDF of one page that is a picture, and one of text."""
    picture = tmp_path / "page.png"
    scan("Invoice 4711\nTotal 1234.50 EUR").save(picture)
    path = tmp_path / "scan.pdf"
    drawn = Canvas(str(path), pagesize=(595, 842))
    drawn.drawImage(str(picture), 0, 0, 595, 842)
    drawn.showPage()
    drawn.drawString(72, 720, "This page has text already")
    drawn.save()
    return path
