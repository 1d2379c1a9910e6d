"""`rpa integrations` from adding one to being told that it is down."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.cli.integrations import spark
from engine.cli.main import interpret
from engine.integrations.history import HealthCheck
from tests.support.web_server import Answer, WebServer, serving

Rpa = Callable[..., tuple[int, str, str]]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], WebServer]]:
    with serving() as start:
        yield start


@pytest.fixture
def rpa(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Rpa:
    """Run a command in a home folder of its own: the exit code, standard output, standard error."""
    monkeypatch.setenv("RPA_SECRET_CRM_KEY", "s3cret-key")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def run(*words: str) -> tuple[int, str, str]:
        code = interpret(["integrations", *words, "--home", str(tmp_path)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_one_is_added_tested_changed_and_removed(
    rpa: Rpa, serve: Callable[[Answer], WebServer], tmp_path: Path
) -> None:
    server = serve(lambda request: request.reply(200 if request.headers.get("X-Key") == "s3cret-key" else 401))
    assert "no integrations yet" in rpa("list")[1]
    set_key = ("--credential", "crm-key", "--set", "headers.X-Key=${credential}")
    code, out, _ = rpa("add", "crm", "rest", f"{server.url}/api", *set_key, "--set", "rate=100/min")
    assert code == 0 and "rpa integrations test crm" in out
    code, out, _ = rpa("test", "crm")
    assert code == 0 and "It works." in out and "it answers: 200 OK" in out
    code, out, _ = rpa("edit", "crm", "--set", "headers.X-Key=t-${credential}", "--unset", "rate", "--set", "burst=3")
    assert code == 0
    code, out, _ = rpa("test", "crm", "--json")
    told = json.loads(out)
    assert code == 1 and not told["works"] and "does not let us in" in told["stages"][-1]["said"]
    code, out, _ = rpa("show", "crm", "--json")
    given = json.loads(out)["settings"]
    assert (given["burst"], "rate" in given, given["credential"]) == (3, False, "crm-key")
    assert "s3cret-key" not in out and "s3cret-key" not in (tmp_path / "integrations.yaml").read_text()
    assert rpa("remove", "crm")[0] == 0
    code, out, _ = rpa("list", "--json")
    assert json.loads(out) == {"integrations": [], "problems": []}


def test_health_is_checked_and_shown(rpa: Rpa, serve: Callable[[Answer], WebServer]) -> None:
    server = serve(lambda request: request.reply())
    rpa("add", "good", "rest", server.url)
    assert rpa("health", "--now")[0] == 0
    rpa("add", "bad", "custom", "127.0.0.1:1")
    code, _, _ = rpa("health", "--now")
    assert code == 1
    assert rpa("health", "--now")[0] == 1
    code, out, _ = rpa("health", "--json")
    states = {one["name"]: one["state"] for one in json.loads(out)}
    assert code == 0 and states == {"good": "up", "bad": "down"}
    _, out, _ = rpa("health", "bad")
    assert "cannot be reached" in out and "0.0% good" in out
    _, out, _ = rpa("list")
    assert "100.0%" in out and "down" in out
    _, out, _ = rpa("show", "bad")
    assert "down: the server 127.0.0.1:1 cannot be reached" in out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("show", "crm"), 2, "no integration 'crm'"),
        (("test", "crm"), 2, "no integration 'crm'"),
        (("remove", "crm"), 2, "no integration 'crm'"),
        (("add", "a", "telex", "x"), 2, "invalid choice"),
        (("add", "a", "rest", "x"), 1, "is not an address of this kind"),
        (("add", "a/b", "custom", "a:1"), 1, "cannot be the name"),
        (("add", "a", "custom", "a:1", "--set", "rate"), 2, "NAME=VALUE"),
        (("add", "a", "custom", "a:1", "--set", "rate=["), 3, "cannot be read"),
        (("add", "a", "rest", "http://a.example", "--set", "headers.Authorization=Bearer x"), 1, "looks like a secret"),
        (("lst",), 2, "did you mean rpa integrations list"),
    ],
)
def test_what_is_wrong_is_said_in_words(rpa: Rpa, words: tuple[str, ...], code: int, told: str) -> None:
    found, _, err = rpa(*words)
    assert found == code and told in err


def test_problems_of_the_file_are_told_with_their_lines(rpa: Rpa, tmp_path: Path) -> None:
    (tmp_path / "integrations.yaml").write_text("integrations:\n  a:\n    kind: rest\n    address: x\n    colour: 1\n")
    _, out, _ = rpa("list")
    assert "error: line 4: a.address" in out and "warning: line 5: a.colour" in out and "wrong" in out


def test_the_kinds_and_their_keys(rpa: Rpa) -> None:
    assert len(rpa("kinds")[1].splitlines()) == 9
    assert "health.every" in rpa("kinds", "smtp")[1]
    schema: dict[str, Any] = json.loads(rpa("kinds", "--json")[1])
    assert len(schema["properties"]["integrations"]["additionalProperties"]["anyOf"]) == 9


def test_watching_tells_what_turns_and_ends_well(rpa: Rpa, tmp_path: Path) -> None:
    rpa("add", "bad", "custom", "127.0.0.1:1", "--set", "health.every=200ms")
    code, out, err = rpa("watch", "--for", "2s", "--json")
    assert code == 0
    (alert,) = json.loads(out)
    assert (alert["name"], alert["state"]) == ("bad", "down")
    assert "bad is down: the server 127.0.0.1:1 cannot be reached" in err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a child")
def test_an_interrupted_watch_says_nothing_bad(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", "integrations", "watch", "--home", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and "Watching 0 integrations" in child.stdout.readline()
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert (child.returncode, err) == (130, "")


def test_latency_as_a_line() -> None:
    checks = [HealthCheck(0, True, ms, "") for ms in (1, 50, 100)] + [HealthCheck(0, False, 5000, "")]
    assert spark(checks) == "▁▄█×"
