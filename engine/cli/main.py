"""The entry of `rpa`: finds the command, and makes every ending one that a person and a script can read."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.cli.options import Command, Group
    from engine.cli.terminal import Terminal

_GROUPS = {
    "running": ("run", "resume", "fork", "cancel"),
    "executions": ("executions", "show", "journal"),
    "documents": ("new", "validate", "diff"),
    "activities": ("activities",),
    "credentials": ("credentials",),
    "integrations": ("integrations",),
    "practice": ("practice",),
    "doctor": ("doctor",),
}
"""The module of this package that has the commands."""

COLLECT_AFTER = (50_000, 20, 20)
"""When garbage is collected. Left to Python, that is a sixth of what `rpa run` of one step takes (measured)."""


def main() -> int:
    """The program: run the command line of this process and give the exit code."""
    gc.set_threshold(*COLLECT_AFTER)
    _open_streams()
    code = interpret(sys.argv[1:])
    gc.freeze()
    return code


def _open_streams() -> None:
    """Put nothing where a standard stream is closed (`rpa run … >&-`).

    In this order each gets its own number; else the next file that is opened would, and be written to by mistake.
    """
    for name, mode in (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, mode)
            stream = open(nowhere, "w" if mode else "r", encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
            setattr(sys, name, stream)


def interpret(given: list[str]) -> int:
    """Run a command line and give the exit code."""
    if given in (["--version"], ["-V"]):
        return _version()
    from engine.cli.terminal import Terminal
    from engine.core.errors import RpaError

    as_json = "--json" in given
    try:
        return _command(given)
    except RpaError as error:
        terminal = Terminal(as_json=as_json)
        terminal.complain(error)
        if as_json:
            _refuse(terminal, error)
        return code_of(error)
    except KeyboardInterrupt:
        Terminal(as_json=as_json).complain("interrupted")
        return 130
    except Exception as error:
        return _unexpected(Terminal(as_json=as_json), error)


def _version() -> int:
    from engine import __version__

    try:
        print(f"rpa {__version__}", flush=True)
    except OSError:
        return 1
    return 0


def _command(given: list[str]) -> int:
    from engine.cli.options import Group, complete_wait, leading
    from engine.cli.terminal import Terminal
    from engine.core import log, settings
    from engine.core.errors import RpaError

    before, rest = leading(given)
    if not rest or rest[0] in ("-h", "--help", "help"):
        return _overview(rest)
    command = _find(rest[0])
    if command is None:
        raise _unknown("rpa", rest[0], [name for names in _GROUPS.values() for name in names])
    rest = rest[1:]
    if isinstance(command, Group):
        more, rest = leading(rest)
        if not rest or rest[0] in ("-h", "--help", "help"):
            return _overview_of(command)
        before, group = [*before, *more], command
        command = next((one for one in group.commands if one.name == f"{group.name} {rest[0]}"), None)
        if command is None:
            names = [one.name.partition(" ")[2] for one in group.commands]
            raise _unknown(f"rpa {group.name}", rest[0], names)
        rest = rest[1:]
    try:
        parsed = command.parser().parse_args([*before, *complete_wait(rest)])
    except SystemExit:
        return 0
    chosen = settings.read(vars(parsed))
    terminal = Terminal(as_json=getattr(parsed, "json", False), color=not chosen.no_color)
    stream = sys.stderr if chosen.origin["log_level"] != settings.DEFAULT else None
    folder = chosen.logs if chosen.home.is_dir() else None
    log.configure(chosen.log_level, stream=stream, folder=folder, as_json=chosen.log_format == "json")
    try:
        code = command.call(parsed, chosen, terminal)
        if terminal.failure:
            terminal.complain(terminal.failure)
        return 1 if terminal.failure and code == 0 else code
    except RpaError:
        raise
    except Exception as error:
        return _unexpected(terminal, error, chosen.logs)
    finally:
        log.close()


def _unknown(program: str, name: str, known: list[str]) -> Exception:
    """The error about a command that is not there."""
    import difflib

    from engine.core.errors import UsageError

    if name.startswith("-"):
        return UsageError(
            f"{program}: there is no option {name!r} before a command", hint=f"{program} --help lists the commands"
        )
    near = difflib.get_close_matches(name, known, 1)
    return UsageError(
        f"{program}: there is no command {name!r}",
        hint=f"did you mean {program} {near[0]}?" if near else f"{program} --help lists the commands",
    )


def _find(name: str) -> Command | Group | None:
    import importlib

    for module, names in _GROUPS.items():
        if name in names:
            found: dict[str, Command | Group] = {
                command.name: command for command in importlib.import_module(f"engine.cli.{module}").COMMANDS
            }
            return found[name]
    return None


def _overview(rest: list[str]) -> int:
    from engine.cli.terminal import Terminal

    if rest[:1] == ["help"] and rest[1:]:
        return _command([*rest[1:], "--help"])
    terminal = Terminal()
    terminal.say("usage: rpa COMMAND ...\n\nRun workflows on an engine that never loses its place.\n")
    for names in _GROUPS.values():
        for name in names:
            command = _find(name)
            assert command is not None
            terminal.say(f"  {name:<14}{command.summary}")
    terminal.say("\nrpa COMMAND --help shows what a command takes, with an example; rpa --version the version.")
    terminal.say(
        "\nexit codes: 0 succeeded, 1 failed, 2 wrong usage, 3 invalid workflow or inputs,\n"
        "            4 waiting or in doubt (resumable), 130 interrupted (resumable)"
    )
    if terminal.failure:
        terminal.complain(terminal.failure)
    return 1 if terminal.failure else 0


def _overview_of(group: Group) -> int:
    from engine.cli.terminal import Terminal

    terminal = Terminal()
    terminal.say(f"usage: rpa {group.name} COMMAND ...\n\n{group.summary[0].upper()}{group.summary[1:]}.\n")
    width = max(len(command.name) for command in group.commands) - len(group.name) + 1
    for command in group.commands:
        terminal.say(f"  {command.name.partition(' ')[2]:<{width}}{command.summary}")
    terminal.say(f"\nrpa {group.name} COMMAND --help shows what a command takes, with an example.")
    if terminal.failure:
        terminal.complain(terminal.failure)
    return 1 if terminal.failure else 0


def code_of(error: Exception) -> int:
    """The exit code of an error."""
    from engine.core import errors

    unknown = (errors.NoSuchExecution, errors.NoSuchCredential, errors.NoSuchIntegration)
    if isinstance(error, (errors.UsageError, errors.SettingsError, *unknown)):
        return 2
    if isinstance(error, (errors.DocumentError, errors.InputError, errors.ExpressionError, errors.CatalogError)):
        return 3
    return 1


def _refuse(terminal: Terminal, error: Exception) -> None:
    """The JSON document of a command that did not come to do anything."""
    from engine.cli.terminal import INTERRUPTED

    described: dict[str, object] = {
        "type": getattr(error, "code", "error"),
        "message": str(error),
        "hint": getattr(error, "hint", ""),
    }
    if getattr(error, "problems", ()):
        described["problems"] = error.problems  # type: ignore[attr-defined]
    execution = getattr(error, INTERRUPTED, None)
    status = "interrupted" if execution else "not_started"
    document = {"execution": execution, "workflow": None, "status": status, "output": None, "error": described}
    terminal.document({**document, "in_doubt": [], "duration_ms": 0})


def _unexpected(terminal: Terminal, error: Exception, *folders: Path) -> int:
    """A defect of ours: one line for the person, everything else for whoever mends it."""
    import tempfile

    from engine.core import log

    kept = next((file for folder in (*folders, Path(tempfile.gettempdir())) if (file := log.keep(error, folder))), None)
    terminal.complain(
        f"something unexpected happened: {type(error).__name__}: {str(error)[:200]}",
        hint=f"the details are in {kept}" if kept else "the details could not be written anywhere",
    )
    if terminal.as_json:
        _refuse(terminal, error)
    return 1
