"""The breaker opens, half-opens and closes as documented; only what means that a system is down opens it."""

from __future__ import annotations

import asyncio

import pytest

from engine.core.errors import BusinessError, SystemFault
from engine.integrations.breaker import Breaking, State
from engine.integrations.rate import Rate
from engine.integrations.traffic import Limits, Traffic
from engine.sdk.integration import Overloaded
from tests.support.virtual_time import run

SETTINGS = Breaking(failures=3, window=20.0, pause=30.0)


def traffic(turned: list[tuple[State, str]] | None = None, rate: Rate | None = None, timeout: float = 5.0) -> Traffic:
    told = turned if turned is not None else []
    return Traffic(
        "crm", Limits(rate, 1, SETTINGS, timeout), lambda now, reason: told.append((now, reason)), lambda: None
    )


def state(system: Traffic) -> str:
    return system.breaker.state


async def fail(system: Traffic, error: BaseException, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(error)):
            async with system.call():
                raise error


async def succeed(system: Traffic) -> None:
    async with system.call():
        pass


def test_it_opens_half_opens_and_closes() -> None:
    async def work() -> None:
        turned: list[tuple[State, str]] = []
        system = traffic(turned)
        await fail(system, SystemFault("the host is gone"), 2)
        assert state(system) == "closed"
        await fail(system, SystemFault("the host is gone"))
        assert turned == [("open", "the host is gone")]
        with pytest.raises(SystemFault, match="'crm' is down: the host is gone") as refused:
            await succeed(system)
        assert "It is tried again at" in refused.value.hint
        await asyncio.sleep(29.9)
        with pytest.raises(SystemFault, match="is down"):
            await succeed(system)
        await asyncio.sleep(0.2)
        assert state(system) == "half-open"
        async with system.call():
            with pytest.raises(SystemFault, match="is being tried"):
                await succeed(system)
        assert [one for one, _ in turned] == ["open", "half-open", "closed"]
        await succeed(system)

    run(work())


def test_one_that_fails_again_is_open_for_another_pause() -> None:
    async def work() -> None:
        system = traffic()
        await fail(system, SystemFault("gone"), 3)
        await asyncio.sleep(30)
        await fail(system, TimeoutError())
        assert state(system) == "open"
        await asyncio.sleep(29)
        assert state(system) == "open"
        await asyncio.sleep(1.1)
        await succeed(system)
        assert state(system) == "closed"

    run(work())


@pytest.mark.parametrize(
    "error", [BusinessError("no such order"), Overloaded("429"), ValueError("a defect"), FileNotFoundError("x")]
)
def test_what_is_not_the_systems_failure_does_not_count(error: Exception) -> None:
    async def work() -> None:
        system = traffic()
        await fail(system, error, 20)
        assert state(system) == "closed"
        assert (system.tally.calls, system.tally.failed) == (20, 0)

    run(work())


@pytest.mark.parametrize("error", [SystemFault("x"), TimeoutError(), ConnectionResetError(), ConnectionRefusedError()])
def test_what_is_counts(error: Exception) -> None:
    async def work() -> None:
        system = traffic()
        await fail(system, error, 3)
        assert state(system) == "open"
        assert (system.tally.calls, system.tally.failed) == (3, 3)

    run(work())


def test_failures_that_lie_far_apart_do_not_add_up() -> None:
    async def work() -> None:
        system = traffic()
        for _ in range(10):
            await fail(system, SystemFault("x"))
            await asyncio.sleep(10.1)
        assert state(system) == "closed"

    run(work())


def test_a_business_error_of_the_one_that_tries_closes_it_because_it_answered() -> None:
    async def work() -> None:
        system = traffic()
        await fail(system, SystemFault("x"), 3)
        await asyncio.sleep(31)
        await fail(system, BusinessError("no such order"))
        assert state(system) == "closed"

    run(work())


def test_one_that_tries_and_is_stopped_leaves_it_to_the_next() -> None:
    async def work() -> None:
        system = traffic()
        await fail(system, SystemFault("x"), 3)
        await asyncio.sleep(31)

        async def slow() -> None:
            async with system.call():
                await asyncio.sleep(60)

        trying = asyncio.create_task(slow())
        await asyncio.sleep(1)
        trying.cancel()
        await asyncio.wait({trying})
        assert state(system) == "half-open"
        await succeed(system)
        assert state(system) == "closed"

    run(work())


def test_a_step_that_runs_out_of_time_speaks_against_the_system() -> None:
    async def work() -> None:
        system = traffic(timeout=5.0)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(6.0), system.call():
                    await asyncio.sleep(60)
        assert state(system) == "open"
        quick = traffic(timeout=5.0)
        for _ in range(5):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.0), quick.call():
                    await asyncio.sleep(60)
        assert state(quick) == "closed"

    run(work())


def test_those_who_wait_for_their_turn_are_refused_when_it_opens() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        system = traffic(rate=Rate(1, 1))
        start = loop.time()
        results = await asyncio.gather(*(fail(system, SystemFault("gone")) for _ in range(100)))
        assert len(results) == 100
        assert loop.time() - start < 2.5
        assert system.waiting == 0 and system.tally.calls == 3

    run(work())


def test_a_breaker_of_no_failures_never_opens() -> None:
    async def work() -> None:
        system = Traffic("x", Limits(None, 1, Breaking(failures=0), 5.0), lambda *_: None, lambda: None)
        await fail(system, SystemFault("x"), 50)
        assert state(system) == "closed"

    run(work())


def test_asking_too_much_makes_all_wait() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        system = traffic()
        await fail(system, Overloaded("429", wait=12.0))
        start = loop.time()
        await asyncio.gather(succeed(system), succeed(system))
        return loop.time() - start

    assert run(work()) == pytest.approx(12.0)
