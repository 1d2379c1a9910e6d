"""The studio in a real window, under a window manager, used with a real mouse and keyboard.

A visit is a script with one or more functions `async def use…(person)`, each a start of the program, in this order. It
may define, each given the folder that the person works in: `prepare(place)`, which gives the files to open;
`environment(place)`, variables for the program; `root(place)`, where it lies if not here; `check(place)`, called at the
end. And `command()`, given nothing: the program that starts it, as for a session bus.
"""

from __future__ import annotations

import runpy
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.desktop import NEEDED, Desktop, missing

HERE = Path(__file__).parent
VISITS = sorted((HERE / "visits").glob("[a-z]*.py"))
pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux") or bool(missing()), reason=f"needs {', '.join(NEEDED)}"),
    pytest.mark.timeout(180),
]


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.stem)
def test_a_visit(visit: Path, tmp_path: Path) -> None:
    script = runpy.run_path(str(visit))
    starts = [name for name in script if name.startswith("use")]
    files: list[Path] = script.get("prepare", _nothing)(tmp_path) or []
    root = script.get("root", _nothing)(tmp_path) or HERE.parents[1]
    with Desktop((1600, 1000)) as desktop:
        for name in starts:
            environment = {**desktop.environment, "HOME": str(tmp_path), "PYTHONPATH": str(root)}
            environment |= script.get("environment", _nothing)(tmp_path) or {}
            run = subprocess.run(
                [*script.get("command", list)(), sys.executable, "-m", "tests.support.person", f"{visit}:{name}", tmp_path / "home", *files],
                cwd=root,
                env=environment,
                capture_output=True,
                text=True,
                timeout=160,
            )
            killed = run.returncode == -signal.SIGKILL and name != starts[-1]
            assert killed or run.returncode == 0, f"{name}: {run.stdout}{run.stderr[-4000:]}"
            files = []
    script.get("check", _nothing)(tmp_path)


def _nothing(place: Path) -> Any:
    """What a visit does not define."""
