"""The family `pdf`: read, assemble, fill in and write PDF documents. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.pdf.forms import fill_form, read_form
from engine.activities.pdf.pages import extract_pages, merge, protect, rotate, split
from engine.activities.pdf.pictures import read_scan, to_images
from engine.activities.pdf.read import info, read_text
from engine.activities.pdf.tables import read_tables
from engine.activities.pdf.write import write
from engine.sdk import Family

FAMILY = Family("PDF", icon="file-pdf", order=52, color="docs")

__all__ = [
    "extract_pages",
    "fill_form",
    "info",
    "merge",
    "protect",
    "read_form",
    "read_scan",
    "read_tables",
    "read_text",
    "rotate",
    "split",
    "to_images",
    "write",
]
