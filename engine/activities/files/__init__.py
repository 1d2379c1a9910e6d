"""The family `files`: text files, and what can be done to files and folders. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.files.archive import unzip_files, zip_files
from engine.activities.files.copy import copy
from engine.activities.files.folders import create_folder, delete, temp_folder
from engine.activities.files.listing import exists, hash_file, info, list_files
from engine.activities.files.move import move, rename
from engine.activities.files.text import append, read, write
from engine.activities.files.wait import wait
from engine.sdk import Family

FAMILY = Family("Files and folders", icon="folder", order=20, color="files")

__all__ = [
    "append",
    "copy",
    "create_folder",
    "delete",
    "exists",
    "hash_file",
    "info",
    "list_files",
    "move",
    "read",
    "rename",
    "temp_folder",
    "unzip_files",
    "wait",
    "write",
    "zip_files",
]
