"""The first window is there before anything is imported that it does without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = {
    "PySide6.QtNetwork", "alembic", "asyncio", "cryptography", "difflib", "hmac", "html", "httpx", "jsonschema",
    "logging.handlers", "networkx", "openpyxl", "pickle", "pkgutil", "platformdirs", "pydantic", "qasync", "sqlalchemy",
    "ssl", "subprocess", "yaml",
}  # fmt: skip
ROOMS = {
    "engine.api", "engine.runtime", "engine.sdk", "engine.store", "studio.bridge", "studio.forms", "studio.settings",
    "studio.designer.workspace", "studio.welcome.cards", "studio.welcome.examples", "studio.welcome.tour_card",
    "studio.widgets.pick_list",
}  # fmt: skip
PROGRAM = """
import sys
before = set(sys.modules)
from studio import app, __main__

def wait_for(drawn):
    drawn.happened.connect(lambda: print(*sorted(set(sys.modules) - before), file=sys.stderr))
    waited(drawn)

async def live(studio, options):
    assert not studio.window.visibleRegion().isEmpty()
    studio.window.hide()  # Qt would call hideEvent of a window in sight when Python has ended
    return 0

waited, app._wait_for = app._wait_for, wait_for
app.Studio.live = live
sys.exit(app.run_app(["--home", sys.argv[1]]))
"""


def test_the_first_window_is_light(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    loaded = set(run.stderr.split())
    assert {"studio.app", "studio.shell.window", "studio.welcome.page", "PySide6.QtWidgets"} <= loaded
    assert HEAVY & loaded == set()
    assert {name for name in loaded for room in ROOMS if name == room or name.startswith(room + ".")} == set()
