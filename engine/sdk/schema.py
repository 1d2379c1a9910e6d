"""What an activity takes and gives as JSON schema: what forms, editors, the reference and other programs read.

A schema describes the values that a function receives. That a workflow may give an expression in place of any of them
is an affair of the document, and stands in its schema (`engine.workflow.schema`).

Beyond draft 2020-12 a property may hold `x-kind` (a picker or editor), `x-language`, `x-unit`, `x-advanced`,
`x-show-when` (parameter: values), `x-secret` (takes a secret), `x-credential` (a
whole one), `x-integration`, `x-accepts` (of which kinds) and `x-lazy` (an expression the step itself evaluates).
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.core.values import plain
from engine.sdk.activity import Activity, To
from engine.sdk.params import Parameter

if TYPE_CHECKING:
    from pydantic.json_schema import GenerateJsonSchema

_NAME = {"type": "string"}
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def parameter_schema(activity: Activity) -> dict[str, Any]:
    """The schema of the parameters as one object, with labels as titles and help as descriptions."""
    found = activity.binder.adapter.json_schema(schema_generator=_generator())
    typed = found.get("properties", {})
    schema: dict[str, Any] = {
        "$schema": DRAFT,
        "title": activity.label,
        "description": activity.summary,
        "type": "object",
        "properties": {one.name: _property(one, typed.get(one.name, {})) for one in activity.parameters},
        "additionalProperties": False,
    }
    if required := [one.name for one in activity.parameters if one.required]:
        schema["required"] = required
    if "$defs" in found:
        schema["$defs"] = found["$defs"]
    return schema


def result_schema(activity: Activity) -> dict[str, Any]:
    """The schema of the output, as `{{ steps.ID.output }}` reads it. Empty where it can be anything."""
    from pydantic import TypeAdapter

    if activity.result in (None, type(None), Any, To):
        return {}
    found: dict[str, Any] = TypeAdapter(activity.result).json_schema(
        mode="serialization", schema_generator=_generator()
    )
    return {"$schema": DRAFT, **found}


def describe(activity: Activity) -> dict[str, Any]:
    """Everything that is declared of an activity, as plain data: `rpa activities ID --json`."""
    return {
        "id": activity.id,
        "label": activity.label,
        "family": activity.family,
        "icon": activity.icon,
        "summary": activity.summary,
        "documentation": activity.doc,
        "effect": activity.effect.value,
        "ports": [{"name": port.name, "label": port.label, "body": port.body} for port in activity.ports]
        + [{"name": "error", "label": "", "body": False}],
        "dynamic_ports": activity.dynamic_ports,
        "resources": list(activity.resources),
        "replaces": list(activity.replaces),
        "keywords": list(activity.keywords),
        "parameters": parameter_schema(activity),
        "result": result_schema(activity),
    }


def _property(parameter: Parameter, typed: dict[str, Any]) -> dict[str, Any]:
    if parameter.credential or parameter.integration:
        typed = _NAME if parameter.required else {"anyOf": [_NAME, {"type": "null"}]}
    shown: dict[str, Any] = {**parameter.hints.annotate(typed), "title": parameter.hints.label}
    if not parameter.required and parameter.default is not None:
        shown["default"] = json.loads(json.dumps(plain(parameter.default), default=str))
    if parameter.secret:
        shown["x-secret"] = True
    if parameter.credential:
        shown["x-credential"] = True
    if parameter.integration:
        shown["x-integration"] = True
    if parameter.lazy:
        shown["x-lazy"] = True
    return shown


@cache
def _generator() -> type[GenerateJsonSchema]:
    from pydantic.json_schema import GenerateJsonSchema

    class Generator(GenerateJsonSchema):
        """Writes a class of ours that JSON has no word for, a secret above all, as any value."""

        def is_instance_schema(self, schema: Any) -> dict[str, Any]:
            return {}

    return Generator
