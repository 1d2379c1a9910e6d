"""Logging as a part of the standard library, with every line cleaned of secrets.

structlog would cost 110 ms at the start of every command (measured); what it would give here is 15 lines.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from engine.core.secrets import redact

FILE = "rpa.log"
_LARGEST = 2_000_000
_KEPT = 5
_ours: list[logging.Handler] = []


class Formatter(logging.Formatter):
    """One line a record, a traceback below it; or one JSON object a line. Secret values are masked in both."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        if not self.as_json:
            return redact(super().format(record))
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        line = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(line)


class LogFile(logging.Handler):
    """The file, made with the first line: most commands log none, and `logging.handlers` costs them 3 ms."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._file is None:
            from logging.handlers import RotatingFileHandler

            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._file = RotatingFileHandler(
                    self.folder / FILE, "a", _LARGEST, _KEPT, "utf-8", True, "backslashreplace"
                )
            except OSError:
                return
            self._file.setFormatter(self.formatter)
        self._file.emit(record)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()


def configure(
    level: str = "warning", *, stream: TextIO | None = None, folder: Path | None = None, as_json: bool = False
) -> None:
    """Log from `level` on to `stream`, and to a file in `folder` that is kept small. Replaces an earlier call.

    A log that cannot be written costs the line, never the program.
    """
    close()
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.setLevel(level.upper())
    for handler in _handlers(stream, folder):
        handler.setFormatter(Formatter(as_json=as_json))
        root.addHandler(handler)
        _ours.append(handler)
    if not _ours:
        root.addHandler(silent := logging.NullHandler())
        _ours.append(silent)


def _handlers(stream: TextIO | None, folder: Path | None) -> Iterator[logging.Handler]:
    if stream is not None:
        yield logging.StreamHandler(stream)
    if folder is not None:
        yield LogFile(folder)


def close() -> None:
    """Undo `configure`: flush and close what it opened."""
    root = logging.getLogger()
    while _ours:
        handler = _ours.pop()
        root.removeHandler(handler)
        handler.close()


def keep(error: BaseException, folder: Path) -> Path | None:
    """Write the error with its traceback to the log file in `folder` and give that file, or None if it cannot be."""
    record = logging.LogRecord(
        "rpa", logging.CRITICAL, "", 0, "unexpected", None, (type(error), error, error.__traceback__)
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / FILE, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(Formatter(as_json=False).format(record) + "\n")
    except OSError:
        return None
    return folder / FILE
