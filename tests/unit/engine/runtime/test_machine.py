"""Several executions at once: resources, limits, secrets, progress, a full store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import pytest

from engine.api import Engine, Entry, Progress
from engine.core.errors import StoreError
from engine.core.secrets import MASK
from engine.sdk import Context, Effect, Param, Secret, activity
from tests.support.workflows import file_engine, memory_engine, workflow


async def test_the_desktop_is_held_by_one_step_at_a_time(engine: Engine, tmp_path: Path) -> None:
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: a, activity: ledger.desk, with: {ledger: "{{ inputs.ledger }}"}}
  - {id: b, activity: ledger.desk, with: {ledger: "{{ inputs.ledger }}"}}
"""
    ledger = tmp_path / "ledger"
    executions = [await engine.start(workflow(text), {"ledger": str(ledger)}, folder=tmp_path) for _ in range(3)]
    assert {(await engine.wait(execution)).status for execution in executions} == {"succeeded"}
    lines = [line.split(maxsplit=1) for line in ledger.read_text().splitlines()]
    assert len(lines) == 12
    for entered, left in zip(lines[::2], lines[1::2], strict=True):
        assert (entered[0], left[0]) == ("in", "out") and entered[1] == left[1]


async def test_no_more_executions_run_at_once_than_allowed(tmp_path: Path) -> None:
    text = "steps:\n  - {id: a, activity: control.delay, with: {length: 0.05}}\n"
    running = most = 0

    def watch(news: Entry | Progress) -> None:
        nonlocal running, most
        name = type(news.event).__name__ if isinstance(news, Entry) else ""
        running += {"ExecutionStarted": 1, "ExecutionSucceeded": -1}.get(name, 0)
        most = max(most, running)

    async with memory_engine(limit=2) as engine:
        engine.subscribe(watch)
        executions = [await engine.start(workflow(text), folder=tmp_path) for _ in range(6)]
        for execution in executions:
            await engine.wait(execution)
    assert most == 2


@activity("vault.use", label="Use", effect=Effect.PURE)
async def use(ctx: Context, password: Annotated[Secret, Param("Password")], leak: bool = False) -> int:
    """Use a password, and leak it if told to."""
    ctx.log(f"the password is {password.reveal()}", detail=str(password))
    if leak:
        raise RuntimeError(f"cannot log in with {password.reveal()}")
    return len(password.reveal())


async def test_a_secret_reaches_the_activity_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPA_SECRET_MAIL", "s3cr3t-value")
    text = """
steps:
  - {id: a, activity: vault.use, with: {password: "{{ secret('mail') }}"}}
  - {id: b, activity: vault.use, with: {password: "{{ secret('mail') }}", leak: true}}
outputs: {n: "{{ steps.a.output }}"}
edges: [a.next -> b]
"""
    async with file_engine(tmp_path) as engine:
        from tests.unit.engine.runtime import test_machine

        engine.catalog.add_module(test_machine)
        execution = await engine.start(workflow(text), folder=tmp_path)
        outcome = await engine.wait(execution)
        assert outcome.status == "failed"
        seen = [entry async for chunk in engine.journal(execution) for entry in chunk]
        assert "s3cr3t" not in repr(seen) and "s3cr3t" not in repr(outcome)
        assert any("StepSucceeded" in repr(entry) and "output=12" in repr(entry) for entry in seen)
    assert b"s3cr3t" not in b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


@activity("vault.echo", label="Echo", effect=Effect.PURE)
async def echo(password: Annotated[Secret, Param("Password")]) -> dict[str, str]:
    """Give back what was given, as a server may."""
    return {"authorization": f"Bearer {password.reveal()}"}


async def test_a_secret_that_comes_back_in_an_answer_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPA_SECRET_MAIL", "s3cr3t-value")
    text = """
steps:
  - {id: a, activity: vault.echo, with: {password: "{{ secret('mail') }}"}}
  - {id: b, activity: control.log, with: {message: "{{ secret('mail') }}"}}
outputs: {a: "{{ steps.a.output }}", b: "{{ steps.b.output }}"}
edges: [a.next -> b]
"""
    async with file_engine(tmp_path) as engine:
        from tests.unit.engine.runtime import test_machine

        engine.catalog.add_module(test_machine)
        outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
        assert outcome.output == {"a": {"authorization": f"Bearer {MASK}"}, "b": MASK}
    assert b"s3cr3t" not in b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


async def test_a_secret_that_is_not_there_is_named(engine: Engine, tmp_path: Path) -> None:
    from tests.unit.engine.runtime import test_machine

    engine.catalog.add_module(test_machine)
    text = """steps:\n  - {id: a, activity: vault.use, with: {password: "{{ secret('nope') }}"}}\n"""
    outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.error is not None and "no secret 'nope'" in outcome.error["message"]
    assert "RPA_SECRET_NOPE" in outcome.error["hint"]


async def test_a_full_store_stops_the_execution_and_loses_nothing(tmp_path: Path) -> None:
    text = """
inputs: {ledger: {type: file}}
steps:
  - {id: each, activity: control.foreach, with: {items: 3000}}
  - {id: a, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ 'x' * 2000 }}"}}
outputs: {n: "{{ steps.each.output.count }}"}
edges: [each.body -> a]
"""
    ledger = tmp_path / "ledger"
    async with file_engine(tmp_path) as engine:
        await engine.store._writer.execute("PRAGMA max_page_count = 400")  # type: ignore[attr-defined]
        execution = await engine.start(workflow(text), {"ledger": str(ledger)}, folder=tmp_path)
        with pytest.raises(StoreError):
            await engine.wait(execution)
    done = len(ledger.read_text().splitlines())
    assert 0 < done < 3000
    async with file_engine(tmp_path) as engine:
        await engine.resume(execution)
        outcome = await engine.wait(execution)
        if outcome.status == "in_doubt":
            from engine.api import Decision

            await engine.resume(execution, {outcome.in_doubt[0].step: Decision("done")})
            outcome = await engine.wait(execution)
        assert outcome.output == {"n": 3000}
    assert len(ledger.read_text().splitlines()) == 3000


async def test_a_thread_that_does_not_listen_is_left_behind(tmp_path: Path) -> None:
    import threading

    from engine.runtime import machine, step

    text = "steps:\n  - {id: a, activity: ledger.slow, with: {seconds: 0.6, deaf: true}}\n"
    before = machine.GRACE, step.CANCEL_GRACE
    step.CANCEL_GRACE = 0.05
    try:
        async with memory_engine() as engine:
            execution = await engine.start(workflow(text), folder=tmp_path)
            await asyncio.sleep(0.05)
            await engine.cancel(execution)
            assert (await engine.outcome(execution)).status == "cancelled"
    finally:
        machine.GRACE, step.CANCEL_GRACE = before
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("rpa-step")]
