"""The context of activities that steer the flow: they run bodies, wait durably, set variables and call workflows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from engine.core import events
from engine.core.errors import BusinessError, ExpressionError
from engine.core.sentences import say
from engine.core.values import plain
from engine.runtime.context import StepContext
from engine.runtime.region import RegionRun
from engine.runtime.retry import describe, failure
from engine.runtime.scope import BodyFailed, Scope
from engine.runtime.state import Round, StepState
from engine.sdk.activity import To
from engine.sdk.params import Expression

DEEPEST = 32
"""How many subworkflows may call one another."""


class Flow(StepContext):
    """Given to the activities of `engine.runtime.control`. What it records is found again after a crash."""

    steers: ClassVar[bool] = True
    _past: StepState | None = None
    _openings = 0

    def resume(self, past: StepState) -> None:
        """Go on where the journal says that this step was."""
        self._past = past

    async def body(
        self,
        port: str = "body",
        *,
        number: int | None = None,
        names: Mapping[str, Any] | None = None,
        result: Expression | None = None,
        ends: Expression | None = None,
        limit: int | None = None,
    ) -> Round:
        """Run the body behind `port` once, or recall how it ended.

        `number` makes it a round of a loop. `names` are added to what its steps see. `result` is evaluated in it for
        its output; without, the output is that of its last step, or a mapping by id where there are several. When
        `ends` is true in it, the signal is `ended`. At most `limit` steps run at once.
        """
        address = self.step if port == "body" else f"{self.step}.{port}"
        frame = self._scope.frame
        region = frame.prepared.plan.region(self.step.rpartition("/")[2], port)
        if number is not None:
            address = f"{address}[{number}]"
        past = None
        if self._past is not None:
            known = self._known(address, number)
            if known is not None:
                return Round(await self._run.load(known.output), known.signal, known.error)
            past = self._run.state.scopes.get(address)
        scope = Scope(frame, address, self._scope, past, names or {})
        try:
            signal = await RegionRun(
                self._run, scope, region, limit or frame.prepared.workflow.settings.max_parallel
            ).run()
        except BodyFailed as failed:
            ended = Round(error=failed.error)
        else:
            if signal is not None:
                ended = Round(signal.output, signal.port)
            else:
                try:
                    last = ends is not None and _within(ends, scope)()
                    ended = Round(_output(scope, region.sinks, result), "ended" if last else "")
                except ExpressionError as error:
                    ended = Round(error=describe(error, self.step))
        kind = events.BodyFinished if number is None else events.IterationFinished
        self._run.record(kind(address, await self._run.spill(ended.output), ended.signal, ended.error))
        return ended

    @property
    def openings(self) -> int:
        """How often this step has been called: 1, and one more each time the execution went on after it left memory."""
        if self._openings == 0:
            self._openings = 1
            if self._past is not None:
                self._openings = int(self._past.details.get("openings", 1)) + 1
                self._run.record(events.StepNoted(self.step, {"openings": self._openings}))
        return self._openings

    async def through(self, port: str = "body", *, anew: bool = False) -> To:
        """Run the steps behind a body port; see `engine.sdk.flow.Flow.through`."""
        number = None
        if anew:
            number = self.openings
            before = f"{self.step}.{port}[{number - 1}]"
            if before in self._run.state.scopes:
                given_up = failure("system", "given_up", say("what it was for is run anew"), before)
                self._run.record(events.IterationFinished(before, None, "", given_up))
        ended = await self.body(port, number=number)
        if ended.error is not None:
            raise BodyFailed(ended.error)
        return To(ended.signal or "next", ended.output)

    def unsettled(self) -> bool:
        """Whether this loop must keep its place although a round ended it; see `Execution.unsettled`."""
        return self._run.unsettled(f"{self.step}[")

    def begun(self, number: int) -> bool:
        """Whether that round of a loop is known to have begun or ended."""
        return self._past is not None and (
            number in self._run.state.rounds.get(self.step, {}) or f"{self.step}[{number}]" in self._run.state.scopes
        )

    def begin(self, number: int) -> None:
        """Note that a round of a loop begins."""
        self._run.record(events.IterationStarted(f"{self.step}[{number}]"))

    def _known(self, address: str, number: int | None) -> Round | None:
        if number is not None:
            return self._run.state.rounds.get(address.rpartition("[")[0], {}).get(number)
        scope = self._run.state.scopes.get(address)
        return scope.finished if scope is not None else None

    async def wait(self, length: float | None = None, until: float | None = None) -> None:
        """Wait so many seconds, or until a moment (seconds since 1970); a restart does not begin it anew."""
        past = self._past
        if past is not None and past.wake_at is not None:
            moment, longest = past.wake_at, past.wait_length
        else:
            now = self._run.clock.now()
            moment = until if until is not None else now + (length or 0.0)
            longest = max(0.0, moment - now)
            if longest > 0:
                self._run.record(events.StepWaiting(self.step, moment, longest))
                self._run.journal.soon()
        await self._run.wait(moment, longest, absolute=until is not None)

    def set_variables(self, changes: Mapping[str, Any]) -> None:
        """Change variables of the workflow. Noted together with the outcome of the step, so that a step that is run
        again after a crash does not find its own changes."""
        frame = self._scope.frame
        changes = plain(changes)
        self.late.append(events.VariablesSet(dict(changes), frame.address))
        frame.variables.update(changes)

    async def call(self, path: Path, inputs: Mapping[str, Any]) -> Round:
        """Run another workflow in place of this step; its version is pinned when the step first gets here."""
        run, frame = self._run, self._scope.frame
        if frame.depth >= DEEPEST:
            raise BusinessError(
                say("subworkflows call one another more than {depth} deep", depth=DEEPEST),
                hint=say("Look for a workflow that calls itself without end."),
            )
        past = self._past
        if past is not None:
            known = self._known(self.step, None)
            if known is not None:
                return Round(await run.load(known.output), known.signal, known.error)
        if past is not None and "definition" in past.details:
            prepared = await run.definitions.pinned(past.details["definition"])
            folder, values = Path(past.details["folder"]), past.details["inputs"]
        else:
            prepared = await run.definitions.pin(path)
            folder = path.parent
            values = run.definitions.check_inputs(prepared.workflow, inputs)
            details = {"definition": prepared.hash, "folder": str(folder), "inputs": values}
            run.record(events.StepNoted(self.step, details))
        child = run.frame(prepared, self.step, values, folder, frame.depth + 1, resumed=past is not None)
        scope = run.root_scope(child, run.state.scopes.get(self.step) if past is not None else None)
        ended = await run.run_frame(child, scope)
        run.record(events.BodyFinished(self.step, await run.spill(ended.output), ended.signal, ended.error))
        return ended


def _within(expression: Expression, scope: Scope) -> Expression:
    within = getattr(expression, "within", None)
    return within(scope) if within is not None else expression


def _output(scope: Scope, sinks: tuple[str, ...], result: Expression | None) -> Any:
    if result is not None:
        return plain(_within(result, scope)())
    if len(sinks) == 1:
        last = scope.outcomes.get(sinks[0])
        return last.output if last is not None else None
    return {
        id: scope.outcomes[id].output
        for id in sinks
        if id in scope.outcomes and scope.outcomes[id].status == "succeeded"
    }
