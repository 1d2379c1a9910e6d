from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.activities.files import copy, move, rename
from engine.core.errors import ActivityError, BusinessError, SystemFault

Call = Callable[..., Any]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "deep" / "b.txt").write_text("bb")
    (folder / "empty").mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_is_copied_to_a_name_or_into_a_folder(call: Call, tree: Path, tmp_path: Path) -> None:
    os.utime(tree / "a.txt", (1_000_000_000, 1_000_000_000))
    copied = call(copy, source="in/a.txt", destination="out/c.txt")
    assert copied == {"path": str(tmp_path / "out/c.txt"), "files": 1, "skipped": 0, "size": 1}
    assert (tmp_path / "out/c.txt").stat().st_mtime == 1_000_000_000
    assert call(copy, source="in/a.txt", destination="out")["path"] == str(tmp_path / "out/a.txt")


def test_a_copy_may_be_repeated_and_never_replaces_unasked(call: Call, tree: Path, tmp_path: Path) -> None:
    for _ in range(2):
        call(copy, source="in/a.txt", destination="c.txt")
    (tmp_path / "c.txt").write_text("x")
    with pytest.raises(BusinessError, match="already there"):
        call(copy, source="in/a.txt", destination="c.txt")
    assert call(copy, source="in/a.txt", destination="c.txt", if_exists="skip")["skipped"] == 1
    assert (tmp_path / "c.txt").read_text() == "x"
    for _ in range(2):
        numbered = call(copy, source="in/a.txt", destination="c.txt", if_exists="number")
        assert numbered["path"] == str(tmp_path / "c (2).txt")
    call(copy, source="in/a.txt", destination="c.txt", if_exists="replace")
    assert (tmp_path / "c.txt").read_text() == "a"


def test_a_folder_is_copied_with_all_that_is_in_it(call: Call, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for _ in range(2):
        copied = call(copy, source="in", destination="out")
        assert (copied["path"], copied["files"], copied["size"]) == (str(tmp_path / "out/in"), 2, 3)
    assert names(tmp_path / "out/in") == names(tree)
    (tmp_path / "out/in/deep/b.txt").write_text("xx")
    (tree / "0.txt").touch()
    with pytest.raises(BusinessError, match=r"b\.txt is already there"):
        call(copy, source="in", destination="out")
    assert not (tmp_path / "out/in/0.txt").exists(), "nothing is copied when something stands in the way"
    call(copy, source="in", destination="out", if_exists="replace")
    assert (tmp_path / "out/in/deep/b.txt").read_text() == "bb"
    call(copy, source="in", destination="other")
    assert names(tmp_path / "other") == names(tree)


@pytest.mark.parametrize("function", [copy, move])
def test_a_folder_does_not_go_into_itself(call: Call, tree: Path, function: Callable[..., Any]) -> None:
    with pytest.raises(BusinessError, match="into itself"):
        call(function, source="in", destination="in/deep")
    assert names(tree) == ["a.txt", "deep", "deep/b.txt", "empty"]


@pytest.mark.parametrize("function", [copy, move])
def test_what_is_not_there_or_cannot_be(call: Call, tree: Path, function: Callable[..., Any]) -> None:
    for source, destination, reason in [
        ("nowhere", "x", "no file or folder"),
        ("a\0b", "x", "not a path"),
        ("in/a.txt", "a\0b", "not a path"),
        ("in/a.txt", "a\ud800b", "not a path"),
        ("in/a.txt", "x" * 300, "longer than"),
        ("in/a.txt", "in/deep/b.txt/c", "is a file, not a folder|already there"),
    ]:
        with pytest.raises(BusinessError, match=reason):
            call(function, source=source, destination=destination)
    assert (tree / "a.txt").read_text() == "a"


def test_a_link_to_a_folder_cannot_make_a_copy_endless(call: Call, tree: Path, tmp_path: Path) -> None:
    (tree / "deep" / "up").symlink_to(tree)
    assert call(copy, source="in", destination="out")["files"] == 2
    assert not (tmp_path / "out/deep/up").exists()


def test_moves_and_names(call: Call, tree: Path, tmp_path: Path) -> None:
    moved = call(move, source="in/a.txt", destination="archive/2026/a.txt")
    assert moved == {"path": str(tmp_path / "archive/2026/a.txt"), "previous": str(tree / "a.txt")}
    assert not (tree / "a.txt").exists()
    assert call(rename, path="in/deep", name="shallow")["path"] == str(tree / "shallow")
    assert (tree / "shallow/b.txt").exists()
    assert call(move, source="in/shallow", destination="archive")["path"] == str(tmp_path / "archive/shallow")
    for name in ("", ".", "a/b", "..\\b", "a\0"):
        with pytest.raises(BusinessError, match="not a file name"):
            call(rename, path="in/empty", name=name)


def test_a_move_does_what_it_was_told_where_a_file_is(call: Call, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(BusinessError, match="already there"):
        call(move, source="in/a.txt", destination="a.txt")
    assert call(move, source="in/a.txt", destination="a.txt", if_exists="number")["path"].endswith("a (2).txt")
    call(move, source="a (2).txt", destination="a.txt", if_exists="replace")
    assert (tmp_path / "a.txt").read_text() == "a"
    with pytest.raises(BusinessError, match="is not replaced"):
        call(rename, path="a.txt", name="in", if_exists="replace")
    assert call(rename, path="a.txt", name="a.txt")["path"] == str(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").exists()


def test_a_move_that_was_killed_between_its_two_names_can_be_finished(call: Call, tree: Path, tmp_path: Path) -> None:
    os.link(tree / "a.txt", tmp_path / "b.txt")
    call(move, source="in/a.txt", destination="b.txt")
    assert not (tree / "a.txt").exists()
    assert (tmp_path / "b.txt").read_text() == "a"


def test_of_two_who_move_to_one_place_one_is_told(call: Call, tmp_path: Path) -> None:
    for number in range(20):
        sources = [tmp_path / f"{name}{number}" for name in "ab"]
        for source in sources:
            source.write_text(source.name)
        told: list[ActivityError] = []
        threads = [threading.Thread(target=_try, args=(call, one, f"to{number}", told)) for one in sources]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(told) == 1
        assert sum(one.exists() for one in sources) == 1


def _try(call: Call, source: Path, destination: str, told: list[ActivityError]) -> None:
    try:
        call(move, source=str(source), destination=destination)
    except ActivityError as error:
        told.append(error)


@pytest.mark.parametrize("what", ["a.txt", "deep"])
def test_from_disk_to_disk_the_copy_is_complete_before_the_original_goes(
    call: Call, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def apart(*_: Any, **__: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    real, first = os.replace, [True]

    def once_apart(source: Any, place: Any) -> None:
        if first.pop() if first else False:
            apart()
        real(source, place)

    monkeypatch.setattr(os, "link", apart)
    monkeypatch.setattr(os, "replace", once_apart)
    call(move, source=f"in/{what}", destination="out/there")
    assert not (tree / what).exists()
    assert (tmp_path / "out/there").exists()
    assert names(tmp_path / "out") in (["there"], ["there", "there/b.txt"])


def test_a_full_disk_leaves_the_original_and_nothing_half(
    call: Call, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SystemFault, match="no space is left"):
        call(copy, source="in/a.txt", destination="out/a.txt")
    assert names(tmp_path / "out") == []
    assert (tree / "a.txt").exists()
