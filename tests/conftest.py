"""What holds for every test: it has a data folder of its own, and leaves no thread, task or open file behind."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

GRACE = 2.0
"""Seconds for what is already on its way out: a closed aiosqlite connection's thread ends a moment after `close`."""

YOUNG, ROUNDS = 20_000, 20
"""New objects after which the younger ones are looked through between two tests of windows, and how often before all."""

collect_ignore = ["benchmarks"]

_homes = itertools.count()
_unfinished: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="also run the tests that take minutes")


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("RPA_")]:
        del os.environ[name]
    nightly = config.getoption("--nightly")
    hypothesis.settings.register_profile(
        "house", deadline=None, derandomize=not nightly and "CI" in os.environ, max_examples=2_000 if nightly else 100
    )
    hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--nightly"):
        for item in items:
            if item.get_closest_marker("nightly"):
                item.add_marker(pytest.mark.skip(reason="takes minutes: run with --nightly"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """While there may be widgets that only garbage holds, nothing is collected on a thread that is not theirs."""
    if {"gui", "studio"}.intersection(item.path.relative_to(item.config.rootpath).parts):
        gc.disable()
        youngest, _, middle = gc.get_count()
        if youngest > YOUNG:
            gc.collect(2 if middle > ROUNDS else 1)
    elif not gc.isenabled():
        gc.collect()
        gc.enable()


@pytest.fixture(autouse=True)
def leaves_nothing() -> Iterator[None]:
    """Fail a test after which a thread, an asyncio task or an open file is left that was not there before it."""
    threads, files = set(threading.enumerate()), _open_files()
    _unfinished.clear()
    yield
    left = [f"asyncio task {task}" for task in _unfinished]
    until = time.monotonic() + GRACE
    while leaked := _since(threads, files):
        if time.monotonic() > until:
            left += leaked
            break
        gc.collect()
        time.sleep(0.01)
    if left:
        pytest.fail("left behind: " + "; ".join(left))


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this test, set as `RPA_HOME` and not made yet: nothing reaches that of the user."""
    home = tmp_path_factory.getbasetemp() / f"home-{next(_homes)}"
    monkeypatch.setenv("RPA_HOME", str(home))
    return home


_close = asyncio.Runner.close


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def _close_and_tell(runner: asyncio.Runner) -> None:
    """A runner cancels what is still running when it closes, and says nothing: take the names down first.

    What only needs a turn of the loop to end, such as the closing of a generator that a library let go of, gets it.
    """
    loop = getattr(runner, "_loop", None)
    if loop is not None and not loop.is_closed():
        loop.run_until_complete(_turns(5))
        _unfinished.extend(repr(task) for task in asyncio.all_tasks(loop) if not task.cancelling())
    _close(runner)


asyncio.Runner.close = _close_and_tell  # type: ignore[assignment, method-assign]


def _since(threads: set[threading.Thread], files: set[int]) -> list[str]:
    """What there is now and was not then. A thread that is not of `threading` (`_DummyThread`) is not ours to end."""
    new = [thread for thread in threading.enumerate() if thread not in threads]
    leaked = [f"thread {thread.name}" for thread in new if not isinstance(thread, threading._DummyThread)]
    return leaked + [f"open file {name}" for name in _names(_open_files() - files)]


def _open_files() -> set[int]:
    """The descriptors of this process; empty where the system does not list them."""
    open_: set[int] = set()
    try:
        listed = os.listdir("/proc/self/fd")
    except OSError:
        return open_
    for name in listed:
        try:
            os.fstat(int(name))  # the listing holds one itself, closed by now
        except OSError:
            continue
        open_.add(int(name))
    return open_


def _names(descriptors: set[int]) -> list[str]:
    names = []
    for descriptor in sorted(descriptors):
        try:
            name = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        # Threads that Qt keeps for a while, such as those it fills large areas with, wake each other through these.
        if name != "anon_inode:[eventfd]" or "PySide6.QtCore" not in sys.modules:
            names.append(name)
    return names
