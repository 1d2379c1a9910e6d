"""What holds for FTP, FTPS, SFTP and an old server alike, on real ones."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from engine.activities.ftp import delete, get, list_files, make_folder, move, put
from engine.sdk import BusinessError, SystemFault
from tests.unit.engine.activities.ftp.conftest import There

BIG = bytes(range(256)) * 8192  # 2 MB


def halves(folder: Path) -> list[Path]:
    """What is left half done."""
    return [path for path in folder.rglob("*") if ".part" in path.name]


async def test_files_come_and_go(there: There, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "фактура 1.txt").write_text("one")
    (here / "b.txt").write_text("")
    sent = await there.run(put, source="*.txt", path="in/new/")
    assert [(one.path, one.size) for one in sent.files] == [("in/new/b.txt", 0), ("in/new/фактура 1.txt", 3)] or [
        one.path for one in sent.files
    ] == ["/in/new/b.txt", "/in/new/фактура 1.txt"]
    assert (there.root / "in/new/фактура 1.txt").read_text() == "one" and not halves(there.root)
    await there.run(put, source="b.txt", path="top.txt")
    listed = await there.run(list_files, recursive=True, pattern="*.txt")
    assert [(one.name, one.size, one.folder) for one in listed.entries] == [
        ("b.txt", 0, False), ("фактура 1.txt", 3, False), ("top.txt", 0, False),
    ]  # fmt: skip
    assert all(one.modified is not None for one in listed.entries)
    assert [one.name for one in (await there.run(list_files, kind="folders")).entries] == ["in"]
    got = await there.run(get, path="in/new/*.txt", destination="got")
    assert (got.count, got.bytes) == (2, 3)
    assert (here / "got/фактура 1.txt").read_text() == "one" and (here / "got/b.txt").read_bytes() == b""
    one = await there.run(get, path="in/new/фактура 1.txt", destination="named.txt")
    assert one.files[0].sha256 == hashlib.sha256(b"one").hexdigest()
    moved = await there.run(move, path="in/new/*.txt", destination="done/")
    assert [Path(path).name for path in moved.paths] == ["b.txt", "фактура 1.txt"]
    assert sorted(os.listdir(there.root / "done")) == ["b.txt", "фактура 1.txt"]
    assert (await there.run(make_folder, path="in/new/er/est")).made == 2
    assert (await there.run(make_folder, path="in/new")).made == 0
    assert (await there.run(delete, path="done/*.txt")).count == 2
    assert (await there.run(delete, path="in", recursive=True)).count == 4
    assert (await there.run(delete, path="in")).count == 0
    assert sorted(os.listdir(there.root)) == ["done", "top.txt"]


async def test_what_is_there_is_replaced_left_or_refused(there: There, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "a.txt").write_text("new")
    (there.root / "a.txt").write_text("old")
    assert (await there.run(put, source="a.txt", if_exists="skip")).files[0].skipped
    with pytest.raises(BusinessError, match="is already on"):
        await there.run(put, source="a.txt", if_exists="fail")
    assert (there.root / "a.txt").read_text() == "old"
    await there.run(put, source="a.txt")
    assert (there.root / "a.txt").read_text() == "new"
    (there.root / "b.txt").write_text("b")
    with pytest.raises(BusinessError, match="is already on"):
        await there.run(move, path="a.txt", destination="b.txt")
    await there.run(move, path="a.txt", destination="b.txt", if_exists="replace")
    assert (there.root / "b.txt").read_text() == "new"
    assert (await there.run(get, path="b.txt", destination="a.txt", if_exists="skip")).files[0].skipped
    with pytest.raises(BusinessError, match="is already there"):
        await there.run(get, path="b.txt", destination="a.txt", if_exists="fail")


async def test_what_is_not_there(there: There) -> None:
    for what, more in ((get, {"destination": "x"}), (move, {"destination": "x"}), (delete, {"must_exist": True})):
        with pytest.raises(BusinessError, match=r"there is no .*gone\.txt on"):
            await there.run(what, path="gone.txt", **more)
    with pytest.raises(BusinessError, match="no file or folder"):
        await there.run(put, source="gone.txt")
    assert (await there.run(get, path="*.txt", destination="x")).count == 0
    (there.root / "folder").mkdir()
    with pytest.raises(BusinessError, match="is a folder, not a file"):
        await there.run(get, path="folder", destination="x")


async def test_a_download_goes_on_where_the_connection_broke(there: There, tmp_path: Path) -> None:
    (there.root / "big").write_bytes(BIG)
    there.server.cut_after, there.server.cuts = 700_000, 2
    got = await there.run(get, path="big", destination="big")
    assert (tmp_path / "here/big").read_bytes() == BIG and not halves(tmp_path / "here")
    assert got.files[0].resumed_at > 500_000 and there.server.cuts == 0
    assert there.server.moved < 1.6 * len(BIG)
    assert len([line for line in there.environment.lines if "trying again" in line.message]) == 2


async def test_a_download_goes_on_in_the_next_try_of_the_step(there: There, tmp_path: Path) -> None:
    (there.root / "big").write_bytes(BIG)
    there.server.cut_after, there.server.cuts = 700_000, 1
    with pytest.raises(SystemFault, match="broke"):
        await there.run(get, path="big", destination="big", retries=0)
    assert not (tmp_path / "here/big").exists() and len(halves(tmp_path / "here")) >= 1
    got = await there.run(get, path="big", destination="big", retries=0)
    assert got.files[0].resumed_at > 500_000 and got.files[0].sha256 == hashlib.sha256(BIG).hexdigest()
    there.server.cuts = 1
    (tmp_path / "here/big").unlink()
    with pytest.raises(SystemFault, match="broke"):
        await there.run(get, path="big", destination="big", retries=0)
    (there.root / "big").write_bytes(b"other" * 200_000)
    os.utime(there.root / "big", (1, 1))
    got = await there.run(get, path="big", destination="big")
    assert got.files[0].resumed_at == 0 and (tmp_path / "here/big").read_bytes() == b"other" * 200_000


async def test_an_upload_goes_on_where_the_connection_broke(there: There, tmp_path: Path) -> None:
    (tmp_path / "here/big").write_bytes(BIG)
    there.server.cut_after, there.server.cuts = 700_000, 1
    with pytest.raises(SystemFault, match="broke"):
        await there.run(put, source="big", retries=0)
    assert not (there.root / "big").exists() and len(halves(there.root)) == 1
    sent = await there.run(put, source="big")
    assert (there.root / "big").read_bytes() == BIG and not halves(there.root)
    assert sent.files[0].resumed_at >= 250_000


async def test_a_transfer_can_be_stopped(there: There, tmp_path: Path) -> None:
    (there.root / "big").write_bytes(BIG * 20)
    task = asyncio.ensure_future(there.run(get, path="big", destination="big"))
    while not there.environment.progressed:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    there.environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (tmp_path / "here/big").exists()


async def test_a_wrong_password_and_a_host_that_is_gone(there: There) -> None:
    with pytest.raises(BusinessError, match="does not let 'ada' in") as refused:
        await there.run(list_files, credential="wrong")
    assert "credential" in refused.value.hint and "not-the-word" not in str(refused.value)
    scheme = there.given["address"].partition(":")[0]
    with pytest.raises(SystemFault, match="cannot be reached"):
        await there.run(list_files, address=f"{scheme}://127.0.0.1:1")
