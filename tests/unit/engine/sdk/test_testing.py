from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest

from engine.core.errors import BusinessError, CatalogError, SystemFault
from engine.core.secrets import MASK
from engine.sdk import Cancelled, Context, Effect, Expression, Param, Port, Secret, SecretRef, To, activity
from engine.sdk.params import Computed
from engine.sdk.testing import ActivityEnvironment, Line


@dataclass(frozen=True)
class Seen:
    """What the activity saw."""

    path: Path
    thread: str
    secret: str
    kept: list[int]


@activity("try.look", label="Look", effect=Effect.PURE)
def look(
    path: Annotated[Path, Param("File")],
    ctx: Context,
    token: Annotated[Secret | None, Param("Token")] = None,
    keep: Annotated[Expression | None, Param("Keep if")] = None,
) -> Seen:
    """Look at what is given."""
    ctx.log(f"the token is {token.reveal() if token else None}", "warning", path=path)
    ctx.progress(1, 2, "half")
    kept = [item for item in range(4) if keep is not None and keep(item=item)]
    return Seen(path, threading.current_thread().name, token.reveal() if token else "", kept)


@activity("try.choose", label="Choose", effect=Effect.PURE, ports=(Port("true"), Port("false")))
async def choose(value: Annotated[int, Param("Number")]) -> To:
    """Choose a way."""
    return To("true" if value > 0 else "false", value)


@activity("try.endless", label="Endless", effect=Effect.PURE)
def endless(ctx: Context) -> None:
    """Never end by itself."""
    while True:
        ctx.check()
        time.sleep(0.002)


@activity("try.fail", label="Fail", effect=Effect.PURE)
def fail() -> None:
    """Fail."""
    raise StopIteration("odd")


@activity("try.wait", label="Wait", effect=Effect.PURE)
async def wait_for_ever() -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


async def test_parameters_are_bound_as_those_of_a_step(tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path, secrets={"api": "s3cret-value"})
    keep = Computed(lambda item: item % 2)
    seen = await env.run(look, path="a.txt", token=SecretRef("api"), keep=keep)
    assert seen == Seen(tmp_path / "a.txt", "activity", "s3cret-value", [1, 3])
    assert env.lines == [Line(f"the token is {MASK}", "warning", {"path": str(tmp_path / "a.txt")})]
    assert [(one.done, one.total, one.message) for one in env.progressed] == [(1, 2, "half")]
    assert env.port == "next"


async def test_wrong_parameters_are_refused_as_in_a_step(tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path)
    with pytest.raises(BusinessError, match="File: is missing"):
        await env.run(look)
    with pytest.raises(BusinessError, match="not a parameter"):
        await env.run(look, path="a", other=1)
    with pytest.raises(SystemFault, match="no secret 'api'"):
        await env.run(look, path="a", token=SecretRef("api"))
    with pytest.raises(CatalogError, match="is not an activity"):
        await env.run(print)


async def test_the_port_is_told(tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path)
    assert await env.run(choose, value=5) == 5
    assert env.port == "true"
    await env.run(choose, value=-5)
    assert env.port == "false"


async def test_a_function_finds_out_that_it_was_cancelled(tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path)
    running = asyncio.create_task(env.run(endless))
    await asyncio.sleep(0.02)
    env.cancel()
    with pytest.raises(Cancelled):
        await running
    assert await env.run(choose, value=1) == 1, "what is run after it is not cancelled"


async def test_a_coroutine_is_cancelled(tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path)
    running = asyncio.create_task(env.run(wait_for_ever))
    await asyncio.sleep(0.01)
    env.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("function", [endless, wait_for_ever])
async def test_who_stops_waiting_stops_the_activity(tmp_path: Path, function: Any) -> None:
    env = ActivityEnvironment(tmp_path)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await env.run(function)
    assert env.context.cancelled


async def test_any_error_arrives(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match="odd"):
        await ActivityEnvironment(tmp_path).run(fail)


async def test_an_activity_that_runs_bodies_is_refused(tmp_path: Path) -> None:
    from engine.sdk.catalog import Catalog

    with pytest.raises(CatalogError, match="without a workflow"):
        await ActivityEnvironment(tmp_path).run(Catalog(entry_points=False).require("control.foreach"), items=[1])
