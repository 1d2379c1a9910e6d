"""Running a program as an ordinary person: nothing is forbidden to root, so what a person may not do is not seen by it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

NOBODY = 65534
PROGRAM = Path(sys.prefix)
_READ = "-all,+dac_read_search"
"""What lies in folders of root, such as this program, may be read, and nothing else."""


def as_ordinary(command: Sequence[str]) -> list[str]:
    """The command, run by somebody who is not root. Skips the test where that cannot be."""
    if os.name == "nt":
        pytest.skip("permissions of POSIX")
    if os.geteuid() != 0:
        return list(command)
    if not shutil.which("setpriv"):
        pytest.skip("run as root, without setpriv")
    if not all(folder.stat().st_mode & 0o005 == 0o005 for folder in (PROGRAM, *PROGRAM.parents)):
        pytest.skip("the program lies in a folder that is closed to others, where Qt finds no plug-in")
    person = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    rights = [f"--inh-caps={_READ}", f"--ambient-caps={_READ}", f"--bounding-set={_READ}"]
    return ["setpriv", *person, *rights, *command]


def give(*paths: Path) -> None:
    """Make these belong to whom `as_ordinary` runs a command as."""
    if os.name != "nt" and os.geteuid() == 0:
        for path in paths:
            os.chown(path, NOBODY, NOBODY)
