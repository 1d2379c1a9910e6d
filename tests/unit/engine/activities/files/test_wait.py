from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.activities.files import wait
from engine.core.errors import BusinessError, StepTimeout
from engine.core.values import plain
from engine.sdk.testing import ActivityEnvironment


@pytest.fixture
def environment(tmp_path: Path) -> ActivityEnvironment:
    return ActivityEnvironment(tmp_path)


async def waited(environment: ActivityEnvironment, path: str, **given: Any) -> Any:
    return plain(await environment.run(wait, path=path, **{"stable": "60ms", "timeout": "5s", **given}))


async def test_a_file_that_still_grows_is_waited_for(environment: ActivityEnvironment, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    waiting = asyncio.create_task(waited(environment, "orders-*.csv; orders.csv"))
    with path.open("wb", buffering=0) as stream:
        for _ in range(5):
            await asyncio.sleep(0.03)
            assert not waiting.done()
            stream.write(b"x" * 100)
    found = await waiting
    assert found["path"] == str(path)
    assert found["files"][0]["size"] == 500


async def test_half_downloads_and_empty_files_do_not_count(environment: ActivityEnvironment, tmp_path: Path) -> None:
    (tmp_path / "report.xlsx.crdownload").write_bytes(b"x")
    (tmp_path / "empty.xlsx").touch()
    with pytest.raises(StepTimeout, match=r"no complete file .* within 200ms$"):
        await waited(environment, "*", timeout="200ms")
    assert (await waited(environment, "empty.xlsx", smallest=0))["count"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="locks differ there")
async def test_a_locked_file_is_still_being_written(environment: ActivityEnvironment, tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / "a.txt").open("wb") as stream:
        stream.write(b"x")
        stream.flush()
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
        with pytest.raises(StepTimeout, match="still being written"):
            await waited(environment, "a.txt", timeout="200ms")
    assert (await waited(environment, "a.txt"))["count"] == 1


async def test_several_come_at_once(environment: ActivityEnvironment, tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "[1].txt"):
        (tmp_path / name).write_bytes(b"x")
    found = await waited(environment, "*.txt")
    assert [one["name"] for one in found["files"]] == ["[1].txt", "a.txt", "b.txt"]
    assert (await waited(environment, "[1].txt"))["count"] == 1


async def test_waiting_can_be_stopped(environment: ActivityEnvironment) -> None:
    waiting = asyncio.create_task(waited(environment, "never.txt", timeout=None))
    await asyncio.sleep(0.05)
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_what_cannot_be_waited_for(environment: ActivityEnvironment) -> None:
    with pytest.raises(BusinessError, match="not a path"):
        await waited(environment, "a\0b")
    with pytest.raises(BusinessError, match="only the name"):
        await waited(environment, "inbox-*/a.txt")
    with pytest.raises(BusinessError, match=r"At most: .*'soon'"):
        await waited(environment, "a.txt", timeout="soon")
