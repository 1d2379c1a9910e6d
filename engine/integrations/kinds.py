"""Which kinds of integrations there are, what a file may say of each, and whether it does."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.integrations.adapter import Adapter
from engine.sdk.reasons import reason

INTEGRATION_KINDS: Mapping[str, str] = {
    "rest": "Rest",
    "graphql": "GraphQL",
    "soap": "Soap",
    "websocket": "WebSocket",
    "database": "Database",
    "ftp": "Ftp",
    "smtp": "Smtp",
    "mqtt": "Mqtt",
    "custom": "Custom",
}
"""The class of each kind, in the module of its name."""
DRAFT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Finding:
    """What is wrong with an entry of the file: an `error` keeps it from being used. `place` is the path of its keys."""

    severity: str
    message: str
    hint: str = ""
    place: tuple[str, ...] = ()


@cache
def adapter(kind: str) -> type[Adapter]:
    """The class of a kind. Raises `BusinessError`."""
    if kind not in INTEGRATION_KINDS:
        raise BusinessError(
            say("there is no kind of integration {kind!r}", kind=str(kind)[:40]),
            hint=say("There are: {kinds}.", kinds=", ".join(INTEGRATION_KINDS)),
        )
    found: type[Adapter] = getattr(importlib.import_module(f"engine.integrations.{kind}"), INTEGRATION_KINDS[kind])
    return found


@cache
def _types(kind: str) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(adapter(kind))


def read(entry: Any) -> tuple[Adapter | None, list[Finding]]:
    """An entry of the file as an integration, or None where it cannot be one; and what is to be said of it."""
    if not isinstance(entry, dict):
        return None, [Finding("error", say("it is not a mapping of keys to values"))]
    kind = entry.get("kind")
    if kind is None:
        return None, [Finding("error", say("the key 'kind' is missing"), _kinds())]
    if not isinstance(kind, str) or kind not in INTEGRATION_KINDS:
        return None, [
            Finding("error", say("there is no kind of integration {kind!r}", kind=str(kind)[:40]), _kinds(), ("kind",))
        ]
    found = list(_unknown(adapter(kind), entry, ()))
    given = {name: value for name, value in entry.items() if name != "kind" and value is not None}
    try:
        made: Adapter = _types(kind).validate_python(given)
    except ValueError as error:
        for detail in error.errors(include_url=False):  # type: ignore[attr-defined]
            place = tuple(str(part) for part in detail["loc"])
            wrong = (
                say("{key}: is missing", key=".".join(place))
                if detail["type"] == "missing"
                else say("{key}: {reason}", key=".".join(place), reason=_why(detail))
            )
            found.append(Finding("error", wrong, "", place))
        return None, found
    flaws = [Finding("error", flaw.message, flaw.hint, (flaw.key,)) for flaw in made.flaws()]
    return (None if flaws else made), [*found, *flaws]


def integration_schema(kind: str = "") -> dict[str, Any]:
    """The JSON schema of an entry of that kind, or of the whole file. Properties may hold what is told in
    `engine.sdk.schema`, and `credential` says in `x-accepts` of which kinds one will do."""
    if not kind:
        entries = [{**integration_schema(one), "$schema": None} for one in INTEGRATION_KINDS]
        anything = [{key: value for key, value in one.items() if value is not None} for one in entries]
        root = {"type": "object", "additionalProperties": {"anyOf": anything}}
        return {"$schema": DRAFT, "type": "object", "properties": {"integrations": root}}
    found: dict[str, Any] = _types(kind).json_schema()
    definitions = found.pop("$defs", {})
    inlined = _inlined(found, definitions)
    declared = adapter(kind)
    inlined["properties"]["credential"] |= {"x-credential": True, "x-accepts": list(declared.accepts)}
    inlined["properties"]["address"]["examples"] = [declared.example]
    properties = {"kind": {"const": kind, "title": "Kind"}, **inlined["properties"]}
    described = {
        "$schema": DRAFT,
        "title": declared.label,
        "description": (declared.__doc__ or "").strip().splitlines()[0],
        "type": "object",
        "properties": properties,
        "required": ["kind", "address"],
    }
    plain: dict[str, Any] = json.loads(json.dumps(described))
    return plain


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema with the definitions in the places that refer to them; none refers to itself."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_inlined(definitions[reference.rpartition("/")[2]], definitions), **_inlined(rest, definitions)}
    return {key: _inlined(value, definitions) for key, value in schema.items()}


def _unknown(kind: type, entry: Mapping[str, Any], place: tuple[str, ...]) -> list[Finding]:
    import difflib
    import typing

    known = {one.name for one in fields(kind)} | ({"kind"} if not place else set())
    found = []
    for name, value in entry.items():
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            hint = say("Did you mean {name!r}?", name=near[0]) if near else say("It is kept, and does nothing.")
            told = say("the key {key!r} is not known", key=".".join((*place, str(name))))
            found.append(Finding("warning", told, hint, (*place, str(name))))
        elif isinstance(value, dict):
            inner = typing.get_type_hints(kind).get(name)
            if isinstance(inner, type) and is_dataclass(inner):
                found += _unknown(inner, value, (*place, name))
    return found


def _why(detail: Mapping[str, Any]) -> str:
    raised = detail.get("ctx", {}).get("error")
    if isinstance(raised, ValueError) and raised.args:
        return str(raised.args[0])
    return reason(detail["type"], detail.get("ctx", {}), detail["msg"])


def _kinds() -> str:
    return say("There are: {kinds}.", kinds=", ".join(INTEGRATION_KINDS))
