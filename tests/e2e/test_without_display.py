"""Where no window can be opened, the program ends with a sentence and a status instead of Qt's abort."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there is a display named")


@pytest.mark.parametrize(
    "display",
    [
        {},
        {"DISPLAY": ":9876"},
        {"DISPLAY": "no display at all"},
        {"DISPLAY": "127.0.0.1:9876"},
        {"WAYLAND_DISPLAY": "nowhere"},
        {"QT_QPA_PLATFORM": "unheard-of"},
    ],
    ids=str,
)
def test_it_says_that_there_is_no_display(display: dict[str, str], tmp_path: Path) -> None:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    run = subprocess.run(
        [sys.executable, "-m", "studio", "--home", tmp_path / "home"],
        cwd=ROOT,
        env={**kept, **display},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 2
    first, second = run.stderr.splitlines()[-2:]  # libwayland may speak before
    assert first.startswith("rpa-studio: ") and len(first) > 30
    assert "rpa run FILE" in second
