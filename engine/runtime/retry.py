"""Whether a failed try is worth another, and when."""

from __future__ import annotations

import random
from typing import Any

from engine.core import durations
from engine.core.errors import BusinessError, ExpressionError, RpaError, StepTimeout
from engine.core.secrets import redact
from engine.core.sentences import Sentence, packed, recalled
from engine.workflow.model import Retry

MESSAGE_LENGTH = 4000


def describe(error: BaseException, address: str) -> dict[str, Any]:
    """An error as data for the journal, see `failure`, and of an expression also where it stands.

    A wrong expression or parameter is a business error: the same data would give it again.
    """
    if isinstance(error, StepTimeout):
        kind = "timeout"
    elif isinstance(error, (BusinessError, ExpressionError)):
        kind = "business"
    else:
        kind = "system"
    message = error.message if isinstance(error, RpaError) else str(error) or type(error).__name__
    name = error.code if isinstance(error, RpaError) else type(error).__name__
    described = failure(kind, name, message, address, getattr(error, "hint", ""))
    if isinstance(error, ExpressionError) and error.source:
        described["expression"] = error.source[:MESSAGE_LENGTH]
        described["column"] = error.column
        described["names"] = list(error.names[:50])
    return described


def failure(kind: str, type: str, message: str, address: str, hint: str = "") -> dict[str, Any]:
    """A failure as data: `kind` (`business`, `system`, `timeout`), `type`, `message`, `step`, and a `hint` if there is.

    `said` holds the templates and values of those of the two that are sentences, for `engine.core.sentences.recalled`.
    """
    described: dict[str, Any] = {
        "kind": kind,
        "type": type,
        "message": redact(message)[:MESSAGE_LENGTH],
        "step": address,
    }
    if hint:
        described["hint"] = str(redact(hint))
    described["said"] = {key: packed(text, redact) for key, text in (("message", message), ("hint", hint))}
    # A text that was cut short, or holds a secret where two values meet, is no longer what its sentence says.
    said = {key: entry for key, entry in described["said"].items() if isinstance(recalled(described, key), Sentence)}
    if said:
        return {**described, "said": said}
    del described["said"]
    return described


def next_delay(retry: Retry | None, error: dict[str, Any], attempt: int) -> float | None:
    """Seconds until the next try after try number `attempt` failed, or None for no further try."""
    if retry is None or attempt >= retry.attempts:
        return None
    kinds = {error["kind"], "any"} | ({"system"} if error["kind"] == "timeout" else set())
    if not any(wanted in kinds or wanted.lower() in error["message"].lower() for wanted in retry.on):
        return None
    delay = durations.seconds(retry.delay)
    if retry.backoff == "linear":
        delay *= attempt
    elif retry.backoff == "exponential":
        delay *= 2.0 ** min(attempt - 1, 60)
    delay = min(delay, durations.seconds(retry.max_delay))
    return delay * (1 + retry.jitter * (2 * random.random() - 1))
