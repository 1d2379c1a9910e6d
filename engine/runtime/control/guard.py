"""When things go wrong: `control.try`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from engine.runtime.flow import Flow
from engine.runtime.scope import BodyFailed
from engine.sdk import Effect, Param, Port, To, activity


@dataclass(frozen=True, slots=True)
class Tried:
    """How it went. `output` is that of the body, or of the handler if it ran."""

    ok: bool
    output: Any
    error: dict[str, Any] | None


@activity(
    "control.try",
    label="Try",
    icon="shield-check",
    effect=Effect.PURE,
    ports=(
        Port("body", "Try", body=True),
        Port("catch", "On error", body=True),
        Port("finally", "Always", body=True),
        Port("next"),
    ),
    keywords=("catch", "error", "exception", "finally", "handle"),
)
async def try_(
    flow: Flow,
    catch: Annotated[
        Literal["any", "system", "business"],
        Param("Catch", "Business errors are wrong data; system errors are everything outside, timeouts among them."),
    ] = "any",
) -> To:
    """Run steps, and others if one of them fails.

    The steps behind `catch` see the error as `error` (`error.message`, `error.kind`, `error.step`); those behind
    `finally` run in either case. An error that is caught does not fail the workflow. If the handler fails, or the error
    is not of the kind to catch, the step fails, after `finally`.
    """
    body = await flow.body("body")
    ended, error = body, body.error
    if error is not None and (catch == "any" or (error["kind"] == "business") == (catch == "business")):
        ended = await flow.body("catch", names={"error": error})
        uncaught = ended.error
    else:
        uncaught = error
    last = await flow.body("finally", names={"error": error})
    if last.error is not None:
        raise BodyFailed(last.error)
    if last.signal:
        return To(last.signal, last.output)
    if uncaught is not None:
        raise BodyFailed(uncaught)
    if ended.signal:
        return To(ended.signal, ended.output)
    return To("next", Tried(error is None, ended.output, error))
