"""JSON: text and files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.cells import jsonable
from engine.sdk.encodings import decode_text, encode_text
from engine.sdk.files import atomic_write, read_bytes


@dataclass(frozen=True)
class Parsed:
    """The value that the text stands for."""

    value: Any


@dataclass(frozen=True)
class Formatted:
    """The text of the value."""

    text: str


@dataclass(frozen=True)
class Written:
    """Where it was written, and how many bytes."""

    path: Path
    size: int


@activity(
    "data.parse_json", label="Parse JSON", icon="brackets-curly", effect=Effect.PURE, keywords=("deserialize", "read")
)
async def parse_json(
    text: Annotated[str, Param("JSON text", kind="code", language="json")],
    lines: Annotated[bool, Param("One value on each line", "JSON Lines; gives a list.", advanced=True)] = False,
) -> Parsed:
    """Turn JSON text into data.

    The output holds `value`: a mapping, a list, text, a number, true, false or null.
    """
    return Parsed(_parse(text, lines, say("the text")))


@activity(
    "data.format_json", label="Format JSON", icon="brackets-curly", effect=Effect.PURE, keywords=("serialize", "text")
)
async def format_json(
    value: Annotated[Any, Param("Value")],
    indent: Annotated[int, Param("Indent by", "0 for all on one line.", unit="spaces")] = 2,
    sort_keys: Annotated[bool, Param("Sort the keys", advanced=True)] = False,
    ascii_only: Annotated[bool, Param("Only ASCII characters", advanced=True)] = False,
) -> Formatted:
    """Turn data into JSON text.

    Dates and times are written in ISO 8601, lengths of time in seconds, bytes in base64. The output holds `text`.
    """
    return Formatted(_format(value, indent, sort_keys, ascii_only))


@activity("data.read_json", label="Read JSON file", icon="brackets-curly", effect=Effect.PURE, keywords=("import",))
def read_json(
    path: Annotated[Path, Param("JSON file", kind="file")],
    encoding: Annotated[str, Param("Encoding", "auto, utf-8, windows-1251 …", advanced=True)] = "auto",
    lines: Annotated[bool, Param("One value on each line", "JSON Lines; gives a list.", advanced=True)] = False,
) -> Parsed:
    """Read a JSON file.

    The output holds `value`.
    """
    text, _ = decode_text(read_bytes(path), encoding, path.name)
    return Parsed(_parse(text.removeprefix("\ufeff"), lines, path.name))


@activity(
    "data.write_json",
    label="Write JSON file",
    icon="brackets-curly",
    effect=Effect.IDEMPOTENT,
    keywords=("export", "save"),
)
def write_json(
    path: Annotated[Path, Param("JSON file", kind="save")],
    value: Annotated[Any, Param("Value")],
    indent: Annotated[int, Param("Indent by", "0 for all on one line.", unit="spaces")] = 2,
    sort_keys: Annotated[bool, Param("Sort the keys", advanced=True)] = False,
    lines: Annotated[
        bool, Param("One value on each line", "JSON Lines; the value must be a list.", advanced=True)
    ] = False,
) -> Written:
    """Write data to a JSON file, in UTF-8, which is replaced whole.

    The output holds `path` and `size` in bytes.
    """
    if lines and not isinstance(value, list):
        raise BusinessError(say("only a list can be written with one value on each line"))
    if lines:
        text = "".join(_format(item, 0, sort_keys, False) + "\n" for item in value)
    else:
        text = _format(value, indent, sort_keys, False) + "\n"
    content = encode_text(text, "utf-8", path.name)
    with atomic_write(path) as stream:
        stream.write(content)
    return Written(path, len(content))


def _parse(text: str, lines: bool, what: str) -> Any:
    if lines:
        return [_value(line, what, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return _value(text, what, 0)


def _value(text: str, what: str, line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BusinessError(
            say(
                "{what} is not JSON: line {line}, column {colno}: {msg}",
                what=what,
                line=line or error.lineno,
                colno=error.colno,
                msg=error.msg,
            ),
            hint=say("An empty text is not JSON either.") if not text.strip() else say("Check the text at that place."),
        ) from None
    except RecursionError:
        raise BusinessError(say("{what} is nested too deeply to be read", what=what)) from None
    except ValueError:
        raise BusinessError(say("{what} holds a number that is too long to be read", what=what)) from None


def _format(value: Any, indent: int, sort_keys: bool, ascii_only: bool) -> str:
    if not 0 <= indent <= 16:
        raise BusinessError(say("the indent must be between 0 and 16 spaces"))
    try:
        return json.dumps(
            jsonable(value), indent=indent or None, sort_keys=sort_keys, ensure_ascii=ascii_only, allow_nan=False
        )
    except ValueError:
        raise BusinessError(
            say("JSON has no way to write infinity or what is not a number"), hint=say("Replace such numbers first.")
        ) from None
    except RecursionError:
        raise BusinessError(say("the value is nested too deeply to be written")) from None
