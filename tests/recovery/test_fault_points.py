"""Kill the job at every visit of every named place, resume it, and compare with the undisturbed run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import engine.runtime.machine
import engine.store.group  # noqa: F401
from engine.core import faults
from tests.recovery.conftest import Expected, Send
from tests.recovery.job import Home, compare, read_report

PARTS = 4
"""Into how many tests the visits of a place are divided, so that they spread over processors."""
SPARSE = {
    "runtime.event_recorded": 5,
    "runtime.step_started": 2,
    "runtime.outcome_recorded": 2,
    "store.after_insert": 2,
    "store.before_ack": 2,
}
"""Of which places an ordinary run takes only every so-manieth visit; a nightly one takes all."""


PLACES = sorted(name for name in faults.NAMES if name.startswith(("runtime.", "store.")))
"""Those that an execution passes; the vault has its own, and tests register some."""


def test_the_job_knows_every_place() -> None:
    assert {name.partition(".")[0] for name in PLACES} == {"runtime", "store"}
    assert SPARSE.keys() <= set(PLACES)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", PLACES)
def test_a_kill_at_any_visit_loses_and_repeats_nothing(
    name: str, part: int, server: Send, expected: Expected, homes: Iterator[Home], request: pytest.FixtureRequest
) -> None:
    sparse = 1 if request.config.getoption("--nightly") else SPARSE.get(name, 1)
    visit, ended = 1 + part * sparse, "killed"
    while ended == "killed":
        home = next(homes)
        ended = server(home, f"{name}:{visit}")
        resumed = server(home) if ended == "killed" else ended
        assert resumed == "done", f"after {name}:{visit}: {resumed}"
        report = read_report(home.folder)
        assert report is not None
        try:
            compare(expected.report, home, report, expected.lines)
        except AssertionError as error:
            raise AssertionError(f"after {name}:{visit}: {error}") from error
        visit += PARTS * sparse
