"""What processes ask of the one that writes to an SQLite store: files beside it, since they may not write to it."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

_LONGEST = 1000


class WishFolder:
    """One file an execution, named by its id. All methods block, and raise `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, execution: str, wish: str) -> None:
        self._folder.mkdir(exist_ok=True)
        path = self._folder / execution
        new = path.with_name(f".new-{os.getpid()}-{execution}")
        new.write_text(wish[:_LONGEST], "utf-8", errors="replace")
        os.replace(new, path)

    def all(self) -> dict[str, str]:
        """Wishes by execution."""
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return {}
        found = {}
        for name in names:
            if re.fullmatch(r"[0-9a-f-]{36}", name):
                with contextlib.suppress(OSError):
                    found[name] = (self._folder / name).read_text("utf-8", errors="replace")
        return found

    def remove(self, execution: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            (self._folder / execution).unlink()
