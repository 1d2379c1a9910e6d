"""Nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"sqlalchemy", "networkx", "anthropic", "playwright", "httpx", "PySide6", "qasync", "openpyxl", "alembic"}
STARTS = {
    "import engine": "import engine",
    "rpa --version": "sys.argv = ['rpa', '--version']; from engine.cli.main import main; main()",
}


@pytest.mark.parametrize("start", STARTS)
def test_it_starts_light(start: str) -> None:
    program = f"""
import sys
try:
    {STARTS[start]}
except SystemExit as exit:
    assert not exit.code, exit.code
print(*sys.modules, file=sys.stderr)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert HEAVY & set(run.stderr.split()) == set()
