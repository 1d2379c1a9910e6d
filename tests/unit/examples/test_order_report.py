"""The order report, against the same figures computed from the CSV files by plain Python."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

DATA = Path(__file__).parents[3] / "resources" / "examples" / "order-report" / "data"
AS_OF = "1998-05-31"


def read(name: str) -> list[dict[str, str]]:
    with open(DATA / f"{name}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def expected_revenue(key: Callable[[dict[str, str], dict[str, str]], str]) -> dict[str, float]:
    orders = {row["order_id"]: row for row in read("orders")}
    found: dict[str, float] = defaultdict(float)
    for line in read("order_details"):
        amount = float(line["unit_price"]) * int(line["quantity"]) * (1 - float(line["discount"]))
        found[key(orders[line["order_id"]], line)] += amount
    return found


def expected_late(as_of: str) -> dict[int, int]:
    late = {}
    for order in read("orders"):
        until = order["shipped_date"] or as_of
        if until > order["required_date"]:
            late[int(order["order_id"])] = (date.fromisoformat(until) - date.fromisoformat(order["required_date"])).days
    return late


def test_the_figures_are_those_of_the_files(run_example: Callable[..., dict[str, Any]]) -> None:
    run = run_example("order-report")
    assert run["outputs"]["revenue"] == 1_265_793.04
    assert run["outputs"]["orders"] == 830
    steps = {name: step["output"] for name, step in run["steps"].items()}
    assert steps["sales"]["count"] == 2155
    assert (steps["orders"]["left_alone"], steps["lines"]["left_alone"], steps["sales"]["left_alone"]) == (0, 0, 0)

    names = {row["customer_id"]: row for row in read("customers")}
    for step, column, key in (
        ("best_customers", "company", lambda order, line: names[order["customer_id"]]["company_name"]),
        ("months", "month", lambda order, line: order["order_date"][:7]),
        ("best_countries", "country", lambda order, line: names[order["customer_id"]]["country"]),
    ):
        assert {row[column]: row["revenue"] for row in steps[step]["rows"]} == pytest.approx(expected_revenue(key))
    assert steps["best_customers"]["rows"][0]["company"] == "QUICK-Stop"
    assert [row["month"] for row in steps["months"]["rows"]] == sorted(row["month"] for row in steps["months"]["rows"])


def test_late_orders_and_their_letters(run_example: Callable[..., dict[str, Any]]) -> None:
    run = run_example("order-report")
    late = expected_late(AS_OF)
    rows = run["steps"]["late"]["output"]["rows"]
    assert {row["order_id"]: row["days_late"] for row in rows} == late
    assert len(late) == run["outputs"]["late"] == 47
    assert sum(row["status"] == "not shipped" for row in rows) == 10
    assert [row["days_late"] for row in rows] == sorted(late.values(), reverse=True)

    with open(run["outputs"]["late_orders"], encoding="utf-8", newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert {int(row["order_id"]): int(row["days_late"]) for row in listed} == late

    customers = {row["customer_id"] for row in read("orders") if int(row["order_id"]) in late}
    letters = Path(run["outputs"]["outbox"]).read_text(encoding="utf-8")
    assert letters.count("Dear ") == len(customers) == run["outputs"]["letters"]
    for order in late:
        assert letters.count(f"\n    {order} ") == 1
    assert "{" not in letters


def test_the_report_holds_the_sheets_with_charts(run_example: Callable[..., dict[str, Any]]) -> None:
    run = run_example("order-report")
    book = openpyxl.load_workbook(run["outputs"]["report"], data_only=True)
    assert book.sheetnames == ["Customers", "Months", "Countries", "Products", "Late orders"]
    page = book["Customers"]
    assert [cell.value for cell in page[3]] == ["Customer", "Country", "Orders", "Revenue"]
    assert page.cell(page.max_row, 1).value == "Total"
    assert page.cell(page.max_row, 3).value == 830
    assert page.cell(page.max_row, 4).value == pytest.approx(1_265_793.04, abs=0.01)
    assert page["D4"].number_format == "#,##0.00"
    assert book["Late orders"]["D4"].number_format == "yyyy-mm-dd"
    assert all(len(vars(book[name])["_charts"]) == 1 for name in ("Customers", "Months", "Countries"))


def test_the_day_decides_what_is_overdue(run_example: Callable[..., dict[str, Any]]) -> None:
    assert (
        run_example("order-report", as_of=date(1998, 5, 6))["outputs"]["late"] == len(expected_late("1998-05-06")) == 37
    )
