"""What expressions mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from engine.core.errors import ExpressionError, NoValueError
from engine.core.secrets import SecretRef
from engine.workflow.expressions import Limits, Lookup, as_text, compile_expression, compile_template


class Steps(Lookup):
    """A run in which `read` has an output and `skipped` was skipped."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, key: str) -> Any:
        self.asked.append(key)
        if key == "read":
            return {"output": {"rows": [{"a": 1, "b c": "x"}, {"a": 2}], "null": None, "path": ("p", 1)}}
        if key == "skipped":
            raise NoValueError("the step 'skipped' was skipped")
        raise NoValueError(f"the step '{key}' has not run")

    def names(self) -> Iterable[str]:
        return ["read", "skipped"]


NAMES: dict[str, Any] = {
    "steps": Steps(),
    "item": {"name": "Maria", "total": 12.5, "_id": 7, "нещо": "да", "5": "five"},
    "numbers": [3, 1, 2],
    "day": date(2026, 11, 23),
    "at": datetime(2026, 11, 23, 10, 30),
    "zoned": datetime(2026, 11, 23, 10, 30, tzinfo=UTC),
}


def value(source: str) -> Any:
    return compile_expression(source).evaluate(NAMES)


def error(source: str, names: Mapping[str, Any] = NAMES) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source).evaluate(names)
    return caught.value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1", 1),
        ("1_000", 1000),
        ("0x1F", 31),
        (".5e1", 5.0),
        ("'a' \"b\"", "ab"),
        (r"'a\n\t\x41\u0411\\'", "a\n\tAБ\\"),
        (r"'\d+\b\1\q'", r"\d+\b\1\q"),
        (r"r'\n\x'", r"\n\x"),
        ("true and not false", True),
        ("True", True),
        ("null", None),
        ("None is null", True),
        ("[1, 'a', [null]]", [1, "a", [None]]),
        ("1, 2", [1, 2]),
        ("(1,)", [1]),
        ("()", []),
        ("[*numbers, 4]", [3, 1, 2, 4]),
        ("{'a': 1, 2: 'b', 1.0: 'c', true: 'd'}", {"a": 1, "2": "b", "1": "c", "true": "d"}),
        ("{**item, 'name': 'Ann'}.name", "Ann"),
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("7 // 2", 3),
        ("-7 % 3", 2),
        ("-(+3)", -3),
        ("'ab' * 3", "ababab"),
        ("2 * [0]", [0, 0]),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("1 < 2 <= 2 != 3", True),
        ("1 < 2 > 2", False),
        ("2 in numbers", True),
        ("9 not in numbers", True),
        ("'name' in item", True),
        ("'ari' in item.name", True),
        ("item.name == 'Maria' and item.total > 10", True),
        ("item.total is not null", True),
        ("null or 'x'", "x"),
        ("0 and 1/0", 0),
        ("1 or 1/0", 1),
        ("'' or 0 or []", []),
        ("1 and 2 and 3", 3),
        ("'big' if item.total > 10 else 1/0", "big"),
        ("numbers[0] + numbers[-1]", 5),
        ("numbers[1:]", [1, 2]),
        ("numbers[::-1]", [2, 1, 3]),
        ("item.name[0:2]", "Ma"),
        ("item.name[-1]", "a"),
        ("item['name']", "Maria"),
        ("item['na' + 'me']", "Maria"),
        ("item['_id']", 7),
        ("item[5]", "five"),
        ("item.нещо", "да"),
        ("steps.read.output.rows[1].a", 2),
        ("steps['read'].output['rows'][0]['b c']", "x"),
        ("steps['re' + 'ad'].output.rows[0].a", 1),
        ("steps.read.output.path", ["p", 1]),
        ("[x * 2 for x in numbers if x > 1]", [6, 4]),
        ("[x for x in numbers if x > 1 if x < 3]", [2]),
        ("[[x, y] for x in [1, 2] for y in [x, x * 10]]", [[1, 1], [1, 10], [2, 2], [2, 20]]),
        ("[[y for y in range(x)] for x in range(3)]", [[], [0], [0, 1]]),
        ("[x for x in [x for x in [1, 2]]]", [1, 2]),
        ("[k + str(v) for k, v in items({'a': 1, 'b': 2})]", ["a1", "b2"]),
        ("[a + b + c for a, [b, c] in [[1, [2, 3]]]]", [6]),
        ("{k: v * 2 for k, v in [['a', 1]]}", {"a": 2}),
        ("{x: 1 for x in [1, 2]}", {"1": 1, "2": 1}),
        ("[k for k in {'a': 1}]", ["a"]),
        ("[c for c in 'ab']", ["a", "b"]),
        ("sum(x for x in numbers)", 6),
        ("any(x > 2 for x in numbers)", True),
        ("[item for item in numbers]", [3, 1, 2]),
        ("' ana ' | strip | upper | replace('A', 'o')", "oNo"),
        ("numbers | len > 2", True),
        ("1 + 2 | str", "3"),
        ("'x' if true else 'y' | upper", "x"),
        ("item.missing | default('none')", "none"),
        ("\n 1\n +\t2 ", 3),
        ("day + days(1)", date(2026, 11, 24)),
        ("day + hours(1)", datetime(2026, 11, 23, 1)),
        ("days(1) + day", date(2026, 11, 24)),
        ("day - date(2026, 11, 1)", timedelta(days=22)),
        ("at - day", timedelta(hours=10, minutes=30)),
        ("at > day", True),
        ("local(zoned) == zoned", True),
        ("zoned - local(at) == zoned - at", True),
        ("(zoned < at) or (zoned >= at)", True),
        ("days(1) / hours(6)", 4.0),
        ("days(3) // days(2)", 1),
        ("hours(1) * 3", timedelta(hours=3)),
        ("-hours(1)", timedelta(hours=-1)),
    ],
)
def test_a_value(source: str, expected: Any) -> None:
    found = value(source)
    assert found == expected
    assert type(found) is type(expected)


def test_three_different_answers() -> None:
    assert value("steps.read.output.null") is None
    assert error("steps.later.output").message == "the step 'later' has not run"
    assert error("steps.skipped.output").message == "the step 'skipped' was skipped"
    assert isinstance(error("steps.later.output"), NoValueError)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("default(steps.later.output, 1)", 1),
        ("default(steps.skipped.output.x.y, 1)", 1),
        ("default(item.missing, 1)", 1),
        ("default(item['missing'], 1)", 1),
        ("default(numbers[9], 1)", 1),
        ("default(numbers[5 + 4], 1)", 1),
        ("default(steps.read.output.null.deeper, 1)", 1),
        ("default(first([]), 1)", 1),
        ("default(max([]), 1)", 1),
        ("default(upper(item.missing), 1)", 1),
        ("default(steps.read.output.null, 1)", None),
        ("default(null, 1, true)", 1),
        ("default(null, 1, or_null=true)", 1),
        ("default(value=item.missing, fallback=2)", 2),
        ("default(0, 1)", 0),
        ("default(item.name, 1 / 0)", "Maria"),
        ("default(item.a, default(item.b, 3))", 3),
    ],
)
def test_default(source: str, expected: Any) -> None:
    assert value(source) == expected


@pytest.mark.parametrize(
    "source", ["default(unknown, 1)", "default(item.name.x, 1)", "default(1 / 0, 1)", "default(1, 2, 3, 4)"]
)
def test_default_hides_no_mistake(source: str) -> None:
    assert not isinstance(error(source), NoValueError)


@pytest.mark.parametrize(
    ("source", "column", "message", "hint"),
    [
        ("imput.x", 1, "there is no 'imput'", "Did you mean 'input'? In reach: input, steps"),
        ("1 + inputs", 5, "there is no 'inputs'", "Did you mean 'input'? In reach: input, steps"),
        ("input.rowz", 6, "input has no key 'rowz'", "Did you mean 'rows'? It has: rows"),
        ("input.rows[3]", 11, "input.rows has 1 items, none at position 3", ""),
        ("input.rows.a", 11, "input.rows is a list, so it has no 'a'", "To read a field of every item, write pluck"),
        ("uper('a')", 1, "there is no function 'uper'", "Did you mean 'upper'?"),
        ("1 + upper()", 5, "upper(): missing a required argument: 'text'", "It is written upper(text)"),
        ("upper", 1, "there is no 'upper'", "It is a function: upper(text)"),
        ("'é' + input.rows[0].b", 20, "input.rows[0] has no key 'b'", "It has: a"),
        (r"'\d' + input.x", 13, "input has no key 'x'", "It has: rows"),
        ("1 +", 4, "this is not an expression: invalid syntax", ""),
        ("(1", 1, "'(' is never closed", ""),
        ("1)", 2, "')' has no opening bracket", ""),
        ("a b", 1, "this is not an expression: invalid syntax", ""),
        ("", 1, "the expression is empty", ""),
        ("  ", 1, "the expression is empty", ""),
        ("input.rows * 2.5", 11, "cannot multiply a list by a number", ""),
        ("'a' + 1", 4, "cannot add text and a number", "Write str(…)"),
        ("[1 for x in 5]", 13, "cannot loop over a number", ""),
        ("input.upper()", 1, "only functions can be called", "Write upper(value) or value | upper"),
        ("steps", 1, "steps is not a value itself", "Read one of its fields: read, skipped"),
        ("2 ** 3", 1, "'**' is not an operator of the expression language", "Write pow(a, b)"),
        ("1 is 1", 6, "'is' compares with null, true or false only", "Write == instead"),
    ],
)
def test_an_error_says_where_and_what(source: str, column: int, message: str, hint: str) -> None:
    names = {"steps": Steps(), "input": {"rows": [{"a": 1}]}}
    found = error(source, names)
    assert type(found) in (ExpressionError, NoValueError)
    assert found.message == message
    assert found.hint.startswith(hint)
    assert found.source == source
    assert found.column == column


def test_an_error_names_what_is_in_reach() -> None:
    assert error("nothing").names == ("at", "day", "item", "numbers", "steps", "zoned")


def test_what_it_reads() -> None:
    found = compile_expression("[steps.read.output.rows[0].a + x + vars['a b'].c for x in len(item)] + steps[item.x].y")
    assert found.names_used == {"steps", "vars", "item"}
    assert found.paths_used == {
        ("steps", "read", "output", "rows"),
        ("vars", "a b", "c"),
        ("item",),
        ("steps",),
        ("item", "x"),
    }


def test_names_are_asked_for_one_by_one() -> None:
    class Asked(Mapping[str, Any]):
        def __init__(self) -> None:
            self.asked: list[str] = []

        def __getitem__(self, key: str) -> Any:
            self.asked.append(key)
            return {"a": 1}

        def __iter__(self) -> Iterator[str]:
            return iter(["a"])

        def __len__(self) -> int:
            return 1

    names = Asked()
    assert compile_expression("item.a if true else other.b").evaluate(names) == 1
    assert names.asked == ["item"]


def test_other_mappings_are_read_as_plain_ones() -> None:
    names = {"vars": MappingProxyType({"a": MappingProxyType({"b": 1})})}
    assert compile_expression("vars.a.b").evaluate(names) == 1
    assert type(compile_expression("vars.a").evaluate(names)) is dict


def test_an_object_is_never_a_value() -> None:
    assert "not data" in error("thing", {"thing": object()}).message
    assert error("thing.x", {"thing": object()}).message == "thing is a group of names, so it has no 'x'"


def test_a_fault_in_a_lookup_is_an_expression_error() -> None:
    class Faulty(Steps):
        def get(self, key: str) -> Any:
            raise RuntimeError("internal")

    assert "internal" not in error("steps.read", {"steps": Faulty()}).message


def test_it_is_compiled_once() -> None:
    assert compile_expression("item.name + 'x'") is compile_expression("item.name + 'x'")


def test_deep_stacks_are_survived() -> None:
    expression = compile_expression("+".join(["1"] * 70))

    def down(level: int) -> Any:
        return down(level - 1) if level else expression.evaluate({})

    levels = 0
    try:
        while down(levels) == 70:
            levels += 20
    except (ExpressionError, RecursionError) as found:
        assert type(found) is ExpressionError or levels > 0


@pytest.mark.parametrize(
    ("limits", "source", "message"),
    [
        (Limits(source=5), "123456", "longer than 5 characters"),
        (Limits(depth=3), "[[[[1]]]]", "deeper than 3 levels"),
        (Limits(loops=100), "[x for x in range(1000)]", "more than 100 times"),
        (Limits(number_bits=8), "100 * 100", "number grows too large"),
        (Limits(number_bits=8), "1000", "number is too large"),
        (Limits(text=10), "'abc' * 4", "beyond 10 characters"),
        (Limits(items=10), "range(11)", "beyond 10 items"),
        (Limits(created=1_000), "[range(50) for x in range(4)]", "too much data"),
        (Limits(result=100), "[[1] * 50] * 3", "larger than 100"),
        (Limits(seconds=-1.0), "[x for x in range(1000)]", "takes too long"),
    ],
)
def test_limits(limits: Limits, source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, limits).evaluate({})
    assert message in caught.value.message


def test_data_that_is_only_read_may_be_of_any_size() -> None:
    names = {"rows": [{"x": "y" * 100}] * 1_000, "text": "a" * 5_000}
    small = Limits(text=10, items=10, created=100, result=100)
    assert compile_expression("rows", small).evaluate(names) is names["rows"]
    assert compile_expression("len(rows) + len(text)", small).evaluate(names) == 6_000


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, ""),
        (True, "true"),
        (12, "12"),
        (12.0, "12"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        ("x", "x"),
        (date(2026, 11, 23), "2026-11-23"),
        (datetime(2026, 11, 23, 10, 30), "2026-11-23T10:30:00"),
        (timedelta(days=1, hours=2, seconds=0.5), "P1DT2H0.5S"),
        (timedelta(0), "PT0S"),
        (-timedelta(minutes=90), "-PT1H30M"),
        (b"\x00\x01", "AAE="),
        ([1, None, "я"], '[1, null, "я"]'),
        ({"d": date(2026, 1, 1)}, '{"d": "2026-01-01"}'),
    ],
)
def test_as_text(given: Any, text: str) -> None:
    assert as_text(given) == text


@pytest.mark.parametrize(
    ("source", "renamed"),
    [
        ("steps.old.output", "steps.new.output"),
        ("steps['old'].x + steps[\"old\"]", "steps['new'].x + steps[\"new\"]"),
        (" [ steps . old.x for x in  steps.old ]", " [ steps .new.x for x in  steps.new ]"),
        ("(steps).old + steps.older + item.old + 'steps.old'", "(steps).new + steps.older + item.old + 'steps.old'"),
        ("[steps.old for steps in [item]]", "[steps.old for steps in [item]]"),
        (r"'é\d' + steps.old | default('steps.old')", r"'é\d' + steps.new | default('steps.old')"),
        ("len(steps.old.steps.old)", "len(steps.new.steps.old)"),
    ],
)
def test_a_step_is_renamed(source: str, renamed: str) -> None:
    assert compile_expression(source).renamed_steps({"old": "new"}) == renamed
    assert compile_expression(source).renamed_steps({"other": "new"}) == source


def test_a_new_name_that_is_no_identifier_goes_into_brackets() -> None:
    expression = compile_expression("steps.old.output")
    assert expression.renamed_steps({"old": "read-all"}) == "steps['read-all'].output"
    assert expression.renamed_steps({"old": "it's"}) == r"steps['it\'s'].output"
    assert expression.renamed_steps({"old": "class"}) == "steps['class'].output"
    back = compile_expression("steps['read-all'].output")
    assert back.renamed_steps({"read-all": "read"}) == "steps['read'].output"


def test_a_secret_is_a_name_and_never_becomes_text() -> None:
    assert compile_template({"p": "{{ secret('mail') }}"}).evaluate({}) == {"p": SecretRef("mail")}
    for source in ("x{{ secret('mail') }}", "{{ str(secret('mail')) }}", "{{ [secret('mail')] | to_json }}"):
        with pytest.raises(ExpressionError):
            compile_template(source).evaluate({})
