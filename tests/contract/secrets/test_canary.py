"""The canary: secrets of all kinds, used by every activity that takes one, in success, failure, retry and crash, leave
none of their bytes in the store, the logs, standard output and error.

Each case of `cases/` runs in child processes of the real `rpa`, against a real vault.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.api import Catalog
from engine.core import faults
from engine.vault.keys import KEY
from tests.contract.secrets.cases import all_cases, families
from tests.contract.secrets.world import ACCESS_TOKEN, MASTER, Case, World, echo_server, make_vault, spellings

ROOT = Path(__file__).parents[3]
CRASHES = ("runtime.effect_before", "runtime.effect_after")
AWAITED = frozenset({"browser", "desktop", "graphql", "mail", "soap", "websocket"})
"""Families whose cases are still to be written; a family that has some is taken from here."""
MOST = 40
"""Starts of a workflow that is killed at every effect, before something must be wrong."""


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    with echo_server() as address:
        yield address


@pytest.fixture
def world(tmp_path: Path, echo: str) -> World:
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    made = World(folder, home, echo)
    make_vault(made, f"{echo}/token")
    return made


class Runs:
    """Runs `rpa` and keeps all that it says."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: list[bytes] = []

    def __call__(self, *arguments: str, fault: str = "") -> int:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RPA_")},
            "PYTHONPATH": str(ROOT),
            "RPA_HOME": str(self.world.home),
            "RPA_LOG_LEVEL": "debug",
            KEY: MASTER,
            **({faults.VARIABLE: fault} if fault else {}),
        }
        run = subprocess.run(
            [sys.executable, "-m", "engine.cli", *arguments],
            env=environment,
            cwd=self.world.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=100,
        )
        self.said += [run.stdout, run.stderr]
        return run.returncode

    def look_back(self) -> None:
        """What the store tells of all that was run."""
        self("executions", "--json")
        listed = self.said[-2]
        for execution in {str(one["id"]) for one in json.loads(listed)}:
            self("show", execution)
            self("journal", execution, "--json")


def workflow(world: World, name: str, steps: dict[str, tuple[str, Any]], **more: Any) -> str:
    """The path of a workflow of these steps, one after the other whatever becomes of them."""
    lines: dict[str, Any] = {"rpa": 1, "name": name, "settings": {"in_doubt": "retry"}}
    lines["steps"] = [
        {"id": id, "activity": activity, "with": given, "continue_on_error": True, "timeout": "30s", **more}
        for id, (activity, given) in steps.items()
    ]
    lines["outputs"] = {id: f"{{{{ default(steps.{id}.output, 'none') }}}}" for id in steps}
    ids = list(steps)
    lines["edges"] = [f"{one}.next -> {other}" for one, other in itertools.pairwise(ids)]
    path = world.folder / f"{name}.rpa.yaml"
    path.write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
    return str(path)


def steps_of(cases: dict[str, Case], way: str) -> dict[str, tuple[str, Any]]:
    return {id.replace(".", "_"): (id, dict(getattr(case, way))) for id, case in cases.items()}


def leaks(world: World, said: list[bytes]) -> list[str]:
    """Where the bytes of a secret were found, and which."""
    places = {str(path.relative_to(world.home)): path.read_bytes() for path in world.home.rglob("*") if path.is_file()}
    places |= {f"output {number}": text for number, text in enumerate(said)}
    secrets = {**world.secrets, "oauth.access_token": ACCESS_TOKEN}
    return [
        f"{name} as {bytes(spelling[:40])!r} in {place}"
        for name, value in secrets.items()
        for spelling in spellings(value)
        for place, data in places.items()
        if spelling in data
    ]


@pytest.mark.timeout(400)  # dozens of processes a family
@pytest.mark.parametrize("chosen", families())
def test_no_byte_of_a_secret_gets_out(chosen: str, world: World) -> None:
    with all_cases(world, [chosen]) as cases:
        run = Runs(world)
        assert run("run", workflow(world, "well", steps_of(cases, "success")), "--json") == 0, run.said[-1].decode()
        done = json.loads(run.said[-2])["output"]
        assert [id for id, output in done.items() if output == "none"] == [], run.said[-2].decode()
        retry = {"retry": {"attempts": 2, "delay": "10ms"}}
        assert run("run", workflow(world, "badly", steps_of(cases, "failure"), **retry)) == 0, run.said[-1].decode()
        crash(run, workflow(world, "killed", steps_of(cases, "success")))
        run.look_back()
    assert leaks(world, run.said) == []


def crash(run: Runs, path: str) -> None:
    """Kill the workflow before one effect and after the next, as by kill -9, and resume it, until it is done."""
    code = run("run", path, fault=f"{CRASHES[1]}:1")
    run("executions", "--json", "--limit", "1")
    (execution,) = json.loads(run.said[-2])
    for number in range(MOST):
        if code != -9:
            break
        code = run("resume", execution["id"], fault=f"{CRASHES[number % 2]}:2")
    assert code == 0, run.said[-1].decode()


def test_every_activity_that_takes_a_secret_has_a_case(world: World) -> None:
    taking = {
        activity.id: [parameter.name for parameter in activity.parameters if parameter.secret]
        for activity in Catalog(entry_points=False).all()
    }
    with all_cases(world, families()) as cases:
        missing = sorted(id for id, names in taking.items() if names and id not in cases and family(id) not in AWAITED)
        assert missing == [], "write a case for each into tests/contract/secrets/cases/FAMILY.py"
        assert sorted(id for id in cases if id not in taking) == [], "there are no such activities any more"
        assert {family(id) for id in cases} & AWAITED == set(), "take it from AWAITED"
        for id, case in cases.items():
            given = {name for name in taking[id] if case.success.get(name) and case.failure.get(name)}
            assert given == set(taking[id]), f"the case of {id} leaves out a secret"


def family(id: str) -> str:
    return id.partition(".")[0]


def test_the_canary_sings(world: World) -> None:
    """What is looked for is found where it is: otherwise this whole file says nothing."""
    for name, value in world.secrets.items():
        (world.home / "leak").write_bytes(b"x" + value.encode() + b"x")
        assert any(found.startswith(name) for found in leaks(world, [])), name
    (world.home / "leak").unlink()
    assert leaks(world, []) == []
