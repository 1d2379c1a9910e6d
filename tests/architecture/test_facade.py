"""The facade says twice what it re-exports, once for type checkers and once for running: both say the same."""

from __future__ import annotations

import ast
from pathlib import Path

import engine.api


def test_what_type_checkers_see_is_what_is_loaded() -> None:
    tree = ast.parse(Path(engine.api.__file__).read_text("utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (node.module, alias.name) for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == {(home, name) for name, home in engine.api._HOME_OF.items()}


def test_every_name_is_there() -> None:
    for name in engine.api._HOME_OF:
        assert getattr(engine.api, name) is not None
