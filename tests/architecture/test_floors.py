"""The floors of the house hold, and a breach of each rule is seen."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, project, rooms

BREACHES = {
    "no-window": ("engine/core/clock.py", "import PySide6"),
    "floors": ("engine/core/clock.py", "import engine.sdk"),
    "activities-see": ("engine/activities/planted.py", "import engine.store"),
    "activities-unseen": ("engine/cli/planted.py", "import engine.activities"),
    "a stray package": ("engine/strays/__init__.py", ""),
    "studio-floors": ("studio/base/i18n.py", "import studio.widgets"),
    "pages apart": ("studio/welcome/planted.py", "import studio.designer"),
    "studio-sees": ("studio/designer/planted.py", "import engine.runtime"),
    "studio-ground": ("studio/widgets/planted.py", "import engine.core"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-logo", "--no-cache"], cwd=folder, capture_output=True, text=True)


def test_the_floors_hold() -> None:
    run = lint(ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("rule", BREACHES)
def test_a_breach_is_seen(rule: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    name, line = BREACHES[rule]
    module = tmp_path / name
    module.parent.mkdir(exist_ok=True)
    with module.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    run = lint(tmp_path)
    assert run.returncode != 0
    assert line.removeprefix("import ") in run.stdout + run.stderr


def test_the_rule_for_activities_names_every_other_room() -> None:
    contracts = {contract["id"]: contract for contract in project()["tool"]["importlinter"]["contracts"]}
    others = {f"engine.{room}" for room in rooms() - {"activities", "sdk", "core"}}
    assert set(contracts["activities-see"]["forbidden_modules"]) == others
