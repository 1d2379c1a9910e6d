"""A stored journal: read it, put it into a store, go on with it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.api import ExecutionState
from engine.core import events, values
from engine.core.clock import SystemClock
from engine.core.events import Entry
from engine.store.protocols import FINISHED, Definition
from tests.recovery.bench import Bench

FOLDER = Path(__file__).parent / "journals"
SUMS = FOLDER / "SHA256SUMS"
PLACE = "@FOLDER@"
"""Stands for the folder that an execution ran in."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Stored:
    """`entries` are `[at, type, version, text]`; `state` is `summary` of their fold; `status`, `output` and `lines` are
    what resuming gives, a day later, with an empty ledger, every doubt answered by another try."""

    definitions: dict[str, str]
    entries: list[list[Any]]
    state: dict[str, Any]
    status: str = ""
    output: Any = None
    lines: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Stored:
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**data, "lines": tuple(data["lines"])})

    def dumps(self) -> str:
        data = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True) + "\n"

    def journal(self, execution: str, folder: Path) -> list[Entry]:
        """The entries, as of an execution that ran in that folder. Raises `UnknownEvent`."""
        inside = values.encode(str(folder))[1:-1]
        return [
            Entry(execution, seq, at, events.load(kind, version, text.replace(PLACE, inside)))
            for seq, (at, kind, version, text) in enumerate(self.entries, 1)
        ]


def rows(entries: list[Entry], folder: Path) -> list[list[Any]]:
    """Entries as they are stored."""
    inside = values.encode(str(folder))[1:-1]
    return [
        [entry.at, type(entry.event).__name__, entry.event.version, events.dump(entry.event).replace(inside, PLACE)]
        for entry in entries
    ]


def summary(state: ExecutionState) -> dict[str, Any]:
    """What the fold of a journal must stay."""
    return {
        "status": state.status,
        "wake_at": state.wake_at,
        "in_doubt": list(state.in_doubt),
        "variables": state.variables,
        "rounds": {loop: sorted(rounds) for loop, rounds in state.rounds.items()},
        "steps": {step.address: [step.status, step.attempt] for step in state.steps()},
    }


class _Later(SystemClock):
    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now


async def go_on(stored: Stored, folder: Path) -> tuple[str, Any, tuple[str, ...]]:
    """Put the journal into a new store and resume it. Gives the status, the output and the lines of the ledger."""
    bench = Bench(folder)
    execution = "0190aaaa-0000-7000-8000-000000000001"
    entries = stored.journal(execution, folder)
    created = entries[0].event
    assert isinstance(created, events.ExecutionCreated)
    for hash, text in stored.definitions.items():
        await bench.store.pin(Definition(hash, text))
    await bench.store.create(entries[:1], Definition(created.definition, stored.definitions[created.definition]))
    lease = await bench.store.claim(execution, "earlier", 1.0)
    await bench.store.append(lease, entries[1:])
    await bench.store.release(lease)
    async with bench.engine(clock=_Later(entries[-1].at + DAY)) as engine:
        outcome = await engine.outcome(execution)
        if outcome.status not in FINISHED:
            outcome = await bench.finish(engine, execution)
        return outcome.status, outcome.output, tuple(sorted(bench.lines()))


def sha256(path: Path) -> str:
    """The checksum of a text file, whatever ends its lines here."""
    return hashlib.sha256(path.read_text(encoding="utf-8").encode()).hexdigest()


def sums() -> dict[str, str]:
    """The recorded checksums by file name."""
    lines = SUMS.read_text().splitlines() if SUMS.exists() else []
    return {name: sum for sum, name in (line.split("  ") for line in lines)}
