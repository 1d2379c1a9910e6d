"""Waiting for messages."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated, Any

from engine.activities.websocket.channel import (
    Configured,
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
from engine.sdk import BusinessError, Context, Effect, Expression, Param, StepTimeout, SystemFault, activity
from engine.sdk.durations import Duration
from engine.sdk.endpoint import Authority, Verify
from engine.sdk.payload import ReadAs

_LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Heard:
    """The messages in the order they came, how many they are, and the first of them."""

    messages: list[Any]
    count: int
    first: Any


@activity(
    "websocket.wait",
    label="Wait for a WebSocket",
    icon="hourglass",
    effect=Effect.IDEMPOTENT,
    keywords=("ws", "receive", "listen"),
)
async def wait(
    ctx: Context,
    url: Url = "",
    condition: Annotated[
        Expression | None,
        Param("Only if", "True or false for a message, called message.", "{{ message.state == 'done' }}"),
    ] = None,
    count: Annotated[int, Param("How many", unit="messages")] = 1,
    within: Annotated[Duration | None, Param("At most", "Empty to wait for ever.", "10m")] = 600.0,
    subscribe: Annotated[
        Messages,
        Param(
            "Send first",
            "What subscribes, at every connection anew: one message, or a list of several.",
            kind="text",
        ),
    ] = [],  # noqa: B006
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
) -> Heard:
    """Listen to a WebSocket until messages came.

    A connection that breaks is made again, and what came meanwhile is lost; that of a session is not. The output holds
    `messages`, their `count` and the `first`.
    """
    if count < 1:
        raise BusinessError(say("there is nothing to wait for: the count is {count}", count=count))
    there = None
    if not session or url or integration is not None:
        there = target(integration, url, credential, headers, subprotocols, max_size, timeout, verify, authority)
    heard: list[Any] = []
    shown = there.shown if there is not None else session
    listened, failures, started = False, 0, time.monotonic()
    try:
        async with asyncio.timeout(within):
            while True:
                try:
                    async with channel(ctx, session, there, there.call() if there else None) as open_channel:
                        for message in subscribe:
                            await open_channel.send(message)
                        listened = True
                        while len(heard) < count:
                            ctx.progress(time.monotonic() - started, within, "")
                            heard.append(await open_channel.matching(condition, form))
                            failures = 0
                    break
                except SystemFault as error:
                    if len(heard) >= count:
                        break
                    if not listened or there is None:
                        raise
                    failures += 1
                    pause = min(_LONGEST_PAUSE, 2.0 ** (failures - 1))
                    ctx.log(f"{error.message}; trying again in {durations.text(pause)}", "warning")
                await asyncio.sleep(pause)
    except TimeoutError:
        if len(heard) < count:
            raise StepTimeout(
                say(
                    "{found} of {count} messages came from {shown} within {within}",
                    found=len(heard),
                    count=count,
                    shown=shown,
                    within=durations.text(within or 0.0),
                ),
                hint=say("Check the condition and what subscribes, or wait longer."),
            ) from None
    return Heard(heard, len(heard), heard[0])
