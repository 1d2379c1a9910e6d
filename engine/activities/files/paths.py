"""Paths as parameters take them, and the names that files get where one is already there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from engine.core.errors import BusinessError
from engine.core.sentences import say

IfExists = Literal["fail", "replace", "skip", "number"]


def _listed(value: Any) -> Any:
    """One path is a list of one; an item of the output of `files.list` stands for its path."""
    items = value if isinstance(value, list) else [value]
    return [item["path"] if isinstance(item, Mapping) and "path" in item else item for item in items]


Paths = Annotated[list[Path], BeforeValidator(_listed, json_schema_input_type=str | list[str | dict[str, Any]])]
"""Parameter: one path, several, or files as `files.list` gives them."""


def target(source: Path, destination: Path) -> Path:
    """Where `source` goes: into `destination` if that is a folder, else there."""
    return destination / source.name if destination.is_dir() else destination


def numbered(path: Path) -> Iterator[Path]:
    """`path`, then `name (2).txt`, `name (3).txt` and so on."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")


def file_name(name: str) -> str:
    """`name`, if a file can be called so. Raises `BusinessError`."""
    if not name.strip() or name in (".", "..") or any(sign in name for sign in "/\\\0"):
        raise BusinessError(say("{name!a} is not a file name", name=name), hint=say("Give a name without folders."))
    return name


def already_there(path: Path) -> BusinessError:
    """What a step fails with that may not replace `path`."""
    return BusinessError(
        say("{path} is already there", path=path), hint=say("Choose another name, or what to do if the file is there.")
    )
