"""DBOS on SQLite: `python peer_dbos.py FOLDER sequence|fanout COUNT` prints steps per second as JSON.

Its defaults throughout. Timed is a workflow of so many steps that give their argument back, without starting DBOS and
making its database; a workflow of a few steps ran before it. The sequence is measured with synchronous and with
asynchronous steps; the fan-out gathers asynchronous steps.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

WARM = 10


def main(folder: Path, kind: str, count: int) -> dict[str, float]:
    dbos: Any = importlib.import_module("dbos")
    logging.getLogger("dbos").setLevel(logging.ERROR)
    dbos.DBOS(
        config={
            "name": "benchmark",
            "system_database_url": f"sqlite:///{folder / 'dbos.db'}",
            "run_admin_server": False,
            "console_log_level": "ERROR",
        }
    )

    def step(value: int) -> int:
        return value

    async def step_async(value: int) -> int:
        return value

    plain = dbos.DBOS.step(name="step")(step)
    coroutine = dbos.DBOS.step(name="step_async")(step_async)

    def sequence(size: int) -> list[int]:
        return [plain(number) for number in range(size)]

    async def sequence_async(size: int) -> list[int]:
        return [await coroutine(number) for number in range(size)]

    async def fanout(size: int) -> list[int]:
        return list(await asyncio.gather(*(coroutine(number) for number in range(size))))

    workflows = {f.__name__: dbos.DBOS.workflow(name=f.__name__)(f) for f in (sequence, sequence_async, fanout)}
    dbos.DBOS.launch()

    def timed(name: str, size: int) -> float:
        begun = time.perf_counter()
        result = workflows[name](size)
        if asyncio.iscoroutine(result):
            result = runner.run(result)
        seconds = time.perf_counter() - begun
        assert result == list(range(size))
        return size / seconds

    results: dict[str, float] = {}
    with asyncio.Runner() as runner:
        for name, label in (
            [("sequence", "DBOS, sync"), ("sequence_async", "DBOS, async")]
            if kind == "sequence"
            else [("fanout", "DBOS, async")]
        ):
            timed(name, WARM)
            results[label] = timed(name, count)
    dbos.DBOS.destroy()
    return results


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
