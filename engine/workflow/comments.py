"""Comments of a hand-written file, attached to what they speak of so that they follow it when it moves.

A place in a document is a path of keys: `("steps", "read", "with", "path")`. Items of `steps`, `edges`, `layout.notes`
and `layout.frames` are known by id (an edge by its text), items of other lists by index. Blank lines count as comments
without text: they group things, and a person put them there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KeyPath = tuple[str | int, ...]

_NAMED: frozenset[KeyPath] = frozenset({("steps",), ("edges",), ("layout", "notes"), ("layout", "frames")})


@dataclass(frozen=True, slots=True)
class Comments:
    """Comment lines without indentation, each beginning with `#`, or empty for a blank line.

    `before` and `after` stand on lines of their own around a key and all below it; `inline` stands behind a key or
    value on its line; `head` and `foot` belong to the file.
    """

    head: tuple[str, ...] = ()
    before: Mapping[KeyPath, tuple[str, ...]] = field(default_factory=dict)
    inline: Mapping[KeyPath, str] = field(default_factory=dict)
    after: Mapping[KeyPath, tuple[str, ...]] = field(default_factory=dict)
    foot: tuple[str, ...] = ()

    def moved(self, move: Callable[[KeyPath], KeyPath]) -> Comments:
        """The same comments with every place sent through `move`."""
        return Comments(
            head=self.head,
            before={move(path): lines for path, lines in self.before.items()},
            inline={move(path): line for path, line in self.inline.items()},
            after={move(path): lines for path, lines in self.after.items()},
            foot=self.foot,
        )

    def at(self, path: KeyPath) -> bool:
        """Whether any comment is attached to `path`."""
        return path in self.before or path in self.inline or path in self.after


def item_names(path: KeyPath, items: Sequence[Any]) -> Sequence[str | int]:
    """By what the items of the list at `path` are known in places: ids or edge texts, else their indexes.

    The second item of one name is known as `name#2`, so that every item has a place of its own.
    """
    if path not in _NAMED:
        return range(len(items))
    names: list[str | int] = []
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        name = item.get("id") if isinstance(item, dict) else item
        if not isinstance(name, str):
            names.append(index)
            continue
        seen[name] = count = seen.get(name, 0) + 1
        names.append(name if count == 1 else f"{name}#{count}")
    return names


def named(data: Mapping[str, Any]) -> Callable[[KeyPath], KeyPath]:
    """A function from places by index to places by name, for the plain data of a document."""
    tables: dict[KeyPath, Sequence[str | int]] = {}
    for prefix in _NAMED:
        found: Any = data
        for key in prefix:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, list):
            tables[prefix] = item_names(prefix, found)

    def move(path: KeyPath) -> KeyPath:
        size = 2 if path and path[0] == "layout" else 1
        names = tables.get(path[:size]) if len(path) > size else None
        index = path[size] if names is not None else None
        if names is None or not isinstance(index, int):
            return path
        return (*path[:size], names[index], *path[size + 1 :])

    return move
