"""Forms of real activities, shown, with data of a last execution to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.api import Catalog
from studio.forms.context import FormContext, Names, StepName
from studio.forms.form import Form
from studio.forms.unset import UNSET

CATALOG = Catalog(entry_points=False)
NAMES = Names(
    steps=(
        StepName(
            "join",
            "Join",
            "data.join",
            {"properties": {"rows": {"type": "array"}, "count": {"type": "integer"}}},
        ),
        StepName("read", "Read orders", "data.read_csv"),
    ),
    inputs={"day": "date"},
    in_loop=True,
)
DATA: list[dict[str, Any]] = [
    {
        "steps": {"join": {"output": {"rows": [{"total": 3}], "count": count}, "status": "succeeded"}},
        "inputs": {"day": "2026-11-23"},
        "item": {"email": f"A{count}@ACME.BG"},
        "index": count,
    }
    for count in range(3)
]
Show = Callable[..., Form]


class Told(dict[str, Any]):
    """What a form told, newest by name, and how often."""

    count = 0

    def take(self, name: str, value: Any) -> None:
        self.count += 1
        self[name] = value


@pytest.fixture
def context(tmp_path: Path) -> FormContext:
    return FormContext(
        folder=tmp_path,
        names=lambda: NAMES,
        lookup=lambda round: DATA[round],
        rounds=lambda: len(DATA),
        secrets=lambda: ["erp", "mail"],
        named=lambda what, kinds: [f"{what} of {kind}" for kind in kinds],
    )


@pytest.fixture
def show(qtbot: Any, context: FormContext) -> Show:
    """The form of an activity, in a window, with what it told as `told`."""

    def show(id: str, values: Mapping[str, Any] | None = None) -> Form:
        activity = CATALOG.require(id)
        form = Form(activity, values or {}, context=context)
        told = Told()
        form.changed.connect(told.take)
        form.setProperty("told", told)
        form.told = told  # type: ignore[attr-defined]
        form.resize(340, 700)
        qtbot.addWidget(form)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)
        return form

    return show


def type_keys(widget: Any, text: str) -> None:
    """Type as a keyboard does, key by key."""
    for letter in text:
        if letter == "\n":
            QTest.keyClick(widget, Qt.Key.Key_Return)
        else:
            QTest.keyClicks(widget, letter)


__all__ = ["CATALOG", "DATA", "NAMES", "UNSET", "Show", "Told", "type_keys"]
