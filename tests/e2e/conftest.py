"""The `rpa` command as a process of its own, as a person or a script starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

GREET = """\
rpa: 1
name: greet
inputs:
  name: {type: text, default: world}
  count: {type: integer, default: 1}
outputs:
  greeting: "{{ steps.compose.output.greeting }}"
  double: "{{ inputs.count * 2 }}"
steps:
  - id: compose
    activity: control.set
    with: {values: {greeting: "Hello, {{ inputs.name }}!"}}
"""
PATIENT = """\
rpa: 1
name: patient
steps:
  - id: first
    activity: control.log
    with: {message: started}
  - id: rest
    activity: control.foreach
    with: {items: 1000}
  - id: nap
    activity: control.delay
    with: {length: 200ms}
edges:
  - first.next -> rest
  - rest.body -> nap
"""
FAILING = """\
rpa: 1
name: failing
steps:
  - id: each
    activity: control.foreach
    with: {items: [1, 0]}
  - id: divide
    activity: control.set
    with: {values: {x: "{{ 1 / item }}"}}
edges:
  - each.body -> divide
"""


@dataclass
class Rpa:
    """Runs commands in `folder`, with a data folder of its own."""

    folder: Path
    home: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "engine.cli", *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "PYTHONPATH")}
        root = str(Path(__file__).parents[2])
        return {**kept, "RPA_HOME": str(self.home), "PYTHONPATH": root, "PYTHONWARNINGS": "error", **more}

    def __call__(
        self, *arguments: str, code: int | None = 0, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end. The exit code must be `code`, if one is given, and no traceback is ever shown."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(**(environment or {})),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=60,
        )
        told = f"{done.args}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in told, told
        assert code is None or done.returncode == code, told
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The one document on standard output."""
        return json.loads(self(*arguments, "--json", code=code).stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it and do not wait."""
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self.started.append(process)
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        """As by kill -9, if it still runs."""
        if process in self.started:
            self.started.remove(process)
            process.kill()
            process.communicate()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path


@pytest.fixture
def rpa(tmp_path: Path, own_home: Path) -> Iterator[Rpa]:
    folder = tmp_path / "work"
    folder.mkdir()
    found = Rpa(folder, own_home)
    found.write("greet.rpa.yaml", GREET)
    found.write("patient.rpa.yaml", PATIENT)
    found.write("failing.rpa.yaml", FAILING)
    yield found
    for process in list(found.started):
        found.kill(process)
