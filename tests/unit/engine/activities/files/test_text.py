from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.activities.files import append, read, write
from engine.core.errors import BusinessError, SystemFault

Call = Callable[..., Any]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_what_was_written_is_read_whatever_the_encoding(call: Call, tmp_path: Path, encoding: str) -> None:
    text = "Поръчка 7\nГотово\n"
    written = call(write, path="out/письмо.txt", text=text, encoding=encoding)
    assert written == {"path": str(tmp_path / "out/письмо.txt"), "size": len(text.encode(encoding))}
    found = call(read, path="out/письмо.txt")
    assert found["text"] == text
    assert found["size"] == written["size"]


def test_line_ends(call: Call, tmp_path: Path) -> None:
    call(write, path="a.txt", text="a\nb\r\nc", line_ends="windows")
    assert (tmp_path / "a.txt").read_bytes() == b"a\r\nb\r\nc"
    assert call(read, path="a.txt")["text"] == "a\nb\nc"
    assert call(read, path="a.txt", line_ends="keep")["text"] == "a\r\nb\r\nc"


def test_writing_only_a_new_file_may_be_repeated(call: Call, tmp_path: Path) -> None:
    for _ in range(2):
        call(write, path="a.txt", text="one", if_exists="fail")
    with pytest.raises(BusinessError, match="already there"):
        call(write, path="a.txt", text="two", if_exists="fail")
    with pytest.raises(BusinessError, match="already there"):
        call(write, path=".", text="two", if_exists="fail")
    assert (tmp_path / "a.txt").read_text() == "one"


def test_texts_are_appended_on_lines_of_their_own(call: Call, tmp_path: Path) -> None:
    assert call(append, path="deep/log.txt", text="one")["size"] == 4
    assert call(append, path="deep/log.txt", text="two\n")["size"] == 8
    call(append, path="deep/log.txt", text="three", newline=False)
    call(append, path="deep/log.txt", text="four")
    assert (tmp_path / "deep/log.txt").read_text() == "one\ntwo\nthree\nfour\n"


def test_two_who_append_never_mix_their_lines(call: Call, tmp_path: Path) -> None:
    def many(name: str) -> None:
        for _ in range(40):
            call(append, path="log.txt", text=name * 3000)

    threads = [threading.Thread(target=many, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "log.txt").read_text().split("\n")
    assert sorted(lines) == [""] + ["a" * 3000] * 40 + ["b" * 3000] * 40


def test_what_is_too_large_or_no_file_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"x" * 2000)
    with pytest.raises(BusinessError, match=r"more than the 0\.001 MB"):
        call(read, path="big.txt", largest=0.001)
    with pytest.raises(BusinessError, match="is a folder"):
        call(read, path=".")
    with pytest.raises(BusinessError, match="no file or folder"):
        call(read, path="nowhere.txt")
    with pytest.raises(BusinessError, match="longer than"):
        call(read, path="x" * 300)
    with pytest.raises(BusinessError, match="no encoding"):
        call(read, path="big.txt", encoding="latin-99")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_refused_and_not_waited_for(call: Call, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BusinessError, match="not an ordinary file"):
        call(read, path="pipe")


@pytest.mark.parametrize("function", [write, append])
def test_texts_and_paths_that_cannot_be(call: Call, tmp_path: Path, function: Callable[..., Any]) -> None:
    with pytest.raises(BusinessError, match=r"line 2 .*'\\ud800'"):
        call(function, path="a.txt", text="a\n\ud800")
    with pytest.raises(BusinessError, match="not a path"):
        call(function, path="a\0b", text="a")
    with pytest.raises(BusinessError, match="is a folder"):
        call(function, path=".", text="a")
    (tmp_path / "file").touch()
    with pytest.raises(BusinessError, match=r"is a file, not a folder|already there"):
        call(function, path="file/a.txt", text="a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_nul_is_a_character_like_any_other(call: Call) -> None:
    call(write, path="a.txt", text="a\0b")
    assert call(read, path="a.txt", encoding="utf-8")["text"] == "a\0b"


_FULL = """
import resource, signal, sys
from pathlib import Path
from engine.activities.files import append, write
from engine.core.errors import SystemFault
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    {"append": append, "write": write}[sys.argv[1]](Path(sys.argv[2]), "x" * 2000)
except SystemFault as fault:
    sys.exit(f"FAULT {fault}")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files cannot be limited there")
@pytest.mark.parametrize("how", ["write", "append"])
def test_a_disk_that_fills_up_leaves_the_file_as_it_was(tmp_path: Path, how: str) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old\n")
    done = subprocess.run([sys.executable, "-c", _FULL, how, str(path)], capture_output=True, text=True, check=False)
    assert done.stderr.startswith("FAULT "), done.stderr
    assert path.read_text() == "old\n"
    assert [one.name for one in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_no_space_is_worth_another_try(call: Call) -> None:
    with pytest.raises(SystemFault, match="no space is left"):
        call(append, path="/dev/full", text="a")


_APPENDING = """
import sys
from pathlib import Path
from engine.activities.files import append
number = 0
while True:
    append(Path(sys.argv[1]), f"{number:08}" * 1000)
    number += 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed differently there")
def test_a_kill_tears_no_line_but_the_last_and_the_next_begins_anew(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    for _ in range(3):
        path.unlink(missing_ok=True)
        with subprocess.Popen([sys.executable, "-c", _APPENDING, str(path)]) as process:
            until = time.monotonic() + 20
            while not (path.exists() and path.stat().st_size > 40_000) and time.monotonic() < until:
                time.sleep(0.001)
            process.kill()
        call(append, path="log.txt", text="next")
        *lines, last, following = path.read_bytes().removesuffix(b"\n").split(b"\n")
        assert following == b"next"
        assert lines == [b"%08d" % number * 1000 for number in range(len(lines))]
        assert (b"%08d" % len(lines) * 1000).startswith(last)
        assert len(lines) >= 4
