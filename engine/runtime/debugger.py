"""The hooks of the debugger: hold an execution before a step or after its failure, look, edit, skip, retry, go on.

One debugger serves one execution, on the engine's loop. It decides nothing about how steps run: the step asks it
before it starts and after it failed, and waits for the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.core.errors import ExpressionError, UsageError
from engine.runtime.scope import Suspended
from engine.workflow.expressions import compile_expression, compile_template

Mode = Literal["run", "into", "over", "out", "to"]


@dataclass(slots=True)
class Breakpoint:
    """Holds before a step. `step` is a step's id (anywhere) or address (just there).

    `condition` is an expression over the names in reach; `hits` holds only from that hit on; with `log`, a text with
    `{{ … }}`, it writes that and does not hold.
    """

    step: str
    condition: str = ""
    hits: int = 1
    log: str = ""
    enabled: bool = True
    count: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the step: `go` (with `parameters` in place of the workflow's own), `skip` with `output`,
    `fail`, or after a failure `retry`."""

    action: Literal["go", "skip", "fail", "retry"]
    output: Any = None
    parameters: Mapping[str, Any] | None = None


GO = Verdict("go")


@dataclass(slots=True)
class Held:
    """A step that is being held: before it runs, or after `error`."""

    address: str
    activity: str
    parameters: Any
    names: Mapping[str, Any]
    error: dict[str, Any] | None = None
    reason: str = ""
    answer: asyncio.Future[Verdict] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Debugger:
    """`on_held` is called with each step that is held; the methods below let it go on.

    `log` and `noted` are set by the execution, and called with an address and a text.
    """

    def __init__(self, *, break_on_failure: bool = False, paused: bool = False) -> None:
        self.breakpoints: list[Breakpoint] = []
        self.break_on_failure = break_on_failure
        self.on_held: Callable[[Held], None] | None = None
        self.held: dict[str, Held] = {}
        self.log: Callable[[str, str], None] | None = None
        self.noted: Callable[[str, str], None] | None = None
        self._mode: Mode = "into" if paused else "run"
        self._anchor = ""

    def pause(self) -> None:
        """Hold at the next step that would start."""
        self._mode, self._anchor = "into", ""

    def resume(self) -> None:
        """Go on until a breakpoint."""
        self._go("run", "")

    def step_into(self) -> None:
        """Go on to the next step, also inside a body."""
        self._go("into", "")

    def step_over(self) -> None:
        """Go on to the next step of the same body, or of one around it."""
        self._go("over", self._current().rpartition("/")[0])

    def step_out(self) -> None:
        """Go on until the body is left."""
        self._go("out", self._current().rpartition("/")[0])

    def run_to(self, step: str) -> None:
        """Go on until the step of that id or address."""
        self._go("to", step)

    def edit(self, parameters: Mapping[str, Any], address: str = "") -> None:
        """Go on with these parameters instead of the workflow's, this once."""
        self._answer(address, Verdict("go", parameters=dict(parameters)))

    def skip(self, output: Any = None, address: str = "") -> None:
        """Do not run the held step; `output` stands for what it would have given."""
        self._answer(address, Verdict("skip", output=output))

    def retry(self, parameters: Mapping[str, Any] | None = None, address: str = "") -> None:
        """Try the held step again after its failure, with other parameters if given."""
        self._answer(address, Verdict("retry", parameters=parameters))

    def fail(self, address: str = "") -> None:
        """Let the held step fail."""
        self._answer(address, Verdict("fail"))

    def leave(self) -> None:
        """Let go of everything, because the execution is being paused or stopped."""
        for held in tuple(self.held.values()):
            if not held.answer.done():
                held.answer.set_exception(Suspended())

    def evaluate(self, source: str, address: str = "") -> Any:
        """The value of an expression among the names the held step sees."""
        return compile_expression(source).evaluate(self._find(address).names)

    async def before(self, held: Held) -> Verdict:
        """Asked by a step that is about to run."""
        reason = self._reason(held)
        if not reason:
            return GO
        held.reason = reason
        return await self._hold(held)

    async def failed(self, held: Held) -> Verdict:
        """Asked by a step that failed for good."""
        if not self.break_on_failure:
            return Verdict("fail")
        held.reason = "failure"
        return await self._hold(held)

    def wants(self, failed: bool) -> bool:
        """Whether it can hold at all, so that an execution that is not debugged pays nothing."""
        return self.break_on_failure if failed else self._mode != "run" or bool(self.breakpoints)

    async def _hold(self, held: Held) -> Verdict:
        self._mode = "run"
        self.held[held.address] = held
        try:
            if self.noted is not None:
                self.noted(held.address, held.reason)
            if self.on_held is not None:
                self.on_held(held)
            return await held.answer
        finally:
            del self.held[held.address]

    def _reason(self, held: Held) -> str:
        scope, _, step = held.address.rpartition("/")
        if self._mode == "into":
            return "step"
        if self._mode == "over" and (scope == self._anchor or _encloses(scope, self._anchor)):
            return "step"
        if self._mode == "out" and scope != self._anchor and _encloses(scope, self._anchor):
            return "step"
        if self._mode == "to" and self._anchor in (held.address, step):
            return "step"
        for point in self.breakpoints:
            if point.enabled and point.step in (held.address, step) and self._hits(point, held):
                return "breakpoint"
        return ""

    def _hits(self, point: Breakpoint, held: Held) -> bool:
        try:
            if point.condition and not compile_expression(point.condition).evaluate(held.names):
                return False
            point.count += 1
            if point.count < point.hits:
                return False
            if point.log:
                if self.log is not None:
                    self.log(held.address, str(compile_template(point.log).evaluate(held.names)))
                return False
        except ExpressionError as error:
            if self.log is not None:
                self.log(held.address, f"the breakpoint's expression is wrong: {error.message}")
        return True

    def _current(self) -> str:
        return self._find("").address

    def _find(self, address: str) -> Held:
        found = self.held.get(address) if address else next(reversed(self.held.values()), None)
        if found is None:
            raise UsageError("no step is being held", hint="Set a breakpoint or pause the execution first.")
        return found

    def _go(self, mode: Mode, anchor: str) -> None:
        self._mode, self._anchor = mode, anchor
        for held in tuple(self.held.values()):
            if not held.answer.done():
                held.answer.set_result(GO if held.error is None else Verdict("fail"))

    def _answer(self, address: str, verdict: Verdict) -> None:
        held = self._find(address)
        if not held.answer.done():
            held.answer.set_result(verdict)


def _encloses(outer: str, inner: str) -> bool:
    return outer == "" or inner == outer or inner.startswith((outer + "/", outer + "[", outer + "."))
