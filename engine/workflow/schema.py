"""JSON schema of the document, so that any editor completes and checks a workflow as it is typed.

Derived from the fields of the model and, for the parameters, from the declarations of the activities. Only the
sentences below are said here. ``python -m engine.workflow.schema`` writes `resources/schemas/workflow-1.schema.json`;
a test holds that it is current.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from engine.sdk.activity import Activity
from engine.workflow.model import (
    FORMAT,
    Duration,
    Edge,
    Frame,
    Input,
    Layout,
    Note,
    Place,
    Retry,
    Settings,
    Step,
    Workflow,
)
from engine.workflow.shape import fields, variants

HELP: Mapping[type, Mapping[str, str]] = {
    Workflow: {
        "format": "Version of the file format.",
        "name": "What the workflow is called.",
        "description": "What it does, and for whom.",
        "inputs": "What it is started with, by name; expressions read inputs.NAME.",
        "variables": "Initial values of the variables; expressions read vars.NAME.",
        "outputs": "Expressions whose values are the output of an execution, by name.",
        "settings": "How it runs.",
        "on_error": "Id of the step that starts the error handler, which runs when the execution fails.",
        "steps": "What it does, step by step; edges say in which order.",
        "edges": "Which step follows which: 'read.next -> each'.",
        "layout": "How the canvas looks; nothing here changes what runs.",
    },
    Input: {
        "name": "What expressions call it.",
        "type": "What may be given.",
        "label": "What a form shows before the field.",
        "help": "What a form explains below the field.",
        "required": "Whether it must be given; if not, it is null.",
        "default": "The value when none is given.",
        "choices": "The values that may be given.",
    },
    Step: {
        "id": "What expressions call it: steps.ID.output. Lower-case letters, digits and _.",
        "activity": "What it does, such as files.copy.",
        "parameters": "The parameters of the activity; any may be an expression: '{{ inputs.orders }}'.",
        "label": "What the canvas shows.",
        "note": "A remark for people.",
        "disabled": "Whether it is passed over.",
        "join": "Whether it waits for all edges that lead to it, or runs on the first that is live.",
        "retry": "Whether and how it is tried again when it fails.",
        "timeout": "How long it may take.",
        "continue_on_error": "Whether the flow goes on through 'next' when it fails.",
        "in_doubt": "What happens if it had started and not finished when the process died.",
    },
    Retry: {
        "attempts": "How often it is tried in all.",
        "delay": "The pause before the second attempt.",
        "backoff": "How the pause grows.",
        "max_delay": "The longest pause.",
        "jitter": "The share of the pause that is random, 0 to 1.",
        "on": "Which errors are worth another attempt: system, business, timeout, any, or a text in the message.",
    },
    Settings: {
        "in_doubt": "What happens to a step that had started and not finished when the process died.",
        "timeout": "How long the whole execution may take.",
        "max_parallel": "How many steps may run at once.",
    },
    Layout: {
        "steps": "Where each step stands.",
        "notes": "Notes on the canvas.",
        "frames": "Titled boxes behind steps.",
    },
    Place: {"x": "To the right.", "y": "Downwards."},
    Note: {
        "id": "A name of its own.",
        "text": "The note, in Markdown.",
        "x": "Left edge.",
        "y": "Upper edge.",
        "width": "Width.",
        "height": "Height.",
    },
    Frame: {
        "id": "A name of its own.",
        "title": "The title.",
        "x": "Left edge.",
        "y": "Upper edge.",
        "width": "Width.",
        "height": "Height.",
        "color": "The colour.",
    },
}

_EXPRESSION = {"$ref": "#/$defs/expression"}


def schema(activities: Iterable[Activity] = ()) -> dict[str, Any]:
    """The schema (draft 2020-12) of a document that uses these activities, or any other."""
    known = sorted(activities, key=lambda activity: activity.id)
    root = _object(Workflow)
    root["required"] = ["rpa", "steps"]
    root["properties"]["rpa"] = {"const": FORMAT, "description": HELP[Workflow]["format"]}
    definitions: dict[str, Any] = {model.__name__.lower(): _object(model) for model in HELP if model is not Workflow}
    definitions["expression"] = {"type": "string", "pattern": r"\{\{", "description": "An expression: {{ … }}"}
    step = definitions["step"]
    step["properties"]["id"] |= {"pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64}
    if known:
        names = {"enum": [activity.id for activity in known]}
        step["properties"]["activity"]["anyOf"] = [names, {"type": "string"}]
        step["allOf"] = [_parameters(activity, definitions) for activity in known]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "RPA Studio workflow",
        **root,
        "$defs": definitions,
    }


def _object(model: type) -> dict[str, Any]:
    properties = {}
    required = []
    for field in fields(model):
        if model is Input and field.name == "name":
            continue
        properties[field.key] = {**_type(field.type), "description": HELP[model][field.name]}
        if field.required:
            required.append(field.key)
    found: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "patternProperties": {"^x[-_]": {}},
        "additionalProperties": False,
    }
    return {**found, "required": required} if required else found


def _type(kind: Any) -> dict[str, Any]:
    if kind is Any:
        return {}
    if kind is Duration:
        return {"type": ["string", "number"], "examples": ["30s", "5m", "1h30m"]}
    simple = {str: "string", bool: "boolean", int: "integer", float: "number"}
    if kind in simple:
        return {"type": simple[kind]}
    if kind is Edge:
        return {"type": "string", "pattern": r"^[^.\s]+(\..+)?\s*->\s*\S+$"}
    if dataclasses.is_dataclass(kind):
        return {"$ref": f"#/$defs/{typing.cast(type, kind).__name__.lower()}"}
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple and arguments[0] is Input:
        return {"type": "object", "additionalProperties": {"anyOf": [_type(Input), {"type": "null"}]}}
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _type(arguments[1])}
    (member,) = variants(kind)
    return _type(member)


def _parameters(activity: Activity, definitions: dict[str, Any]) -> dict[str, Any]:
    """What `with` must be where `activity` is this one. Its definitions move to the top, under names of their own."""
    own = activity.schema()
    for name, inner in own.pop("$defs", {}).items():
        definitions[f"{activity.id}.{name}"] = _or_expression(inner, activity.id, bare=True)
    found = _or_expression(own, activity.id, bare=True)
    found.pop("$schema", None)
    required = ["with"] if found.get("required") else []
    identifiers = [activity.id, *activity.replaces]
    return {
        "if": {"properties": {"activity": {"enum": identifiers}}, "required": ["activity"]},
        "then": {"properties": {"with": found}, "required": required},
    }


def _or_expression(node: Any, prefix: str, bare: bool = False) -> Any:
    """A schema in which every value may also be an expression; `bare` for what stands where no value does."""
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key in ("properties", "patternProperties"):
            found[key] = {name: _or_expression(inner, prefix) for name, inner in value.items()}
        elif key in ("items", "additionalProperties"):
            found[key] = _or_expression(value, prefix)
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            found[key] = [_or_expression(inner, prefix, bare=key != "prefixItems") for inner in value]
        elif key == "$ref" and isinstance(value, str):
            found[key] = value.replace("#/$defs/", f"#/$defs/{prefix}.")
        else:
            found[key] = value
    if (
        bare
        or (found.get("type") == "string" and not {"enum", "pattern", "format", "const"} & found.keys())
        or not found
    ):
        return found
    shown = {key: found.pop(key) for key in ("title", "description", "default") if key in found}
    return {**shown, "anyOf": [found, _EXPRESSION]}


def text(activities: Iterable[Activity] = ()) -> str:
    """The schema as it is stored."""
    return json.dumps(schema(activities), indent=1, ensure_ascii=False) + "\n"


STORED = Path(__file__).parents[2] / "resources" / "schemas" / f"workflow-{FORMAT}.schema.json"


def main() -> None:
    from engine.sdk.catalog import Catalog

    STORED.parent.mkdir(parents=True, exist_ok=True)
    STORED.write_text(text(Catalog(entry_points=False).all()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
