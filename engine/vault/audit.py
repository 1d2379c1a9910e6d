"""The audit log: who used or changed which credential, when and why; one JSON object a line, never a value.

Every line carries a code over itself and the one before, under a key that is sealed in the vault: a line that was
changed, removed or put in cannot be hidden. Lines that vanish from the end are noticed up to the last change of the
vault, which notes how many there were.
"""

from __future__ import annotations

import errno
import getpass
import itertools
import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.errors import VaultBusy, VaultError
from engine.core.secrets import Use
from engine.core.sentences import say
from engine.vault import cipher

NAME = "vault-audit.jsonl"
LARGEST = 4_000_000
"""Bytes of a file of the log before the next one is begun."""
KEPT = 12
"""Files of the log, the current one among them."""
PATIENCE = 10.0
_TAIL = 65_536
_HEAD = 96
"""Bytes by which a file is known when its name changes: no line is shorter, and no two have the same number."""
CHANGES = frozenset({"added", "changed", "renamed", "removed", "imported", "refreshed", "rotated", "repaired"})
"""Events after which the vault is written."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A line of the log. `by` is the activity or the command, `user` the account of the system."""

    seq: int
    at: float
    event: str
    credential: str = ""
    fields: tuple[str, ...] = ()
    by: str = ""
    execution: str = ""
    step: str = ""
    user: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the log, and where."""

    file: str
    line: int
    text: str


class AuditLog:
    """The log in a folder. Reading takes no key; `append` and `verify` take it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._guard = threading.Lock()
        self._last: dict[str, AuditEntry] = {}
        self._read_to: dict[bytes, int] = {}

    def append(
        self, key: bytes, event: str, use: Use, *, credential: str = "", fields: Sequence[str] = (), sync: bool = False
    ) -> int:
        """Add a line and give its number; `sync` waits until it is on the disk. Raises `VaultError`.

        What a running workflow uses is not waited for: it survives the end of this process, and a power loss takes
        no more with it than the last seconds, while waiting would cost each step several milliseconds.
        """
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.path.with_name(self.path.name + ".lock"), timeout=PATIENCE, mode=0o600):
                return self._append(key, event, use, credential, tuple(fields), sync)
        except Timeout:
            raise VaultBusy(
                say("another process is writing to {path}", path=self.path), hint=say("Try again in a moment.")
            ) from None
        except OSError as error:
            raise VaultError(
                say(
                    "the use cannot be written to the audit log {path}: {reason}",
                    path=self.path,
                    reason=error.strerror,
                ),
                hint=say("Without that no credential is given. Check permissions and the space that is left."),
            ) from None

    def _append(self, key: bytes, event: str, use: Use, credential: str, fields: tuple[str, ...], sync: bool) -> int:
        with open(self.path, "a+b", buffering=0, opener=_private) as stream:
            size = stream.seek(0, os.SEEK_END)
            seq, before, whole = _last(stream, size)
            if not size:
                seq, before = self._last_of_older()
            begin = b"" if whole else b"\n"
            if size > LARGEST:
                stream.close()
                self._turn()
                return self._append(key, event, use, credential, fields, sync)
            line: dict[str, Any] = {
                "seq": seq + 1,
                "at": round(time.time(), 3),
                "event": event,
                "credential": credential,
                "fields": list(fields),
                "by": use.by,
                "execution": use.execution,
                "step": use.step,
                "user": _user(),
                "reason": use.reason,
            }
            line = {name: value for name, value in line.items() if value not in ("", [])}
            line["code"] = _code(key, before, line)
            data = begin + json.dumps(line).encode("ascii") + b"\n"
            if stream.write(data) != len(data):
                stream.truncate(size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if sync:
                os.fsync(stream.fileno())
            return seq + 1

    def _turn(self) -> None:
        """Begin a new file: `vault-audit.1.jsonl` is the one before, the highest number the oldest."""
        names = [self.path, *(self._older(number) for number in range(1, KEPT))]
        names[-1].unlink(missing_ok=True)
        for newer, older in reversed(list(itertools.pairwise(names))):
            if newer.exists():
                newer.replace(older)

    def _older(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.stem}.{number}{self.path.suffix}")

    def _last_of_older(self) -> tuple[int, str]:
        path = self._older(1)
        if not path.exists():
            return 0, ""
        with open(path, "rb", buffering=0) as stream:
            seq, code, _ = _last(stream, stream.seek(0, os.SEEK_END))
        return seq, code

    def files(self) -> list[Path]:
        """What there is of the log, the oldest first."""
        paths = [*(self._older(number) for number in range(KEPT - 1, 0, -1)), self.path]
        return [path for path in paths if path.exists()]

    def entries(self, *, credential: str = "", execution: str = "", limit: int = 100) -> list[AuditEntry]:
        """The newest lines, the newest first. `execution` may be the end of its id. Raises `VaultError`."""
        found: list[AuditEntry] = []
        for path in reversed(self.files()):
            for line in reversed(_lines(path)):
                entry = _entry(_read(line))
                if (
                    entry is not None
                    and (not credential or entry.credential == credential)
                    and (not execution or entry.execution.endswith(execution))
                ):
                    found.append(entry)
                    if len(found) == limit:
                        return found
        return found

    def last_uses(self) -> dict[str, AuditEntry]:
        """The last time that each credential was used or revealed, by name. Asked again, it reads what is new."""
        with self._guard:
            for path in self.files():
                try:
                    with open(path, "rb") as stream:
                        file = stream.read(_HEAD)
                        stream.seek(self._read_to.get(file, 0))
                        data = stream.read()
                except OSError:
                    continue
                whole = data.rfind(b"\n") + 1
                self._read_to[file] = self._read_to.get(file, 0) + whole
                for line in data[:whole].splitlines():
                    self._note(_entry(_read(line)))
            return dict(self._last)

    def _note(self, entry: AuditEntry | None) -> None:
        if entry is None:
            return
        if entry.event in ("used", "revealed"):
            self._last[entry.credential] = entry
        elif entry.event == "removed":
            self._last.pop(entry.credential, None)
        elif entry.event == "renamed" and entry.fields and entry.fields[0] in self._last:
            self._last[entry.credential] = self._last.pop(entry.fields[0])

    def verify(self, key: bytes, logged: int) -> tuple[int, list[Finding]]:
        """How many lines there are, and what is wrong with them. `logged` is how many there were at least."""
        findings: list[Finding] = []
        files = self.files()
        seq, before, count, changed = 0, "", 0, 0
        for path in files:
            for number, text in enumerate(_lines(path), 1):
                line = _read(text)
                if line is None or type(line.get("seq")) is not int:
                    findings.append(Finding(path.name, number, say("the line is not whole")))
                    continue
                count += 1
                code = line.pop("code", "")
                first = count == 1 and len(files) == KEPT  # older files are gone, as they should be
                if line["seq"] != seq + 1 and not first:
                    findings.append(Finding(path.name, number, say("lines before it are missing")))
                elif not first and not cipher.same(_code(key, before, line), str(code)):
                    findings.append(Finding(path.name, number, say("it is not as it was written")))
                seq, before = line["seq"], str(code)
                changed = seq if line.get("event") in CHANGES else changed
        if changed > logged:
            reason = say("a change that it notes is not in the vault: it failed, or a former file was put back")
            findings.append(Finding(self.path.name, 0, reason))
        if seq < logged:
            findings.append(Finding(self.path.name, 0, say("lines are missing at the end")))
        return count, findings


def _code(key: bytes, before: str, line: dict[str, Any]) -> str:
    return cipher.tag(key, cipher.canonical([before, line]))


def _last(stream: Any, size: int) -> tuple[int, str, bool]:
    """The number and the code of the last whole line, and whether the file ends with one."""
    if not size:
        return 0, "", True
    stream.seek(max(0, size - _TAIL))
    data = stream.read(_TAIL)
    for text in reversed(data.splitlines()):
        line = _read(text)
        if line is not None and type(line.get("seq")) is int:
            return line["seq"], str(line.get("code")), data.endswith(b"\n")
    return 0, "", data.endswith(b"\n")


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        verb = say("read")
        message = say("cannot {verb} {path}: {reason}", verb=verb, path=path, reason=error.strerror)
        raise VaultError(message) from None


def _read(text: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _entry(line: dict[str, Any] | None) -> AuditEntry | None:
    if line is None:
        return None
    try:
        given = {name: line[name] for name in AuditEntry.__dataclass_fields__ if name in line}
        return AuditEntry(**{**given, "fields": tuple(given.get("fields", ()))})
    except TypeError:
        return None


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
