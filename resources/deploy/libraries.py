"""Runs first in the packaged program: what it starts (git, a browser, scripts) finds the system's libraries, not ours.

PyInstaller's loader names the program's own folder in the variables below and keeps what they were. The running
program's linker has read them by now.
"""

from __future__ import annotations

import os

for name in ("LD_LIBRARY_PATH", "LIBPATH"):
    before = os.environ.pop(f"{name}_ORIG", None)
    if before:
        os.environ[name] = before
    else:
        os.environ.pop(name, None)
