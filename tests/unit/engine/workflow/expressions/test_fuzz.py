"""Whatever is written, an expression gives plain data or raises `ExpressionError`, and changes nothing."""

from __future__ import annotations

import ast
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.errors import ExpressionError
from engine.core.secrets import SecretRef
from engine.workflow.expressions import FUNCTIONS, compile_expression, compile_template

DATA: dict[str, Any] = {
    "item": {"name": "Мария", "total": 12.5, "when": date(2026, 11, 23), "at": datetime(2026, 11, 23, 10), "n": None},
    "rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": True, "b": None}],
    "numbers": [3, 1, 2.5, -7, 10**30],
    "text": "A-12, b\u0000\ud800",
    "long": timedelta(hours=5),
    "raw": b"\x00\xff",
    "clock": time(10, 30),
}
SCALARS = (type(None), bool, int, float, str, date, datetime, time, timedelta, bytes, SecretRef)
QUICK = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck), database=None)

_WORDS = [
    *FUNCTIONS, *DATA, "steps", "x", "a", "for", "in", "if", "else", "and", "or", "not", "is", "lambda", "true", "null",
    "__class__", "_x", "(", ")", "[", "]", "{", "}", "{{", "}}", ",", ":", ".", "|", "+", "-", "*", "**", "/", "//",
    "%", "<", "==", "!=", ":=", "=", "'a'", "'", '"', "'\\d'", "1", "0", "2.5", "9" * 30, "1e300", " ", "\n", "f'", "#",
]  # fmt: skip


def holds_plain_data(value: Any) -> bool:
    if type(value) is list:
        return all(map(holds_plain_data, value))
    if type(value) is dict:
        return all(type(key) is str for key in value) and all(map(holds_plain_data, value.values()))
    return type(value) in SCALARS


def attempt(source: str) -> None:
    data = deepcopy(DATA)
    try:
        value = compile_expression(source).evaluate(data)
    except ExpressionError as error:
        assert error.message
        assert 0 <= error.column <= len(source) + 1
    else:
        assert holds_plain_data(value)
    assert data == DATA


@QUICK
@given(st.text())
def test_any_text(source: str) -> None:
    attempt(source)


@QUICK
@given(st.lists(st.sampled_from(_WORDS), max_size=30))
def test_any_words(words: list[str]) -> None:
    attempt(" ".join(words))
    attempt("".join(words))


@QUICK
@given(
    st.lists(st.sampled_from(["{{", "}}", "{", "}", "'", '"', "\\", "item.name", "rows", " ", "a", "\n"]), max_size=20)
)
def test_any_template(words: list[str]) -> None:
    text = "".join(words)
    try:
        template = compile_template({"a": [text]})
        value = template.evaluate(DATA)
    except ExpressionError as error:
        assert error.message.startswith("a[0]: ")
        assert 1 <= error.column <= len(text) + 1
        return
    assert template.renamed_steps({"x": "y"}) == {"a": [text]}
    if template.constant:
        assert value == {"a": [text]}


def _calls(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, given: f"{name}({', '.join(given)})",
        st.sampled_from(list(FUNCTIONS)),
        st.lists(values, max_size=4),
    )


def _grown(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = ["+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", "in", "not in", "and", "or", "|"]
    return st.one_of(
        st.builds("({} {} {})".format, values, st.sampled_from(operators), values),
        _calls(values),
        _calls(values),
        st.builds("[{}, {}]".format, values, values),
        st.builds("{{'k': {}, {}: 1}}".format, values, values),
        st.builds("{}[{}]".format, values, values),
        st.builds("{}[{}:{}]".format, values, values, values),
        st.builds("({} if {} else {})".format, values, values, values),
        st.builds("[{} for x in {} if {}]".format, values, values, values),
        st.builds("{{{}: x for x in {}}}".format, values, values),
        st.builds("-{}".format, values),
        st.builds("(not {})".format, values),
    )


_LEAVES = st.sampled_from(
    [
        *("1", "0", "-1", "2.5", "10", "999999999999", "'a'", "'%d.%m.%Y'", "'[a-z]+'", "'a'*1000", "null", "true"),
        *("[]", "{}", "x", *DATA, "item.name", "item.total", "item.when", "item.missing", "rows[0].a", "range(100)"),
    ]
)


@settings(QUICK, max_examples=600)
@given(st.recursive(_LEAVES, _grown, max_leaves=12))
def test_any_expression(source: str) -> None:
    attempt(source)


@QUICK
@given(st.recursive(_LEAVES, _grown, max_leaves=8), st.text(alphabet=" \n\té", max_size=3))
def test_the_tree_is_that_of_python(source: str, blanks: str) -> None:
    """What compiles is also what Python's own parser accepts: nothing of the source is lost or added."""
    try:
        compile_expression(source + blanks.replace("é", ""))
    except ExpressionError:
        return
    ast.parse(source, mode="eval")


@QUICK
@given(st.sampled_from(list(FUNCTIONS)), st.lists(st.sampled_from(list(DATA)), max_size=4))
def test_functions_take_anything(name: str, given_: list[str]) -> None:
    attempt(f"{name}({', '.join(given_)})")
    attempt(f"{name}({', '.join(f'[{one}, {one}]' for one in given_)})")
