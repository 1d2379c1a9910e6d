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
def env(tmp_path: Path) -> ActivityEnvironment:
    return ActivityEnvironment(tmp_path)


@pytest.fixture
def call(env: ActivityEnvironment) -> Call:
    """Run an activity as the engine does: plain data in, bound by its declaration; plain data out."""

    def run(function: Callable[..., Any], **values: Any) -> Any:
        return plain(asyncio.run(env.run(function, **values)))

    return run
