"""A module is one noun, read in one sitting."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, modules, shown

LONGEST = 600
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "stuff"}


@pytest.mark.parametrize("module", modules(), ids=shown)
def test_a_module_is_short_and_says_what_it_is(module: Path) -> None:
    text = module.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST, "divide it by nouns"
    assert module.stem not in VAGUE, "name it after what is in it"
    assert ast.get_docstring(ast.parse(text)), "its docstring says what it is"


def test_a_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in modules()}
    assert [shown(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
    assert all((ROOT / package / "__init__.py").exists() for package in PACKAGES)
