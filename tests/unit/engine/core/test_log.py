"""Log lines are clean of secrets, and a log that cannot be written harms nobody."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core import log
from engine.core.secrets import MASK, Secret


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    log.close()
    logging.getLogger().setLevel(level)
    logging.raiseExceptions = True


def test_secrets_are_masked_in_messages_and_tracebacks(tmp_path: Path) -> None:
    Secret("hunter2hunter2")
    log.configure("info", folder=tmp_path)
    try:
        raise ValueError("the password hunter2hunter2 is wrong")
    except ValueError:
        logging.getLogger("engine.test").exception("login with hunter2hunter2 failed")
    log.close()
    text = (tmp_path / log.FILE).read_text("utf-8")
    assert "hunter2" not in text
    assert text.count(MASK) == 3
    assert "Traceback" in text


def test_json_lines() -> None:
    stream = io.StringIO()
    log.configure("warning", stream=stream, as_json=True)
    logging.getLogger("engine.test").info("unheard")
    logging.getLogger("engine.test").warning("two\nlines %s", 7)
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert (found["level"], found["logger"], found["message"]) == ("warning", "engine.test", "two\nlines 7")
    assert found["at"].endswith("Z")


def test_surrogates_reach_the_file(tmp_path: Path) -> None:
    log.configure("info", folder=tmp_path)
    record = logging.LogRecord("engine.test", logging.INFO, __file__, 1, "lone \ud800", None, None)
    for handler in logging.getLogger().handlers:  # not pytest's: what that captures travels as UTF-8
        if isinstance(handler, log.LogFile) and handler.folder == tmp_path:
            handler.handle(record)
    log.close()
    assert "\\ud800" in (tmp_path / log.FILE).read_text("utf-8")


def test_a_folder_that_cannot_be(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("")
    log.configure("info", folder=tmp_path / "taken")
    logging.getLogger("engine.test").error("lost")
    assert log.keep(ValueError("x"), tmp_path / "taken") is None
    assert capfd.readouterr().err == ""


def test_keep_writes_the_traceback(tmp_path: Path) -> None:
    try:
        raise KeyError("gone")
    except KeyError as error:
        kept = log.keep(error, tmp_path / "logs")
    assert kept is not None
    assert "KeyError: 'gone'" in kept.read_text("utf-8")
