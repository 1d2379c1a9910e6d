"""A bridge to an engine in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import qasync

from engine.core.settings import Settings
from studio.bridge import Bridge
from tests.support import workflows


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def bridge(loop: qasync.QEventLoop, settings: Settings) -> Iterator[Bridge]:
    """A bridge whose engine knows the activities of `tests.support.ledger`; started by the test."""
    made = Bridge(settings)
    made.__dict__["catalog"] = workflows.catalog()
    yield made
    made.stop()
