"""Parameter values that hold expressions."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.errors import ExpressionError, NoValueError
from engine.workflow.expressions import Limits, compile_template

NAMES: dict[str, Any] = {"n": 5, "name": "Ann", "rows": [1, 2], "none": None}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{{ n }}", 5),
        ("{{rows}}", [1, 2]),
        ("{{ none }}", None),
        ("n = {{ n }}, {{ name }}!", "n = 5, Ann!"),
        ("{{ n }}\n", "5\n"),
        (" {{ n }}", " 5"),
        ("{{ n }}{{ none }}", "5"),
        ("rows: {{ rows }}", "rows: [1, 2]"),
        ("{{ {'a': {'b': n}} }}", {"a": {"b": 5}}),
        ("{{ {'a': {'b': n}}}}", {"a": {"b": 5}}),
        ("{{ '}}' + name }}", "}}Ann"),
        ("{{ '{{' }} {{ \"it's\" }}", "{{ it's"),
        ("{{ 'a\\'}}' }}", "a'}}"),
        ("it's {{ n }} o'clock", "it's 5 o'clock"),
        ("no } braces } }} here", "no } braces } }} here"),
        ("{ n }", "{ n }"),
        ("{{\n  n +\n  1\n}}", 6),
        (12, 12),
        (None, None),
        ({"a": ["x", "{{ n }}", {"b": "{{ name }}-{{ n }}"}], "c": True}, {"a": ["x", 5, {"b": "Ann-5"}], "c": True}),
        (("{{ n }}",), [5]),
    ],
)
def test_a_value(given: Any, expected: Any) -> None:
    template = compile_template(given)
    found = template.evaluate(NAMES)
    assert found == expected
    assert type(found) is type(expected)


def test_constants_are_never_shared() -> None:
    raw = {"a": [1, {"b": []}], "c": "x"}
    template = compile_template(raw)
    assert template.constant
    first, second = template.evaluate({}), template.evaluate({})
    assert first == second == raw
    first["a"][1]["b"].append(1)
    first["a"].append(2)
    first["d"] = 3
    assert second == raw == {"a": [1, {"b": []}], "c": "x"}


def test_its_expressions_and_where_they_stand() -> None:
    template = compile_template({"a": ["{{ n }} and {{ name }}"], "b": "{{ rows }}"})
    assert [(path, expression.source) for path, expression in template.expressions] == [
        (("a", 0), " n "),
        (("a", 0), " name "),
        (("b",), " rows "),
    ]
    assert not template.constant


@pytest.mark.parametrize(
    ("given", "message", "column"),
    [
        ({"a": ["x", {"b": "hello {{ nam }}"}]}, "a[1].b: there is no 'nam'", 10),
        ({"a": "{{ 1 + }}"}, "a: this is not an expression: invalid syntax", 7),
        ("x {{ n", "the expression that begins here has no }}", 3),
        ("x {{ 'n }}", "the text that begins here has no end", 6),
        ("{{ }}", "the expression is empty", 3),
        ({"{{ n }}": 1}, "{{ n }}: the key of a mapping cannot be an expression", 1),
        ("é {{ name.x }}", "name is text, so it has no 'x'", 10),
    ],
)
def test_an_error_says_where(given: Any, message: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_template(given).evaluate(NAMES)
    assert caught.value.message == message
    assert caught.value.column == column
    assert "{{" in caught.value.source


def test_a_missing_value_stays_one() -> None:
    with pytest.raises(NoValueError) as caught:
        compile_template(["{{ rows[7] }}"]).evaluate(NAMES)
    assert caught.value.message == "[0]: rows has 2 items, none at position 7"


def test_one_budget_for_all() -> None:
    limits = Limits(loops=1_000)
    value = ["{{ len([x for x in range(600)]) }}"]
    assert compile_template(value, limits).evaluate({}) == [600]
    with pytest.raises(ExpressionError, match="loops more than"):
        compile_template(value * 3, limits).evaluate({})


def test_a_text_does_not_grow_without_end() -> None:
    with pytest.raises(ExpressionError, match="beyond 100 characters"):
        compile_template("{{ t }}" * 20, Limits(text=100)).evaluate({"t": "abcdef" * 2})


def test_too_deep() -> None:
    value: Any = "x"
    for _ in range(200):
        value = [value]
    with pytest.raises(ExpressionError, match="deeper than"):
        compile_template(value)


def test_a_step_is_renamed() -> None:
    raw = {"a": ["{{ steps.old.x }} steps.old {{steps['old']}}", 1], "b": {"c": "steps.old"}, "d": "{{ n }}"}
    assert compile_template(raw).renamed_steps({"old": "new"}) == {
        "a": ["{{ steps.new.x }} steps.old {{steps['new']}}", 1],
        "b": {"c": "steps.old"},
        "d": "{{ n }}",
    }
