"""The files of the project, as the architecture tests see them: without git, so that a bare copy can be checked."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = [name for name in ("engine", "studio") if (ROOT / name).is_dir()]
_MADE = {"__pycache__", ".git", "build", "dist", "out"}


def files() -> Iterator[Path]:
    """Every file that is written by hand or generated into the tree; nothing that a tool leaves behind."""
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if path.is_dir():
                if path.name not in _MADE and not path.name.startswith(".venv") and not path.name.endswith("_cache"):
                    folders.append(path)
            elif path.suffix != ".pyc" and ".hypothesis" not in path.parts and not path.name.endswith(".egg-info"):
                yield path


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def rooms() -> set[str]:
    """The packages of the engine: `core`, `sdk`, …"""
    return {path.parent.name for path in (ROOT / "engine").glob("*/__init__.py")}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def imports(module: Path) -> set[str]:
    """The top-level names a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
