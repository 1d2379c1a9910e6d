from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine.core import faults

POINT = faults.point("tests.a_point")


def test_nothing_happens_unless_armed() -> None:
    faults.reach(POINT)
    assert POINT in faults.NAMES


def test_the_nth_visit_fails_once() -> None:
    with faults.arm(POINT, nth=2):
        faults.reach("tests.another")
        faults.reach(POINT)
        with pytest.raises(faults.Injected, match=POINT):
            faults.reach(POINT)
        faults.reach(POINT)
    faults.reach(POINT)


def test_an_error_of_the_system() -> None:
    with faults.arm(POINT, "io"), pytest.raises(OSError, match=POINT):
        faults.reach(POINT)


def test_only_places_that_exist_can_be_armed() -> None:
    with pytest.raises(ValueError, match="no fault point"), faults.arm("tests.nowhere"):
        pass
    with pytest.raises(ValueError, match="count from 1"), faults.arm(POINT, nth=0):
        pass
    with pytest.raises(ValueError, match="can kill"), faults.arm(POINT, "explode"):  # type: ignore[arg-type]
        pass


PROGRAM = """
from engine.core import faults
for number in range(3):
    print(number, flush=True)
    faults.reach("x.y")
"""


@pytest.mark.parametrize(
    ("fault", "printed", "died"),
    [("", 3, False), ("x.y", 1, True), ("x.y:2", 2, True), ("x.y:3:raise", 3, True), ("other", 3, False)],
)
def test_another_process_is_armed_by_its_environment(fault: str, printed: int, died: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, faults.VARIABLE: fault},
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout.splitlines()) == printed
    assert (done.returncode != 0) is died
