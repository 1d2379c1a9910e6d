from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from engine.core.errors import BusinessError, SystemFault
from engine.sdk.files import append_bytes, atomic_write, file_error, read_bytes


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".tmp"))


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "out.txt"
    with atomic_write(path) as stream:
        stream.write(b"one")
    path.chmod(0o640)
    with atomic_write(path) as stream:
        stream.write(b"two")
        assert path.read_bytes() == b"one"
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert left_over(path.parent) == []


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), atomic_write(path) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert left_over(tmp_path) == []


def test_an_error_about_another_file_is_not_laid_on_this_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "out.txt"):
        (tmp_path / "other.txt").read_bytes()
    with pytest.raises(SystemFault, match=r"no space is left to write .*out\.txt"), atomic_write(tmp_path / "out.txt"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with atomic_write(link) as stream:
        stream.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_folder_cannot_be_written_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="is a folder"), atomic_write(tmp_path):
        pass


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match=r"nowhere\.txt"):
        read_bytes(tmp_path / "nowhere.txt")
    with pytest.raises(BusinessError, match="is a folder"):
        read_bytes(tmp_path)
    with pytest.raises(BusinessError, match="is not a path"):
        read_bytes(tmp_path / "a\0b")
    with pytest.raises(BusinessError, match="is not a path"):
        read_bytes(tmp_path / "a\ud800b")


def test_an_append_ends_an_open_line_first(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "log.txt"
    assert append_bytes(path, b"one", line=True) == 3
    assert append_bytes(path, b"two\n", line=True) == 8
    assert append_bytes(path, b"three\n", line=True) == 14
    assert path.read_bytes() == b"one\ntwo\nthree\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_a_fault_worth_a_retry() -> None:
    with pytest.raises(SystemFault, match="no space"), open("/dev/full", "wb", buffering=0) as stream:
        try:
            stream.write(b"x")
        except OSError as error:
            raise file_error(error, Path("report.csv"), "write") from None


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EACCES, SystemFault),
        (errno.EROFS, SystemFault),
        (errno.EIO, SystemFault),
        (errno.ENAMETOOLONG, BusinessError),
        (errno.EEXIST, BusinessError),
    ],
)
def test_every_refusal_names_the_file(number: int, kind: type[Exception]) -> None:
    found = file_error(OSError(number, os.strerror(number)), Path("/data/orders.csv"), "read")
    assert type(found) is kind
    assert "orders.csv" in found.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BusinessError, match="not replaced"), atomic_write(tmp_path / "pipe"):
        raise AssertionError("nothing is to be written")
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
    assert (tmp_path / "pipe").is_fifo()
