"""Messages sent, once, and answers to them."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated, Any

from engine.activities.websocket.channel import (
    Channel,
    Configured,
    Gone,
    Headers,
    MaxSize,
    Messages,
    Named,
    SignIn,
    Subprotocols,
    Timeout,
    Url,
    channel,
    target,
)
from engine.core import durations
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Expression, Param, StepTimeout, activity
from engine.sdk.durations import Duration
from engine.sdk.endpoint import Authority, Verify
from engine.sdk.payload import ReadAs


@dataclass(frozen=True)
class Exchanged:
    """How many messages were sent, the answers in the order they came, and the first of them, or nothing."""

    sent: int
    answers: list[Any]
    answer: Any


@activity(
    "websocket.send",
    label="Send to a WebSocket",
    icon="paper-plane-right",
    effect=Effect.ONCE,
    keywords=("ws", "message", "ask"),
)
async def send(
    ctx: Context,
    messages: Annotated[
        Messages, Param("Messages", "One, or a list of several; what is no text or bytes is sent as JSON.", kind="text")
    ],
    url: Url = "",
    answers: Annotated[int, Param("Answers to wait for", unit="messages")] = 0,
    condition: Annotated[
        Expression | None,
        Param("Which is an answer", "True or false for a message, called message.", "{{ message.id == 17 }}"),
    ] = None,
    within: Annotated[Duration, Param("Answers within", "Of the last message sent.", "30s")] = 30.0,
    session: Named = "",
    integration: Configured = None,
    credential: SignIn = None,
    form: ReadAs = "auto",
    headers: Headers = {},  # noqa: B006
    subprotocols: Subprotocols = [],  # noqa: B006
    max_size: MaxSize = 20.0,
    timeout: Timeout = 30.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Exchanged:
    """Connect to a WebSocket and send messages, once.

    Until the first message was sent, a failure means that nothing was, and the step may be retried. When the connection
    breaks after that, or an answer that is waited for does not come, nobody knows what the other side did: that is an
    error which no retry of the step repeats. The output holds how many were `sent`, the `answers` and the first
    `answer`.
    """
    if not messages:
        raise BusinessError(say("there is no message to send"))
    there = None
    if not session or url or integration is not None:
        there = target(integration, url, credential, headers, subprotocols, max_size, timeout, verify, authority)
    sent, heard = 0, list[Any]()
    try:
        async with (
            there.call() if there else nullcontext(),
            channel(ctx, session, there) as place,
            nullcontext() if there else place.target.call(),
        ):
            for message in messages:
                await place.send(message)
                sent += 1
                ctx.progress(sent, len(messages))
            try:
                async with asyncio.timeout(within):
                    while len(heard) < answers:
                        heard.append(await place.matching(condition, form))
            except TimeoutError:
                raise _unanswered(place, len(heard), answers, within) from None
    except Gone as gone:
        if not sent:
            raise
        if len(heard) < answers or not answers:
            raise StepTimeout(
                say("{message}, so nobody knows what it did with the messages", message=gone.message),
                hint=say("Look whether it acted before they are sent again."),
            ) from None
    return Exchanged(sent, heard, heard[0] if heard else None)


def _unanswered(place: Channel, heard: int, answers: int, within: float) -> StepTimeout:
    return StepTimeout(
        say(
            "{shown} gave {heard} of {answers} answers within {within}, so nobody knows what it did",
            shown=place.target.shown,
            heard=heard,
            answers=answers,
            within=durations.text(within),
        ),
        hint=say("Allow more time, or check the condition; look whether it acted before it is sent again."),
    )
