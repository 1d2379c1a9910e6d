"""The reference of the activities as Markdown, derived from their declarations: ``python -m engine.sdk.reference``.

It writes one page for each family and an index into `docs/reference`, or the folder given; pages of families that are
gone are removed. A test holds that what is stored is current.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.sdk.activity import Activity, Effect
from engine.sdk.catalog import Catalog
from engine.sdk.schema import parameter_schema, result_schema

STORED = Path(__file__).parents[2] / "docs" / "reference"
_NOTE = "<!-- Generated from the declarations: python -m engine.sdk.reference -->\n\n"
_EFFECTS = {
    Effect.PURE: "pure: computed again after a crash",
    Effect.IDEMPOTENT: "idempotent: repeated after a crash, with the same outcome",
    Effect.ONCE: "once: never silently repeated; in doubt if it was cut off",
}
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no"}
_FORMATS = {
    "path": "path",
    "date": "date",
    "date-time": "date and time",
    "time": "time",
    "duration": "duration",
    "binary": "bytes",
}


def pages(catalog: Catalog) -> dict[str, str]:
    """The pages by file name."""
    families = catalog.families()
    by_family = {name: [one for one in catalog.all() if one.family == name] for name in families}
    index = [_NOTE, "# Activities\n"]
    found = {}
    for name, family in families.items():
        index.append(f"\n## [{family.label}]({name}.md)\n\n")
        index += [f"- [`{one.id}`]({name}.md#{_anchor(one)}) — {one.summary}\n" for one in by_family[name]]
        found[f"{name}.md"] = f"{_NOTE}# {family.label}\n" + "".join(map(_activity, by_family[name]))
    return {"index.md": "".join(index), **found}


def kind(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """The type that a JSON schema means, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = definitions.get(name, {})
        return kind(target, definitions) if target.get("type") != "object" else f"*{name}*"
    if "enum" in schema:
        return " \\| ".join(f"`{_value(value)}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{_value(schema['const'])}`"
    for union in ("anyOf", "oneOf"):
        if union in schema:
            members = [member for member in schema[union] if member.get("type") != "null"]
            return " or ".join(dict.fromkeys(kind(member, definitions) for member in members))
    if schema.get("type") == "array":
        inner = schema.get("items", {})
        return f"list of {kind(inner, definitions)}" if inner else "list"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"mapping to {kind(inner, definitions)}" if isinstance(inner, dict) and inner else "mapping"
    return _FORMATS.get(schema.get("format", ""), _WORDS.get(schema.get("type", ""), "anything"))


def _activity(activity: Activity) -> str:
    return "\n" + "\n".join(_lines(activity)).rstrip() + "\n"


def _lines(activity: Activity) -> Iterator[str]:
    yield f"## `{activity.id}`"
    yield ""
    yield f"**{activity.label}.** {_prose(activity.doc)}"
    yield ""
    parameters = parameter_schema(activity)
    definitions = parameters.get("$defs", {})
    if activity.parameters:
        yield from ("| Parameter | Type | Default | |", "|---|---|---|---|")
        for one in activity.parameters:
            schema = parameters["properties"][one.name]
            given = "required" if one.required else f"`{_value(one.default)}`" if _tells(one.default) else ""
            yield f"| `{one.name}` | {_kind(schema, definitions)} | {given} | {_explained(schema)} |"
        yield ""
    yield from _objects(definitions)
    if result := result_schema(activity):
        properties = result.get("properties", {})
        inner = result.get("$defs", {})
        if properties:
            fields = (f"`{name}` ({kind(schema, inner)})" for name, schema in properties.items())
            yield f"Output: {', '.join(fields)}."
            yield ""
            yield from _objects({name: found for name, found in inner.items() if name not in definitions})
        elif (word := kind(result, inner)) != "anything":
            yield f"Output: {word}."
            yield ""
    ports = [f"`{port.name}`{' (a body)' if port.body else ''}" for port in activity.ports]
    if activity.dynamic_ports:
        ports.append(f"those of `{activity.dynamic_ports}`")
    if ports != ["`next`"]:
        yield f"Ports: {', '.join(ports) or 'none'}."
        yield ""
    yield f"Effect: {_EFFECTS[activity.effect]}."
    if activity.resources:
        yield f"Needs for itself: {', '.join(activity.resources)}."
    if activity.replaces:
        yield f"Once called {', '.join(f'`{name}`' for name in activity.replaces)}."


def _objects(definitions: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in definitions.items():
        if schema.get("type") == "object":
            required = schema.get("required", ())
            fields = (
                f"`{field}`{'' if field in required else '?'} ({kind(inner, definitions)})"
                for field, inner in schema.get("properties", {}).items()
            )
            about = _prose(schema.get("description", ""))
            yield f"*{name}*: {', '.join(fields)}. {about}".rstrip()
            yield ""


def _kind(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if schema.get("x-lazy"):
        return "expression"
    for named in ("credential", "integration"):
        if schema.get(f"x-{named}"):
            return f"{named} ({', '.join(schema['x-accepts'])})" if "x-accepts" in schema else named
    if schema.get("x-secret"):
        return "secret"
    word = kind(schema, definitions)
    return f"{word}, in {schema['x-unit']}" if "x-unit" in schema else word


def _explained(schema: Mapping[str, Any]) -> str:
    parts = [f"**{schema['title']}.**" if schema["title"][-1:].isalnum() else f"**{schema['title']}**"]
    if about := schema.get("description"):
        parts.append(_cell(about))
    if when := schema.get("x-show-when"):
        parts += [f"With `{name}` = {' or '.join(f'`{_value(v)}`' for v in values)}." for name, values in when.items()]
    return " ".join(parts)


def _tells(default: Any) -> bool:
    return default is not None and default not in ("", [], {}, ())


def _value(value: Any) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return shown.replace("|", "\\|").replace("\n", "\\n").replace("\t", "\\t")


def _prose(text: str) -> str:
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in text.split("\n\n"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _anchor(activity: Activity) -> str:
    """What a Markdown viewer makes of the heading."""
    return activity.id.replace(".", "")


def write(folder: Path) -> None:
    """Write the pages of the built-in families into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = pages(Catalog(entry_points=False))
    for path in folder.glob("*.md"):
        if path.name not in found and path.read_text("utf-8").startswith(_NOTE):
            path.unlink()
    for name, text in found.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else STORED)
