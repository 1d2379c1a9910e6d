from __future__ import annotations

from pathlib import Path

import pytest

from engine.api import loads
from studio.welcome.tour import TASKS, Facts, done, write_sample

STEPS = """
rpa: 1
name: First
steps:
  - {id: other, activity: data.filter, with: {path: x}}
"""
READ = STEPS + "  - {id: read, activity: data.read_csv}\n"
FILE = STEPS + "  - {id: read, activity: data.read_csv, with: {path: orders.csv}}\n"
BESIDE = FILE + "  - {id: write, activity: excel.write_table}\n"
JOINED = BESIDE + "edges:\n  - read.next -> write\n"
WRONG = BESIDE + "edges:\n  - other.next -> write\n"
FILLED = JOINED.replace(
    "excel.write_table}", 'excel.write_table, with: {path: orders.xlsx, rows: "{{ steps.read.output.rows }}"}}'
)


@pytest.mark.parametrize(
    ("text", "task"),
    [
        (STEPS, "add"),
        (READ, "file"),
        (FILE, "join"),
        (BESIDE, "join"),
        (WRONG, "join"),
        (JOINED, "fill"),
        (FILLED, "run"),
    ],
)
def test_the_next_task_is_read_off_the_workflow(text: str, task: str) -> None:
    assert TASKS[done(Facts(loads(text).workflow))].id == task


def test_a_run_that_succeeded_is_the_end_but_only_of_the_whole() -> None:
    assert done(Facts(loads(FILLED).workflow, succeeded=True)) == len(TASKS)
    assert done(Facts(loads(READ).workflow, succeeded=True)) == 2
    assert done(Facts()) == 0


def test_the_sample_is_written_once_and_never_over_a_file(tmp_path: Path) -> None:
    file = write_sample(tmp_path / "new" / "folder")
    assert file.read_text("utf-8").startswith("order,date,region,amount\n1001,")
    file.write_text("mine", "utf-8")
    assert write_sample(tmp_path / "new" / "folder") == file
    assert file.read_text("utf-8") == "mine"
    blocked = tmp_path / "blocked"
    blocked.write_text("", "utf-8")
    with pytest.raises(OSError, match="blocked"):
        write_sample(blocked)
