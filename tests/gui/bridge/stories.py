"""What the tests of the bridge tell: workflows, waiting, and another process that holds the store."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from engine.api import Client, Outcome, Workflow
from engine.core.settings import Settings
from studio.bridge import Bridge
from tests.support.workflows import workflow

Awaited = Callable[..., Any]


def loop_of(count: int) -> Workflow:
    return workflow(
        f"""
steps:
  - {{id: each, activity: control.foreach, with: {{items: {count}}}}}
  - {{id: give, activity: ledger.give, with: {{value: "{{{{ item }}}}"}}}}
edges: [each.body -> give]
"""
    )


def slow(seconds: float, deaf: bool = False) -> Workflow:
    return workflow(
        f"steps: [{{id: slow, activity: ledger.slow, with: {{seconds: {seconds}, deaf: {str(deaf).lower()}}}}}]"
    )


async def ran(bridge: Bridge, work: Workflow) -> Outcome:
    async def run(client: Client) -> Outcome:
        return await client.wait(await client.start(work))

    return await bridge.call(run)


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come to pass"
        await asyncio.sleep(0.005)


def hold(settings: Settings) -> subprocess.Popen[str]:
    """Another process that has the store open; ends when its standard input is closed."""
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from engine.api import open_engine\n"
        "from engine.core.settings import Settings\n"
        "async def main():\n"
        "    async with open_engine(Settings(home=Path(sys.argv[1]))) as engine:\n"
        "        print(engine.writable, flush=True)\n"
        "        await asyncio.to_thread(sys.stdin.read)\n"
        "asyncio.run(main())\n"
    )
    settings.make_home()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline().strip() == "True"
    return process


def let_go(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=20)
