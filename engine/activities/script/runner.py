"""Runs the author's Python inside the process that was started for it. Imports the standard library alone.

The engine starts this file with any Python from 3.8 on. Standard input holds one JSON document: the code or the file,
the inputs, and the arguments. Standard output is kept for the answer, one JSON document too; what the script prints
goes to standard error, with what it writes there. Values JSON lacks are tagged as `engine.core.values` does it.
"""

from __future__ import annotations

import base64
import json
import linecache
import os
import sys
import traceback
import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any

NAME = "<script>"
_DEEPEST = 200


class BusinessError(Exception):
    """What a script raises when its data is wrong and trying again would not help."""


def main() -> int:
    """Run the script and write the answer; gives the exit code."""
    with os.fdopen(os.dup(1), "w", encoding="ascii") as answer:
        os.dup2(2, 1)
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
        text = sys.stdin.buffer.read().decode("ascii")
        job: dict[str, Any] = json.loads(text)
        done = _run(job)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                pass  # the script closed it
        json.dump(done, answer)
    return int(done["code"])


def _run(job: dict[str, Any]) -> dict[str, Any]:
    import io

    name, code = job["file"] or NAME, job["code"]
    inputs = json.loads(job["inputs"], object_hook=untagged)
    sys.argv = [name, *job["arguments"]]
    sys.path[0] = os.path.dirname(os.path.abspath(name)) if job["file"] else os.getcwd()
    sys.stdin = io.StringIO(json.dumps(inputs, default=str))
    module = types.ModuleType("__main__")
    module.__dict__.update(inputs=inputs, result=None, BusinessError=BusinessError)
    if job["file"]:
        module.__file__ = name
    else:
        linecache.cache[NAME] = (len(code), None, code.splitlines(True), NAME)
    sys.modules["__main__"] = module
    try:
        program = compile(code if code is not None else _source(name), name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, UnicodeError, OSError) as error:
        line = getattr(error, "lineno", None)
        return _failure("business", error, line, getattr(error, "msg", None))
    try:
        exec(program, module.__dict__)
    except SystemExit as stop:
        if stop.code not in (None, 0):
            if not isinstance(stop.code, int):
                print(stop.code, file=sys.stderr)
            return {"code": stop.code if isinstance(stop.code, int) else 1, "exit": True}
    except BaseException as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        traceback.print_exception(type(error), error, error.__traceback__)
        return _failure("business" if isinstance(error, BusinessError) else "system", error, _line(error, name))
    try:
        return {"code": 0, "result": json.dumps(tagged(module.__dict__.get("result")))}
    except (TypeError, ValueError, RecursionError) as error:
        return _failure("result", error, None)


def _source(name: str) -> bytes:
    with open(name, "rb") as file:
        return file.read()


def _line(error: BaseException, name: str) -> int | None:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    return lines[-1] if lines else None


def _failure(kind: str, error: BaseException, line: int | None, message: str | None = None) -> dict[str, Any]:
    try:
        said = message or str(error)
    except Exception:
        said = "(its message cannot be shown)"
    return {"code": 1, "kind": kind, "type": type(error).__name__, "message": said[:2000], "line": line}


def tagged(value: Any, depth: int = 0) -> Any:
    """`value` as JSON can hold it. Raises `TypeError` for what is not data."""
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply, or holds itself")
    if isinstance(value, Enum):
        return tagged(value.value, depth + 1)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else {"$": "float", "v": repr(float(value))}
    if isinstance(value, datetime):
        return {"$": "datetime", "v": value.isoformat()}
    if isinstance(value, date):
        return {"$": "date", "v": value.isoformat()}
    if isinstance(value, time):
        return {"$": "time", "v": value.isoformat()}
    if isinstance(value, timedelta):
        return {"$": "duration", "v": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, (bytes, bytearray)):
        return {"$": "bytes", "v": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Decimal):
        return tagged(float(value), depth)
    if isinstance(value, PurePath):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return tagged({field.name: getattr(value, field.name) for field in fields(value)}, depth)
    if hasattr(value, "items"):
        made = {str(key): tagged(item, depth + 1) for key, item in value.items()}
        return {"$": "map", "v": list(made.items())} if "$" in made else made
    if hasattr(value, "tolist"):
        return tagged(value.tolist(), depth + 1)
    if isinstance(value, (set, frozenset)):
        return [tagged(item, depth + 1) for item in sorted(value, key=repr)]
    if hasattr(value, "__iter__") and not isinstance(value, type):
        items: list[Any] = [tagged(item, depth + 1) for item in value]
        return items
    raise TypeError(f"a {type(value).__name__} is not data that a workflow can hold")


def untagged(found: dict[str, Any]) -> Any:
    """What a tagged mapping stands for; for `json.loads`."""
    tag, value = found.get("$"), found.get("v")
    if tag is None:
        return found
    if tag == "date":
        return date.fromisoformat(value)  # type: ignore[arg-type]
    if tag == "datetime":
        return datetime.fromisoformat(value)  # type: ignore[arg-type]
    if tag == "time":
        return time.fromisoformat(value)  # type: ignore[arg-type]
    if tag == "duration":
        return timedelta(*value)  # type: ignore[misc]
    if tag == "bytes":
        return base64.b64decode(value)  # type: ignore[arg-type]
    if tag == "float":
        return float(value)  # type: ignore[arg-type]
    if tag == "map":
        return dict(value)  # type: ignore[arg-type]
    return value


if __name__ == "__main__":
    sys.exit(main())
