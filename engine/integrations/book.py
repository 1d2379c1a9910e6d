"""The file that names the integrations: `integrations.yaml` in the home folder.

::

    integrations:
      crm:
        kind: rest
        address: https://crm.example.com/api/
        credential: crm-key
        rate: 100/min
        health: {every: 1m, path: status}

It is a person's file: comments, the order of its entries and keys that nobody knows stay as they are when a command
changes an entry, and an entry that is wrong keeps no other from being used.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.core.errors import BusinessError, DocumentError, NoSuchIntegration, SystemFault
from engine.core.sentences import say
from engine.integrations.adapter import Adapter
from engine.integrations.kinds import read
from engine.sdk.files import read_bytes
from engine.workflow.codec import nearest, save_text
from engine.workflow.comments import Comments, KeyPath
from engine.workflow.emitter import emit
from engine.workflow.problem import Problem
from engine.workflow.syntax import Marks, parse

FILE = "integrations.yaml"
ROOT = "integrations"
NAME = re.compile(r"\w(?:[\w .-]{0,62}\w)?")
_PATIENCE = 10.0


@dataclass(frozen=True)
class IntegrationEntry:
    """One integration of the file. `adapter` is None while an error keeps it from being used."""

    name: str
    given: Mapping[str, Any]
    adapter: Adapter | None
    problems: tuple[Problem, ...] = ()

    @property
    def kind(self) -> str:
        return str(self.given.get("kind", ""))

    def usable(self) -> Adapter:
        """Raises `BusinessError` that says what is wrong."""
        if self.adapter is not None:
            return self.adapter
        first = next(one for one in self.problems if one.severity == "error")
        raise BusinessError(
            say("the integration {name!r} cannot be used: {message}", name=self.name, message=first.message),
            hint=first.hint or say("Mend it with `rpa integrations edit`."),
        )


@dataclass(frozen=True)
class Book:
    """What the file holds. It does not change; `put` and `without` give another one."""

    path: Path
    data: Mapping[str, Any] = field(default_factory=dict)
    comments: Comments = field(default_factory=Comments)
    marks: Marks = field(default_factory=dict)
    entries: Mapping[str, IntegrationEntry] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @staticmethod
    def load(path: Path) -> Book:
        """The book in the file at `path`, an empty one where there is none.

        Raises `DocumentError` for what is no YAML, and as `engine.sdk.files.read_bytes` does.
        """
        if not path.exists():
            return Book(path)
        try:
            text = read_bytes(path).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DocumentError(say("{path} is not UTF-8 text", path=path), hint=say("save it as UTF-8")) from None
        lines = [line.strip() for line in text.splitlines()]
        if all(not line or line.startswith("#") for line in lines):
            return Book(path, comments=Comments(head=tuple(lines)))
        syntax = parse(text, str(path))
        return _book(path, syntax.data, syntax.comments, syntax.marks, syntax.problems)

    def entry(self, name: str) -> IntegrationEntry:
        """Raises `NoSuchIntegration`."""
        found = self.entries.get(name)
        if found is not None:
            return found
        import difflib

        near = difflib.get_close_matches(name, list(self.entries), 1)
        raise NoSuchIntegration(
            say("there is no integration {name!r}", name=name),
            hint=say("Did you mean {name!r}?", name=near[0]) if near else say("Add it with `rpa integrations add`."),
        )

    def put(self, name: str, given: Mapping[str, Any]) -> Book:
        """With an entry in the place of the one of that name, or at the end. Raises `BusinessError` for a bad name."""
        if not NAME.fullmatch(name):
            raise BusinessError(
                say("{name!a} cannot be the name of an integration", name=name[:80]),
                hint=say("Use letters, digits, - . _ and spaces inside, at most 64."),
            )
        return self._with({**self._root, name: dict(given)})

    def without(self, name: str) -> Book:
        """Without the entry of that name. Raises `NoSuchIntegration`."""
        self.entry(name)
        return self._with({key: value for key, value in self._root.items() if key != name})

    def text(self) -> str:
        """The text of the file."""
        return emit(dict(self.data), self.comments)

    def save(self) -> None:
        """Write it, whole or not at all. Raises `DocumentError`."""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)  # what keeps it from being made is told by the writing
        save_text(self.path, self.text())

    @property
    def _root(self) -> Mapping[str, Any]:
        root = self.data.get(ROOT)
        return root if isinstance(root, dict) else {}

    def _with(self, root: Mapping[str, Any]) -> Book:
        return _book(self.path, {**self.data, ROOT: dict(root)}, self.comments, {}, ())


@contextlib.contextmanager
def changing(path: Path) -> Iterator[Book]:
    """Give the book while no other process changes it; whoever asks saves what comes of it. Raises as `Book.load`."""
    from filelock import FileLock, Timeout

    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=_PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        raise SystemFault(
            say("another program is changing {path}", path=path), hint=say("Try again when it is done.")
        ) from None
    except OSError as error:
        raise SystemFault(say("{path} cannot be changed: {reason}", path=path, reason=error.strerror)) from None
    try:
        yield Book.load(path)
    finally:
        lock.release()


def _book(path: Path, data: Mapping[str, Any], comments: Comments, marks: Marks, problems: tuple[Problem, ...]) -> Book:
    entries: dict[str, IntegrationEntry] = {}
    found = list(problems)

    def problem(place: KeyPath, severity: Any, message: str, hint: str = "") -> Problem:
        mark = nearest(marks, place)
        found.append(
            Problem(severity, "integration", message, line=mark.line, column=mark.column, hint=hint, place=place)
        )
        return found[-1]

    root = data.get(ROOT)
    if root is not None and not isinstance(root, dict):
        problem((ROOT,), "error", say("it is not a mapping of keys to values"))
        root = None
    for key in data:
        if key != ROOT:
            problem(
                (key,), "warning", say("the key {key!r} is not known", key=key), say("It is kept, and does nothing.")
            )
    for name, given in (root or {}).items():
        adapter, findings = read(given)
        own = tuple(
            problem(
                (ROOT, name, *one.place),
                one.severity,
                one.message,
                one.hint,
            )
            for one in findings
        )
        entries[name] = IntegrationEntry(name, given if isinstance(given, dict) else {}, adapter, own)
    return Book(path, data, comments, marks, entries, tuple(found))
