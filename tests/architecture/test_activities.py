"""Every declared activity says what a person, a form and the reference need."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.core.values import encode, plain
from engine.sdk.activity import Activity, To
from engine.sdk.catalog import Catalog, Family
from engine.sdk.schema import describe, parameter_schema, result_schema

CATALOG = Catalog(entry_points=False)
each = pytest.mark.parametrize("one", CATALOG.all(), ids=lambda one: one.id)


def test_the_catalog_loads_whole() -> None:
    assert dict(CATALOG.errors) == {}
    names = [name for one in CATALOG.all() for name in (one.id, *one.replaces)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name, family", CATALOG.families().items())
def test_a_family_says_how_it_is_shown(name: str, family: Family) -> None:
    assert family.icon
    assert family.order < 100
    assert family.label[0].isupper()


@each
def test_it_has_words_for_people(one: Activity) -> None:
    assert re.fullmatch(r"[A-Z].*[^.]", one.label)
    assert one.icon
    assert re.search(r"[.?:]$", one.summary), "the first sentence of the docstring stands alone, with a full stop"
    assert len(one.summary) <= 140
    for parameter in one.parameters:
        assert parameter.hints.label[0].isupper() or not parameter.hints.label[0].isalpha(), parameter.name
        assert not parameter.hints.help or parameter.hints.help[-1] in ".…?!:…)", parameter.name
    labels = [(one.hints.label, one.hints.unit, str(one.hints.show_when)) for one in one.parameters]
    assert len(labels) == len(set(labels)), "two fields of one form look alike"


@each
def test_it_has_a_typed_result(one: Activity) -> None:
    assert one.result is not None
    kind: Any = one.result
    if dataclasses.is_dataclass(kind) and kind is not To:
        assert isinstance(kind, type)
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}("), "its docstring says what it holds"


@each
def test_its_defaults_fit_its_types(one: Activity) -> None:
    defaults = {p.name: p.default for p in one.parameters if not p.required and not p.lazy}
    assert one.check(plain(defaults)) == {}
    for parameter in one.parameters:
        assert not isinstance(parameter.default, Path), "a relative path starts at the workflow's folder"
        if parameter.lazy and not parameter.required:
            assert parameter.default is None


@each
def test_its_hints_speak_of_what_there_is(one: Activity) -> None:
    for parameter in one.parameters:
        for other, values in (parameter.hints.show_when or {}).items():
            assert other in one.by_name
            assert values
            assert {name: reason for value in values for name, reason in one.check({other: value}).items()} == {}
    assert not one.dynamic_ports or one.dynamic_ports in one.by_name
    ports = [port.name for port in one.ports]
    assert len(ports) == len(set(ports)) and "error" not in ports


@each
def test_it_can_be_described(one: Activity) -> None:
    encode(describe(one))
    if inspect.iscoroutinefunction(one.function):
        assert one.asynchronous


@each
def test_its_schemas_are_sound(one: Activity) -> None:
    schema = parameter_schema(one)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator.check_schema(result_schema(one))
    defaults = {name: shown["default"] for name, shown in schema["properties"].items() if "default" in shown}
    optional = Draft202012Validator({**schema, "required": []})
    assert [error.message for error in optional.iter_errors(defaults)] == []


def test_no_two_of_a_family_have_one_label() -> None:
    labels = [(one.family, one.label) for one in CATALOG.all()]
    assert sorted(labels) == sorted(set(labels))
