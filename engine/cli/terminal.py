"""What the person at the other end can be shown: colors, characters, columns, one JSON document, or a closed pipe."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TextIO

from engine.core.errors import RpaError
from engine.core.secrets import SecretRef
from engine.core.values import ArtifactRef

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
SYMBOLS = {
    "succeeded": ("✓", "+", "green"),
    "failed": ("✗", "x", "red"),
    "cancelled": ("✗", "x", "red"),
    "in_doubt": ("?", "?", "yellow"),
    "waiting": ("…", "~", "yellow"),
    "paused": ("‖", "=", "yellow"),
    "retrying": ("↻", "~", "yellow"),
    "running": ("▸", ">", "blue"),
    "queued": ("·", ".", "dim"),
    "skipped": ("-", "-", "dim"),
}
_FALLBACKS = str.maketrans({"…": "~", "–": "-", "—": "-", "•": "*", "→": ">", "×": "x", "·": "."})
INTERRUPTED = "interrupted_execution"
"""The attribute of an error that holds the id of the execution it interrupted."""
_NARROW = 80
_PROBLEMS = 20


class Terminal:
    """Where the commands write. With `as_json` standard output is kept for one document, and text goes to standard
    error. Writing never raises: a reader that goes away is no error, and `failure` tells of any other."""

    def __init__(self, *, as_json: bool = False, color: bool = True) -> None:
        self.as_json = as_json
        self.failure = ""
        self._gone: set[TextIO] = set()
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")
        self.text = sys.stderr if as_json else sys.stdout
        self.interactive = _is_terminal(self.text) and os.environ.get("TERM") != "dumb"
        self.color = color and self.interactive and not os.environ.get("NO_COLOR")
        self.unicode = _can_encode(self.text, "✓…▸‖↻")

    @property
    def width(self) -> int:
        """Columns of a line; in a pipe that of an ordinary terminal."""
        if not self.interactive:
            return _NARROW
        try:
            return max(40, os.get_terminal_size(self.text.fileno()).columns or _NARROW)
        except OSError:
            return _NARROW

    @property
    def closed(self) -> bool:
        """Whether nobody reads any more (`rpa journal … | head`)."""
        return sys.stdout in self._gone or self.text in self._gone

    def style(self, text: str, *styles: str) -> str:
        """`text` in that style, where there are colors."""
        codes = ";".join(_STYLES[style] for style in styles if style)
        return f"\x1b[{codes}m{text}\x1b[0m" if self.color and codes else text

    def symbol(self, status: str) -> str:
        """The sign of a status, one column wide."""
        rich, simple, style = SYMBOLS.get(status, ("·", ".", "dim"))
        return self.style(rich if self.unicode else simple, style)

    def say(self, text: str = "") -> None:
        """A line for the person who gave the command."""
        if not self.unicode:
            text = text.translate(_FALLBACKS)
        self._write(self.text, text + "\n")

    def document(self, value: Any) -> None:
        """The one JSON document, on standard output."""
        import json

        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        self._write(sys.stdout, json.dumps(jsonable(value), ensure_ascii=not utf8, indent=2) + "\n")

    def raw(self, text: str) -> None:
        """A piece of a document that is too long to be held whole."""
        self._write(sys.stdout, text)

    def complain(self, error: RpaError | str, hint: str = "") -> None:
        """What went wrong, and what to do, on standard error."""
        message = error if isinstance(error, str) else error.message
        hint = hint or getattr(error, "hint", "")
        color = self.color and _is_terminal(sys.stderr)
        head = "\x1b[31merror:\x1b[0m" if color else "error:"
        lines = [f"{head} {printable(message)}"] + ([f"  hint: {printable(hint)}"] if hint else [])
        problems = getattr(error, "problems", ())
        if len(problems) > 1:
            lines += [
                f"  {one.line}:{one.column}: {one.severity}: {printable(one.message)}" for one in problems[:_PROBLEMS]
            ]
        execution = getattr(error, INTERRUPTED, "")
        if execution:
            lines.append(f"  what was finished is kept; go on with: rpa resume {short(execution)}")
        if len(problems) > _PROBLEMS:
            lines.append(f"  and {len(problems) - _PROBLEMS} more; rpa validate shows all")
        try:
            print(*lines, sep="\n", file=sys.stderr, flush=True)
        except OSError:
            pass

    def table(
        self, rows: Iterable[Sequence[str]], head: Sequence[str] = (), *, right: Sequence[int] = (), status: int = -1
    ) -> None:
        """Aligned columns; lines are cut where they would wrap. `right` lists columns of numbers, `status` is the
        column that is colored by the status it holds."""
        lines = [list(head)] if head else []
        lines += [[printable(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for number, line in enumerate(lines):
            cells = [
                cell.rjust(width) if column in right else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            text = self.cut("  ".join(cells).rstrip(), self.width)
            if head and number == 0:
                text = self.style(text, "dim")
            elif status >= 0 and line[status] in SYMBOLS:
                start = sum(widths[:status]) + 2 * status
                end = start + len(line[status])
                text = text[:start] + self.style(text[start:end], SYMBOLS[line[status]][2]) + text[end:]
            self.say(text)

    def cut(self, text: str, width: int) -> str:
        """`text` in at most `width` columns."""
        return text if len(text) <= width else text[: max(0, width - 1)] + ("…" if self.unicode else "~")

    def _write(self, stream: TextIO, text: str) -> None:
        if stream in self._gone:
            return
        try:
            stream.write(text)
            stream.flush()
        except (BrokenPipeError, ValueError):
            self._give_up(stream)
        except OSError as error:
            self.failure = f"the output cannot be written: {error.strerror}"
            self._give_up(stream)

    def _give_up(self, stream: TextIO) -> None:
        """Write no more there, and let the interpreter's own flush at the end find nothing to complain of."""
        self._gone.add(stream)
        try:
            descriptor = stream.fileno()
            nowhere = os.open(os.devnull, os.O_WRONLY)
        except (OSError, ValueError):
            return
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False


def _can_encode(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True


def printable(text: str) -> str:
    """`text` on one line, with nothing that would move a terminal's cursor: data is not to be trusted."""
    if text.isprintable():
        return text
    return "".join(map(_printable, text))


def _printable(sign: str) -> str:
    if sign.isprintable():
        return sign
    if sign in "\n\r\t":
        return " "
    code = ord(sign)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def jsonable(value: Any) -> Any:
    """`value` in the types of JSON: dates as ISO 8601, lengths of time as seconds, bytes as Base64, secrets masked,
    what is not a number as null."""
    kind = type(value)
    if value is None or kind in (str, int, bool):
        return value
    if kind is float:
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if kind in (list, tuple, set, frozenset):
        return [jsonable(item) for item in value]
    if kind is bytes:
        import base64

        return base64.b64encode(value).decode("ascii")
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if is_dataclass(kind) and kind is not SecretRef:
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(kind)}
    return str(value)


def brief(value: Any, width: int) -> str:
    """A value in at most `width` columns, for a line of text."""
    if isinstance(value, str):
        text = printable(value)
    elif isinstance(value, (list, tuple)) and len(value) > 3:
        text = f"{len(value):,} items"
    elif isinstance(value, ArtifactRef):
        text = value.summary or f"{size(value.size)} kept apart"
    else:
        import json

        text = printable(json.dumps(jsonable(value), ensure_ascii=False))
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def short(execution: str) -> str:
    """The last 8 characters of an id: enough to name an execution by."""
    return execution[-8:]


def age(then: float, now: float | None = None) -> str:
    """How long ago, or how soon: `3 m ago`, `in 2 h`."""
    past = (time.time() if now is None else now) - then
    amount = abs(past)
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if amount >= length:
            text = f"{int(amount // length)} {unit}"
            break
    else:
        if amount < 1:
            return "now"
        text = f"{int(amount)} s"
    return f"{text} ago" if past >= 0 else f"in {text}"


def size(count: float) -> str:
    """A number of bytes: `4.2 MB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
