"""What field a parameter gets, derived from its declaration alone.

A `Shape` is what a JSON schema (`engine.api.describe`) means to a form. A plug-in's types are whatever their author
chose: a schema that says nothing, or nothing that a form knows, becomes the shape `any`, a field for YAML.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from studio.forms.unset import UNSET
from studio.widgets.path_edit import PathKind

if TYPE_CHECKING:
    from engine.api import Activity, Parameter

Kind = Literal[
    "text", "lines", "scalar", "integer", "number", "switch", "choice", "date", "duration", "path", "secret", "code",
    "credential", "integration",
    "list", "mapping", "table", "records", "record", "expression", "any",
]  # fmt: skip

_DEEPEST = 6
"""How deep records may nest before the rest is YAML; a type that holds itself never ends."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of field. `item` is the shape of a list's items or a mapping's values, `fields` are those of a record.

    `accepts` names the kinds of credentials or integrations that will do; empty where all do. `free` choices also take
    another value. `computed` says that the value is nearly always an expression, so that an empty field begins as one.
    `nullable` types take null, which is what an unset field means.
    """

    kind: Kind
    choices: tuple[Any, ...] = ()
    free: bool = False
    path: PathKind = "file"
    language: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    item: Shape | None = None
    fields: tuple[Declared, ...] = ()
    nullable: bool = False
    computed: bool = False
    accepts: tuple[str, ...] = ()


ANY = Shape("any")
TEXT = Shape("text")


@dataclass(frozen=True, slots=True)
class Declared:
    """One field of a form: a parameter of an activity, or of a record inside one."""

    name: str
    label: str
    shape: Shape
    help: str = ""
    placeholder: str = ""
    required: bool = False
    default: Any = UNSET
    show_when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    advanced: bool = False


def declared_fields(activity: Activity) -> tuple[Declared, ...]:
    """The fields of an activity, in the order of its parameters."""
    return _of(activity)[2]


_described: dict[str, tuple[Activity, Mapping[str, Any], tuple[Declared, ...]]] = {}


def result_schema(activity: Activity | None) -> Mapping[str, Any]:
    """The JSON schema of what an activity gives; empty where that can be anything."""
    if activity is None:
        return {}
    found = _of(activity)[1].get("result", {})
    return found if isinstance(found, Mapping) else {}


def _of(activity: Activity) -> tuple[Activity, Mapping[str, Any], tuple[Declared, ...]]:
    """An activity with its description and its fields, made once."""
    from engine.api import describe

    known = _described.get(activity.id)
    if known is not None and known[0] is activity:
        return known
    try:
        found = describe(activity)
    except Exception:  # a plug-in may use types that no schema can be made of; its fields are then YAML
        found = {}
    parameters = found.get("parameters", {})
    schemas, definitions = parameters.get("properties", {}), parameters.get("$defs", {})
    fields = (_declared(one, schemas.get(one.name, {}), definitions) for one in activity.parameters)
    made = tuple(
        # The ports of a step must be known before it runs.
        replace(one, shape=replace(one.shape, computed=False)) if one.name == activity.dynamic_ports else one
        for one in fields
    )
    _described[activity.id] = activity, found, made
    return _described[activity.id]


def _declared(parameter: Parameter, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Declared:
    hints = parameter.hints
    shape = shape_of({"x-kind": hints.kind, "x-language": hints.language, **schema}, definitions)
    if parameter.credential or parameter.integration:
        shape = Shape("credential" if parameter.credential else "integration", accepts=hints.accepts)
    elif parameter.secret:
        shape = replace(shape, kind="secret") if shape.kind in ("any", "text") else _of_secrets(shape)
    elif parameter.lazy:
        inner = Shape("expression")
        shape = Shape("mapping", item=inner) if hints.kind == "table" else inner
    elif not shape.choices:
        shape = _by_type(parameter.type, shape)
    if shape.computed and hints.choices:
        shape = replace(shape, computed=False)
    return Declared(
        parameter.name,
        hints.label,
        replace(shape, unit=hints.unit),
        hints.help,
        hints.placeholder,
        parameter.required,
        UNSET if parameter.required or parameter.default is None else schema.get("default", UNSET),
        {name: tuple(values) for name, values in (hints.show_when or {}).items()},
        hints.advanced,
    )


def _by_type(kind: Any, shape: Shape) -> Shape:
    """The shape, where the type says more than JSON schema has words for."""
    from engine.api import Duration

    for one in (kind, *typing.get_args(kind)):
        if one == Duration:
            return Shape("duration", nullable=shape.nullable)
        bare = typing.get_args(one)[0] if typing.get_origin(one) is typing.Annotated else one
        if bare in (date, datetime) and shape.kind == "text":
            return replace(shape, kind="date")
        if typing.get_origin(bare) is list and typing.get_args(bare)[0] in (date, datetime) and shape.item == TEXT:
            return replace(shape, item=Shape("date"))
    return shape


def _of_secrets(shape: Shape) -> Shape:
    return replace(shape, item=Shape("secret")) if shape.kind in ("mapping", "list") else shape


def shape_of(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int = 0) -> Shape:
    """The shape that a JSON schema means."""
    shape = _shape(schema, definitions, depth)
    wanted = schema.get("x-kind", "")
    if wanted in ("file", "folder", "save"):
        if shape.kind in ("text", "path"):
            return replace(shape, kind="path", path=wanted)
        if shape.kind == "list":
            return replace(shape, item=Shape("path", path=wanted))
    elif wanted == "code" and shape.kind in ("text", "any", "mapping", "list"):
        return replace(
            shape, kind="any" if shape.kind != "text" else "code", language=schema.get("x-language", ""), computed=False
        )
    elif wanted == "text" and shape.kind in ("text", "any"):
        return replace(shape, kind="lines", computed=False)
    return shape


def _shape(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Shape:
    if "$ref" in schema:
        target = definitions.get(str(schema["$ref"]).rpartition("/")[2])
        if target is None or depth > _DEEPEST:
            return ANY
        return shape_of(target, definitions, depth + 1)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return _union([one for one in schema[union] if isinstance(one, Mapping)], definitions, depth)
    if "enum" in schema:
        return Shape("choice", choices=tuple(schema["enum"]))
    if "const" in schema:
        return Shape("choice", choices=(schema["const"],))
    kind = schema.get("type")
    if kind == "string":
        return _string(schema)
    if kind in ("integer", "number"):
        return Shape(kind, minimum=_bound(schema, "Minimum"), maximum=_bound(schema, "Maximum"))
    if kind == "boolean":
        return Shape("switch")
    if kind == "array":
        return _array(schema.get("items", {}), definitions, depth)
    if kind == "object":
        return _object(schema, definitions, depth)
    return Shape("any", computed=True)


def _string(schema: Mapping[str, Any]) -> Shape:
    format = schema.get("format", "")
    if format == "path":
        return Shape("path")
    if format in ("date", "date-time"):
        return Shape("date")
    return TEXT


def _bound(schema: Mapping[str, Any], side: Literal["Minimum", "Maximum"]) -> float | None:
    bound, strict = schema.get(side.lower()), schema.get(f"exclusive{side}")
    if isinstance(bound, (int, float)):
        return bound
    if isinstance(strict, (int, float)):
        inwards = 1 if side == "Minimum" else -1
        return strict + inwards if schema.get("type") == "integer" else strict
    return None


def _array(items: Any, definitions: Mapping[str, Any], depth: int) -> Shape:
    inner = shape_of(items, definitions, depth + 1) if isinstance(items, Mapping) else ANY
    if inner.kind == "record":
        return Shape("records", item=inner, fields=inner.fields)
    if inner.kind == "mapping":
        return Shape("table", item=inner.item, computed=True)
    return Shape("list", item=inner, computed=inner.kind in ("table", "any"))


def _object(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Shape:
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and properties:
        if depth > _DEEPEST:
            return ANY
        required = schema.get("required", ())
        return Shape(
            "record",
            fields=tuple(
                _record_field(name, one, name in required, definitions, depth)
                for name, one in properties.items()
                if isinstance(one, Mapping)
            ),
        )
    inner = schema.get("additionalProperties")
    item = shape_of(inner, definitions, depth + 1) if isinstance(inner, Mapping) and inner else Shape("scalar")
    return Shape("mapping", item=item)


def _record_field(
    name: str, schema: Mapping[str, Any], required: bool, definitions: Mapping[str, Any], depth: int
) -> Declared:
    default = schema.get("default")
    examples = schema.get("examples") or [""]
    return Declared(
        name,
        str(schema.get("title") or name.replace("_", " ").capitalize()),
        replace(shape_of(schema, definitions, depth + 1), unit=str(schema.get("x-unit", ""))),
        str(schema.get("description", "")),
        str(examples[0]),
        required,
        UNSET if required or default is None else default,
        {one: tuple(values) for one, values in schema.get("x-show-when", {}).items()},
        bool(schema.get("x-advanced")),
    )


def _union(members: list[Mapping[str, Any]], definitions: Mapping[str, Any], depth: int) -> Shape:
    real = [one for one in members if one.get("type") != "null"]
    nullable = len(real) < len(members)
    shapes = [shape_of(one, definitions, depth) for one in real]
    if not shapes:
        return ANY
    if len(shapes) == 1 or len({(one.kind, one.item) for one in shapes}) == 1:
        return replace(shapes[0], nullable=nullable)
    for one in shapes:
        if one.kind in ("list", "table", "records"):
            return replace(one, nullable=nullable)
    # A mapping beside a plain value is what another step gives; a person types the plain one.
    shapes = [one for one in shapes if one.kind not in ("mapping", "record")] or shapes
    if len(shapes) == 1:
        return replace(shapes[0], nullable=nullable)
    choices = next((one.choices for one in shapes if one.kind == "choice"), ())
    if choices:
        return Shape("choice", choices=choices, free=True, nullable=nullable)
    return Shape("scalar" if all(one.kind in _SINGLE for one in shapes) else "any", nullable=nullable)


_SINGLE = frozenset({"text", "integer", "number", "switch", "path", "date", "scalar"})
