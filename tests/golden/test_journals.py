"""Journals stored by earlier versions load, fold to the state they had, and resume to the output they had."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.api import ExecutionState
from tests.golden.cases import CASES
from tests.golden.stored import FOLDER, Stored, go_on, sha256, summary, sums

STORED = sorted(FOLDER.glob("*.json"))


def test_no_stored_journal_was_changed_or_lost() -> None:
    assert {path.name: sha256(path) for path in STORED} == sums(), "stored journals are never written again"


def test_every_construct_has_a_journal() -> None:
    assert {path.name.partition(".")[0] for path in STORED} >= CASES.keys(), "run `python -m tests.golden.add`"


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_it_folds_to_the_state_it_had(path: Path, tmp_path: Path) -> None:
    stored = Stored.load(path)
    assert summary(ExecutionState().apply(stored.journal("x", tmp_path))) == stored.state


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
async def test_it_resumes_to_the_output_it_had(path: Path, tmp_path: Path) -> None:
    stored = Stored.load(path)
    assert await go_on(stored, tmp_path) == (stored.status, stored.output, stored.lines)
