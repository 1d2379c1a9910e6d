from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.core.values import plain
from engine.sdk.activity import declared


class Quiet:
    """A context that keeps what it is told."""

    execution, step, attempt, key = "run", "step", 1, "run/step"
    cancelled = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []

    def log(self, message: str, level: str = "info", **data: Any) -> None:
        self.lines.append(message)

    def progress(self, done: float, total: float | None = None, message: str = "") -> None: ...

    def check(self) -> None: ...


Call = Callable[..., Any]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Run an activity as the engine does: plain data in, bound by its declaration; plain data out."""

    def run(function: Callable[..., Any], **values: Any) -> Any:
        found = declared(function)
        assert found is not None
        arguments = found.bind(values, tmp_path)
        if found.context:
            arguments[found.context] = Quiet(tmp_path)
        result = function(**arguments)
        if asyncio.iscoroutine(result):
            result = asyncio.run(result)
        return plain(result)

    return run
