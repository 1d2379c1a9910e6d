"""What contract tests share: a private PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import postgres


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database of a server that is there for this test run."""
    if postgres.programs() is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed: initdb and pg_ctl are missing")
        pytest.skip("PostgreSQL is not installed: initdb and pg_ctl are missing")
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    with postgres.shared_server(folder) as url:
        yield url
