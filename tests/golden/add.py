"""Store the journals of new cases: `python -m tests.golden.add [VERSION]`, after adding them to `cases.py`.

A journal that is stored is a promise to those who have executions like it on disk: it is never written again. This
command adds what is not there and leaves alone what is; the checksums in `SHA256SUMS` make a changed file fail a test.
When the shape of events changes, keep the old journals and add the same cases anew under a new version: the files are
named `CASE.VERSION.json`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import tempfile
from pathlib import Path

from engine.api import ExecutionState
from engine.core import events
from engine.core.events import Entry
from tests.golden.cases import CASES, PART, Case, text
from tests.golden.stored import FOLDER, SUMS, Stored, go_on, rows, sha256, summary
from tests.recovery.bench import Bench
from tests.support.workflows import workflow


async def record(case: Case) -> Stored:
    """Run a case and take its journal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = Bench(folder)
        (folder / "part.rpa.yaml").write_text(PART)
        async with bench.engine() as engine:
            execution = await engine.start(workflow(text(case)), {"ledger": str(bench.ledger)}, folder=folder)
            await engine.wait(execution)
            if case.ends == "forked":
                execution = await engine.fork(execution, at=_middle(await _history(bench, execution)))
                await engine.wait(execution)
            entries = await _history(bench, execution)
            definitions = {hash: (await bench.store.definition(hash)).text for hash in bench.store._definitions}
        if case.ends != "whole":
            entries = entries[: _middle(entries)]
        if case.ends == "in_doubt":
            asked = next(entry for entry in reversed(entries) if isinstance(entry.event, events.StepStarted)).event
            assert isinstance(asked, events.StepStarted)
            doubt = (events.StepInDoubt(asked.address, asked.details), events.ExecutionWaiting(None, (asked.address,)))
            entries += [Entry(execution, len(entries) + n, entries[-1].at, event) for n, event in enumerate(doubt, 1)]
        stored = Stored(definitions, rows(entries, folder), summary(ExecutionState().apply(entries)))
    with tempfile.TemporaryDirectory() as name:
        status, output, lines = await go_on(stored, Path(name))
    return dataclasses.replace(stored, status=status, output=output, lines=lines)


async def _history(bench: Bench, execution: str) -> list[Entry]:
    return [entry async for chunk in bench.store.read(execution) for entry in chunk]


def _middle(entries: list[Entry]) -> int:
    """How many entries a crash leaves: up to the start of a ONCE step, the one nearest to the middle."""
    starts = [
        entry.seq for entry in entries if isinstance(entry.event, events.StepStarted) and entry.event.effect == "once"
    ]
    return min(starts, key=lambda seq: abs(seq - len(entries) / 2))


def main(version: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, case in CASES.items():
        path = FOLDER / f"{name}.{version}.json"
        if path.exists():
            print(f"{path.name} is stored already")
            continue
        path.write_text(asyncio.run(record(case)).dumps(), encoding="utf-8")
        with SUMS.open("a", encoding="utf-8") as file:
            file.write(f"{sha256(path)}  {path.name}\n")
        print(f"{path.name} added")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "1")
