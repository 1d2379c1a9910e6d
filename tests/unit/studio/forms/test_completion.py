"""What is offered at a place of an expression, and what is said of one that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import FUNCTIONS, AbsentStep, Lookup, SkippedStep
from engine.core.errors import NoValueError
from engine.core.secrets import MASK, Secret, SecretRef
from engine.workflow.rules.expressions import NAMES as ENGINE_NAMES
from studio.forms.completion import Completion, complete, inside
from studio.forms.context import ROOTS, Names, StepName
from studio.forms.faults import faults
from studio.forms.preview import names_of, preview
from studio.forms.shown import brief

SCHEMA = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "items": {"$ref": "#/$defs/Row"}},
        "count": {"type": "integer"},
    },
    "$defs": {"Row": {"type": "object", "properties": {"total": {"type": "number"}, "late": {"type": "boolean"}}}},
}
NAMES = Names(
    steps=(
        StepName("join", "Join", "data.join", SCHEMA),
        StepName("read", "Read orders", "data.read_csv"),
        StepName("after", "After", upstream=False),
    ),
    inputs={"day": "date", "folder": "folder"},
    variables={"total": "variable"},
)
DATA = {
    "steps": {
        "join": {"output": {"rows": [{"total": 3, "region": "North"}], "count": 1}, "status": "succeeded"},
        "read": {"output": {"a b": 1, "plain": None, "text": ""}, "status": "succeeded"},
    },
    "inputs": {"day": "2026-11-23"},
    "vars": {},
}


def labels(text: str, names: Names = NAMES, data: Any = DATA) -> list[str]:
    at = text.index("|>") if "|>" in text else len(text)
    found = complete(text.replace("|>", ""), at, names, data)
    return [] if found is None else [one.label for one in found.suggestions]


def test_names_are_those_of_the_engine() -> None:
    assert set(ROOTS) == ENGINE_NAMES


def test_outside_of_braces_nothing_is_offered() -> None:
    assert complete("plain text", 5, NAMES, DATA) is None
    assert complete("{{ a }} then", 12, NAMES, DATA) is None
    assert complete("{{ a }} {", 9, NAMES, DATA) is None


def test_inside_finds_the_expression_around_the_cursor() -> None:
    text = "a {{ b }} {{ {'x': '}}'} }} c"
    assert inside(text, 5) == (4, 7)
    assert inside(text, 20) == (12, 25)
    assert inside(text, 9) is None
    assert inside("{{ open", 7) == (2, 7)


def test_names_in_reach_come_first() -> None:
    assert labels("{{ ")[:3] == ["inputs", "steps", "vars"]
    assert "item" not in labels("{{ ")
    assert "item" in labels("{{ ", Names(in_loop=True))
    assert "error" in labels("{{ ", Names(in_handler=True))
    assert "upper" in labels("{{ ")
    assert labels("{{ tru")[0] == "true"


def test_steps_by_id_with_their_label_and_upstream_first() -> None:
    found = complete("{{ steps.", 9, NAMES, None)
    assert found is not None
    assert [(one.label, one.kind) for one in found.suggestions] == [
        ("join", "step"),
        ("read", "step"),
        ("after", "step"),
    ]
    assert found.suggestions[0].detail == "Join"
    assert "may not have run" in found.suggestions[2].detail


def test_fields_come_from_the_schema_and_from_the_data() -> None:
    assert labels("{{ steps.join.", data=None) == ["output", "status", "error"]
    assert labels("{{ steps.join.output.", data=None) == ["rows", "count"]
    assert labels("{{ steps.join.output.rows[0].", data=None) == ["total", "late"]
    assert labels("{{ steps.join.output.rows[0].") == ["total", "region", "late"]
    assert labels("{{ steps['join'].output.") == ["rows", "count"]
    assert labels("{{ first(steps.join.output.rows).") == ["total", "region"]
    assert labels("{{ inputs.") == ["day", "folder"]
    assert labels("{{ vars.") == ["total"]


def test_keys_that_are_no_names_are_offered_in_brackets_only() -> None:
    assert labels("{{ steps.read.output.") == ["plain", "text"]
    found = complete("{{ steps.read.output['", 22, NAMES, DATA)
    assert found is not None and found.suggestions[0].text == "a b']"
    closed = complete("{{ steps['jo'] }}", 12, NAMES, DATA)
    assert closed is not None and closed.suggestions[0].text == "join"


def test_pipes_offer_functions_without_their_first_value() -> None:
    found = complete("{{ inputs.day | upp", 19, NAMES, DATA)
    assert found is not None and found.suggestions[0].text == "upper" and found.suggestions[0].back == 0
    found = complete("{{ inputs.day | repl", 20, NAMES, DATA)
    assert found is not None and (found.suggestions[0].text, found.suggestions[0].back) == ("replace()", 1)


def test_inside_a_call_its_signature_is_told() -> None:
    found = complete("{{ replace(inputs.day, ", 23, NAMES, DATA)
    assert found is not None and found.signature == FUNCTIONS["replace"].signature and found.help
    found = complete("{{ replace('a', ", 16, NAMES, DATA)
    assert found is not None and found.signature
    found = complete("{{ upper('a') ", 14, NAMES, DATA)
    assert found is not None and not found.signature


def test_secrets_are_offered_by_name() -> None:
    found = complete("{{ secret('ma", 13, NAMES, DATA, ["erp", "mail"])
    assert found is not None and [one.text for one in found.suggestions] == ["mail"] and found.start == 11


def test_within_quotes_nothing_is_offered() -> None:
    assert labels("{{ 'in") == []
    assert labels("{{ 'it\\'s") == []
    assert labels("{{ 1") == []


def test_the_middle_of_a_text_is_completed_as_well() -> None:
    assert labels("a {{ steps.jo|> }} b") == ["join"]


@settings(max_examples=300, deadline=None)
@given(st.text("{}[]().'\"|, \\ab_1steps\n", max_size=40), st.integers(0, 40))
def test_no_text_whatever_breaks_it(text: str, cursor: int) -> None:
    found = complete(text, min(cursor, len(text)), NAMES, DATA)
    assert found is None or isinstance(found, Completion)
    assert isinstance(faults(text, NAMES), tuple)
    preview(text, DATA)


@pytest.mark.parametrize(
    ("text", "wrong", "instead"),
    [
        ("{{ steps.jion.output }}", "jion", "join"),
        ("{{ steps['jion'].output }}", "jion", "join"),
        ("{{ steps.join.output.cuont }}", "cuont", "count"),
        ("{{ steps.join.output.rows[0].totl }}", "", ""),
        ("{{ steps.join.count }}", "count", "output.count"),
        ("{{ inputs.dya }}", "dya", "day"),
        ("{{ vars.totl }}", "totl", "total"),
        ("{{ uper(inputs.day) }}", "uper", "upper"),
        ("{{ inputs.day | uper }}", "uper", "upper"),
        ("{{ join }}", "join", "steps.join.output"),
        ("{{ day }}", "day", "inputs.day"),
        ("{{ itme }}", "itme", ""),
        ("{{ item }}", "item", ""),
        ("{{ 1 + }}", None, ""),
        ("{{ open", None, ""),
    ],
)
def test_faults_say_where_and_what_was_meant(text: str, wrong: str | None, instead: str) -> None:
    found = faults(text, NAMES)
    if wrong == "":
        assert not found
        return
    assert len(found) == 1
    assert found[0].message.endswith(".")
    assert found[0].instead == instead
    if wrong is not None:
        assert text[found[0].start : found[0].end] == wrong


def test_following_the_suggestion_puts_it_right() -> None:
    text = "{{ steps.jion.output.cuont }}"
    for _ in range(3):
        found = faults(text, NAMES)
        if not found:
            break
        text = text[: found[0].start] + found[0].instead + text[found[0].end :]
    assert text == "{{ steps.join.output.count }}"


def test_names_that_an_activity_gives_itself_are_no_faults() -> None:
    assert faults("{{ row.total > 1 }}", NAMES, lazy=True) == ()
    assert faults("{{ item.total > 1 }}", NAMES, lazy=True) == ()
    assert faults("{{ row.total > 1 }}", NAMES) != ()


class Steps(Lookup):
    def get(self, key: str) -> Any:
        if key == "skipped":
            return SkippedStep(key)
        if key == "absent":
            return AbsentStep(key)
        if key == "join":
            return {"output": {"rows": [{"total": 3}], "none": None}, "status": "succeeded"}
        raise NoValueError(f"there was no {key}")

    def names(self) -> Iterable[str]:
        return ("skipped", "absent", "join")


class Everything(Lookup):
    def get(self, key: str) -> Any:
        if key == "steps":
            return Steps()
        raise NoValueError(f"no {key}")

    def names(self) -> Iterable[str]:
        return ("steps",)


def test_not_run_skipped_and_null_are_three_answers() -> None:
    names = names_of(Everything())
    states = {
        "{{ steps.absent.output.x }}": "not_run",
        "{{ steps.skipped.output }}": "skipped",
        "{{ steps.join.output.none }}": "null",
        "{{ steps.join.output.gone }}": "missing",
        "{{ steps.join.output.rows[0].total }}": "value",
        "{{ '' }}": "empty",
        "{{ 1 / 0 }}": "error",
    }
    for text, state in states.items():
        found = preview(text, names)
        assert found is not None and found.state == state, text
    assert preview("{{ 1 + }}", names) is None
    texts = {preview(text, names).text for text in list(states)[:3]}  # type: ignore[union-attr]
    assert len(texts) == 3


def test_a_missing_field_names_the_nearest_one() -> None:
    found = preview("{{ steps.join.output.rows[0].totl }}", names_of(Everything()))
    assert found is not None and found.fault is not None
    assert found.fault.instead == "total"
    assert "{{ steps.join.output.rows[0].totl }}"[found.fault.start : found.fault.end] == "totl"


def test_completion_reads_lookups() -> None:
    names = names_of(Everything())
    found = complete("{{ steps.join.output.", 21, Names(), names)
    assert found is not None and [one.label for one in found.suggestions] == ["rows", "none"]
    assert labels("{{ steps.skipped.", Names(), names) == ["status"]


def test_secrets_are_never_shown() -> None:
    secret = Secret("hunter2hunter2", "mail")
    assert "hunter2" not in brief(f"the password is {secret.reveal()}")
    assert MASK in brief(SecretRef("mail"))
    found = preview("{{ secret('mail') }}", DATA)
    assert found is None or "hunter2" not in found.text
    assert "hunter2" not in brief({"a": ["hunter2hunter2"]})


def test_values_of_any_size_become_one_line() -> None:
    assert len(brief("x" * 1_000_000)) <= 160
    assert len(brief([{"a": "y" * 1000}] * 100_000)) <= 160
    assert brief({"a": {"b": {"c": {"d": {"e": 1}}}}}).count("{") <= 6
    assert "\n" not in brief("a\nb") and "\0" not in brief("a\0b")
    assert brief("\ud800")
    assert brief(10**5000)
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert brief(deep)
