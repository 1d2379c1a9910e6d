from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.activities.files import unzip_files, zip_files
from engine.core.errors import BusinessError
from engine.core.secrets import Secret

Call = Callable[..., Any]


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "поръчка.txt").write_text("a" * 5000)
    (folder / "deep" / ".b").write_text("bb")
    (folder / "empty").mkdir()
    return folder


def packed(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_what_was_packed_comes_out_again(call: Call, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("1")
    (tree / "deep" / "up").symlink_to(tree)
    zipped = call(zip_files, sources=["in", "one.txt"], archive="in/out.zip")
    assert (zipped["files"], zipped["size"]) == (3, 5003)
    assert zipped["compressed"] == (tree / "out.zip").stat().st_size < 5003
    for _ in range(2):
        again = call(zip_files, sources=["in", {"path": "one.txt"}], archive="in/out.zip")
        assert again["files"] == 3, "an archive does not hold itself"
        unzipped = call(unzip_files, archive="in/out.zip", folder="out")
    assert unzipped["count"] == 3
    assert names(tmp_path / "out") == ["in", "in/deep", "in/deep/.b", "in/empty", "in/поръчка.txt", "one.txt"]
    assert (tmp_path / "out/in/поръчка.txt").read_text() == "a" * 5000


def test_files_of_one_name_are_refused(call: Call, tree: Path, tmp_path: Path) -> None:
    (tree / "deep" / "a.txt").touch()
    (tree / "a.txt").touch()
    with pytest.raises(BusinessError, match="the same name"):
        call(zip_files, sources=["in/a.txt", "in/deep/a.txt"], archive="out.zip")
    with pytest.raises(BusinessError, match="no file or folder"):
        call(zip_files, sources=["in", "nowhere"], archive="out.zip")
    assert not (tmp_path / "out.zip").exists()


@pytest.mark.parametrize("name", ["../a", "/a", "b/../../a", "..\\a", "C:\\a", "C:a", "\\\\server\\share\\a"])
def test_no_name_leads_out_of_the_folder(call: Call, tmp_path: Path, name: str) -> None:
    packed(tmp_path / "a.zip", ("good", b"1"), (name, b"2"))
    with pytest.raises(BusinessError, match="leads out"):
        call(unzip_files, archive="a.zip", folder="out")
    assert names(tmp_path) == ["a.zip"]


def test_no_link_leads_out_of_the_folder(call: Call, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed(tmp_path / "a.zip", (link, b"/etc"))
    with pytest.raises(BusinessError, match="is a link"):
        call(unzip_files, archive="a.zip", folder="out")
    packed(tmp_path / "b.zip", ("there/a", b"1"))
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "there").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BusinessError, match="through a link"):
        call(unzip_files, archive="b.zip", folder="out")
    assert names(tmp_path / "elsewhere") == []


def test_an_archive_that_swells_is_refused(call: Call, tmp_path: Path) -> None:
    packed(tmp_path / "bomb.zip", ("zeros", b"\0" * 3_000_000))
    with pytest.raises(BusinessError, match="more than the 1 MB"):
        call(unzip_files, archive="bomb.zip", folder="out", most=1)
    packed(tmp_path / "many.zip", *((f"{number}", b"") for number in range(20)))
    with pytest.raises(BusinessError, match="20 files"):
        call(unzip_files, archive="many.zip", folder="out", most_files=10)
    assert not (tmp_path / "out").exists()


def test_an_archive_that_lies_about_its_size_is_refused(call: Call, tmp_path: Path) -> None:
    path = packed(tmp_path / "liar.zip", ("zeros", b"\0" * 3_000_000))
    size = (3_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(BusinessError, match=r"damaged|more than"):
        call(unzip_files, archive="liar.zip", folder="out", most=1)
    assert names(tmp_path / "out") == []


@pytest.mark.parametrize(
    "members",
    [
        [("a", b"1"), ("a/b", b"2")],
        [("a/b", b"2"), ("a", b"1")],
        [("A.txt", b"1"), ("a.txt", b"2")],
    ],
)
def test_names_that_cannot_stand_side_by_side(call: Call, tmp_path: Path, members: list[tuple[str, bytes]]) -> None:
    packed(tmp_path / "a.zip", *members)
    with pytest.raises(BusinessError, match="two files called"):
        call(unzip_files, archive="a.zip", folder="out")


def test_what_is_there_stays_when_told_so(call: Call, tmp_path: Path) -> None:
    packed(tmp_path / "a.zip", ("a", b"new"), ("b", b"new"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b").write_bytes(b"old")
    with pytest.raises(BusinessError, match="already there"):
        call(unzip_files, archive="a.zip", folder="out", if_exists="fail")
    assert names(tmp_path / "out") == ["b"]
    found = call(unzip_files, archive="a.zip", folder="out", if_exists="skip")
    assert (found["count"], found["skipped"]) == (1, 1)
    assert (tmp_path / "out" / "b").read_bytes() == b"old"


def test_a_damaged_archive_leaves_nothing(call: Call, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("good", b"1"), ("bad", os.urandom(100_000)))
    content = bytearray(path.read_bytes())
    content[50_000] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BusinessError, match="damaged"):
        call(unzip_files, archive="a.zip", folder="out")
    assert names(tmp_path / "out") == []
    for number, wrong in enumerate([b"", b"PK\x03\x04", b"text", bytes(content[:40_000])]):
        (tmp_path / f"{number}.zip").write_bytes(wrong)
        with pytest.raises(BusinessError, match="not a ZIP archive"):
            call(unzip_files, archive=f"{number}.zip", folder="out")
    for wrong_path, reason in [("out", "is a folder"), ("nowhere.zip", "no file"), ("a\0", "not a path")]:
        with pytest.raises(BusinessError, match=reason):
            call(unzip_files, archive=wrong_path, folder="out")
    with pytest.raises(BusinessError, match=r"a file, not a folder|already there"):
        call(unzip_files, archive="a.zip", folder="0.zip")


def test_an_encrypted_archive_asks_for_its_password(call: Call, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("a", b"secret text"))
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    path.write_bytes(content)
    with pytest.raises(BusinessError, match="needs a password"):
        call(unzip_files, archive="a.zip", folder="out")
    with pytest.raises(BusinessError, match="needs a password") as caught:
        call(unzip_files, archive="a.zip", folder="out", password=Secret("hunter2!"))
    assert "hunter2" not in str(caught.value)


def test_many_small_files(call: Call, tmp_path: Path) -> None:
    packed(tmp_path / "many.zip", *((f"{number}.txt", b"%d" % number) for number in range(300)))
    assert call(unzip_files, archive="many.zip", folder="out")["count"] == 300
    assert (tmp_path / "out/299.txt").read_bytes() == b"299"
    assert len(names(tmp_path / "out")) == 300
