"""Which field a parameter gets, for every activity there is and for types nobody thought of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import pytest

from engine.api import Activity, Catalog
from engine.core.secrets import Secret
from engine.sdk import Effect, Expression, Param, activity
from engine.sdk.activity import declared
from engine.sdk.durations import Duration
from studio.forms.shape import Declared, Shape, declared_fields, result_schema, shape_of
from studio.forms.unset import UNSET

CATALOG = Catalog(entry_points=False)
ACTIVITIES = {one.id: one for one in CATALOG.all()}


def fields(id: str) -> dict[str, Declared]:
    return {one.name: one for one in declared_fields(ACTIVITIES[id])}


def made(function: Callable[..., Any]) -> dict[str, Declared]:
    found = declared(function)
    assert isinstance(found, Activity)
    return {one.name: one for one in declared_fields(found)}


@pytest.mark.parametrize("id", sorted(ACTIVITIES))
def test_every_parameter_has_a_field_that_says_what_the_declaration_says(id: str) -> None:
    found = fields(id)
    assert list(found) == [one.name for one in ACTIVITIES[id].parameters]
    for parameter in ACTIVITIES[id].parameters:
        one = found[parameter.name]
        assert (one.label, one.help, one.required) == (parameter.hints.label, parameter.hints.help, parameter.required)
        assert one.advanced is parameter.hints.advanced
        assert one.shape.unit == parameter.hints.unit
        assert parameter.lazy == ("expression" in (one.shape.kind, one.shape.item.kind if one.shape.item else ""))
        kinds = (one.shape.kind, one.shape.item.kind if one.shape.item else "")
        assert parameter.integration == ("integration" in kinds) and parameter.credential == ("credential" in kinds)
        assert (parameter.secret and not parameter.credential) == ("secret" in kinds)


def test_kinds_follow_from_types_and_hints() -> None:
    assert fields("files.append")["path"].shape.path == "save"
    assert fields("files.append")["text"].shape.kind == "lines"
    assert fields("script.python")["code"].shape == Shape("code", language="python")
    assert fields("control.foreach")["concurrency"].shape == Shape("integer", minimum=1, maximum=1000)
    assert fields("http.get")["timeout"].shape.kind == "duration"
    assert fields("time.add")["value"].shape.kind == "date"
    assert fields("excel.read")["header"].shape.free
    assert fields("data.filter")["where"].shape.kind == "expression"
    assert fields("script.python")["secrets"].shape.item == Shape("secret")
    sheets = fields("excel.write")["sheets"].shape
    assert sheets.kind == "records"
    charts = next(one for one in sheets.fields if one.name == "charts")
    assert charts.shape.kind == "records"
    assert next(one for one in charts.shape.fields if one.name == "type").shape.choices[0] == "column"


def test_rows_are_usually_computed_and_ports_never() -> None:
    assert fields("data.filter")["rows"].shape.computed
    assert fields("control.condition")["condition"].shape.computed
    assert not fields("control.switch")["cases"].shape.computed


class Pair(NamedTuple):
    left: int
    right: str


@dataclass
class Tree:
    name: str
    children: list[Tree]


class Odd:
    """No schema knows it."""


def test_a_plug_in_may_use_any_type() -> None:
    @activity("odd.types", label="Odd", effect=Effect.PURE)
    def odd(
        pair: Pair,
        many: set[int],
        either: dict[str, int] | list[int] | None = None,
        nested: dict[str, dict[str, list[Path]]] = {},  # noqa: B006
        only: Literal[1, "one", None] = None,
        wait: Duration | None = None,
        keep: Expression | None = None,
        tokens: list[Secret] = [],  # noqa: B006
        choice: Annotated[int, Param("Choice", choices=(1, 2))] = 1,
    ) -> None:
        """Odd."""

    found = made(odd)
    assert found["wait"].shape.kind == "duration"
    assert found["keep"].shape.kind == "expression"
    assert found["tokens"].shape.item == Shape("secret")
    assert found["choice"].shape.choices == (1, 2)
    assert all(isinstance(one.shape, Shape) for one in found.values())


def test_a_type_that_no_schema_can_be_made_of_becomes_yaml() -> None:
    @activity("odd.call", label="Odd", effect=Effect.PURE)
    def odd(call: Callable[[int], int], other: Odd, name: str = "x") -> Odd:
        """Odd."""
        return other

    found = made(odd)
    assert {one.shape.kind for one in found.values()} <= {"any", "text"}
    assert found["call"].required and not found["name"].required
    assert result_schema(declared(odd)) == {}
    assert result_schema(None) == {}


def test_a_type_that_holds_itself_comes_to_an_end() -> None:
    @activity("odd.tree", label="Tree", effect=Effect.PURE)
    def tree(tree: Annotated[Any, Param("Tree")]) -> None:
        """Tree."""

    definitions = {
        "Tree": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
            },
        }
    }
    shape = shape_of({"$ref": "#/$defs/Tree"}, definitions)
    depth = 0
    while shape.fields:
        shape, depth = shape.fields[1].shape, depth + 1
    assert 1 <= depth < 10
    assert shape_of({"$ref": "#/$defs/Gone"}, {}).kind == "any"
    assert made(tree)["tree"].shape.kind == "any"


def test_null_as_a_default_is_no_default() -> None:
    assert fields("data.read_csv")["limit"].default is UNSET
    assert fields("control.foreach")["concurrency"].default == 1
