"""This engine: `python -m tests.benchmarks.ours MEASURE FOLDER [COUNT]` prints figures as JSON; its store is in FOLDER.

Durability is `full`. Timed is the run, from the moment the execution may go until it is over and its last event is
committed. Validating and pinning the workflow (`start`) is a figure of its own; making the store, loading the catalog
and a short workflow that runs before are not timed. Every measure checks what the steps gave.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from engine.api import Engine
from engine.api.client import Outcome
from engine.cli.main import COLLECT_AFTER
from engine.core.events import Entry, StepSucceeded
from engine.runtime.bus import Progress
from engine.sdk.catalog import Catalog
from engine.store import open_store
from engine.workflow import codec
from engine.workflow.expressions import compile_template
from engine.workflow.model import Edge, Settings, Step, Workflow
from engine.workflow.problems import check
from tests.benchmarks import expressions, noop

EXECUTIONS = 100
WARM = 50
Figures = dict[str, float]


def catalog() -> Catalog:
    made = Catalog(entry_points=False)
    made.add_module(noop)
    return made


def open_engine(folder: Path) -> Engine:
    return Engine(open_store(folder / "store.db"), catalog=catalog(), limit=EXECUTIONS)


def step(number: int, activity: str) -> Step:
    return Step(f"s{number}", activity, parameters={"value": number})


def chain(count: int, activity: str) -> Workflow:
    """So many steps one after the other; the execution's output is what the last one gave."""
    return Workflow(
        "chain",
        steps=tuple(step(number, activity) for number in range(count)),
        edges=tuple(Edge(f"s{number}", "next", f"s{number + 1}") for number in range(count - 1)),
        outputs={"last": f"{{{{ steps.s{count - 1}.output }}}}"},
    )


def fan(count: int) -> Workflow:
    """So many steps side by side."""
    return Workflow(
        "fan",
        settings=Settings(max_parallel=count),
        steps=tuple(step(number, "noop.once") for number in range(count)),
    )


def loop(count: int) -> Workflow:
    """A loop with one step, whose results are summed up."""
    return Workflow(
        "loop",
        steps=(
            Step("each", "control.foreach", parameters={"items": f"{{{{ range({count}) }}}}"}),
            Step("one", "noop.pure", parameters={"value": "{{ item }}"}),
        ),
        edges=(Edge("each", "body", "one"),),
        outputs={"sum": "{{ sum(steps.each.output.results) }}"},
    )


async def run(engine: Engine, workflow: Workflow) -> tuple[float, float, Outcome]:
    """Seconds to start it (validate, pin, queue), seconds to run it, and the outcome."""
    begun = time.perf_counter()
    id = await engine.start(workflow)
    started = time.perf_counter()
    await engine.machine.wait(id)
    ended = time.perf_counter()
    outcome = await engine.outcome(id)
    assert outcome.status == "succeeded", outcome
    return started - begun, ended - started, outcome


async def outputs(engine: Engine, id: str) -> dict[str, Any]:
    """What each step gave, by address, as the journal says."""
    found: dict[str, Any] = {}
    async for entries in engine.journal(id):
        for entry in entries:
            if isinstance(entry.event, StepSucceeded):
                assert entry.event.address not in found, f"{entry.event.address} succeeded twice"
                found[entry.event.address] = entry.event.output
    return found


async def steps(folder: Path, count: int, workflow: Callable[[int], Workflow]) -> Figures:
    async with open_engine(folder) as engine:
        await run(engine, workflow(WARM))
        gc.collect()
        start, seconds, outcome = await run(engine, workflow(count))
        assert await outputs(engine, outcome.execution) == {f"s{number}": number for number in range(count)}
    return {"ours": count / seconds, "start": start, "row": row_size(folder / "store.db", outcome.execution) / count}


async def sequence(folder: Path, count: int) -> Figures:
    return await steps(folder, count, lambda size: chain(size, "noop.once"))


async def pure(folder: Path, count: int) -> Figures:
    return await steps(folder, count, lambda size: chain(size, "noop.pure"))


async def fanout(folder: Path, count: int) -> Figures:
    return await steps(folder, count, fan)


async def foreach(folder: Path, count: int) -> Figures:
    async with open_engine(folder) as engine:
        await run(engine, loop(WARM))
        gc.collect()
        before = resident("VmRSS")
        start, seconds, outcome = await run(engine, loop(count))
        peak = resident("VmHWM")
        assert outcome.output == {"sum": count * (count - 1) // 2}, outcome
    return {"ours": count / seconds, "start": start, "growth": (peak - before) / 1e6, "before": before / 1e6}


async def concurrent(folder: Path, count: int) -> Figures:
    """The time is from asking for the first execution to the end of the last: starting them is included."""
    workflow = chain(count // EXECUTIONS, "noop.once")
    async with open_engine(folder) as engine:
        await run(engine, workflow)
        gc.collect()
        begun = time.perf_counter()
        ids = await asyncio.gather(*(engine.start(workflow) for _ in range(EXECUTIONS)))
        started = time.perf_counter()
        await asyncio.gather(*(engine.machine.wait(id) for id in ids))
        seconds = time.perf_counter() - begun
        for id in ids:
            outcome = await engine.outcome(id)
            assert outcome.status == "succeeded" and outcome.output == {"last": len(workflow.steps) - 1}, outcome
    return {"ours": count / seconds, "start": started - begun}


async def interrupted(folder: Path, events: int) -> Figures:
    """Leave an execution behind that was paused in its loop, with at least so many events."""
    async with open_engine(folder) as engine:
        id = await engine.start(loop(events))
        paused: list[asyncio.Task[None]] = []

        def look(news: Entry | Progress) -> None:
            if isinstance(news, Entry) and news.seq >= events and not paused:
                paused.append(asyncio.ensure_future(engine.pause(id)))

        engine.subscribe(look, id)
        outcome = await engine.wait(id)
        assert outcome.status == "paused", outcome
        (folder / "execution").write_text(id, "utf-8")
        return {"events": (await engine.record(id)).last_seq}


async def resume(folder: Path, events: int) -> Figures:
    """From asking to resume (lease, reading and folding the journal, preparing the workflow, passing by what is done)
    to the first step that is new, in a process that has run nothing yet. Opening the store is a figure of its own."""
    id = (folder / "execution").read_text("utf-8")
    begun = time.perf_counter()
    async with open_engine(folder) as engine:
        opened = time.perf_counter()
        last = (await engine.record(id)).last_seq
        assert last >= events
        asked = time.perf_counter()
        await engine.resume(id)
        claimed = time.perf_counter()
        await noop.ran.wait()
        await engine.pause(id)
        outcome = await engine.wait(id)
        assert outcome.status == "paused", outcome
        found = await outputs(engine, id)
        assert found == {f"each[{number}]/one": number for number in range(len(found))}
        assert (await engine.record(id)).last_seq > last
    return {"ours": noop.first[0] - asked, "open": opened - begun, "fold": claimed - asked}


async def document(folder: Path, count: int) -> Figures:
    """A workflow of so many steps of several kinds, two out of three with expressions."""
    made = []
    for number in range(count):
        before = f"steps.s{number - 1}.output" if number else "inputs"
        kinds: tuple[tuple[str, dict[str, Any]], ...] = (
            ("control.log", {"message": f"{number}: {{{{ default({before}, 'nothing') }}}}"}),
            ("control.set", {"values": {"total": f"{{{{ default(vars.total, 0) + {number} }}}}"}}),
            ("noop.once", {"value": [number, "a text", {"deep": True}]}),
        )
        activity, parameters = kinds[number % 3]
        made.append(Step(f"s{number}", activity, parameters, label=f"Step {number}"))
    edges = tuple(Edge(f"s{number}", "next", f"s{number + 1}") for number in range(count - 1))
    workflow = Workflow("large", variables={"total": 0}, steps=tuple(made), edges=edges)
    path, known = folder / "large.rpa.yaml", catalog()
    codec.save(path, chain(WARM, "noop.once"))
    assert not check(codec.load(path), known)
    codec.save(path, workflow)
    gc.collect()
    begun = time.perf_counter()
    opened = codec.load(path)
    loaded = time.perf_counter()
    problems = check(opened, known)
    checked = time.perf_counter()
    assert not problems and opened.workflow == workflow, problems[:3]
    text = path.read_text("utf-8")
    path.unlink()
    written = time.perf_counter()
    codec.save(path, opened)
    saved = time.perf_counter()
    assert path.read_text("utf-8") == text
    return {"open": checked - begun, "load": loaded - begun, "check": checked - loaded, "save": saved - written}


async def expression(folder: Path, kind: str) -> Figures:
    source, expected = expressions.EXPRESSIONS[kind]
    template = compile_template("{{ " + source + " }}")
    return {"ours": expressions.microseconds(lambda: template.evaluate(expressions.NAMES), expected)}


def row_size(store: Path, execution: str) -> float:
    """Bytes of the execution's rows in the journal: texts as they are, eight for a number."""
    connection = sqlite3.connect(store)
    try:
        query = "SELECT sum(length(execution_id) + length(type) + length(data) + 24) FROM events WHERE execution_id = ?"
        return float(connection.execute(query, (execution,)).fetchone()[0])
    finally:
        connection.close()


def resident(field: str) -> int:
    """Bytes of memory of this process: `VmRSS` now, `VmHWM` at most so far."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith(field + ":"))
        return int(line.split()[1]) * 1024
    import psutil

    memory = psutil.Process().memory_info()
    return int(memory.rss if field == "VmRSS" else getattr(memory, "peak_wset", memory.rss))


MEASURES: dict[str, Callable[[Path, int], Coroutine[Any, Any, Figures]]] = {
    made.__name__: made for made in (sequence, pure, fanout, foreach, concurrent, interrupted, resume, document)
}

if __name__ == "__main__":
    gc.set_threshold(*COLLECT_AFTER)  # as `rpa` runs
    name, where, what = sys.argv[1:]
    if name == "expression":
        print(json.dumps(asyncio.run(expression(Path(where), what))))
    else:
        print(json.dumps(asyncio.run(MEASURES[name](Path(where), int(what)))))
