"""The family `word`: documents of the format .docx, without Word. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.word.fill import fill_template
from engine.activities.word.read import read_document
from engine.sdk import Family

FAMILY = Family("Word", icon="file-doc", order=51, color="docs")

__all__ = ["fill_template", "read_document"]
