"""The family `files`: text files, and what can be done to files and folders. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.files.text import append, read, write
from engine.sdk import Family

FAMILY = Family("Files", icon="folder", order=20)

__all__ = ["append", "read", "write"]
