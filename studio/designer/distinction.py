"""What tells files of the same title apart: as little of their folders as will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def distinctions(paths: Sequence[Path | None]) -> list[str]:
    """A short text for each file of one title: the folder that only it lies in, else the name of the file.

    Where only a folder further up tells, that one is named, with an ellipsis for those below it. Empty for what was
    never saved, and where there is only one.
    """
    kept = [path for path in paths if path is not None]
    if len(kept) < 2:
        return ["" for _ in paths]
    if len({path.parent for path in kept}) < len(kept):
        # In one folder only the file's name tells; two folders may each have both.
        names = Counter(path.name for path in kept)
        return ["" if path is None else path.name if names[path.name] == 1 else str(path) for path in paths]
    tails = [_tail(path.parent, [other.parent for other in kept if other != path]) for path in kept]
    short = [str(tail) if len(tail.parts) == 1 or tail.anchor else f"{tail.parts[0]}/…" for tail in tails]
    if len(set(short)) < len(short):
        short = [str(tail) for tail in tails]
    found = iter(short)
    return ["" if path is None else next(found) for path in paths]


def _tail(folder: Path, others: Sequence[Path]) -> Path:
    """The fewest last parts of a folder that no other one ends with."""
    for count in range(1, len(folder.parts)):
        tail = folder.parts[-count:]
        if all(other.parts[-count:] != tail for other in others):
            return Path(*tail)
    return folder
