"""Activities for tests: each effect leaves a line in a file, written so that a kill cannot lose or tear it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, Any

from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, To, activity


def write_line(path: Path, line: str) -> None:
    """Append one line, durable when it returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line.encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@activity("ledger.once", label="Once", effect=Effect.ONCE)
async def once(ctx: Context, ledger: Path, value: Any = None) -> Any:
    """Leave a line; must never silently happen twice."""
    write_line(ledger, f"once {ctx.step} {value}")
    return value


@activity("ledger.thread", label="Once, in a thread", effect=Effect.ONCE)
def thread(ctx: Context, ledger: Path, value: Any = None) -> Any:
    """Leave a line from a worker thread."""
    write_line(ledger, f"once {ctx.step} {value}")
    return value


@activity("ledger.again", label="Idempotent", effect=Effect.IDEMPOTENT)
async def again(ctx: Context, ledger: Path, value: Any = None) -> Any:
    """Leave a line; may happen again."""
    write_line(ledger, f"again {ctx.step} {value}")
    return value


@activity("ledger.give", label="Give", effect=Effect.PURE)
async def give(value: Annotated[Any, Param("Value")] = None) -> Any:
    """Give the value back."""
    return value


@activity("ledger.fail", label="Fail", effect=Effect.PURE)
async def fail(ctx: Context, times: int = 1_000_000, business: bool = False, message: str = "no luck") -> int:
    """Fail so many times, then give the number of the try that did not."""
    if ctx.attempt <= times:
        raise (BusinessError if business else SystemFault)(message)
    return ctx.attempt


@activity("ledger.once_fail", label="Once, failing", effect=Effect.ONCE)
async def once_fail(ctx: Context, ledger: Path, times: int = 1_000_000) -> int:
    """Leave a line, then fail so many times."""
    write_line(ledger, f"once {ctx.step} {ctx.attempt}")
    if ctx.attempt <= times:
        raise SystemFault("no luck")
    return ctx.attempt


@activity("ledger.slow", label="Slow", effect=Effect.ONCE)
def slow(ctx: Context, seconds: float, deaf: bool = False) -> str:
    """Take that long in a thread; listens to cancellation unless deaf."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(0.005)
        if not deaf:
            ctx.check()
    return "done"


@activity("ledger.desk", label="Desktop", effect=Effect.PURE, resources=("desktop",))
def desk(ctx: Context, ledger: Path, seconds: float = 0.01) -> None:
    """Hold the desktop for a while, and leave a line at each end."""
    write_line(ledger, f"in {ctx.execution} {ctx.step}")
    time.sleep(seconds)
    write_line(ledger, f"out {ctx.execution} {ctx.step}")


@activity("ledger.pick", label="Pick", effect=Effect.PURE, ports=("left", "right"))
async def pick(port: str) -> To:
    """Leave through that port."""
    return To(port, port)


@activity("ledger.odd", label="Odd", effect=Effect.ONCE)
async def odd(ctx: Context, ledger: Path, kind: str) -> Any:
    """Leave a line, then give what no journal can hold."""
    write_line(ledger, f"once {ctx.step} {kind}")
    endless: list[Any] = []
    endless.append(endless)
    return {"object": object(), "endless": endless, "long": 10**5000}[kind]
