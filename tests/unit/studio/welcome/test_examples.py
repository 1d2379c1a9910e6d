from __future__ import annotations

from pathlib import Path

import pytest

from engine.api import Catalog, loads
from studio.welcome.examples import Example, Picture, copy_example, find_examples, picture_of


def test_the_examples_of_the_program_are_found_and_drawn() -> None:
    found = {one.file.name: one for one in find_examples(Catalog())}
    report = found["order-report.rpa.yaml"]
    assert report.name == "Order report" and report.description.startswith("Joins orders")
    assert len(report.picture.dots) > 20 and report.picture.wires and report.picture.frames
    assert {"cat-data", "cat-docs", "cat-flow"} <= {dot.color for dot in report.picture.dots}


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    for name, text in (("good", "rpa: 1\nname: Good\n"), ("bad", ": : :\n\t"), ("newer", "rpa: 99\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.rpa.yaml").write_text(text, "utf-8")
    (tmp_path / "nul").mkdir()
    (tmp_path / "nul" / "nul.rpa.yaml").write_bytes(b"\xff\x00\xfe")
    assert [one.name for one in find_examples(Catalog(), tmp_path)] == ["Good"]
    assert find_examples(Catalog(), tmp_path / "missing") == []


def test_a_workflow_without_layout_or_with_strange_edges_is_drawn() -> None:
    text = """
rpa: 1
steps:
  - {id: a, activity: nobody.knows}
  - {id: b, activity: data.read_csv}
edges:
  - a.next -> b
  - a.next -> gone
"""
    picture = picture_of(loads(text).workflow, Catalog())
    assert [(dot.x, dot.color) for dot in picture.dots] == [(0.0, "cat-code"), (232.0, "cat-data")]
    assert picture.wires == ((0, 1),)


def test_a_copy_never_writes_over_what_is_there(tmp_path: Path) -> None:
    source = tmp_path / "examples" / "report"
    (source / "data").mkdir(parents=True)
    (source / "report.rpa.yaml").write_text("rpa: 1\n", "utf-8")
    (source / "data" / "a.csv").write_text("a\n", "utf-8")
    (source / "output").mkdir()
    example = Example(source / "report.rpa.yaml", "Report", "", Picture())
    first = copy_example(example, tmp_path / "own" / "RPA Studio")
    first.write_text("changed", "utf-8")
    second = copy_example(example, tmp_path / "own" / "RPA Studio")
    assert first == tmp_path / "own" / "RPA Studio" / "report" / "report.rpa.yaml"
    assert second.parent.name == "report-2" and second.read_text("utf-8") == "rpa: 1\n"
    assert first.read_text("utf-8") == "changed"
    assert (second.parent / "data" / "a.csv").is_file() and not (second.parent / "output").exists()


def test_a_copy_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    example = Example(tmp_path / "x" / "x.rpa.yaml", "X", "", Picture())
    with pytest.raises(OSError):
        copy_example(example, tmp_path / "file")
