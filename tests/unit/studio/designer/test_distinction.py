"""What tells files of one title apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.designer.distinction import distinctions


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["/a/x.rpa.yaml"], [""]),
        ([None, None], ["", ""]),
        ([None, "/a/x.rpa.yaml"], ["", ""]),
        (["/data/march/x.rpa.yaml", None, "/data/april/x.rpa.yaml"], ["march", "", "april"]),
        (["/march/in/x.rpa.yaml", "/april/in/x.rpa.yaml"], ["march/…", "april/…"]),
        (["/in/x.rpa.yaml", "/april/in/x.rpa.yaml"], ["/in", "april/…"]),
        (["/a/m/x.rpa.yaml", "/a/n/x.rpa.yaml", "/b/m/x.rpa.yaml"], ["a/…", "n", "b/…"]),
        (["/a/m/x.rpa.yaml", "/a/n/x.rpa.yaml", "/b/m/x.rpa.yaml", "/b/n/x.rpa.yaml"], ["a/m", "a/n", "b/m", "b/n"]),
        (["/a/x.rpa.yaml", "/a/y.rpa.yaml"], ["x.rpa.yaml", "y.rpa.yaml"]),
        (["/a/x.rpa.yaml", "/a/y.rpa.yaml", "/b/x.rpa.yaml"], ["/a/x.rpa.yaml", "y.rpa.yaml", "/b/x.rpa.yaml"]),
    ],
)
def test_what_tells_files_apart(files: list[str | None], found: list[str]) -> None:
    assert distinctions([Path(file) if file else None for file in files]) == found


def test_no_two_are_told_the_same() -> None:
    files = [Path(f"/{a}/{b}/{c}/flow.rpa.yaml") for a in "pq" for b in "mn" for c in "xy"]
    assert len(set(distinctions(files))) == len(files)
