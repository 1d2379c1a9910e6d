"""`rpa new`, `validate` and `diff`: workflow files, without running them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.options import INVALID, SUCCEEDED, Command, add_json
from engine.cli.terminal import Terminal, jsonable, printable
from engine.core.errors import DocumentError, UsageError, VaultError
from engine.core.settings import Settings

if TYPE_CHECKING:
    from engine.api import Catalog, Problem

SUFFIX = ".rpa.yaml"


def _new_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name of the workflow; the file is NAME.rpa.yaml")
    add_json(parser)


def _new(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    import json

    path = Path(arguments.name.removesuffix(SUFFIX) + SUFFIX)
    name = path.name.removesuffix(SUFFIX)
    if not name or not printable(name) == name or set(name) & set('<>:"|?*\\'):
        raise UsageError(
            f"{printable(arguments.name)!r} is not a name for a file on every system",
            hint="use letters, digits, - and _, for example: rpa new order-report",
        )
    text = FIRST.replace("NAME", json.dumps(name, ensure_ascii=False)).replace("FILE", path.name)
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is already there, and stays as it is", hint="choose another name") from None
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"there is no folder {path.parent}", hint="make it first") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="choose another folder") from None
    if terminal.as_json:
        terminal.document({"file": str(path)})
    else:
        terminal.say(f"Wrote {path}. Try it:\n\n  rpa run {path}\n  rpa run {path} --input name=Ada")
    return SUCCEEDED


def _validate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="workflows, NAME.rpa.yaml")
    add_json(parser)


def _validate(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    from engine.api import Catalog

    catalog = Catalog()
    found = [(path, problems_of(path, catalog, settings)) for path in arguments.files]
    invalid = [path for path, problems in found if any(problem.severity == "error" for problem in problems)]
    if terminal.as_json:
        files = [{"file": str(path), "valid": path not in invalid, "problems": problems} for path, problems in found]
        terminal.document({"valid": not invalid, "files": files})
    else:
        for path, problems in found:
            for problem in problems:
                show_problem(problem, path, terminal)
        terminal.say(summary(found, len(invalid)))
    return INVALID if invalid else SUCCEEDED


def problems_of(path: Path, catalog: Catalog, settings: Settings) -> list[Problem]:
    """All that is wrong with a file, in the order of its lines; one problem at the top where it cannot be read."""
    from engine.api import Problem, absent_credentials, check, load, open_credentials

    try:
        document = load(path)
        found = list(check(document, catalog))
    except DocumentError as error:
        found = [problem for problem in error.problems if isinstance(problem, Problem)]
        return found or [Problem("error", "unreadable", error.message, hint=error.hint)]
    try:
        absent = absent_credentials(document, catalog, open_credentials(settings))
    except VaultError:
        return found  # the workflow is none the worse for it
    return sorted([*found, *absent], key=lambda problem: (problem.line, problem.column))


def show_problem(problem: Problem, path: Path, terminal: Terminal) -> None:
    """`FILE:LINE:COLUMN: error: message`, as compilers write it, and the hint below."""
    place = f"{printable(str(path))}:{problem.line}:{problem.column}" if problem.line else printable(str(path))
    style = "red" if problem.severity == "error" else "yellow"
    terminal.say(f"{place}: {terminal.style(problem.severity, style)}: {printable(problem.message)}")
    if problem.hint:
        terminal.say(f"  hint: {printable(problem.hint)}")


def summary(found: list[tuple[Path, list[Problem]]], invalid: int) -> str:
    """How many files, and how many things are wrong in them."""
    everything = [problem for _, problems in found for problem in problems]
    errors = sum(problem.severity == "error" for problem in everything)
    counts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((errors, "error"), (len(everything) - errors, "warning"))
        if count
    ]
    files = f"{len(found)} file{'' if len(found) == 1 else 's'}"
    verdict = f"{invalid} of {files} invalid" if invalid else f"{files} valid"
    return f"{verdict}: {', '.join(counts)}" if counts else verdict


def _diff_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="A", type=Path, help="a workflow")
    parser.add_argument("after", metavar="B", type=Path, help="the workflow to compare with it")
    add_json(parser)


def _diff(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    from engine.api import compare, load, render

    difference = compare(load(arguments.before).workflow, load(arguments.after).workflow)
    if terminal.as_json:
        terminal.document({"differs": bool(difference), "logic": difference.logic, **jsonable(difference)})
    else:
        for line in render(difference, str(arguments.before), str(arguments.after)).splitlines():
            terminal.say(line)
    return SUCCEEDED


FIRST = """\
# A first workflow.
#   rpa run FILE                     runs it
#   rpa run FILE --input name=Ada    runs it with another input
#   rpa activities                   lists what a step can do
rpa: 1
name: NAME
description: Greets somebody, once for each word of the greeting.

# What it is started with. Without a default, an input must be given.
inputs:
  name:
    type: text
    label: Whom to greet
    default: world

# What it gives when it has succeeded. {{ ... }} holds an expression.
outputs:
  greeting: "{{ steps.compose.output.greeting }}"
  words: "{{ steps.each.output.count }}"

# Each step has an id of its own, an activity, and its parameters.
steps:
  - id: compose
    activity: control.set
    with:
      values:
        greeting: "Hello, {{ inputs.name | strip }}!"

  - id: each
    activity: control.foreach
    with:
      items: "{{ steps.compose.output.greeting | split }}"

  - id: tell
    activity: control.log
    with:
      message: "Word {{ index + 1 }}: {{ item }}"

# From a port of a step to the step that follows.
edges:
  - compose.next -> each
  - each.body -> tell
"""

COMMANDS = (
    Command("new", "write a first workflow to start from", "rpa new order-report", _new_options, _new),
    Command(
        "validate",
        "find what is wrong with workflows, without running them",
        "rpa validate *.rpa.yaml",
        _validate_options,
        _validate,
    ),
    Command(
        "diff",
        "say what changed between two workflows, logic apart from layout",
        "rpa diff old.rpa.yaml new.rpa.yaml",
        _diff_options,
        _diff,
    ),
)
