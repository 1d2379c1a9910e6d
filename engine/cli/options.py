"""What a command is, and the options that several share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from engine.cli.terminal import Terminal
from engine.core import settings
from engine.core.errors import UsageError
from engine.core.settings import Settings

SUCCEEDED, FAILED, USAGE, INVALID, RESUMABLE, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""The exit codes, and nothing else is ever returned."""
_COMMON = ("home", "log_level", "log_format", "no_color")


@dataclass(frozen=True, slots=True)
class Command:
    """A command: `options` declares what it takes, `call` does it and gives the exit code.

    The name of one in a `Group` has two words.
    """

    name: str
    summary: str
    example: str
    options: Callable[[argparse.ArgumentParser], None]
    call: Callable[[argparse.Namespace, Settings, Terminal], int]
    settings: tuple[str, ...] = ()

    def parser(self) -> argparse.ArgumentParser:
        parser = Parser(
            prog=f"rpa {self.name}",
            description=self.summary[0].upper() + self.summary[1:] + ".",
            epilog="example:\n" + "\n".join("  " + line for line in self.example.splitlines()),
            formatter_class=_Formatter,
            allow_abbrev=False,
        )
        self.options(parser)
        group = parser.add_argument_group("settings")
        for one in settings.declarations():
            if one.name in self.settings or one.name in _COMMON:
                name = settings.flag(one.name)
                text = one.metadata["help"]
                if one.metadata["value"]:
                    group.add_argument(name, metavar=one.metadata["value"], help=text)
                else:
                    group.add_argument(name, action="store_const", const=True, help=text)
        return parser


@dataclass(frozen=True, slots=True)
class Group:
    """Commands about one thing: `rpa NAME COMMAND …`."""

    name: str
    summary: str
    commands: tuple[Command, ...]


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=80)


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and leaves the exit to the caller."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}", hint=f"{self.prog} --help shows how it is used")


def leading(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The common options written before the command, and the rest: `rpa --home F run …` is `rpa run … --home F`."""
    flags = {settings.flag(one.name): bool(one.metadata["value"]) for one in settings.declarations()}
    rest = list(arguments)
    before: list[str] = []
    while rest and (rest[0].partition("=")[0] in flags):
        takes = flags[rest[0].partition("=")[0]] and "=" not in rest[0]
        before += rest[: 2 if takes else 1]
        del rest[: 2 if takes else 1]
    return before, rest


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="one JSON document on standard output, all else on standard error"
    )


def add_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=_seconds,
        default=0.0,
        help="queue behind another process that holds the store, for that long (also 5m, 1h; alone: without limit)",
    )


def complete_wait(arguments: Sequence[str]) -> list[str]:
    """`--wait` alone becomes `--wait=inf`, so that it never swallows the argument that follows."""
    completed = list(arguments)
    for place, argument in enumerate(completed):
        if argument == "--":
            break
        if argument == "--wait":
            following = completed[place + 1] if place + 1 < len(completed) else ""
            try:
                _seconds(following)
            except argparse.ArgumentTypeError:
                completed[place] = "--wait=inf"
    return completed


def _seconds(text: str) -> float:
    from engine.core import durations

    if text == "inf":
        return float("inf")
    try:
        return durations.seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def json_value(text: str, where: str) -> Any:
    """The value of a JSON text. Raises `UsageError` that names `where` it was given."""
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{where}: {text[:60]!r} is not JSON: {error}", hint="text needs quotes of its own, as in '\"done\"'"
        ) from None


def pair(text: str, option: str, example: str) -> tuple[str, str]:
    """The two halves of `NAME=VALUE`. Raises `UsageError`."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"{option} {text[:60]!r} has no NAME=VALUE", hint=f"write for example {option} {example}")
    return name, value
