"""What stays open between steps: it is closed with the execution, opened anew after it rested, and never outlives it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.api import Decision, Engine
from engine.core import events
from engine.core.errors import BusinessError
from engine.runtime.children import Children
from engine.sdk import Context, Effect, Flow, Port, To, activity
from engine.sdk.sessions import Sessions, SharedSessions
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.runtime.conftest import history

SEEN: list[str] = []


class Desk:
    """A session that notes its end."""

    def __init__(self, name: str) -> None:
        self.name = name
        SEEN.append(f"open {name}")

    async def close(self) -> None:
        SEEN.append(f"close {self.name}")
        if self.name == "stuck":
            raise RuntimeError("does not close")


@activity(
    "desk.use", label="Use", effect=Effect.PURE, ports=(Port("restore", body=True), Port("body", body=True), Port("next"))
)
async def use(flow: Flow, name: str = "desk") -> To:
    """Open a desk, sign in, work at it."""
    flow.sessions.add(Desk(name), name)
    try:
        await flow.through("restore", anew=True)
        return await flow.through()
    finally:
        await flow.sessions.close(Desk, name)


@activity("desk.open", label="Open", effect=Effect.PURE)
async def open_(ctx: Context, name: str) -> str:
    """Open a desk and leave it so."""
    ctx.sessions.add(Desk(name), name)
    (ctx.scratch / "paper").write_text("x")
    return str(ctx.scratch)


@activity("desk.say", label="Say", effect=Effect.PURE)
async def say_(ctx: Context, text: str, fail: bool = False) -> list[str]:
    """Say something at the desk."""
    SEEN.append(text)
    if fail:
        raise BusinessError("no")
    return ctx.sessions.names(Desk)


@activity("desk.once", label="Once", effect=Effect.ONCE)
async def once(ctx: Context, gate: str) -> str:
    """Something that must not be repeated; it does not end before the file `gate` is there."""
    SEEN.append("once")
    while not os.path.exists(gate):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return "done"


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    SEEN.clear()
    yield
    SEEN.clear()


def desks(folder: Path, **options: Any) -> Engine:
    engine = file_engine(folder, home=folder / "home", **options)
    engine.catalog.add_module(sys.modules[__name__])
    return engine


TEXT = """
steps:
  - {id: site, activity: desk.use}
  - {id: login, activity: desk.say, with: {text: login}}
  - {id: first, activity: desk.say, with: {text: first}}
  - {id: nap, activity: control.delay, with: {length: 0.2}}
  - {id: second, activity: desk.say, with: {text: second}}
outputs: {names: "{{ steps.site.output }}"}
edges: [site.restore -> login, site.body -> first, first.next -> nap, nap.next -> second]
"""


async def test_a_session_serves_the_steps_of_a_body_and_is_closed_behind_it(tmp_path: Path) -> None:
    async with desks(tmp_path) as engine:
        outcome = await engine.wait(await engine.start(workflow(TEXT), folder=tmp_path))
    assert outcome.status == "succeeded" and outcome.output == {"names": ["desk"]}
    assert SEEN == ["open desk", "login", "first", "second", "close desk"]


async def test_after_a_rest_it_is_opened_again_and_only_signing_in_is_repeated(tmp_path: Path) -> None:
    async with desks(tmp_path, patience=0.05) as engine:
        execution = await engine.start(workflow(TEXT), folder=tmp_path)
        assert (await engine.wait(execution)).status == "waiting"
        assert SEEN == ["open desk", "login", "first", "close desk"]
        await asyncio.sleep(0.25)
        await engine.resume(execution)
        assert (await engine.wait(execution)).status == "succeeded"
        assert SEEN[4:] == ["open desk", "login", "second", "close desk"]
        logins = [one for one in await history(engine, execution) if getattr(one, "address", "").endswith("/login")]
    assert [type(one).__name__ for one in logins] == ["StepStarted", "StepSucceeded"] * 2
    assert {getattr(one, "address", "") for one in logins} == {"site.restore[1]/login", "site.restore[2]/login"}


async def test_a_step_in_doubt_is_decided_and_the_session_opened_for_what_follows(tmp_path: Path) -> None:
    text = """
steps:
  - {id: site, activity: desk.use}
  - {id: login, activity: desk.say, with: {text: login}}
  - {id: pay, activity: desk.once, with: {gate: /nonexistent/gate}}
  - {id: after, activity: desk.say, with: {text: after}}
edges: [site.restore -> login, site.body -> pay, pay.next -> after]
"""
    engine = desks(tmp_path)
    with pytest.raises(RuntimeError, match="killed"):
        async with engine:
            execution = await engine.start(workflow(text), folder=tmp_path)
            while "once" not in SEEN:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            raise RuntimeError("killed")
    assert SEEN[-1] == "close desk"
    async with desks(tmp_path) as engine:
        await engine.resume(execution)
        outcome = await engine.wait(execution)
        assert [doubt.step for doubt in outcome.in_doubt] == ["site/pay"]
        await engine.resume(execution, {"pay": Decision("done", "paid")})
        assert (await engine.wait(execution)).status == "succeeded"
    assert SEEN.count("once") == 1 and SEEN[-3:] == ["login", "after", "close desk"]


async def test_signing_in_that_was_cut_short_is_done_anew_without_a_question(tmp_path: Path) -> None:
    text = f"""
steps:
  - {{id: site, activity: desk.use}}
  - {{id: login, activity: desk.once, with: {{gate: {tmp_path / "gate"}}}}}
  - {{id: after, activity: desk.say, with: {{text: after}}}}
edges: [site.restore -> login, site.body -> after]
"""
    with pytest.raises(RuntimeError, match="killed"):
        async with desks(tmp_path) as engine:
            execution = await engine.start(workflow(text), folder=tmp_path)
            while "once" not in SEEN:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            raise RuntimeError("killed")
    (tmp_path / "gate").touch()
    async with desks(tmp_path) as engine:
        await engine.resume(execution)
        assert (await engine.wait(execution)).status == "succeeded"
        given_up = [one for one in await history(engine, execution) if isinstance(one, events.IterationFinished)]
    assert SEEN.count("once") == 2 and SEEN[-2:] == ["after", "close desk"]
    assert [(one.scope, (one.error or {}).get("type")) for one in given_up] == [
        ("site.restore[1]", "given_up"),
        ("site.restore[2]", None),
    ]


async def test_what_fails_in_the_body_fails_the_step_and_closes_the_session(tmp_path: Path) -> None:
    text = """
steps:
  - {id: site, activity: desk.use}
  - {id: bad, activity: desk.say, with: {text: bad, fail: true}}
edges: [site.body -> bad]
"""
    async with desks(tmp_path) as engine:
        outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.error is not None and outcome.error["step"] == "site/bad"
    assert SEEN == ["open desk", "bad", "close desk"]


async def test_sessions_left_open_are_closed_at_the_end_last_one_first_and_the_scratch_folder_goes(
    tmp_path: Path,
) -> None:
    text = """
steps:
  - {id: a, activity: desk.open, with: {name: a}}
  - {id: s, activity: desk.open, with: {name: stuck}}
  - {id: b, activity: desk.open, with: {name: b}}
outputs: {folder: "{{ steps.a.output }}"}
edges: [a.next -> s, s.next -> b]
"""
    async with desks(tmp_path) as engine:
        outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
        assert outcome.status == "succeeded"
        assert SEEN[3:] == ["close b", "close stuck", "close a"]
        folder = Path(outcome.output["folder"])
        assert folder.is_relative_to(tmp_path / "home") and not folder.exists()
    async with desks(tmp_path) as engine:
        twice = workflow("steps:\n  - {id: a, activity: desk.open, with: {name: a}}\n  - {id: b, activity: desk.open, with: {name: a}}\nedges: [a.next -> b]\n")
        outcome = await engine.wait(await engine.start(twice, folder=tmp_path))
    assert outcome.error is not None and "there is an open session 'a' already" in outcome.error["message"]


async def test_a_shared_session_is_made_once_and_again_after_it_failed_or_was_dropped() -> None:
    shared = SharedSessions()
    mine, yours = Sessions(shared, lambda pid: None), Sessions(shared, lambda pid: None)
    tries = 0

    async def make() -> Desk:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        if tries == 1:
            raise OSError("no desk")
        return Desk(f"shared {tries}")

    with pytest.raises(OSError):
        await mine.shared(Desk, make)
    first, second = await asyncio.gather(mine.shared(Desk, make), yours.shared(Desk, make))
    assert first is second and tries == 2
    mine.drop(first)
    third = await yours.shared(Desk, make)
    assert third is not first
    await shared.close()
    assert SEEN[-1] == "close shared 3"


def test_processes_that_a_killed_engine_left_behind_are_ended_with_all_they_started(tmp_path: Path) -> None:
    code = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print(p.pid, flush=True); p.wait()"
    left = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert left.stdout is not None
    with left:
        inner = int(left.stdout.readline())
        noted = Children(tmp_path / "home" / "children")
        noted.adopt(left.pid)
        noted.adopt(2**22 + 1)
        with open(tmp_path / "home" / "children", "a") as file:
            file.write(f"[{os.getpid()}, 1.0]\nnonsense\n[{inner}")
        assert noted.noted
        assert Children(tmp_path / "home" / "children").reap() == 2
        assert left.wait(10) < 0
        ends = time.monotonic() + 10
        while psutil.pid_exists(inner) and psutil.Process(inner).status() != "zombie" and time.monotonic() < ends:
            time.sleep(0.01)
        assert not psutil.pid_exists(inner) or psutil.Process(inner).status() == "zombie"
    assert not noted.noted and noted.reap() == 0


async def test_what_killed_engines_left_of_their_scratch_is_removed_at_the_next_start(tmp_path: Path) -> None:
    for name in ("scratch", "scratch-1"):
        (tmp_path / "home" / name / "old").mkdir(parents=True)
    async with desks(tmp_path) as engine:
        await engine.wait(await engine.start(workflow(TEXT), folder=tmp_path))
    assert not list((tmp_path / "home").glob("scratch*/*"))
    assert not list((tmp_path / "home").glob("scratch-*"))
