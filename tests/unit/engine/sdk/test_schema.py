from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator

from engine.sdk import Activity, Credential, Effect, Expression, Integration, Param, Port, Secret, To, activity
from engine.sdk.activity import declared
from engine.sdk.schema import describe, parameter_schema, result_schema


@dataclass(frozen=True)
class Column:
    """A column."""

    name: Annotated[str, Param("Name of the column", "As in the header.")]
    width: int | None = None


@dataclass(frozen=True)
class Made:
    """What was made."""

    path: Path
    on: date
    columns: list[Column]


@activity("try.everything", label="Everything", effect=Effect.ONCE, ports=("next", Port("body", "Each", body=True)))
def everything(
    path: Annotated[Path, Param("File", "Where it is.", "a.csv", kind="file")],
    keep: Annotated[Expression, Param("Keep if")],
    token: Annotated[Secret | None, Param("Token")] = None,
    columns: Annotated[list[Column], Param("Columns", kind="table")] = [],  # noqa: B006
    mode: Annotated[Literal["a", "b"], Param("Mode")] = "a",
    size: Annotated[float | None, Param("Size", unit="MB", advanced=True, show_when={"mode": ("a",)})] = None,
    color: Annotated[str, Param("Colour", choices=("red", "blue"))] = "red",
    code: Annotated[str, Param("Code", kind="code", language="python")] = "",
    since: Annotated[date, Param("Since")] = date(2026, 1, 1),
    undeclared: int = 3,
    login: Annotated[Credential | None, Param("Login", accepts=("login",))] = None,
    shop: Annotated[Integration | None, Param("Shop")] = None,
) -> Made:
    """Do everything. And more.

    Details.
    """
    raise NotImplementedError


def of(function: Any) -> Activity:
    found = declared(function)
    assert found is not None
    return found


def test_every_hint_of_a_parameter_stands_in_the_schema() -> None:
    schema = parameter_schema(of(everything))
    Draft202012Validator.check_schema(schema)
    properties = schema["properties"]
    assert list(properties) == [parameter.name for parameter in of(everything).parameters]
    assert schema["required"] == ["path", "keep"]
    assert properties["path"] == {
        "format": "path",
        "type": "string",
        "title": "File",
        "description": "Where it is.",
        "examples": ["a.csv"],
        "x-kind": "file",
    }
    assert properties["keep"] == {"title": "Keep if", "x-lazy": True}
    assert properties["token"]["x-secret"] is True
    name = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert properties["login"] == {
        **name, "title": "Login", "x-secret": True, "x-credential": True, "x-accepts": ["login"],
    }  # fmt: skip
    assert properties["shop"] == {**name, "title": "Shop", "x-integration": True}
    assert set(schema["$defs"]) == {"Column"}
    assert properties["mode"] == {"title": "Mode", "type": "string", "enum": ["a", "b"], "default": "a"}
    assert properties["size"]["x-unit"] == "MB"
    assert properties["size"]["x-advanced"] is True
    assert properties["size"]["x-show-when"] == {"mode": ["a"]}
    assert properties["color"]["enum"] == ["red", "blue"]
    assert properties["code"]["x-language"] == "python"
    assert properties["since"]["default"] == "2026-01-01"
    assert properties["undeclared"] == {"title": "Undeclared", "type": "integer", "default": 3}
    name = schema["$defs"]["Column"]["properties"]["name"]
    assert (name["title"], name["description"]) == ("Name of the column", "As in the header.")


@pytest.mark.parametrize(
    ("given", "good"),
    [
        ({"path": "a.csv", "keep": "{{ item }}"}, True),
        ({"path": "a.csv", "keep": True, "columns": [{"name": "a"}], "size": 1.5, "token": None}, True),
        ({"path": "a", "keep": True, "login": "erp", "shop": "mine"}, True),
        ({"path": "a", "keep": True, "login": {"name": "erp"}}, False),
        ({"keep": True}, False),
        ({"path": 5, "keep": True}, False),
        ({"path": "a", "keep": True, "mode": "c"}, False),
        ({"path": "a", "keep": True, "columns": [{}]}, False),
        ({"path": "a", "keep": True, "more": 1}, False),
    ],
)
def test_a_schema_accepts_what_the_activity_does(given: dict[str, Any], good: bool) -> None:
    assert Draft202012Validator(parameter_schema(of(everything))).is_valid(given) is good


def test_the_output_has_a_schema_too() -> None:
    schema = result_schema(of(everything))
    Draft202012Validator.check_schema(schema)
    assert list(schema["properties"]) == ["path", "on", "columns"]

    @activity("try.nothing", label="Nothing", effect=Effect.PURE, ports=("a", "b"))
    async def nothing() -> To:
        """Do nothing."""
        return To("a")

    assert result_schema(of(nothing)) == {}


def test_a_description_is_plain_json() -> None:
    found = describe(of(everything))
    assert json.loads(json.dumps(found)) == found
    assert found["summary"] == "Do everything."
    assert found["effect"] == "once"
    assert [port["name"] for port in found["ports"]] == ["next", "body", "error"]
    assert found["ports"][1] == {"name": "body", "label": "Each", "body": True}
