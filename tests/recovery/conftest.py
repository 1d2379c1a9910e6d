"""The server of `tests.recovery.child`, and what the job gives undisturbed."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.recovery.job import Home

Send = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Expected:
    """What an undisturbed run gives: its report, and how often each line stands in the ledger."""

    report: dict[str, Any]
    lines: Counter[str]


@pytest.fixture(scope="session")
def server() -> Iterator[Send]:
    """Run the job of a home in a process; see `tests.recovery.child` for the arguments and the answer."""
    if not hasattr(os, "fork"):
        pytest.skip("the system cannot fork processes")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.recovery.child"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    writer, reader = process.stdin, process.stdout

    def send(home: Home, fault: str = "", kill: float = 0.0) -> str:
        request = {"folder": str(home.folder), "durability": home.durability, "fault": fault, "kill": kill}
        writer.write(json.dumps(request) + "\n")
        writer.flush()
        answer = json.loads(reader.readline())
        assert isinstance(answer, str)
        return answer

    yield send
    writer.close()
    process.wait(timeout=10)
    reader.close()


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    home = Home(tmp_path_factory.mktemp("undisturbed"))
    report = asyncio.run(home.advance())
    assert report["outcome"]["status"] == "succeeded" and not report["decided"]
    lines = Counter(home.lines())
    assert set(lines.values()) == {1, 2}
    return Expected(json.loads(json.dumps(report)), lines)


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Home]:
    """As many empty homes as are asked for with `next`."""

    def made() -> Iterator[Home]:
        for number in itertools.count(1):
            folder = tmp_path / str(number)
            folder.mkdir()
            yield Home(folder)

    return made()
