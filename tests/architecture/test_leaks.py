"""The net that catches leaks catches them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LEAKS = {
    "thread": "threading.Thread(target=time.sleep, args=(3,), daemon=True).start()",
    "task": "kept.append(asyncio.create_task(asyncio.sleep(60)))",
    "file": "kept.append(open(__file__))",
    "dropped file": "open(__file__)",
    "nothing": "await asyncio.to_thread(len, kept)",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_fails_the_test(leak: str, tmp_path: Path) -> None:
    shutil.copy(TESTS / "conftest.py", tmp_path)
    shutil.copy(TESTS.parent / "pyproject.toml", tmp_path)
    imports = "import asyncio, threading, time\nkept = []\n"
    (tmp_path / "test_it.py").write_text(f"{imports}async def test_it():\n    {LEAKS[leak]}\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (run.returncode == 0) == (leak == "nothing"), run.stdout
    if leak in ("thread", "task", "file"):
        assert f"left behind: {'open ' if leak == 'file' else 'asyncio ' if leak == 'task' else ''}{leak}" in run.stdout


def test_each_test_has_its_own_data_folder(own_home: Path) -> None:
    assert not own_home.exists()
    assert "home-" in own_home.name
