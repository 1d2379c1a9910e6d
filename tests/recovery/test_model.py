"""The engine against the reference interpreter, on random workflows: undisturbed, and with crashes."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

import engine.runtime.machine  # noqa: F401  registers its fault points
from engine.api import Engine, Outcome
from engine.core import faults
from engine.store.protocols import FINISHED
from engine.workflow import codec
from engine.workflow.model import Workflow
from tests.recovery.bench import Bench
from tests.recovery.reference import Result, interpret
from tests.recovery.workflows import workflows
from tests.support.workflows import memory_engine


def essence(value: Any) -> Any:
    """A value of the engine as the reference says it: of an error only which step and of what kind, of a stop only
    what it gives."""
    if isinstance(value, dict):
        if value.keys() == {"status", "message", "output", "step"}:
            return value["output"]
        if {"kind", "type", "message", "step"} <= value.keys():
            return {"step": value["step"], "kind": value["kind"]}
        return {key: essence(item) for key, item in value.items()}
    return [essence(item) for item in value] if isinstance(value, list) else value


async def agree(engine: Engine, outcome: Outcome, wanted: Result, ledger: Path) -> None:
    """Fail unless the engine and the reference say the same of an execution, except how often idempotent steps ran."""
    assert outcome.status == wanted.status, outcome.error
    if wanted.status == "failed":
        assert outcome.error is not None and outcome.error["step"] == wanted.failed
    else:
        assert essence(outcome.output) == wanted.output
    state = await engine.state(outcome.execution)
    assert {id: step.status for id, step in state.scopes[""].steps.items()} == wanted.steps
    lines = Counter(ledger.read_text().splitlines()) if ledger.exists() else Counter()
    assert lines.keys() == wanted.lines.keys()
    assert {line: n for line, n in lines.items() if line.startswith("once")} == {
        line: n for line, n in wanted.lines.items() if line.startswith("once")
    }


@given(workflow=workflows())
def test_the_engine_does_what_the_reference_does(workflow: Workflow) -> None:
    note(codec.dumps(workflow))

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            ledger = Path(folder) / "ledger"
            async with memory_engine() as engine:
                execution = await engine.start(workflow, {"ledger": str(ledger)}, folder=Path(folder))
                async with asyncio.timeout(20):
                    outcome = await engine.wait(execution)
                await agree(engine, outcome, interpret(workflow), ledger)

    asyncio.run(run())


PLACES = sorted(name for name in faults.NAMES if name.startswith("runtime.") and name != "runtime.event_recorded")
"""Where a crash is made by raising: nothing that was noted and not committed may be kept after it."""
crashes = st.lists(st.tuples(st.sampled_from(PLACES), st.integers(1, 12)), min_size=1, max_size=4)


@given(workflow=workflows(), crashes=crashes)
def test_crashes_change_nothing(workflow: Workflow, crashes: list[tuple[str, int]]) -> None:
    note(codec.dumps(workflow))

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder))
            execution = ""
            for name, nth in crashes:
                async with bench.engine() as engine:
                    with faults.arm(name, "raise", nth):
                        if not execution:
                            inputs = {"ledger": str(bench.ledger)}
                            execution = await engine.start(workflow, inputs, folder=bench.folder)
                        elif (await engine.record(execution)).status not in FINISHED:
                            await engine.resume(execution)
                        with contextlib.suppress(faults.Injected):
                            await engine.wait(execution)
            async with bench.engine() as engine:
                await agree(engine, await bench.finish(engine, execution), interpret(workflow), bench.ledger)

    asyncio.run(run())
