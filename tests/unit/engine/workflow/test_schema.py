from __future__ import annotations

import dataclasses
from typing import Any

import jsonschema
import pytest

from engine.sdk.catalog import Catalog
from engine.workflow import schema
from engine.workflow.codec import loads
from engine.workflow.model import Retry, Step, Workflow
from engine.workflow.shape import fields, unbuild


def validator(value: dict[str, Any]) -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(value)
    return jsonschema.Draft202012Validator(value)


def test_every_key_of_the_file_is_explained_and_no_other() -> None:
    for model, texts in schema.HELP.items():
        assert set(texts) == {field.name for field in dataclasses.fields(model)} - {"extra"}
        assert {field.name for field in fields(model)} == set(texts)
        assert all(texts.values())


@pytest.mark.parametrize(
    "text",
    [
        "rpa: 1\nsteps: []\n",
        "rpa: 1\nx-mine: 5\nsettings: {timeout: 30}\ninputs: {a: {type: file}, b: }\nsteps:\n"
        "  - {id: a, activity: x.y, with: {b: 1}}\n"
        "edges: [a.next -> b, a -> b, a.to the moon -> b]\nlayout: {steps: {a: {x: 1, y: 2}}}\n",
    ],
)
def test_good_documents_fit(text: str) -> None:
    from engine.workflow.syntax import parse

    validator(schema.schema()).validate(parse(text, "").data)


@pytest.mark.parametrize(
    "workflow",
    [
        {"rpa": 2, "steps": []},
        {"rpa": 1},
        {"rpa": 1, "steps": [{"id": "A", "activity": "x.y"}]},
        {"rpa": 1, "steps": [{"id": "a"}]},
        {"rpa": 1, "steps": [], "edges": ["a b"]},
        {"rpa": 1, "steps": [], "outptus": {}},
        {"rpa": 1, "steps": [{"id": "a", "activity": "x.y", "join": "some"}]},
        {"rpa": 1, "steps": [], "inputs": {"a": {"type": "fil"}}},
    ],
)
def test_bad_documents_do_not(workflow: dict[str, Any]) -> None:
    assert not validator(schema.schema()).is_valid(workflow)


def test_what_the_codec_writes_fits() -> None:
    workflow = Workflow(steps=(Step("a", "x.y", {"b": [1, None]}, retry=Retry(attempts=2, jitter=0.5), note="n"),))
    validator(schema.schema()).validate(unbuild(workflow))
    assert loads("rpa: 1\n").workflow == Workflow()


def test_parameters_are_checked_where_the_activity_is_known() -> None:
    catalog = Catalog(entry_points=False)
    found = validator(schema.schema(catalog.all()))
    names = [item.id for item in catalog.all() if any(p.required and p.type is str for p in item.parameters)]
    assert names, "no built-in activity takes a text"
    for name in names:
        assert not found.is_valid(
            {"rpa": 1, "steps": [{"id": "a", "activity": name, "with": {"no_such_parameter": 1}}]}
        )
    assert found.is_valid({"rpa": 1, "steps": [{"id": "a", "activity": "plug.in", "with": {"any": 1}}]})


def test_the_stored_schema_is_current() -> None:
    current = schema.text(Catalog(entry_points=False).all())
    assert schema.STORED.read_text(encoding="utf-8") == current, "run `python -m engine.workflow.schema`"
