"""What each command answers, on standard output and with its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import __version__
from tests.e2e.conftest import GREET, Rpa

KEYS = ["execution", "workflow", "status", "output", "error", "in_doubt", "duration_ms"]


def test_version(rpa: Rpa) -> None:
    assert rpa("--version").stdout == f"rpa {__version__}\n"


def test_the_console_script() -> None:
    script = Path(sys.executable).with_name("rpa.exe" if os.name == "nt" else "rpa")
    if not script.exists():
        pytest.skip("the project is not installed here")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"rpa {__version__}\n"


def test_a_new_workflow_is_valid_and_runs(rpa: Rpa) -> None:
    assert "rpa run first.rpa.yaml" in rpa("new", "first").stdout
    assert rpa("validate", "first.rpa.yaml").stdout == "1 file valid\n"
    found = rpa.json("run", "first.rpa.yaml", "--input", "name=Ada")
    assert found["output"] == {"greeting": "Hello, Ada!", "words": 2}


def test_run_prints_lines_and_the_result(rpa: Rpa) -> None:
    done = rpa("run", "greet.rpa.yaml", "--input", "name=Ada")
    lines = done.stdout.splitlines()
    assert "compose" in lines[0]
    assert "greet succeeded in" in lines[2]
    assert lines[3].split() == ["greeting", "Hello,", "Ada!"]
    assert done.stderr == ""


def test_run_as_json(rpa: Rpa) -> None:
    done = rpa("run", "greet.rpa.yaml", "--json", "--input", "count=21")
    found = json.loads(done.stdout)
    assert list(found) == KEYS
    assert (found["workflow"], found["status"], found["error"]) == ("greet", "succeeded", None)
    assert found["output"] == {"greeting": "Hello, world!", "double": 42}
    assert "compose" in done.stderr


def test_inputs_from_a_file_and_the_line(rpa: Rpa) -> None:
    rpa.write("in.json", '{"name": "Eve", "count": 4}')
    found = rpa.json("run", "greet.rpa.yaml", "--inputs", "in.json", "--input", "name=Ada")
    assert found["output"] == {"greeting": "Hello, Ada!", "double": 8}


def test_paths_given_as_inputs_start_at_the_current_folder(rpa: Rpa) -> None:
    (rpa.folder / "sub").mkdir()
    rpa.write(
        "sub/path.rpa.yaml",
        "rpa: 1\nname: path\ninputs:\n  f: {type: file}\noutputs:\n  f: '{{ inputs.f }}'\nsteps: []\n",
    )
    found = rpa.json("run", "sub/path.rpa.yaml", "--input", "f=data.csv")
    assert found["output"] == {"f": str(rpa.folder / "data.csv")}


def test_the_shape_of_wrong_inputs(rpa: Rpa) -> None:
    for arguments, message in (
        (["--input", "count=many"], "count: must be a number"),
        (["--input", "nmae=x"], "did you mean name?"),
        (["--inputs", "missing.json"], "No such file"),
    ):
        done = rpa("run", "greet.rpa.yaml", *arguments, code=3)
        assert message in done.stderr
        assert done.stdout == ""
    found = rpa.json("run", "greet.rpa.yaml", "--input", "count=many", code=3)
    assert list(found) == KEYS
    assert found["execution"] is None
    assert found["error"]["type"] == "inputs"


def test_a_failure_says_what_where_and_what_next(rpa: Rpa) -> None:
    done = rpa("run", "failing.rpa.yaml", code=1)
    assert "failing failed after" in done.stdout
    assert "each[1]/divide" in done.stdout
    found = rpa.json("executions", "--status", "failed")
    id_ = found[0]["id"]
    assert f"rpa fork {id_[-8:]}" in done.stdout
    assert "each" in rpa("show", id_[-8:]).stdout
    again = rpa.json("fork", id_, "--set", 'each={"results": []}')
    assert again["status"] == "succeeded"
    assert rpa.json("executions", "--limit", "1")[0]["parent"] == id_


def test_looking_at_executions(rpa: Rpa) -> None:
    assert rpa("executions").stdout == "There are no executions yet.\n"
    assert rpa.json("executions") == []
    first = rpa.json("run", "greet.rpa.yaml")["execution"]
    second = rpa.json("run", "greet.rpa.yaml")["execution"]
    assert [one["id"] for one in rpa.json("executions")] == [second, first]
    assert [one["id"] for one in rpa.json("executions", "--limit", "1")] == [second]
    listing = rpa("executions").stdout.splitlines()
    assert [line[:8] for line in listing] == ["ID      ", second[-8:], first[-8:]]
    shown = rpa.json("show", first[-8:])
    assert shown["execution"] == first
    assert [step["address"] for step in shown["steps"]] == ["compose"]
    entries = rpa.json("journal", first)
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["event"] == "ExecutionCreated"
    lines = rpa("journal", first, "--after", "1", "--step", "compose").stdout.splitlines()
    assert "step started" in lines[0]
    assert "step succeeded" in lines[-1]
    assert rpa.json("journal", first, "--step", "nothing") == []
    assert rpa.json("show", first, "--at", "1")["status"] == "queued"
    assert rpa("show", first, "--at", "900", code=2).stderr.startswith("error: --at 900")


def test_an_execution_that_is_not_there(rpa: Rpa) -> None:
    rpa.json("run", "greet.rpa.yaml")
    for command in ("show", "journal", "resume", "fork", "cancel"):
        done = rpa(command, "ffff9999", code=2)
        assert "ffff9999" in done.stderr
        assert rpa.json(command, "ffff9999", code=2)["error"]["type"] == "no_such_execution"


def test_a_finished_execution_is_not_resumed(rpa: Rpa) -> None:
    found = rpa.json("run", "greet.rpa.yaml")
    assert "error: " in rpa("resume", found["execution"], code=1).stderr


def test_validate(rpa: Rpa) -> None:
    rpa.write("wrong.rpa.yaml", GREET.replace("control.set", "control.sett"))
    rpa.write("torn.rpa.yaml", "rpa: 1\nsteps: [\n")
    done = rpa("validate", "greet.rpa.yaml", "wrong.rpa.yaml", "torn.rpa.yaml", "missing.rpa.yaml", ".", code=3)
    lines = done.stdout.splitlines()
    assert any(line.startswith("wrong.rpa.yaml:11:") and "error: " in line and "control.sett" in line for line in lines)
    assert any(line.startswith("torn.rpa.yaml:") for line in lines)
    assert any(line.startswith("missing.rpa.yaml: error:") for line in lines)
    assert lines[-1].startswith("4 of 5 files invalid")
    found = rpa.json("validate", "greet.rpa.yaml", "wrong.rpa.yaml", code=3)
    assert [file["valid"] for file in found["files"]] == [True, False]
    assert found["files"][1]["problems"][0]["line"] == 11


def test_run_refuses_what_is_not_valid(rpa: Rpa) -> None:
    rpa.write("wrong.rpa.yaml", GREET.replace("control.set", "control.sett"))
    assert "control.sett" in rpa("run", "wrong.rpa.yaml", code=3).stderr
    assert rpa.json("run", "wrong.rpa.yaml", code=3)["error"]["problems"][0]["line"] == 11
    assert rpa.json("executions") == []


def test_diff(rpa: Rpa) -> None:
    rpa.write("other.rpa.yaml", GREET.replace("Hello", "Good day"))
    assert "compose" in rpa("diff", "greet.rpa.yaml", "other.rpa.yaml").stdout
    found = rpa.json("diff", "greet.rpa.yaml", "other.rpa.yaml")
    assert found["logic"] is True
    assert found["changed"][0]["id"] == "compose"
    assert rpa.json("diff", "greet.rpa.yaml", "greet.rpa.yaml")["differs"] is False


def test_activities(rpa: Rpa) -> None:
    assert "control.foreach" in rpa("activities").stdout
    shown = rpa("activities", "control.foreach").stdout
    assert "items" in shown
    assert "body" in shown
    assert {one["family"] for one in rpa.json("activities", "control")} == {"control"}
    assert rpa.json("activities", "control.log")["id"] == "control.log"
    assert "control.foreach" in rpa("activities", "control.foreech", code=3).stderr


def test_doctor(rpa: Rpa) -> None:
    rpa.json("run", "greet.rpa.yaml")
    found = {one["name"]: one for one in rpa.json("doctor")["findings"]}
    assert found["store"]["state"] == "good"
    assert "1 executions" in found["store"]["text"]
    assert "python" in rpa("doctor", "--quick").stdout


def test_a_setting_of_each_kind(rpa: Rpa) -> None:
    rpa.home.mkdir()
    (rpa.home / "settings.toml").write_text('durability = "process"\nlog_level = "error"\n')
    done = rpa("--log-level", "info", "doctor", "--quick", environment={"RPA_MAX_EXECUTIONS": "3"})
    assert "process" in done.stdout
    assert "(--log-level)" in done.stdout
    assert "(the environment variable RPA_MAX_EXECUTIONS)" in done.stdout
