"""The family `ftp`: files on FTP, FTPS and SFTP servers. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.ftp.change import delete, make_folder, move
from engine.activities.ftp.get import get
from engine.activities.ftp.listing import list_files
from engine.activities.ftp.put import put
from engine.sdk.catalog import Family

FAMILY = Family("File servers", icon="hard-drives", order=75, color="files")

__all__ = ["delete", "get", "list_files", "make_folder", "move", "put"]
