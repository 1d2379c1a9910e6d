"""One connection for several steps."""

from __future__ import annotations

from typing import Annotated

from engine.activities.websocket.channel import (
    Channel,
    Configured,
    Headers,
    MaxSize,
    SignIn,
    Subprotocols,
    Timeout,
    Url,
    opened,
    target,
)
from engine.sdk import Effect, Flow, Param, Port, To, activity
from engine.sdk.endpoint import Authority, Verify


@activity(
    "websocket.use",
    label="Use a WebSocket",
    icon="plugs-connected",
    effect=Effect.IDEMPOTENT,
    ports=(Port("restore", "Sign in", body=True), Port("body", "Steps", body=True), Port("next")),
    keywords=("ws", "connect", "session", "open"),
)
async def use(
    flow: Flow,
    url: Url = "",
    name: Annotated[str, Param("Name", "What the steps inside call the session.")] = "socket",
    integration: Configured = None,
    credential: SignIn = None,
    headers: Headers = {},  # noqa: B006
    subprotocols: Subprotocols = [],  # noqa: B006
    max_size: MaxSize = 20.0,
    timeout: Timeout = 30.0,
    verify: Verify = True,
    authority: Authority = None,
) -> To:
    """Keep one WebSocket open for the steps inside.

    They name the session instead of an address. What comes between two of them is kept until one listens. The steps
    behind `restore` run first, and again whenever the connection had to be made anew, because the execution rested or
    the process died: what signs in or subscribes belongs there. When the steps inside are done, it is closed.
    """
    there = target(integration, url, credential, headers, subprotocols, max_size, timeout, verify, authority)
    async with there.call():
        channel = await opened(there)
    try:
        flow.sessions.add(channel, name)
    except BaseException:
        await channel.close()
        raise
    try:
        ended = await flow.through("restore", anew=True)
        return ended if ended.port != "next" else await flow.through("body")
    finally:
        await flow.sessions.close(Channel, name)
