"""A store that outlives the engines opened on it, so that a process can seem to die within a test."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.api import Decision, Engine, Outcome
from engine.core.events import Entry
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocols import FINISHED
from tests.support.workflows import catalog, workflow


class KeptStore(MemoryStore):
    """A store in memory that outlives the engines opened on it."""

    async def __aexit__(self, *exc: object) -> None:
        for id, record in self._records.items():
            self._records[id] = dataclasses.replace(record, owner="", lease_until=0.0)


class Bench:
    """Runs a workflow on one store, engine after engine."""

    def __init__(self, folder: Path, *, on_disk: bool = False) -> None:
        self.folder = folder
        self.ledger = folder / "ledger"
        self.on_disk = on_disk
        self.store = KeptStore()

    def engine(self, **options: Any) -> Engine:
        store = open_store(self.folder / "store.db") if self.on_disk else self.store
        return Engine(store, catalog=catalog(), **options)

    def lines(self) -> list[str]:
        return [line.split(" ", 1)[1] for line in self.ledger.read_text().splitlines()] if self.ledger.exists() else []

    async def crash(self, text: str, when: Any, **options: Any) -> str:
        """Run until an event arrives that `when` says yes to, and let the process die right then."""
        async with self.engine() as engine:
            reached = asyncio.Event()

            def look(entry: Any) -> None:
                if isinstance(entry, Entry) and when(entry.event):
                    reached.set()

            engine.subscribe(look)
            inputs = {"ledger": str(self.ledger)} if "inputs:" in text else {}
            execution = await engine.start(workflow(text), inputs, folder=self.folder, **options)
            async with asyncio.timeout(5):
                await reached.wait()
            await engine.machine.stop(pause=False)
        return execution

    async def answers(self, outcome: Outcome) -> dict[str, Decision]:
        """What somebody decides who can see the ledger: done if the line is there, else another try."""
        lines = dict(line.split(" ", 1) for line in self.lines())
        return {
            doubt.step: Decision("done", lines[doubt.step]) if doubt.step in lines else Decision("retry")
            for doubt in outcome.in_doubt
        }

    async def finish(self, engine: Engine, execution: str, between: Callable[[], None] | None = None) -> Outcome:
        """Resume and decide until the execution has ended; `between` is called each time it rests."""
        outcome = await engine.outcome(execution)
        for _ in range(100):
            if outcome.status in FINISHED:
                return outcome
            if execution not in engine.machine.running():
                await engine.resume(execution, await self.answers(outcome))
            async with asyncio.timeout(20):
                outcome = await engine.wait(execution)
            if between is not None:
                between()
        raise AssertionError(f"the execution is stuck: {outcome}")
