"""The choke point: every step of every execution passes here, from its parameters to its place in the journal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.core import durations, events, faults, values
from engine.core.errors import ActivityError, BusinessError, ExpressionError, RpaError, StepTimeout, StoreError
from engine.core.secrets import SecretRef, masked, redact, within
from engine.core.sentences import recalled, say
from engine.runtime.context import StepContext
from engine.runtime.definition import PreparedStep
from engine.runtime.flow import Flow
from engine.runtime.keeping import keep
from engine.runtime.retry import describe, failure, next_delay
from engine.runtime.scope import BodyFailed, BoundExpression, Outcome, Scope, Suspended
from engine.runtime.state import StepState
from engine.runtime.supplies import Supplies
from engine.sdk.activity import Effect, To

if TYPE_CHECKING:
    from engine.runtime.debugger import Verdict
    from engine.runtime.execution import Execution

STEP_STARTED = faults.point("runtime.step_started")
EFFECT_BEFORE = faults.point("runtime.effect_before")
EFFECT_AFTER = faults.point("runtime.effect_after")
OUTCOME_RECORDED = faults.point("runtime.outcome_recorded")

_SIZED = frozenset({str, bytes, list, dict})
"""Types whose values can be large."""
SUMMARY_LENGTH = 600
CANCEL_GRACE = 5.0
"""Seconds that a cancelled step in a worker thread is given to end."""
_log = logging.getLogger(__name__)


class Steps:
    """Runs the steps of one execution."""

    def __init__(self, run: Execution) -> None:
        self._run = run

    async def run(self, scope: Scope, id: str) -> Outcome:
        """Run a step to its outcome, or recall it from the journal. Never raises for a failure of the step itself."""
        address = scope.address_of(id)
        past = scope.past_of(id)
        if past is not None and past.settled:
            return await self._recall(scope, id, past)
        if self._run.journal.hurried:
            await self._run.journal.breathe()
        try:
            prepared = scope.frame.prepared.step(id)
        except RpaError as error:
            return self._fail(address, None, describe(error, address), 1)
        if prepared.step.disabled:
            self._run.record(events.StepSkipped(address, "disabled"))
            return Outcome("skipped", port=prepared.after)
        try:
            return await self._attempts(scope, prepared, address, past)
        except Suspended as suspended:
            return Outcome("suspended", suspended.wake_at)

    def skip(self, scope: Scope, id: str) -> Outcome:
        """Note that no live edge leads to a step."""
        if scope.past_of(id) is None:
            self._run.record(events.StepSkipped(scope.address_of(id)))
        return Outcome("skipped")

    async def _recall(self, scope: Scope, id: str, past: StepState) -> Outcome:
        if past.status == "skipped":
            return Outcome("skipped", port=scope.frame.prepared.step(id).after if past.port else "")
        port = past.port
        if not port and past.status == "succeeded":
            port = scope.frame.prepared.step(id).after
        return Outcome(past.status, await self._run.load(past.output), port, past.error)

    async def _attempts(self, scope: Scope, prepared: PreparedStep, address: str, past: StepState | None) -> Outcome:
        attempt = 1
        edited: Mapping[str, Any] | None = None
        if past is not None:
            edited = past.edited
            attempt = max(1, past.attempt)
            if past.status == "retrying":
                attempt += 1
                retry = prepared.step.retry
                longest = 2 * durations.seconds(retry.max_delay) if retry is not None else 0.0
                await self._run.wait(past.wake_at or 0.0, longest)
                past = None
            elif past.status == "again":
                attempt += 1
                past = None
            elif past.status == "condemned":
                error = failure("system", "decided", say("somebody decided that it failed"), address)
                return self._fail(address, prepared, error, attempt)
            elif past.activity and prepared.effect is Effect.ONCE and past.status in ("running", "in_doubt"):
                decided = await self._doubt(prepared, past)
                if decided is not None:
                    return decided
                attempt += 1
                past = None
        while True:
            context: StepContext = (Flow if prepared.activity.steers else StepContext)(
                self._run, scope, address, attempt
            )
            resumed = past if past is not None and past.activity and prepared.activity.steers else None
            past = None
            verdict = None
            if self._run.debugger is not None:
                verdict = await self._ask_before(scope, prepared, address, edited)
            if verdict is not None and verdict.action != "go":
                return self._overrule(prepared, address, attempt, verdict)
            if verdict is not None and verdict.parameters is not None:
                edited = verdict.parameters
                self._run.record(events.StepEdited(address, values.plain(edited)))
            try:
                arguments = await self._begin(scope, prepared, context, edited, resumed)
                outcome = await self._invoke(prepared, context, arguments)
            except Suspended:
                raise
            except asyncio.CancelledError:
                context.cancelled = True
                if self._run.cancelling:
                    error = failure("system", "cancelled", say("the execution was cancelled"), address)
                    self._run.record_late(events.StepFailed(address, error, attempt))
                raise
            except (StoreError, faults.Injected):
                raise
            except BodyFailed as failed:
                described = dict(failed.error)
            except Exception as error:
                if not isinstance(error, RpaError):
                    _log.debug("step %s failed", address, exc_info=True)
                described = describe(error, address)
                if isinstance(error, ActivityError) and error.files:
                    described["files"] = await keep(list(error.files), self._run.store.put)
            else:
                return outcome
            edited = None
            delay = next_delay(prepared.step.retry, described, attempt)
            if delay is not None and described["kind"] == "timeout" and prepared.effect is Effect.ONCE:
                delay = None
                hint = say("It is not tried again by itself: it may have had its effect before the time was up.")
                told = failure("timeout", described["type"], recalled(described), described["step"], hint)
                described = {**described, **told}
            if delay is None:
                held = await self._ask_failed(scope, prepared, address, described)
                if held is None or held.action == "fail":
                    return self._fail(address, prepared, described, attempt)
                if held.action == "skip":
                    return self._overrule(prepared, address, attempt, held)
                edited, delay = held.parameters, 0.0
            now = self._run.clock.now()
            self._run.record(events.StepFailed(address, described, attempt, now + delay))
            attempt += 1
            if delay > 0:
                self._run.journal.soon()
                await self._run.wait(now + delay, delay)

    async def _begin(
        self,
        scope: Scope,
        prepared: PreparedStep,
        context: StepContext,
        edited: Mapping[str, Any] | None,
        resumed: StepState | None,
    ) -> dict[str, Any]:
        """Bind the parameters and make the start durable where an effect follows."""
        if resumed is not None and "parameters" in resumed.details:
            given = await self._run.load(resumed.details["parameters"])
        else:
            given = self._evaluate(scope, prepared, context.step, edited)
        if resumed is None:
            details: dict[str, Any] | None = None
            if prepared.runs_bodies:
                details = {"parameters": await self._run.spill(given)}
            elif prepared.effect is Effect.ONCE and given:
                details = {"parameters": _summary(given)}
            self._run.record(
                events.StepStarted(context.step, prepared.activity.id, prepared.effect.value, context.attempt, details)
            )
            faults.reach(STEP_STARTED)
        elif isinstance(context, Flow):
            context.resume(resumed)
        if prepared.supplied:
            given = await Supplies(self._run, context, prepared.activity.id).fill(prepared.supplied, given)
        arguments = prepared.activity.bind(
            {**given, **_bound(prepared.lazy, scope)} if prepared.lazy else given, context.folder
        )
        if prepared.activity.context:
            arguments[prepared.activity.context] = context
        if prepared.effect is not Effect.PURE:
            await self._run.journal.barrier()
            faults.reach(EFFECT_BEFORE)
        return arguments

    def _evaluate(
        self, scope: Scope, prepared: PreparedStep, address: str, edited: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        try:
            given: dict[str, Any] = prepared.parameters.evaluate(scope.names)
        except ExpressionError as error:
            error.args = (f"step {address!r}, parameter {error.message}",)
            raise
        return {**given, **edited} if edited else given

    async def _invoke(self, prepared: PreparedStep, context: StepContext, arguments: dict[str, Any]) -> Outcome:
        activity = prepared.activity
        if activity.resources:
            async with self._run.resources.hold(activity.resources):
                result = await self._timed(prepared, context, arguments)
        elif prepared.timeout is None and activity.asynchronous:
            result = await activity.function(**arguments)
        else:
            result = await self._timed(prepared, context, arguments)
        port = prepared.after
        if isinstance(result, To):
            port, result = result.port, result.output
        try:
            output = values.plain(result)
        except (TypeError, RecursionError) as error:
            # Not worth another try: the activity did what it does.
            raise BusinessError(say("{id} gave what cannot be kept: {error}", id=activity.id, error=error)) from None
        if prepared.gives_files:
            output = await keep(output, self._run.store.put)
        if prepared.takes_secrets:
            output = masked(output, within(arguments))
        if prepared.effect is not Effect.PURE:
            faults.reach(EFFECT_AFTER)
        stored = await self._run.spill(output) if type(output) in _SIZED else output
        for late in context.late:
            self._run.record(late)
        self._run.record(events.StepSucceeded(context.step, stored, port))
        faults.reach(OUTCOME_RECORDED)
        if prepared.effect is not Effect.PURE:
            self._run.journal.soon()
        return Outcome("succeeded", output, port)

    async def _timed(self, prepared: PreparedStep, context: StepContext, arguments: dict[str, Any]) -> Any:
        if prepared.timeout is None:
            return await self._call(prepared, context, arguments)
        limit = asyncio.timeout(prepared.timeout)
        try:
            async with limit:
                return await self._call(prepared, context, arguments)
        except TimeoutError:
            if not limit.expired():
                raise
            context.cancelled = True
            raise StepTimeout(
                say("it took longer than {timeout}", timeout=prepared.step.timeout),
                hint=say("Raise the step's timeout, or see what it waited for."),
            ) from None

    async def _call(self, prepared: PreparedStep, context: StepContext, arguments: dict[str, Any]) -> Any:
        function = prepared.activity.function
        if prepared.activity.asynchronous:
            return await function(**arguments)
        call = asyncio.ensure_future(self._run.workers.run(function, arguments))
        try:
            return await asyncio.shield(call)
        except asyncio.CancelledError:
            context.cancelled = True
            await asyncio.wait({call}, timeout=CANCEL_GRACE)
            if call.done():
                call.cancelled() or call.exception()
            else:
                call.cancel()
                _log.warning("step %s does not listen to cancellation; its thread is left behind", context.step)
            raise

    async def _doubt(self, prepared: PreparedStep, past: StepState) -> Outcome | None:
        """A ONCE step that had started and not finished. Gives its outcome, or None to try it again."""
        policy = prepared.in_doubt
        if policy == "ask":
            if past.status != "in_doubt":
                self._run.record(events.StepInDoubt(past.address, past.details or None))
            self._run.in_doubt.append(past.address)
            raise Suspended(None)
        self._run.record(events.StepDecided(past.address, policy, None, "policy"))
        if policy == "done":
            return Outcome("succeeded", None, prepared.after)
        if policy == "fail":
            message = say("it was interrupted, and nobody knows whether its effect happened")
            error = failure("system", "in_doubt", message, past.address)
            return self._fail(past.address, prepared, error, past.attempt)
        return None

    def _fail(self, address: str, prepared: PreparedStep | None, error: dict[str, Any], attempt: int) -> Outcome:
        port = ""
        if prepared is not None and prepared.handles_error:
            port = "error"
        elif prepared is not None and prepared.step.continue_on_error:
            port = prepared.after
        self._run.record(events.StepFailed(address, error, attempt, None, port))
        self._run.journal.soon()
        return Outcome("failed", None, port, error)

    def _overrule(self, prepared: PreparedStep, address: str, attempt: int, verdict: Verdict) -> Outcome:
        if verdict.action == "fail":
            error = failure("system", "decided", say("it was failed in the debugger"), address)
            return self._fail(address, prepared, error, attempt)
        self._run.record(events.StepDecided(address, "done", values.plain(verdict.output), "debugger"))
        return Outcome("succeeded", verdict.output, prepared.after)

    async def _ask_before(
        self, scope: Scope, prepared: PreparedStep, address: str, edited: Mapping[str, Any] | None
    ) -> Verdict | None:
        debugger = self._run.debugger
        if debugger is None or not debugger.wants(False):
            return None
        from engine.runtime.debugger import Held

        held = Held(address, prepared.activity.id, edited or prepared.step.parameters, scope.names)
        verdict = await debugger.before(held)
        if self._run.halting:
            raise Suspended
        return verdict

    async def _ask_failed(
        self, scope: Scope, prepared: PreparedStep, address: str, error: dict[str, Any]
    ) -> Verdict | None:
        debugger = self._run.debugger
        if debugger is None or not debugger.wants(True):
            return None
        from engine.runtime.debugger import Held

        held = Held(address, prepared.activity.id, prepared.step.parameters, scope.names, error)
        return await debugger.failed(held)


def _bound(lazy: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    return {name: BoundExpression(template, source, scope) for name, (template, source) in lazy.items()}


def _summary(given: Mapping[str, Any]) -> str:
    """A short text of parameters, for the person who has to decide about a step in doubt."""
    parts = []
    for name, value in given.items():
        text = value if isinstance(value, str) else values.encode(values.plain(value)) if value is not None else "null"
        if isinstance(value, SecretRef):
            text = str(value)
        parts.append(f"{name}: {text[:200]}{'…' if len(text) > 200 else ''}")
    return redact("\n".join(parts)[:SUMMARY_LENGTH])
