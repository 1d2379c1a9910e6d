"""A site of one's own, and a client that follows nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from engine.practice import PracticeSite


@pytest.fixture
def site() -> Iterator[PracticeSite]:
    with PracticeSite(seed=7) as site:
        yield site


@pytest.fixture
def client(site: PracticeSite) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.address, trust_env=False, timeout=10) as client:
        yield client
