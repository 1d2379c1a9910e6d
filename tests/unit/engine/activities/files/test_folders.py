from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.activities.files import create_folder, delete, list_files, temp_folder
from engine.core.errors import BusinessError

Call = Callable[..., Any]


def test_a_folder_is_made_once(call: Call, tmp_path: Path) -> None:
    assert call(create_folder, path="a/b/c") == {"path": str(tmp_path / "a/b/c"), "created": True}
    assert call(create_folder, path="a/b/c")["created"] is False
    (tmp_path / "file").touch()
    with pytest.raises(BusinessError, match="already there"):
        call(create_folder, path="file")
    with pytest.raises(BusinessError, match="not a folder"):
        call(create_folder, path="file/a")


def test_a_step_has_one_temporary_folder_however_often_it_is_tried(call: Call, tmp_path: Path) -> None:
    first = call(temp_folder, parent="scratch")
    path = Path(first["path"])
    assert path.parent == tmp_path / "scratch"
    (path / "kept").touch()
    assert call(temp_folder, parent="scratch") == {"path": str(path), "created": False}
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_files_links_and_folders_are_deleted(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "a.txt").touch()
    (tmp_path / "link").symlink_to(folder)
    assert call(delete, path="link") == {"deleted": [str(tmp_path / "link")], "missing": []}
    with pytest.raises(BusinessError, match="is not empty"):
        call(delete, path="full")
    assert (folder / "a.txt").exists()
    assert call(delete, path="full", recursive=True)["deleted"] == [str(folder)]
    assert call(delete, path=["full", "full/a.txt"])["missing"] == [str(folder), str(folder / "a.txt")]
    with pytest.raises(BusinessError, match="no file or folder"):
        call(delete, path="full", missing_ok=False)


def test_what_was_listed_can_be_deleted(call: Call, tmp_path: Path) -> None:
    for name in ("a.log", "b.log", "c.txt"):
        (tmp_path / name).touch()
    listed = call(list_files, folder=".", pattern="*.log")
    assert len(call(delete, path=listed["files"])["deleted"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["c.txt"]


@pytest.mark.parametrize("path", ["", ".", "..", "/", "~", "a/../.."])
def test_the_folders_that_everything_stands_in_are_not_deleted(call: Call, tmp_path: Path, path: str) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(BusinessError, match="does not delete"):
        call(delete, path=["a", path], recursive=True)
    assert (tmp_path / "a").exists(), "all paths are looked at before anything is deleted"


def test_two_may_delete_one_folder(call: Call, tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / "a" / str(number)).mkdir(parents=True)
    errors: list[Exception] = []

    def clear() -> None:
        try:
            call(delete, path="a", recursive=True)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=clear) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert not (tmp_path / "a").exists()


def test_a_path_that_cannot_be(call: Call) -> None:
    with pytest.raises(BusinessError, match="not a path"):
        call(delete, path="a\0b")
