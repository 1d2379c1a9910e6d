"""The family `image`: pictures measured, cut, converted and read. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.image.change import convert, crop, resize
from engine.activities.image.read import info, read_text
from engine.sdk import Family

FAMILY = Family("Images", icon="image", order=53, color="docs")

__all__ = ["convert", "crop", "info", "read_text", "resize"]
