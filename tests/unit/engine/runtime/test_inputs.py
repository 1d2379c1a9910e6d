"""What a workflow may be started with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from engine.core.errors import InputError
from engine.core.secrets import SecretRef
from engine.runtime.inputs import check_inputs
from engine.workflow.model import Input, Workflow


def checked(type: str, value: Any, **more: Any) -> Any:
    return check_inputs(Workflow(inputs=(Input("x", type, **more),)), {"x": value})["x"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type", "value", "typed"),
    [
        ("any", {"a": [1]}, {"a": [1]}),
        ("text", 12, "12"),
        ("number", " 1.5 ", 1.5),
        ("number", "7", 7),
        ("integer", "7.0", 7),
        ("boolean", "Yes", True),
        ("boolean", False, False),
        ("date", "2026-11-23", date(2026, 11, 23)),
        ("datetime", "2026-11-23T08:30", datetime(2026, 11, 23, 8, 30)),
        ("list", "[1, 2]", [1, 2]),
        ("mapping", {"a": 1}, {"a": 1}),
        ("file", "a b.csv", "a b.csv"),
        ("secret", "mail_password", SecretRef("mail_password")),
    ],
)
def test_text_becomes_the_declared_type(type: str, value: Any, typed: Any) -> None:
    assert checked(type, value) == typed


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("text", [1]),
        ("number", "1e999"),
        ("number", "nan"),
        ("number", True),
        ("number", "9" * 5000),
        ("integer", 1.5),
        ("boolean", "maybe"),
        ("date", "23.11.2026"),
        ("datetime", "soon"),
        ("list", "{}"),
        ("list", "[" * 100_000),
        ("mapping", "x"),
        ("file", "a\0b"),
        ("file", ""),
        ("secret", "not a name!"),
        ("text", None),
    ],
)
def test_what_does_not_fit_is_refused(type: str, value: Any) -> None:
    with pytest.raises(InputError, match="x: "):
        checked(type, value)


def test_every_wrong_input_is_named_at_once() -> None:
    workflow = Workflow(
        inputs=(
            Input("orders", "file", label="Orders"),
            Input("limit", "integer", default=3),
            Input("note", required=False),
        )
    )
    with pytest.raises(InputError) as caught:
        check_inputs(workflow, {"limit": "x", "oders": 1})
    assert "oders: is not an input; did you mean orders?" in caught.value.message
    assert "limit: must be a number" in caught.value.message and "orders: is missing (Orders)" in caught.value.message
    assert check_inputs(workflow, {"orders": "o.csv"}) == {"orders": "o.csv", "limit": 3, "note": None}


def test_choices_are_held() -> None:
    assert checked("text", "a", choices=("a", "b")) == "a"
    with pytest.raises(InputError, match="one of a, b"):
        checked("text", "c", choices=("a", "b"))
