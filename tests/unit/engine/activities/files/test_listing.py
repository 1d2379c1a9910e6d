from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.activities.files import exists, hash_file, info, list_files
from engine.core.errors import BusinessError
from engine.core.values import decode, encode, plain
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size, age in [("b.csv", 30, 0), ("A.CSV", 20, 5), ("c.txt", 10, 90), (".hidden.csv", 5, 0)]:
        path = tmp_path / name
        path.write_bytes(b"x" * size)
        os.utime(path, (time.time() - age * 86400,) * 2)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "d.csv").write_bytes(b"xxxx")
    return tmp_path


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ["A.CSV", "b.csv", "c.txt"]),
        ({"pattern": "*.csv"}, ["A.CSV", "b.csv"]),
        ({"pattern": "?.csv; *.txt"}, ["A.CSV", "b.csv", "c.txt"]),
        ({"pattern": "*.csv", "hidden": True}, [".hidden.csv", "A.CSV", "b.csv"]),
        ({"pattern": "*.csv", "recursive": True}, ["A.CSV", "b.csv", "d.csv"]),
        ({"kind": "folders"}, ["deep"]),
        ({"kind": "both", "limit": 2}, ["A.CSV", "b.csv"]),
        ({"sort": "size", "descending": True}, ["b.csv", "A.CSV", "c.txt"]),
        ({"sort": "modified"}, ["c.txt", "A.CSV", "b.csv"]),
        ({"newer_than": "7d"}, ["A.CSV", "b.csv"]),
        ({"older_than": "30d"}, ["c.txt"]),
        ({"smallest": 20}, ["A.CSV", "b.csv"]),
        ({"largest": 20}, ["A.CSV", "c.txt"]),
    ],
)
def test_files_are_found(call: Call, folder: Path, given: dict[str, Any], found: list[str]) -> None:
    listed = call(list_files, folder=".", **given)
    assert [one["name"] for one in listed["files"]] == found
    assert listed["count"] == len(found)


def test_a_folder_that_is_none(call: Call, folder: Path) -> None:
    for path, reason in [("nowhere", "no file or folder"), ("b.csv", "is a file"), ("a\0", "not a path")]:
        with pytest.raises(BusinessError, match=reason):
            call(list_files, folder=path)
    with pytest.raises(BusinessError, match=r"Not changed for: .*'soon' is not a length of time"):
        call(list_files, folder=".", older_than="soon")


def test_links_are_told_and_not_entered(call: Call, folder: Path) -> None:
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "nowhere.csv").symlink_to(folder / "gone")
    listed = call(list_files, folder=".", recursive=True, pattern="*.csv")
    assert [one["name"] for one in listed["files"]] == ["A.CSV", "b.csv", "d.csv", "nowhere.csv"]
    assert listed["files"][-1]["kind"] == "other"


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be any bytes")
def test_a_name_that_is_no_text_survives_the_journal(call: Call, tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.csv", "wb"):
        pass
    listed = decode(encode(call(list_files, folder=".")))
    path = listed["files"][0]["path"]
    assert call(info, path=path)["size"] == 0


def test_what_a_file_is(call: Call, folder: Path) -> None:
    found = call(info, path="b.csv")
    assert {key: found[key] for key in ("name", "stem", "extension", "folder", "kind", "size")} == {
        "name": "b.csv",
        "stem": "b",
        "extension": ".csv",
        "folder": str(folder),
        "kind": "file",
        "size": 30,
    }
    assert abs(found["modified"].timestamp() - time.time()) < 60
    os.utime(folder / "b.csv", (-1, 2**40))
    assert call(info, path="b.csv")["modified"].year >= 1970


@pytest.mark.parametrize(
    ("path", "kind", "port", "there"),
    [
        ("b.csv", "any", "true", "file"),
        ("b.csv", "folder", "false", "file"),
        ("deep", "folder", "true", "folder"),
        ("nowhere", "any", "false", ""),
        ("b.csv/c", "any", "false", ""),
    ],
)
async def test_what_is_there(folder: Path, path: str, kind: str, port: str, there: str) -> None:
    environment = ActivityEnvironment(folder)
    found = await environment.run(exists, path=path, kind=kind)
    assert environment.port == port
    assert plain(found) == {"exists": port == "true", "kind": there, "path": str(folder / path)}


def test_a_hash(call: Call, folder: Path) -> None:
    right = hashlib.sha256(b"x" * 30).hexdigest()
    assert call(hash_file, path="b.csv", expected=right.upper()) == {"hash": right, "size": 30}
    assert call(hash_file, path="b.csv", algorithm="md5")["hash"] == hashlib.md5(b"x" * 30).hexdigest()
    with pytest.raises(BusinessError, match="not abc"):
        call(hash_file, path="b.csv", expected="abc")
    with pytest.raises(BusinessError, match="is a folder"):
        call(hash_file, path="deep")
