from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.core.values import plain
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Run an activity as the engine does: plain data in, bound by its declaration; plain data out."""
    environment = ActivityEnvironment(tmp_path)

    def run(function: Callable[..., Any], **values: Any) -> Any:
        return plain(asyncio.run(environment.run(function, **values)))

    return run
