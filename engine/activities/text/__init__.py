"""The family `text`: templates, patterns, forms, and values out of text. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.text.forms import change_case, clean, compare, decode, encode, hash_text, slug
from engine.activities.text.parse import parse_date, parse_number
from engine.activities.text.patterns import find, join, replace, split
from engine.activities.text.template import fill, fill_file
from engine.sdk import Family

FAMILY = Family("Text", icon="text-t", order=40, color="web")

__all__ = [
    "change_case",
    "clean",
    "compare",
    "decode",
    "encode",
    "fill",
    "fill_file",
    "find",
    "hash_text",
    "join",
    "parse_date",
    "parse_number",
    "replace",
    "slug",
    "split",
]
