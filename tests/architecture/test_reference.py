"""The pages for people are current, and what the guide shows works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.sdk.catalog import Catalog
from engine.sdk.reference import STORED, pages, write
from tests.architecture.tree import ROOT

GUIDE = ROOT / "docs" / "adding-an-activity.md"
_LINK = re.compile(r"\[[^\]]*\]\(([^)#:]+)(?:#([^)]*))?\)")


def test_the_reference_is_current() -> None:
    stored = {path.name: path.read_text("utf-8") for path in STORED.glob("*.md")}
    assert stored == pages(Catalog(entry_points=False)), "run: python -m engine.sdk.reference"


def test_the_pages_do_not_depend_on_the_process(tmp_path: Path) -> None:
    for folder, seed in (("one", "1"), ("two", "2")):
        command = [sys.executable, "-m", "engine.sdk.reference", str(tmp_path / folder)]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed})
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_pages_of_families_that_are_gone_go_too_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "gone.md").write_bytes((tmp_path / "files.md").read_bytes())
    (tmp_path / "mine.md").write_text("My own notes.")
    write(tmp_path)
    assert not (tmp_path / "gone.md").exists()
    assert (tmp_path / "mine.md").exists()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in _LINK.findall(page.read_text("utf-8")):
        target = page.parent / path
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, f"{path}#{anchor}"


def test_every_row_of_a_table_has_the_cells_of_its_head() -> None:
    for path in STORED.glob("*.md"):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("|"):
                assert len(re.findall(r"(?<!\\)\|", line)) == 5, f"{path.name}: {line}"


def test_the_guide_shows_code_that_works(tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert len(code) == 2
    (tmp_path / "test_guide.py").write_text("".join(code))
    command = [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert "2 passed" in run.stdout
