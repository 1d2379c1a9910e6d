"""The studio in a real window, under a window manager, used with a real mouse and keyboard."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.desktop import Desktop, missing

HERE = Path(__file__).parent
VISITS = sorted((HERE / "visits").glob("[a-z]*.py"))
pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux") or bool(missing()), reason="needs Xvfb, openbox, xdotool"),
    pytest.mark.timeout(180),
]


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.stem)
def test_a_visit(visit: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Desktop((1600, 1000)) as desktop:
        run = subprocess.run(
            [sys.executable, "-m", "tests.support.person", str(visit), str(home)],
            cwd=HERE.parents[1],
            env={**desktop.environment, "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path[:1])},
            capture_output=True,
            text=True,
            timeout=160,
        )
    assert run.returncode == 0, run.stdout + run.stderr[-4000:]
