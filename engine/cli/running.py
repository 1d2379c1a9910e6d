"""`rpa run`, `resume`, `fork` and `cancel`: what makes an execution go, or end."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.options import INTERRUPTED, SUCCEEDED, Command, add_json, add_wait, json_value, pair
from engine.cli.terminal import Terminal, short
from engine.core.errors import InputError, StoreLocked, UsageError
from engine.core.settings import Settings

if TYPE_CHECKING:
    from engine.api import Ask, Client, Decision

DECISIONS = ("retry", "done", "fail")


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the workflow, NAME.rpa.yaml")
    parser.add_argument(
        "--input",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="an input; NAME:=JSON gives it as JSON; may be repeated",
    )
    parser.add_argument("--inputs", metavar="FILE.json", type=Path, help="inputs from a JSON file; --input beats it")
    add_json(parser)
    add_wait(parser)


def _run(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    inputs = given_inputs(arguments.input, arguments.inputs)
    if any(type(value) is str for value in inputs.values()):
        inputs = from_here(arguments.file, inputs)

    async def begin(client: Client) -> str:
        return await client.start(arguments.file, inputs)

    return _follow(begin, arguments.wait, settings, terminal, arguments.file)


def _resume_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("execution", metavar="EXECUTION", help="its id, or the last characters of it")
    parser.add_argument(
        "--decide",
        metavar="STEP=DECISION",
        dest="decisions",
        action=_Decide,
        default=[],
        help="settle a step in doubt: retry, done or fail; may be repeated",
    )
    parser.add_argument(
        "--output",
        metavar="JSON",
        dest="decisions",
        action=_Decide,
        help="the output of the step decided as done before it",
    )
    add_json(parser)
    add_wait(parser)


class _Decide(argparse.Action):
    """Keeps `--decide` and `--output` in the order they were given."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        namespace.decisions = [*namespace.decisions, (option, values)]


def decisions(given: Sequence[tuple[str, str]]) -> dict[str, Decision]:
    """What `--decide` and `--output` say, by step. Raises `UsageError`."""
    from engine.api import Decision

    decided: dict[str, Decision] = {}
    last = ""
    for option, text in given:
        if option == "--output":
            if not last or decided[last].action != "done":
                raise UsageError(
                    "--output belongs to a step that is decided as done",
                    hint="write --decide STEP=done --output JSON, in this order",
                )
            decided[last] = Decision("done", json_value(text, "--output"))
            continue
        last, _, action = text.rpartition("=")
        if not last or action not in DECISIONS:
            raise UsageError(
                f"--decide {text[:60]!r} is not STEP=retry, STEP=done or STEP=fail",
                hint="write for example --decide pay=done",
            )
        if last in decided:
            raise UsageError(f"the step {last!r} is decided twice")
        decided[last] = Decision(action)  # type: ignore[arg-type]
    return decided


def _resume(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    decided = decisions(arguments.decisions)

    async def begin(client: Client) -> str:
        return await client.resume(arguments.execution, decided or None)

    return _follow(begin, arguments.wait, settings, terminal)


def _fork_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("execution", metavar="EXECUTION", help="its id, or the last characters of it")
    parser.add_argument(
        "--at", metavar="SEQ", type=int, help="after which event of its journal (default: before it failed)"
    )
    parser.add_argument(
        "--set", metavar="STEP=JSON", dest="outputs", action="append", default=[], help="another output of a step"
    )
    parser.add_argument("--input", metavar="NAME=JSON", action="append", default=[], help="another input")
    parser.add_argument("--workflow", metavar="FILE", type=Path, help="go on with this version of the workflow")
    add_json(parser)
    add_wait(parser)


def _fork(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    outputs = {
        name: json_value(text, f"--set {name}") for name, text in _pairs(arguments.outputs, "--set", "read='[1, 2]'")
    }
    inputs = {name: json_value(text, f"--input {name}") for name, text in _pairs(arguments.input, "--input", "month=5")}

    async def begin(client: Client) -> str:
        from engine.api import Changes, load

        workflow = load(arguments.workflow).workflow if arguments.workflow is not None else None
        changes = Changes(outputs=outputs, inputs=inputs, workflow=workflow)
        return await client.fork(arguments.execution, at=arguments.at, changes=changes)

    return _follow(begin, arguments.wait, settings, terminal)


def _pairs(texts: Sequence[str], option: str, example: str) -> list[tuple[str, str]]:
    return [pair(text, option, example) for text in texts]


def _cancel_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("execution", metavar="EXECUTION", help="its id, or the last characters of it")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why, for the journal")
    add_json(parser)
    add_wait(parser)


def _cancel(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    import asyncio

    async def cancel() -> tuple[str, str]:
        async with _engine(settings, arguments.wait) as client:
            record = await client.record(arguments.execution)
            await client.cancel(record.id, arguments.reason)
            return record.id, record.workflow

    execution, workflow = asyncio.run(cancel())
    if terminal.as_json:
        terminal.document({"execution": execution, "workflow": workflow, "status": "cancelled"})
    else:
        terminal.say(f"{terminal.symbol('cancelled')} {workflow} was cancelled  (execution {short(execution)})")
    return SUCCEEDED


def _engine(settings: Settings, wait: float, ask: Ask | None = None) -> AbstractAsyncContextManager[Client]:
    from engine.api import open_engine

    settings.make_home()
    return open_engine(settings, write=True, recover=False, wait=wait, ask=ask)


def _follow(
    begin: Callable[[Client], Awaitable[str]],
    wait: float,
    settings: Settings,
    terminal: Terminal,
    file: Path | None = None,
) -> int:
    from engine.cli import outcome as outcomes
    from engine.cli.asking import before_a_run
    from engine.cli.follow import Stopped, operate

    ask = before_a_run(settings, file, terminal)
    try:
        outcome = operate(partial(_engine, settings, wait, ask), begin, terminal)
    except StoreLocked as error:
        error.hint = (
            "Wait until it is done, or queue behind it with --wait. rpa executions and rpa show work meanwhile."
        )
        raise
    except Stopped as stopped:
        outcomes.stopped(stopped.execution, settings, terminal)
        if terminal.as_json:
            stop = {"execution": stopped.execution or None, "workflow": None, "status": "interrupted", "output": None}
            terminal.document({**stop, "error": None, "in_doubt": [], "duration_ms": 0})
        return INTERRUPTED
    if terminal.as_json:
        terminal.document(outcomes.document(outcome))
    else:
        outcomes.show(outcome, settings, terminal)
    return outcomes.code(outcome)


def given_inputs(texts: Sequence[str], file: Path | None) -> dict[str, Any]:
    """The inputs of a command line: texts, to be converted by the type the workflow declares, or values from JSON."""
    inputs: dict[str, Any] = {}
    if file is not None:
        try:
            content = file.read_text("utf-8-sig")
        except OSError as error:
            raise InputError(f"--inputs {file}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise InputError(f"--inputs {file}: is not a text file: {error}") from None
        import json

        try:
            inputs = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise InputError(f"--inputs {file}: is not JSON: {error}") from None
        if not isinstance(inputs, dict):
            raise InputError(
                f"--inputs {file}: holds no names with values",
                hint='the file looks like: {"month": 5, "folder": "/data"}',
            )
    seen: set[str] = set()
    for text in texts:
        name, value = pair(text, "--input", "month=5")
        as_json = name.endswith(":")
        name = name.removesuffix(":")
        if name in seen:
            raise UsageError(f"--input {name!r} is given twice")
        seen.add(name)
        inputs[name] = json_value(value, f"--input {name}") if as_json else value
    return inputs


def from_here(file: Path, inputs: dict[str, Any]) -> dict[str, Any]:
    """The same inputs, with relative paths starting at the current folder: that is where a shell completes them."""
    from engine.api import load

    paths = {one.name for one in load(file).workflow.inputs if one.type in ("file", "folder")}
    return {
        name: str(Path.cwd() / Path(value).expanduser())
        if name in paths and isinstance(value, str) and value
        else value
        for name, value in inputs.items()
    }


COMMANDS = (
    Command(
        "run",
        "run a workflow and follow it to its end",
        'rpa run order-report.rpa.yaml --input month=5 --input \'regions:=["north", "south"]\'',
        _run_options,
        _run,
        ("durability", "max_executions"),
    ),
    Command(
        "resume",
        "go on with an execution that was interrupted, waits, or is in doubt",
        "rpa resume 1a2b3c4d\nrpa resume 1a2b3c4d --decide pay=done --output '{\"receipt\": 17}'",
        _resume_options,
        _resume,
        ("durability", "max_executions"),
    ),
    Command(
        "fork",
        "start a new execution from a moment of another one",
        "rpa fork 1a2b3c4d\nrpa fork 1a2b3c4d --at 120 --set 'read=[{\"order\": 10248}]'",
        _fork_options,
        _fork,
        ("durability", "max_executions"),
    ),
    Command("cancel", "end an unfinished execution for good", "rpa cancel 1a2b3c4d", _cancel_options, _cancel),
)
