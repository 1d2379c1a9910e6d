"""Kill the job at random moments, also while it is being resumed, until so many kills have happened."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import pytest

from engine.store.protocols import Durability
from tests.recovery.conftest import Expected, Send
from tests.recovery.job import Home, compare, read_report

PARTS = 8
KILLS = {False: 200, True: 2_000}
"""How many in all parts of one run, by whether it is nightly."""
MOST = 12
"""Kills of one execution before it is let go on in peace."""


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("part", range(PARTS))
def test_kills_at_random_moments_lose_and_repeat_nothing(
    part: int, server: Send, expected: Expected, homes: Iterator[Home], request: pytest.FixtureRequest
) -> None:
    seed = int(os.environ.get("RECOVERY_SEED", random.SystemRandom().randrange(10**9)))
    print(f"RECOVERY_SEED={seed} part {part}")
    chance = random.Random(f"{seed} {part}")
    durability: Durability = "process" if part % 2 else "full"
    wanted = KILLS[bool(request.config.getoption("--nightly"))] // PARTS
    long = min(_length(server, Home(next(homes).folder, durability)) for _ in range(2))
    kills = executions = doubts = 0
    while kills < wanted:
        home = Home(next(homes).folder, durability)
        executions += 1
        for _ in range(min(chance.randint(1, MOST), wanted - kills)):
            ended = server(home, kill=chance.uniform(0.001, long))
            assert ended in ("killed", "done"), ended
            if ended == "done":
                break
            kills += 1
        else:
            ended = server(home)
            assert ended == "done", ended
        report = read_report(home.folder)
        assert report is not None
        doubts += len(report["decided"])
        compare(expected.report, home, report, expected.lines)
    print(f"{kills} kills of {executions} executions, {doubts} doubts answered in their last run")


def _length(server: Send, home: Home) -> float:
    """Seconds that an undisturbed run takes."""
    began = time.monotonic()
    assert server(home) == "done"
    return time.monotonic() - began
