from __future__ import annotations

from typing import Any

import pytest

from engine.core.errors import DocumentError
from engine.workflow.migrations import MIGRATIONS, migrate
from engine.workflow.model import FORMAT


def _one_to_two(data: dict[str, Any]) -> dict[str, Any]:
    data["steps"] = data.pop("nodes", [])
    return data


def _two_to_three(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "steps": [{**step, "seen": 3} for step in data["steps"]]}


REGISTRY = {1: _one_to_two, 2: _two_to_three}


def test_each_migration_runs_from_its_format_on() -> None:
    assert migrate({"rpa": 1, "nodes": [{"id": "a"}], "mine": 5}, newest=3, migrations=REGISTRY) == {
        "rpa": 3,
        "steps": [{"id": "a", "seen": 3}],
        "mine": 5,
    }
    assert migrate({"rpa": 2, "steps": []}, newest=3, migrations=REGISTRY) == {"rpa": 3, "steps": []}
    data = {"rpa": 3, "nodes": []}
    assert migrate(data, newest=3, migrations=REGISTRY) is data


def test_a_newer_format_says_to_update() -> None:
    with pytest.raises(DocumentError, match="format 4") as caught:
        migrate({"rpa": 4}, name="a.rpa.yaml", newest=3, migrations=REGISTRY)
    assert caught.value.hint == "update RPA Studio"
    assert "a.rpa.yaml" in caught.value.message


@pytest.mark.parametrize("found", [0, -1, True, "1", 1.0, None])
def test_a_format_that_never_was_is_refused(found: object) -> None:
    with pytest.raises(DocumentError):
        migrate({"rpa": found})


def test_every_older_format_has_a_migration() -> None:
    assert sorted(MIGRATIONS) == list(range(1, FORMAT))
