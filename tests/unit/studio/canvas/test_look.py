"""How a step is called, and the one parameter that tells two of a kind apart."""

from __future__ import annotations

from typing import Any

import pytest

from engine.api import Catalog, Step
from studio.designer.canvas.live import counted
from studio.designer.canvas.look import LONGEST, look, summary, title

CATALOG = Catalog(entry_points=False)


def second(activity: str, **parameters: Any) -> str:
    return summary(Step("s", activity, parameters, label="A label"), CATALOG.require(activity))


@pytest.mark.parametrize(
    ("activity", "parameters", "expected"),
    [
        ("data.read_csv", {"path": "data/in/orders.csv", "delimiter": ";"}, "orders.csv"),
        ("data.read_csv", {"path": r"C:\data\orders.csv"}, "orders.csv"),
        ("data.read_csv", {"path": "{{ inputs.folder }}/orders.csv"}, "orders.csv"),
        ("data.read_csv", {"path": "{{ inputs.orders }}"}, "inputs.orders"),
        ("data.join", {"left": "{{ steps.a.output.rows }}", "right": "{{ steps.b.output.rows }}", "on": "id"}, "id"),
        ("data.filter", {"rows": "{{ steps.read.output.rows }}", "where": "{{ item.total > 5 }}"}, "item.total > 5"),
        ("control.foreach", {"items": "{{ steps.join.output.late }}", "concurrency": 4}, "join.late"),
        ("data.sort", {"rows": "{{ steps.by_month.output.rows }}", "by": "-revenue"}, "-revenue"),
        ("control.condition", {"condition": "{{ steps.read.output.count > 0 }}"}, "read.count > 0"),
        ("control.log", {"message": "two\nlines\0 {{ item.name }}"}, "two lines {item.name}"),
        ("control.set", {"values": {"page": 1, "rows": 2}}, "page, rows"),
        ("control.log", {}, "Write to the log"),
    ],
)
def test_the_second_line_names_what_tells_steps_apart(activity: str, parameters: dict[str, Any], expected: str) -> None:
    assert second(activity, **parameters) == expected


def test_what_is_as_by_default_is_not_worth_a_line() -> None:
    assert second("control.stop", status="succeeded") == "Stop"
    assert second("control.stop", status="failed") == "failed"


def test_a_second_line_is_never_long() -> None:
    assert len(second("control.log", message="x" * 100_000)) <= LONGEST


def test_a_title_is_the_label_else_the_activity_else_what_is_written() -> None:
    log = CATALOG.require("control.log")
    assert title(Step("s", "control.log", label="  Say\nhello "), log) == "Say hello"
    assert title(Step("s", "control.log"), log) == log.label
    assert title(Step("s", "acme.stamp"), None) == "acme.stamp"
    assert title(Step("s", ""), None) == "s"


def test_an_unknown_activity_is_said_to_be_one() -> None:
    shown = look(Step("s", "acme.stamp"), CATALOG)
    assert (shown.title, shown.known) == ("acme.stamp", False)


def test_a_file_is_known_to_be_one() -> None:
    assert look(Step("s", "data.read_csv", {"path": "a/b.csv"}), CATALOG).path
    assert not look(Step("s", "control.log", {"message": "hello"}), CATALOG).path


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (1284, "1,284"), (9999, "9,999"), (12_899, "12.9k"), (999_949, "999.9k"), (999_950, "1.0M"),
     (1_234_567, "1.2M"), (3_000_000_000, "3.0G")],
)  # fmt: skip
def test_counts_are_short(count: int, text: str) -> None:
    assert counted(count) == text
