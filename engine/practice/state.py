"""Everything that a running site remembers, and the table of what it answers to."""

from __future__ import annotations

import hashlib
import random
import re
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.practice import form
from engine.practice.faults import Faults, Trouble
from engine.practice.scoreboard import Scoreboard
from engine.practice.shop import Gate, Shop
from engine.practice.web import Reply, Request

RESOURCES = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parents[2])) / "resources"
"""The folder `resources`: beside the packages, or inside the frozen program."""
FOLDER = RESOURCES / "practice"
_KEPT_FILES = 20


@dataclass
class State:
    """What the pages work on. `slow` is the seconds that every page takes longer; `closed` is set at the end."""

    seed: int
    slow: float
    session: float
    faults: Faults
    closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.people = form.people(FOLDER)
        self.shop = Shop(self.seed)
        self.gate = Gate(self.session)
        self.scoreboard = Scoreboard(self.people)
        self.trouble = Trouble(self.faults, random.Random(self.seed))
        self._lock = threading.Lock()
        self._loads = 0
        self._files: dict[str, tuple[str, bytes]] = {}

    def ticket(self) -> str:
        """The number of the next load of the form. With the same seed the same ones come in the same order."""
        with self._lock:
            self._loads += 1
            loads = self._loads
        self.scoreboard.count("loads")
        return hashlib.sha256(f"{self.seed} {loads}".encode()).hexdigest()[:16]

    def keep(self, name: str, content: bytes) -> str:
        """Keep an uploaded file in memory, the last few of them. Gives its SHA-256."""
        digest = hashlib.sha256(content).hexdigest()
        with self._lock:
            self._files[digest] = (name, content)
            while len(self._files) > _KEPT_FILES:
                self._files.pop(next(iter(self._files)))
        return digest

    def kept(self, digest: str) -> tuple[str, bytes] | None:
        """Name and content of an uploaded file."""
        with self._lock:
            return self._files.get(digest)

    def wait(self, seconds: float) -> None:
        """Take that long; shorter if the site closes."""
        if seconds > 0:
            self.closed.wait(seconds)

    def reset(self) -> None:
        """As it was at the start: nothing submitted, nobody logged in. Forms that are open can still be sent."""
        self.scoreboard.reset()
        self.shop.reset()
        self.gate.reset()
        self.trouble.forget()
        with self._lock:
            self._files.clear()


Handler = Callable[..., Reply]


@dataclass(frozen=True)
class Route:
    """What answers to an address. An `inner` one needs a log-in; a `steady` one has no faults and is never slow."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    inner: bool
    steady: bool


ROUTES: list[Route] = []


def route(method: str, address: str, *, inner: bool = False, steady: bool = False) -> Callable[[Handler], Handler]:
    """Answer `address` with the function below: `handler(state, request, **parts)`; `{name}` is a part of the path."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]{1,100})", address))

    def declare(handler: Handler) -> Handler:
        ROUTES.append(Route(method, pattern, handler, inner, steady))
        return handler

    return declare


def find(method: str, path: str) -> tuple[Route | None, Mapping[str, str], bool]:
    """The route, the parts of the path, and whether the path is known with any method."""
    known = False
    for one in ROUTES:
        match = one.pattern.fullmatch(path)
        if match:
            known = True
            if one.method == method:
                return one, match.groupdict(), True
    return None, {}, known


__all__ = ["FOLDER", "RESOURCES", "ROUTES", "Reply", "Request", "Route", "State", "find", "route"]
