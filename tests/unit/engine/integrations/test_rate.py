"""The rate limit is exact over a minute of load, fair, and no token is lost to a waiter who gave up."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from engine.integrations.rate import Rate, TokenBucket, read_rate
from tests.support.virtual_time import run


async def load(bucket: TokenBucket, users: int, seconds: float, late: float = 0.0) -> list[float]:
    """When requests of `users` who ask without a pause began; each step of the loop comes `late`."""
    loop = asyncio.get_running_loop()
    began: list[float] = []
    start = loop.time()

    async def user() -> None:
        while True:
            await bucket.take()
            began.append(loop.time() - start)
            await asyncio.sleep(late)

    tasks = [asyncio.create_task(user()) for _ in range(users)]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return began


@pytest.mark.parametrize("rate", ["100/min", "10/s", "600/min", "250/s", "3600/h"])
@pytest.mark.parametrize("burst", [1, 5])
def test_a_minute_of_load_from_twenty_is_exact(rate: str, burst: int) -> None:
    limit = read_rate(rate)
    assert limit is not None
    began = run(load(TokenBucket(limit, burst), 20, 60.0, 0.001))
    allowed = limit.per_second * 60
    assert allowed <= len(began) <= allowed + burst + 1
    assert began == sorted(began)


def test_evenly_spaced_and_never_more_than_the_burst_at_once() -> None:
    began = run(load(TokenBucket(Rate(10, 1), 3), 20, 5.0))
    assert began[:3] == [0, 0, 0]
    assert all(b - a == pytest.approx(0.1) for a, b in itertools.pairwise(began[2:]))


def test_first_come_first_served() -> None:
    async def work() -> list[int]:
        bucket = TokenBucket(Rate(5, 1))
        order: list[int] = []

        async def one(number: int) -> None:
            await bucket.take()
            order.append(number)

        await asyncio.gather(*(one(number) for number in range(50)))
        return order

    assert run(work()) == list(range(50))


def test_waiters_who_give_up_cost_nobody_a_token() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        bucket = TokenBucket(Rate(1, 1))
        await bucket.take()
        start = loop.time()
        given_up = [asyncio.create_task(bucket.take()) for _ in range(10)]
        last = asyncio.create_task(bucket.take())
        await asyncio.sleep(0)
        assert bucket.waiting == 11
        for task in given_up:
            task.cancel()
        await last
        assert bucket.waiting == 0
        return loop.time() - start

    assert run(work()) == pytest.approx(1.0)


def test_a_token_that_came_together_with_the_cancellation_goes_to_the_next() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        bucket = TokenBucket(Rate(1, 1))
        await bucket.take()
        start = loop.time()
        first, second = (asyncio.create_task(bucket.take()) for _ in range(2))
        await asyncio.sleep(0)
        loop.call_at(start + 1.0, lambda: loop.call_soon(first.cancel))
        await asyncio.wait({first})
        await second
        return loop.time() - start

    assert run(work()) <= 2.0 + 1e-6


def test_a_loop_that_stood_still_is_not_followed_by_a_rush() -> None:
    async def work() -> int:
        loop = asyncio.get_running_loop()
        bucket = TokenBucket(Rate(100, 1))
        tasks = [asyncio.create_task(bucket.take()) for _ in range(5000)]
        await asyncio.sleep(0.1)
        before = bucket.waiting
        loop._virtual.skipped += 10.0  # type: ignore[attr-defined]
        await asyncio.sleep(0.001)
        rushed = before - bucket.waiting
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return rushed

    assert run(work()) <= 30


def test_a_system_that_asks_for_patience_gets_it_from_all() -> None:
    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        began = []
        for bucket in (TokenBucket(Rate(10, 1)), TokenBucket(None)):
            start = loop.time()
            await bucket.take()
            bucket.hold(7.0)
            await asyncio.gather(bucket.take(), bucket.take())
            began.append(loop.time() - start)
        return began

    limited, unlimited = run(work())
    assert limited == pytest.approx(7.1, abs=0.11)
    assert unlimited == pytest.approx(7.0)


def test_without_a_rate_nobody_waits() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        bucket = TokenBucket(None)
        for _ in range(1000):
            await bucket.take()
        return loop.time() - start

    assert run(work()) == 0


@pytest.mark.parametrize(
    ("text", "per_second", "shown"),
    [("100/min", 100 / 60, "100/min"), (" 5 / S ", 5, "5/s"), ("1/10s", 0.1, "1/10s"), ("0.5/h", 0.5 / 3600, "0.5/h")],
)
def test_rates_are_read(text: str, per_second: float, shown: str) -> None:
    found = read_rate(text)
    assert found is not None and found.per_second == pytest.approx(per_second)
    assert read_rate(str(found)) == found and str(found) == shown


@pytest.mark.parametrize("text", ["", "100", "0/s", "-1/s", "1/0s", "x/min", "1/fortnight", 5, "1e9/s"])
def test_what_is_no_rate_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        read_rate(text)
