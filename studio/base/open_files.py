"""The files that are open, remembered between starts.

They are open again at the next start: after an ordinary end if that is preferred, after any other end always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from studio.base.preferences import preferences

STATE: Final = "open files"
MOST: Final = 100
"""Files that are opened again."""


def remembered() -> tuple[list[Path], Path | None]:
    """The files to open again, in the order of their tabs, and the one in front. They may be gone."""
    found = _found()
    files = found.get("files")
    if not isinstance(files, list) or (found.get("ended") is not False and not preferences().get("reopen")):
        return [], None
    names = [name for name in files if isinstance(name, str) and name and "\0" not in name]
    front = found.get("front")
    return [Path(name) for name in dict.fromkeys(names[:MOST])], Path(front) if front in names else None


def remember(files: Sequence[Path], front: Path | None) -> None:
    """These are open now."""
    state = {"files": [str(path) for path in files], "front": str(front) if front is not None else "", "ended": False}
    preferences().set_state(STATE, state)


def end() -> None:
    """The program ends as it should."""
    if _found():
        preferences().set_state(STATE, {**_found(), "ended": True})


def _found() -> Mapping[str, Any]:
    found = preferences().state(STATE)
    return found if isinstance(found, Mapping) else {}
