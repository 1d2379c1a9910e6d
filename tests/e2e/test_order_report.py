"""The real job: killed wherever it may be, it ends as if nothing had happened, with no letter written twice."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.e2e.conftest import Rpa

EXAMPLE = str(Path(__file__).parents[2] / "resources" / "examples" / "order-report" / "order-report.rpa.yaml")


def listed(rpa: Rpa) -> list[dict[str, Any]]:
    """The executions there are, newest first; none while the store is still being made."""
    done = rpa("executions", "--json", code=None)
    return list(json.loads(done.stdout)) if done.returncode == 0 else []


def letters(folder: Path) -> list[str]:
    """Who was written to, in order."""
    outbox = folder / "outbox.txt"
    lines = outbox.read_text("utf-8").splitlines() if outbox.exists() else []
    return [line for line in lines if line.startswith("To: ")]


def sheets(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All cells of the report."""
    book = load_workbook(folder / "order-report.xlsx")
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def finish(rpa: Rpa, execution: str, folder: Path) -> dict[str, Any]:
    """Resume, answering doubts by looking into the outbox."""
    done = rpa("resume", execution, "--json", code=None)
    for _ in range(3):
        outcome: dict[str, Any] = json.loads(done.stdout)
        if done.returncode != 4:
            return outcome
        assert [doubt["step"].startswith("each_customer[") for doubt in outcome["in_doubt"]] == [True]
        step = outcome["in_doubt"][0]["step"]
        number = int(step.split("[")[1].split("]")[0])
        answer = "done" if len(letters(folder)) > number else "retry"
        done = rpa("resume", execution, "--json", "--decide", f"{step}={answer}", code=None)
    raise AssertionError("it stays in doubt")


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, Any]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    outcome = Rpa(folder, folder / "home").json("run", EXAMPLE, "--input", f"output={folder}")
    assert outcome["output"]["letters"] == 35
    return letters(folder), sheets(folder)


POINTS = [
    ("runtime.loaded", 1),
    ("runtime.step_started", 5),
    ("runtime.effect_before", 3),
    ("runtime.effect_after", 1),
    ("runtime.effect_after", 3),
    ("runtime.effect_after", 20),
    ("runtime.outcome_recorded", 30),
    ("runtime.before_publish", 25),
    ("store.after_commit", 30),
    ("runtime.finishing", 1),
]


@pytest.mark.parametrize(("point", "nth"), POINTS)
def test_killed_at_a_point_it_resumes_to_the_same_end(
    rpa: Rpa, tmp_path: Path, undisturbed: tuple[list[str], dict[str, Any]], point: str, nth: int
) -> None:
    rpa("run", EXAMPLE, "--input", f"output={tmp_path}", code=-9, environment={"RPA_FAULT": f"{point}:{nth}:kill"})
    [execution] = listed(rpa)
    outcome = finish(rpa, execution["id"], tmp_path)
    assert outcome["status"] == "succeeded", outcome["error"]
    assert (letters(tmp_path), sheets(tmp_path)) == undisturbed


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_again_and_again(
    rpa: Rpa, tmp_path: Path, undisturbed: tuple[list[str], dict[str, Any]], seed: int
) -> None:
    chance = random.Random(seed)
    running = rpa.start("run", EXAMPLE, "--input", f"output={tmp_path}")
    for _ in range(2):
        time.sleep(chance.uniform(0.3, 1.0))
        rpa.kill(running)
        found = listed(rpa)
        if not found or found[0]["status"] not in ("running", "queued"):
            break
        running = rpa.start("resume", found[0]["id"])
    rpa.kill(running)
    found = listed(rpa)
    if not found:
        rpa("run", EXAMPLE, "--input", f"output={tmp_path}")
    elif found[0]["status"] != "succeeded":
        assert finish(rpa, found[0]["id"], tmp_path)["status"] == "succeeded"
    assert (letters(tmp_path), sheets(tmp_path)) == undisturbed


def test_a_run_can_be_cancelled_from_another_process(rpa: Rpa) -> None:
    running = rpa.start("run", "patient.rpa.yaml")
    for _ in range(100):
        found = listed(rpa)
        if found and found[0]["status"] == "running":
            break
        time.sleep(0.1)
    rpa("cancel", found[0]["id"], "--reason", "enough")
    output, _ = running.communicate(timeout=20)
    assert running.returncode == 1 and "cancelled" in output
    assert listed(rpa)[0]["status"] == "cancelled"
