from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from engine.core.errors import DocumentError
from engine.core.secrets import SecretRef
from engine.workflow.codec import content_hash, dumps, load, loads, save, save_text
from engine.workflow.model import Edge, Input, Layout, Note, Place, Retry, Settings, Step, Workflow
from engine.workflow.problem import Problem
from engine.workflow.syntax import DEEPEST, LARGEST

FULL = """\
rpa: 1
name: Order report
description: |
  Reads orders.

  Writes a report.
inputs:
  orders:
    type: file
    label: Orders
    default: orders.csv
variables:
  count: 0
outputs:
  report: "{{ steps.write.output }}"
settings:
  in_doubt: fail
  timeout: 2h
  max_parallel: 20
on_error: notify
steps:
  - id: read
    activity: data.read_csv
    label: Read orders
    note: From the shop
    disabled: true
    join: any
    retry:
      attempts: 5
      delay: 2s
    timeout: 30s
    continue_on_error: true
    in_doubt: retry
    with:
      path: "{{ inputs.orders }}"
      header: true
      delimiter: ";"
  - id: notify
    activity: control.log
edges:
  - read.next -> write
  - read.large orders.v2 -> write
layout:
  steps:
    read: {x: 40, y: 80.5}
  notes:
    - id: n1
      text: Careful
"""


def test_the_file_reads_as_the_model_and_is_written_the_same() -> None:
    document = loads(FULL)
    assert document.problems == ()
    workflow = document.workflow
    assert workflow.steps[0].retry == Retry(attempts=5, delay="2s")
    assert workflow.settings == Settings("fail", "2h", 20)
    assert workflow.inputs == (Input("orders", "file", "Orders", default="orders.csv"),)
    assert workflow.edges == (Edge("read", "next", "write"), Edge("read", "large orders.v2", "write"))
    assert workflow.layout == Layout({"read": Place(40, 80.5)}, (Note("n1", "Careful"),))
    assert workflow.steps[0].parameters == {"path": "{{ inputs.orders }}", "header": True, "delimiter": ";"}
    assert dumps(workflow) == FULL


def test_places_count_lines_and_columns_from_one() -> None:
    marks = loads(FULL).marks
    assert marks[("name",)][:2] == (2, 1)
    assert marks[("steps", "read")][:2] == (22, 3)
    assert marks[("steps", "read", "with", "path")][:2] == (35, 7)
    assert marks[("edges", "read.next -> write")][:2] == (41, 3)
    mark = marks[("steps", "read", "with", "path")]
    assert FULL[mark.start : mark.end] == '"{{ inputs.orders }}"'


def test_moving_a_step_changes_one_line() -> None:
    workflow = loads(FULL).workflow
    moved = replace(workflow, layout=replace(workflow.layout, steps={"read": Place(50, 90)}))
    before, after = dumps(workflow).splitlines(), dumps(moved).splitlines()
    assert [line for line in after if line not in before] == ["    read: {x: 50, y: 90}"]
    assert len(before) == len(after)


def test_unknown_keys_survive_at_every_level() -> None:
    text = """\
rpa: 1
name: X
inputs:
  a:
    type: text
    shape: round
settings:
  mood: calm
steps:
  - id: a
    activity: x.y
    retry:
      delay: 1m
      until: dawn
    owner:
      - Ann
colour: red
layout:
  zoom: 1.5
  steps:
    a: {x: 1, y: 2, pinned: true}
  notes:
    - id: n
      text: Hi
      angle: 3
  frames:
    - id: f
      title: Box
      style: dashed
"""
    document = loads(text)
    assert document.problems == ()
    again = loads(dumps(document.workflow))
    assert again.workflow == document.workflow
    for word in ("round", "calm", "dawn", "Ann", "red", "1.5", "pinned: true", "angle", "dashed"):
        assert word in again.text


@pytest.mark.parametrize(
    ("line", "path", "words"),
    [
        ("disabled: maybe", ("steps", "a", "disabled"), "true or false"),
        ("label: 2024", ("steps", "a", "label"), "must be text"),
        ("retry: often", ("steps", "a", "retry"), "a mapping"),
        ("join: al", ("steps", "a", "join"), "one of all, any"),
        ("with: 5", ("steps", "a", "with"), "a mapping"),
    ],
)
def test_a_value_of_the_wrong_type_is_a_problem_and_survives(line: str, path: tuple[str, ...], words: str) -> None:
    document = loads(f"rpa: 1\nsteps:\n  - id: a\n    activity: x.y\n    {line}\n")
    (problem,) = document.problems
    assert (problem.code, problem.line, problem.column, problem.step) == ("wrong-type", 5, 5, "a")
    assert words in problem.message
    assert line in dumps(document.workflow)
    assert loads(dumps(document.workflow)).workflow == document.workflow


def test_a_missing_id_is_a_problem() -> None:
    document = loads("rpa: 1\nsteps:\n  - activity: x.y\n")
    assert [(problem.code, problem.line) for problem in document.problems] == [("missing-key", 3)]


def test_a_length_of_time_may_be_a_number_of_seconds() -> None:
    document = loads("rpa: 1\nsettings: {timeout: 30}\nsteps: []\n")
    assert document.workflow.settings.timeout == "30s"


@pytest.mark.parametrize("text", ["a->b", "a -> b", " a.next  ->  b "])
def test_edges_written_by_hand_are_read_kindly(text: str) -> None:
    document = loads(f"rpa: 1\nsteps: []\nedges:\n  - {text}\n")
    assert document.workflow.edges == (Edge("a", "next", "b"),)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("No", "No"),
        ("12:30", "12:30"),
        ("2026-11-23", "2026-11-23"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
        ("007", "007"),
        ("+359888123456", "+359888123456"),
        ("1_000", "1_000"),
        ("1.10.2", "1.10.2"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("-12", -12),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("'12'", "12"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_what_unquoted_values_mean(written: str, value: object) -> None:
    workflow = loads(f"rpa: 1\nvariables:\n  a: {written}\n").workflow
    found = workflow.variables["a"]
    assert found == value
    assert type(found) is type(value)
    assert loads(dumps(workflow)).workflow == workflow


def test_keys_are_text_as_written() -> None:
    document = loads("rpa: 1\nvariables: {a: {1: x, true: y, 2026-01-01: z, <<: w}}\n")
    assert document.workflow.variables["a"] == {"1": "x", "true": "y", "2026-01-01": "z", "<<": "w"}


@pytest.mark.parametrize(
    "value", ["\0", "\ud800", "a\udfffb", "\ud83d\ude00", "\x85", "\u2028x", "\ufeff", "\x7f", "\r\n", "a\tb"]
)
def test_characters_that_no_file_holds_are_escaped(value: str) -> None:
    workflow = Workflow(variables={"a": value, value: "key"})
    text = dumps(workflow)
    text.encode("utf-8")
    assert loads(text).workflow == workflow


def test_values_that_are_no_yaml_are_written_as_what_forms_hold() -> None:
    workflow = Workflow(
        variables={
            "day": date(2026, 11, 23),
            "moment": datetime(2026, 11, 23, 10, 30),
            "hour": time(10, 30),
            "pause": timedelta(minutes=1, milliseconds=500),
            "key": SecretRef("mail"),
            "path": Path("a/b"),
            "pair": (1, 2),
        }
    )
    assert loads(dumps(workflow)).workflow.variables == {
        "day": "2026-11-23",
        "moment": "2026-11-23T10:30:00",
        "hour": "10:30:00",
        "pause": "60.5s",
        "key": "{{ secret('mail') }}",
        "path": str(Path("a/b")),
        "pair": [1, 2],
    }


def test_integers_of_any_length_are_kept() -> None:
    workflow = Workflow(variables={"a": 10**5000 + 7, "b": -(10**5000), "c": 10**30})
    assert loads(dumps(workflow)).workflow.variables == workflow.variables


def test_bytes_and_objects_are_refused() -> None:
    for value in (b"x", object()):
        with pytest.raises(DocumentError, match=r"no .*file can hold"):
            dumps(Workflow(variables={"a": value}))


def test_nothing_is_written_that_could_not_be_read_back() -> None:
    value: list[object] = []
    for _ in range(DEEPEST * 2):
        value = [value]
    with pytest.raises(DocumentError, match="deep"):
        dumps(Workflow(variables={"a": value}))
    for depth in range(DEEPEST - 6, DEEPEST + 2):
        value = ["end"]
        for _ in range(depth):
            value = [value]
        for workflow in (Workflow(variables={"a": value}), Workflow(steps=(Step("a", "x.y", {"b": {"c": value}}),))):
            try:
                text = dumps(workflow)
            except DocumentError:
                continue
            assert loads(text).workflow == workflow


def test_the_hash_is_of_the_text_without_comments() -> None:
    plain = loads("rpa: 1\nname: X\nsteps: []\n")
    commented = loads("# hello\nname: X  # there\nrpa: 1\n")
    assert content_hash(plain.workflow) == content_hash(commented.workflow)
    assert content_hash(plain.workflow) != content_hash(replace(plain.workflow, name="Y"))
    assert len(content_hash(plain.workflow)) == 64


BAD = {
    "nothing": ("", "empty"),
    "only comments": ("# hello\n", "empty"),
    "a list": ("- a\n", "not a mapping"),
    "a text": ("hello\n", "not a mapping"),
    "two documents": ("rpa: 1\n---\nrpa: 1\n", "second document"),
    "open bracket": ("rpa: 1\nsteps: [1, 2\n", "does not end"),
    "open quote": ('rpa: 1\nname: "abc\n', "does not end"),
    "tab": ("rpa: 1\nsettings:\n\ttimeout: 1s\n", "a tab indents"),
    "colon": ("rpa: 1\nname: a: b\n", "where no key can"),
    "indentation": ("rpa: 1\nsteps:\n  - id: a\n   activity: b\n", "does not fit"),
    "alias bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "use elsewhere"),
    "alias": ("a: *b\n", "another place"),
    "tag": ("a: !!python/object/apply:os.system [id]\n", "tag"),
    "expression without quotes": ("rpa: 1\nvariables:\n  a: {{ inputs.x }}\n", "expression stands outside quotes"),
    "key is a list": ("rpa: 1\n? [a, b]\n: c\n", "where a key belongs"),
    "nul": ("rpa: 1\nname: a\0b\n", r"U\+0000"),
    "surrogate": ("rpa: 1\nname: a\ud800b\n", r"U\+D800"),
    "bad escape": ('rpa: 1\nname: "C:\\data"\n', "escape"),
    "deep": ("a: " + "[" * 101 + "]" * 101, "nest more than 100"),
    "very deep": ("a: " + "[" * 200_000, "nest more than 100"),
    "deep in blocks": ("".join("  " * depth + f"k{depth}:\n" for depth in range(105)), "nest more than 100"),
    "too new": ("rpa: 99\n", "format 99"),
    "format is text": ("rpa: one\n", "must be the number"),
    "format never was": ("rpa: -3\n", "never existed"),
    "steps no list": ("rpa: 1\nsteps: 5\n", "must be a list"),
    "step no mapping": ("rpa: 1\nsteps: [5]\n", "must be a mapping"),
    "input no mapping": ("rpa: 1\ninputs: {a: text}\n", "must be a mapping"),
    "edge no text": ("rpa: 1\nedges: [5]\n", "not an edge"),
    "edge without arrow": ("rpa: 1\nedges: [a.next b]\n", "not an edge"),
    "place no mapping": ("rpa: 1\nlayout: {steps: {a: here}}\n", "must be a mapping"),
    "large": ("rpa: 1\nname: " + "a" * LARGEST, "larger than 10 MB"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_says_what_and_where(case: str) -> None:
    text, words = BAD[case]
    with pytest.raises(DocumentError, match=words) as caught:
        loads(text, name="orders.rpa.yaml")
    assert "orders.rpa.yaml" in caught.value.message
    assert caught.value.hint
    for problem in caught.value.problems:
        assert isinstance(problem, Problem)


def test_syntax_errors_have_a_line_and_column() -> None:
    with pytest.raises(DocumentError) as caught:
        loads('rpa: 1\nname: X\nvariables:\n  a: "b\\qc"\n')
    (problem,) = caught.value.problems
    assert isinstance(problem, Problem)
    assert (problem.line, problem.column) == (4, 8)


def test_a_duplicate_key_names_both_places() -> None:
    document = loads("rpa: 1\nname: X\nsteps: []\nname: Y\n")
    (problem,) = document.problems
    assert (problem.code, problem.line) == ("duplicate-key", 4)
    assert "line 2" in problem.message
    assert document.workflow.name == "Y"


def test_a_document_of_almost_ten_megabytes_opens() -> None:
    text = "rpa: 1\nvariables:\n  a: " + "x" * (LARGEST - 100) + "\n"
    assert len(loads(text).workflow.variables["a"]) == LARGEST - 100


def test_windows_line_ends_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.rpa.yaml"
    path.write_bytes(b"\xef\xbb\xbfrpa: 1\r\nname: X  # hello\r\nvariables:\r\n  a: |\r\n    b\r\n    c\r\n")
    document = load(path)
    assert document.workflow.variables == {"a": "b\nc\n"}
    assert document.comments.inline == {("name",): "# hello"}
    assert document.path == path


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="there is no file"):
        load(tmp_path / "none.rpa.yaml")
    with pytest.raises(DocumentError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(DocumentError, match="not a file name"):
        load(Path("a\0b"))
    large = tmp_path / "large.rpa.yaml"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(DocumentError, match="larger than 10 MB"):
        load(large)
    latin = tmp_path / "latin.rpa.yaml"
    latin.write_bytes("rpa: 1\nname: Füße\n".encode("latin-1"))
    with pytest.raises(DocumentError, match="not UTF-8") as caught:
        load(latin)
    assert "line 2" in caught.value.message
    binary = tmp_path / "binary.rpa.yaml"
    binary.write_bytes(b"rpa: 1\nname: \0\0\n")
    with pytest.raises(DocumentError, match=r"U\+0000"):
        load(binary)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read and write everything")
def test_files_without_permission_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.rpa.yaml"
    save(path, Workflow(name="X"))
    path.chmod(0o400)
    with pytest.raises(DocumentError, match="may not be written"):
        save(path, Workflow(name="Y"))
    path.chmod(0)
    with pytest.raises(DocumentError, match="may not be read"):
        load(path)


def test_saving_keeps_permissions_and_links_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.rpa.yaml"
    save(path, Workflow(name="X"))
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600
    path.chmod(0o640)
    link = tmp_path / "link.rpa.yaml"
    link.symlink_to(path)
    save(link, load(link))
    save(link, replace(load(path), workflow=Workflow(name="Y")))
    assert link.is_symlink()
    assert load(path).workflow.name == "Y"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a.rpa.yaml", "link.rpa.yaml"]


def test_a_save_that_fails_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.rpa.yaml"
    save(path, Workflow(name="old"))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DocumentError, match="no space left"):
            save(path, Workflow(name="new"))
    assert load(path).workflow.name == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["a.rpa.yaml"]


def test_places_that_cannot_be_saved_to_say_why(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="is a folder"):
        save(tmp_path, Workflow())
    with pytest.raises(DocumentError, match="there is no folder"):
        save(tmp_path / "none" / "a.rpa.yaml", Workflow())
    with pytest.raises(DocumentError, match="too long"):
        save(tmp_path / ("a" * 300), Workflow())
    with pytest.raises(DocumentError, match="not a file name"):
        save(tmp_path / "a\0b", Workflow())
    with pytest.raises(DocumentError, match="larger than 10 MB"):
        save(tmp_path / "a.rpa.yaml", Workflow(variables={"a": "x" * LARGEST}))
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_is_no_workflow_is_saved_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.rpa.yaml"
    save_text(path, "no: [workflow\r\n")
    assert path.read_bytes() == b"no: [workflow\r\n"
    with pytest.raises(DocumentError, match="line 2 holds half of a character"):
        save_text(path, "a\nb \ud800")
    assert path.read_bytes() == b"no: [workflow\r\n"
