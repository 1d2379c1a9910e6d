from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from studio.base import tasks


@pytest.fixture
def held() -> Iterator[None]:
    tasks.hold()
    yield
    asyncio.run(_release())


async def _release() -> None:
    tasks.release()
    await tasks.cancel_all()


def test_what_is_spawned_before_the_loop_runs_is_not_lost(held: None) -> None:
    done: list[str] = []

    async def note(text: str) -> None:
        done.append(text)

    async def fail() -> None:
        raise ValueError("no")

    assert tasks.spawn(note("first")) is None
    tasks.hold()  # a second time changes nothing
    assert tasks.spawn(fail(), failed=lambda error: done.append(str(error))) is None
    assert tasks.spawn(note("last")) is None
    assert done == []

    async def live() -> None:
        tasks.release()
        assert tasks.spawn(note("at once")) is not None
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(live())
    assert done == ["first", "last", "at once", "no"]


def test_a_task_that_is_done_and_has_not_told_so_ends_the_waiting() -> None:
    async def live() -> None:
        async def nothing() -> None:
            pass

        task = tasks.spawn(nothing())
        assert task is not None
        await asyncio.sleep(0)
        assert task.done() and task in tasks._running
        await tasks.cancel_all()
        assert not tasks._running

    asyncio.run(live())


def test_what_is_spawned_after_the_loop_has_ended_is_let_go() -> None:
    ran: list[bool] = []

    async def late() -> None:
        ran.append(True)

    assert tasks.spawn(late()) is None
    assert ran == []
