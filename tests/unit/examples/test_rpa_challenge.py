from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import openpyxl


def test_the_messy_workbook_becomes_a_clean_list(run_example: Callable[..., dict[str, Any]]) -> None:
    run = run_example("rpa-challenge")
    assert run["outputs"]["count"] == 10
    assert "problem" not in run["steps"]
    with open(run["outputs"]["people"], encoding="utf-8", newline="") as stream:
        people = list(csv.DictReader(stream))
    assert len(people) == 10
    assert people[0] == {
        "full_name": "John Smith",
        "first_name": "John",
        "last_name": "Smith",
        "company": "IT Solutions",
        "role": "Analyst",
        "address": "98 North Road",
        "email": "jsmith@itsolutions.co.uk",
        "phone": "40716543298",
    }
    page = openpyxl.load_workbook(run["outputs"]["report"], data_only=True)["Companies"]
    assert [[cell.value for cell in row] for row in page.iter_rows(max_row=2)] == [
        ["Company", "People", "Names"],
        ["Aperture Inc.", 2, "Jessie Marlowe, Michelle Norton"],
    ]
