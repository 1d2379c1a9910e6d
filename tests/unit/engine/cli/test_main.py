"""The command line is read: where options may stand, what is refused, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli.main import _GROUPS, _find, code_of
from engine.cli.main import interpret as main
from engine.cli.options import Command, Group, complete_wait, leading
from engine.cli.running import decisions, given_inputs
from engine.core import errors
from engine.core.errors import InputError, UsageError

NAMES = [name for names in _GROUPS.values() for name in names]


def commands() -> dict[str, Command]:
    """Every command by what is typed for it, also those of groups."""
    found: dict[str, Command] = {}
    for name in NAMES:
        one = _find(name)
        assert one is not None
        found |= {command.name: command for command in (one.commands if isinstance(one, Group) else (one,))}
    return found


COMMANDS = commands()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert f"rpa {name}" in text.partition("example:")[2]
    assert all(len(line) <= 90 for line in text.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_parses(name: str) -> None:
    import shlex

    for line in COMMANDS[name].example.splitlines():
        words = shlex.split(line.partition("|")[0].partition("<")[0])
        typed = ["rpa", *name.split()]
        assert words[: len(typed)] == typed
        COMMANDS[name].parser().parse_args(words[len(typed) :])


@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"], ["-h"]])
def test_the_overview_lists_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in NAMES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "did you mean rpa run?"),
        (["--what"], "no option '--what'"),
        (["run"], "required: FILE"),
        (["run", "a", "b"], "unrecognized arguments: b"),
        (["run", "a", "--durability", "half"], "full or process"),
        (["run", "a", "--input", "month"], "NAME=VALUE"),
        (["run", "a", "--input", "=5"], "NAME=VALUE"),
        (["run", "a", "--input", "m=1", "--input", "m:=2"], "twice"),
        (["run", "a", "--input", "m:=oops"], "is not JSON"),
        (["run", "a", "--wait=soon"], "length of time"),
        (["resume"], "required: EXECUTION"),
        (["resume", "x", "--decide", "pay"], "STEP=retry"),
        (["resume", "x", "--decide", "pay=maybe"], "STEP=retry"),
        (["resume", "x", "--output", "1"], "decided as done"),
        (["resume", "x", "--decide", "pay=retry", "--output", "1"], "decided as done"),
        (["resume", "x", "--decide", "pay=done", "--decide", "pay=fail"], "twice"),
        (["fork", "x", "--set", "read=oops"], "is not JSON"),
        (["fork", "x", "--at", "soon"], "invalid int value"),
        (["executions", "--status", "dead"], "invalid choice"),
        (["executions", "--limit", "0"], "whole number"),
        (["new", "../"], "not a name"),
        (["new", "a\x1bb"], "not a name"),
        (["run", "a", "--home", ""], "--home cannot be"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert message in found.err
    assert found.err.startswith("error: ")
    assert len(found.err.splitlines()) <= 2


def test_with_json_a_refusal_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "a", "b", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "not_started"
    assert found["error"]["type"] == "usage"


def test_settings_may_stand_before_the_command() -> None:
    assert leading(["--home", "/x", "--no-color", "--log-level=info", "run", "f"]) == (
        ["--home", "/x", "--no-color", "--log-level=info"],
        ["run", "f"],
    )
    assert leading(["run", "--home", "/x"]) == ([], ["run", "--home", "/x"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--wait", "f.rpa.yaml"], ["--wait=inf", "f.rpa.yaml"]),
        (["f", "--wait"], ["f", "--wait=inf"]),
        (["--wait", "30", "f"], ["--wait", "30", "f"]),
        (["--wait", "5m", "f"], ["--wait", "5m", "f"]),
        (["--", "--wait"], ["--", "--wait"]),
    ],
)
def test_wait_alone_never_swallows_the_file(given: list[str], expected: list[str]) -> None:
    assert complete_wait(given) == expected


def test_inputs(tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    file.write_text('\ufeff{"month": 4, "regions": ["north"]}', "utf-8")
    assert given_inputs(["month=5", "note=a=b", "empty=", "list:=[1]"], file) == {
        "month": "5",
        "regions": ["north"],
        "note": "a=b",
        "empty": "",
        "list": [1],
    }


@pytest.mark.parametrize(
    ("content", "message"), [("{", "is not JSON"), ("[1]", "no names with values"), ("[" * 100_000, "is not JSON")]
)
def test_an_inputs_file_that_is_wrong(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "in.json"
    file.write_text(content, "utf-8")
    with pytest.raises(InputError, match=message):
        given_inputs([], file)


def test_an_inputs_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for file in (tmp_path, tmp_path / "missing", tmp_path / "binary"):
        with pytest.raises(InputError, match=str(file)):
            given_inputs([], file)


def test_decisions() -> None:
    found = decisions(
        [("--decide", "each[3]/pay=done"), ("--output", '{"a": 1}'), ("--decide", "b=retry"), ("--decide", "c=done")]
    )
    assert {step: (one.action, one.output) for step, one in found.items()} == {
        "each[3]/pay": ("done", {"a": 1}),
        "b": ("retry", None),
        "c": ("done", None),
    }
    with pytest.raises(UsageError):
        decisions([("--output", "1")])


def test_every_error_has_an_exit_code() -> None:
    expected = {
        errors.UsageError: 2,
        errors.SettingsError: 2,
        errors.NoSuchExecution: 2,
        errors.DocumentError: 3,
        errors.InputError: 3,
        errors.ExpressionError: 3,
        errors.CatalogError: 3,
        errors.StoreLocked: 1,
        errors.ExecutionBusy: 1,
    }
    for kind, code in expected.items():
        assert code_of(kind("x")) == code


def test_an_unexpected_error_is_one_line_and_kept(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(*arguments: object) -> object:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("engine.core.settings.Settings.store", property(explode))
    own_home.mkdir()
    assert main(["doctor"]) == 1
    found = capsys.readouterr()
    assert "Traceback" not in found.err + found.out
    assert "ZeroDivisionError: a defect" in found.err
    kept = own_home / "logs" / "rpa.log"
    assert str(kept) in found.err
    assert "Traceback" in kept.read_text("utf-8")


def test_new_refuses_to_overwrite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "первый"]) == 0
    written = (tmp_path / "первый.rpa.yaml").read_text("utf-8")
    assert main(["new", "первый.rpa.yaml"]) == 2
    assert "already there" in capsys.readouterr().err
    assert (tmp_path / "первый.rpa.yaml").read_text("utf-8") == written
    assert main(["new", "no/where"]) == 2
