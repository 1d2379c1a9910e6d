from __future__ import annotations

import gzip
import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.activities import http
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.sdk.partial import Partial

Call = Callable[..., Any]
Serve = Callable[..., Any]
CONTENT = os.urandom(3_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Store:
    """Answers with a file: in ranges, and breaking off after `most` bytes of each answer."""

    def __init__(self, most: int | None = None, **headers: str) -> None:
        self.content = CONTENT
        self.most = most
        self.headers = headers

    def __call__(self, it: Any) -> None:
        asked, state = it.headers.get("range"), it.headers.get("if-range")
        known = set(self.headers.values())
        start, status, headers = 0, 200, dict(self.headers)
        if asked and state in known:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.content):
                it.reply(416, Content_Range=f"bytes */{len(self.content)}")
                return
            status = 206
            headers["Content_Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        rest = self.content[start:]
        it.reply(status, rest[: self.most], length=len(rest), **headers)


def test_a_whole_file(call: Call, serve: Serve, tmp_path: Path) -> None:
    server = serve(Store(ETag='"1"'))
    output = call(http.download, url=server.url, path="new/a.bin", checksum=f"SHA-256:{DIGEST.upper()}")
    assert output == {
        "path": str(tmp_path / "new/a.bin"),
        "size": len(CONTENT),
        "sha256": DIGEST,
        "resumed_at": 0,
        "url": server.url,
    }
    assert (tmp_path / "new/a.bin").read_bytes() == CONTENT
    assert _left(tmp_path / "new") == ["a.bin"]
    call(http.download, url=server.url, path="new/a.bin", checksum=f"md5:{hashlib.md5(CONTENT).hexdigest()}")


@pytest.mark.parametrize("headers", [{"ETag": '"1"'}, {"Last_Modified": "Mon, 23 Nov 2026 20:00:00 GMT"}])
def test_a_broken_connection_is_taken_up(call: Call, serve: Serve, tmp_path: Path, headers: dict[str, str]) -> None:
    server = serve(Store(most=500_000, **headers))
    output = call(http.download, url=server.url, path="a.bin", retries=1)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert output["resumed_at"] == 2_500_000
    assert [it.headers["range"] for it in server.requests[:3]] == [None, "bytes=500000-", "bytes=1000000-"]
    assert _left(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"1"'}])
def test_without_a_validator_it_starts_again(call: Call, serve: Serve, tmp_path: Path, headers: dict[str, str]) -> None:
    store = Store(most=500_000, **headers)

    def answer(it: Any) -> None:
        store.most = 500_000 if len(it.server.requests) < 3 else None
        store(it)

    server = serve(answer)
    assert call(http.download, url=server.url, path="a.bin")["sha256"] == DIGEST
    assert [it.headers["range"] for it in server.requests] == [None] * 3


def test_a_later_try_of_the_step_goes_on(call: Call, serve: Serve, tmp_path: Path) -> None:
    store = Store(most=700_000, ETag='"1"')
    down = False

    def answer(it: Any) -> None:
        if down:
            it.close_connection = True
        else:
            store(it)

    def once(it: Any) -> None:
        nonlocal down
        answer(it)
        down = True

    server = serve(once)
    with pytest.raises(SystemFault, match="the connection broke"):
        call(http.download, url=server.url, path="a.bin", retries=1)
    assert len(_left(tmp_path)) == 2
    server.answer, store.most = store, None
    output = call(http.download, url=server.url, path="a.bin")
    assert (output["resumed_at"], output["sha256"]) == (700_000, DIGEST)
    assert _left(tmp_path) == ["a.bin"]


def test_a_file_that_changed_meanwhile_is_fetched_whole(call: Call, serve: Serve, tmp_path: Path) -> None:
    store = Store(most=500_000, ETag='"1"')

    def answer(it: Any) -> None:
        if len(it.server.requests) == 2:
            store.headers, store.content, store.most = {"ETag": '"2"'}, CONTENT[::-1], None
        store(it)

    server = serve(answer)
    call(http.download, url=server.url, path="a.bin")
    assert (tmp_path / "a.bin").read_bytes() == CONTENT[::-1]
    assert server.requests[1].headers["if-range"] == '"1"'


def test_a_server_that_gives_another_range(call: Call, serve: Serve, tmp_path: Path) -> None:
    def answer(it: Any) -> None:
        if it.headers.get("range"):
            it.reply(206, CONTENT[5:], Content_Range=f"bytes 5-{len(CONTENT) - 1}/{len(CONTENT)}", ETag='"1"')
        else:
            Store(most=500_000 if len(it.server.requests) < 2 else None, ETag='"1"')(it)

    assert call(http.download, url=serve(answer).url, path="a.bin")["sha256"] == DIGEST


def test_it_was_complete_already(call: Call, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(Store(ETag='"1"'))

    def full(self: Any, checksum: str, url: str) -> None:
        raise SystemFault("no space is left")

    with monkeypatch.context() as patched:
        patched.setattr(Partial, "finish", full)
        with pytest.raises(SystemFault, match="no space"):
            call(http.download, url=server.url, path="a.bin")
    output = call(http.download, url=server.url, path="a.bin")
    assert (output["sha256"], len(server.requests)) == (DIGEST, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
def test_a_disk_that_takes_no_more(call: Call, serve: Serve, tmp_path: Path) -> None:
    import resource

    server = serve(Store(ETag='"1"'))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, before[1]))
    try:
        with pytest.raises(SystemFault, match=r"cannot write .*a\.bin"):
            call(http.download, url=server.url, path="a.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(server.requests) == 1
    output = call(http.download, url=server.url, path="a.bin")
    assert output["sha256"] == DIGEST
    assert 0 < output["resumed_at"] <= 1_500_000


def test_a_wrong_checksum(call: Call, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_text("old")
    server = serve(Store(ETag='"1"'))
    with pytest.raises(SystemFault, match="has the sha1 checksum"):
        call(http.download, url=server.url, path="a.bin", checksum="sha1:" + "0" * 40)
    assert (tmp_path / "a.bin").read_text() == "old"
    assert _left(tmp_path) == ["a.bin"]
    for text in ("sha256:abc", "crc:00", "zz" * 32):
        with pytest.raises(BusinessError, match="is not a checksum"):
            call(http.download, url=server.url, path="a.bin", checksum=text)


def test_what_goes_wrong_leaves_the_old_file(call: Call, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_text("old")
    (tmp_path / "a.bin").chmod(0o640)
    with pytest.raises(BusinessError, match="404"):
        call(http.download, url=serve(lambda it: it.reply(404)).url, path="a.bin")
    with pytest.raises(BusinessError, match="larger than 1 MB"):
        call(http.download, url=serve(Store()).url, path="a.bin", max_size=1)
    with pytest.raises(SystemFault, match="500"):
        call(http.download, url=serve(lambda it: it.reply(500)).url, path="a.bin", retries=1)
    with pytest.raises(BusinessError, match="is a folder"):
        call(http.download, url=serve(Store()).url, path=".")
    assert (tmp_path / "a.bin").read_text() == "old"
    call(http.download, url=serve(Store()).url, path="a.bin")
    assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == 0o640


def test_compressed_on_the_way(call: Call, serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda it: it.reply(200, gzip.compress(CONTENT), Content_Encoding="gzip", ETag='"1"'))
    assert call(http.download, url=server.url, path="a.bin")["sha256"] == DIGEST


def test_a_silent_server(call: Call, serve: Serve, tmp_path: Path) -> None:
    def answer(it: Any) -> None:
        it.send_response(200)
        it.send_header("Content-Length", "10")
        it.end_headers()
        it.wfile.write(b"x")
        it.server.stopping.wait(20)

    with pytest.raises(StepTimeout, match="was silent for 200ms"):
        call(http.download, url=serve(answer).url, path="a.bin", timeout="200ms", retries=0)


def test_old_remains_are_swept(call: Call, serve: Serve, tmp_path: Path) -> None:
    for name, age in (
        (".a.bin.0123456789ab.part", 8),
        (".a.bin.0123456789ab.note", 8),
        (".a.bin.abcdefabcdef.part", 1),
    ):
        (tmp_path / name).write_text("x")
        at = time.time() - age * 86400
        os.utime(tmp_path / name, (at, at))
    call(http.download, url=serve(Store()).url, path="a.bin")
    assert _left(tmp_path) == [".a.bin.abcdefabcdef.part", "a.bin"]
