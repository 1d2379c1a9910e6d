"""`rpa activities`: what a step can do, told from the declarations."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, Any

from engine.cli.options import SUCCEEDED, Command, add_json
from engine.cli.terminal import Terminal, brief
from engine.core.settings import Settings

if TYPE_CHECKING:
    from engine.api import Activity, Parameter

_EFFECTS = {
    "pure": "pure (computed again after a crash)",
    "idempotent": "idempotent (safe to repeat after a crash)",
    "once": "once (never silently repeated after a crash)",
}


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "id", metavar="ID", nargs="?", help="an activity, such as files.copy, or a family, such as files"
    )
    add_json(parser)


def _activities(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    from engine.api import Catalog, describe

    catalog = Catalog()
    chosen = [one for one in catalog.all() if arguments.id in (None, one.family)]
    if arguments.id is not None and not chosen:
        one = catalog.require(arguments.id)
        if terminal.as_json:
            terminal.document(describe(one))
        else:
            show(one, terminal)
        return SUCCEEDED
    if terminal.as_json:
        terminal.document([describe(one) for one in chosen])
        return SUCCEEDED
    listing(chosen, terminal)
    for name, error in catalog.errors.items():
        terminal.complain(f"{name}: {error}")
    return SUCCEEDED


def listing(activities: list[Activity], terminal: Terminal) -> None:
    """One line an activity, under its family."""
    width = max((len(one.id) for one in activities), default=0)
    family = ""
    for one in activities:
        if one.family != family:
            terminal.say(("\n" if family else "") + terminal.style(one.family, "bold"))
            family = one.family
        terminal.say(terminal.cut(f"  {one.id:<{width}}  {one.summary}", terminal.width))
    terminal.say("\nrpa activities ID shows what one takes and gives.")


def show(activity: Activity, terminal: Terminal) -> None:
    """One activity, for a person."""
    terminal.say(f"{terminal.style(activity.id, 'bold')}  {activity.label}\n")
    for paragraph in activity.doc.split("\n\n"):
        terminal.say(textwrap.indent(textwrap.fill(paragraph, terminal.width - 2), "  ") + "\n")
    if activity.parameters:
        terminal.say(terminal.style("with", "bold"))
        schema = activity.schema().get("properties", {})
        for parameter in activity.parameters:
            _parameter(parameter, schema.get(parameter.name, {}), terminal)
        terminal.say()
    ports = [port.name + (" (body)" if port.body else "") for port in activity.ports] + ["error"]
    terminal.say(f"{terminal.style('ports', 'bold')}   {', '.join(ports)}")
    terminal.say(f"{terminal.style('effect', 'bold')}  {_EFFECTS[activity.effect.value]}")


def _parameter(parameter: Parameter, schema: dict[str, Any], terminal: Terminal) -> None:
    kind = kind_of(schema)
    given = "required" if parameter.required else f"default {brief(parameter.default, 40) or chr(34) * 2}"
    terminal.say(f"  {terminal.style(parameter.name, 'cyan')}: {kind}, {given}")
    text = ". ".join(part.rstrip(".") for part in (parameter.hints.label, parameter.hints.help) if part)
    terminal.say(textwrap.indent(textwrap.fill(text, terminal.width - 6), "      "))


def kind_of(schema: dict[str, Any]) -> str:
    """The type in a JSON schema, in a few words."""
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(kind_of(member) for member in schema[union]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    names = {"string": schema.get("format", "text"), "object": "mapping"}
    return str(names.get(kind, kind))


COMMANDS = (
    Command(
        "activities",
        "list what a step can do, or show one activity",
        "rpa activities files\nrpa activities files.copy",
        _options,
        _activities,
    ),
)
