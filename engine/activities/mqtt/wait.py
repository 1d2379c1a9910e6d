"""Waiting for messages."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from engine.activities.mqtt.broker import (
    Broker,
    Configured,
    Encryption,
    Host,
    Link,
    Port,
    Protocol,
    Quality,
    SignIn,
    Timeout,
    Username,
    broker,
    linked,
    refusal,
)
from engine.activities.mqtt.publish import check_topic
from engine.core import durations
from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Expression, Param, StepTimeout, SystemFault, activity
from engine.sdk.durations import Duration
from engine.sdk.endpoint import Authority, Verify
from engine.sdk.payload import Form, ReadAs, read

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

_LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Message:
    """A message: its topic, what it says, its quality, whether it was kept from before, and its user properties."""

    topic: str
    content: Any
    quality: int
    retained: bool
    properties: dict[str, str]


@dataclass(frozen=True)
class Received:
    """The messages in the order they came, how many they are, and the first of them."""

    messages: list[Message]
    count: int
    first: Message


@activity(
    "mqtt.wait",
    label="Wait for MQTT",
    icon="hourglass",
    effect=Effect.IDEMPOTENT,
    keywords=("subscribe", "receive", "message", "iot"),
)
async def wait(
    ctx: Context,
    topic: Annotated[str, Param("Topic", "+ stands for a level, # at the end for all below.", "shop/+/status")],
    condition: Annotated[
        Expression | None,
        Param("Only if", "True or false for a message, called message.", "{{ message.content.state == 'done' }}"),
    ] = None,
    count: Annotated[int, Param("How many", unit="messages")] = 1,
    within: Annotated[Duration | None, Param("At most", "Empty to wait for ever.", "10m")] = 600.0,
    retained: Annotated[bool, Param("Also one kept from before", "The broker tells it at once.")] = True,
    integration: Configured = None,
    host: Host = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    session: Annotated[
        str,
        Param(
            "Name of a subscription that stays",
            "The broker keeps what arrives between waits of this name; it belongs to one execution at a time.",
            advanced=True,
        ),
    ] = "",
    quality: Quality = 1,
    form: ReadAs = "auto",
    username: Username = "",
    port: Port = None,
    version: Protocol = "5",
    timeout: Timeout = 30.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Received:
    """Wait until messages were published to an MQTT broker.

    A connection that breaks is made again; what is published meanwhile arrives only where the subscription has a name.
    The output holds `messages`, each with `topic`, `content`, `quality`, `retained` and `properties`; their `count`;
    and the `first`.
    """
    target = broker(integration, host, credential, username, port, security, version, timeout, verify, authority)
    check_topic(topic, wildcards=True)
    if count < 1:
        raise BusinessError(say("there is nothing to wait for: the count is {count}", count=count))
    watch = _Watch(topic, quality, condition, count, retained, form, ctx)
    try:
        async with asyncio.timeout(within):
            await watch.run(target, session, within)
    except TimeoutError:
        raise StepTimeout(
            say(
                "{found} of {count} messages came to {topic!r} of {shown} within {within}",
                found=len(watch.found),
                count=count,
                topic=topic,
                shown=target.shown,
                within=durations.text(within or 0.0),
            ),
            hint=say("Check the topic and the condition, or wait longer."),
        ) from None
    return Received(watch.found, len(watch.found), watch.found[0])


class _Watch:
    """What is waited for, over all the connections that it takes."""

    def __init__(
        self,
        topic: str,
        quality: int,
        condition: Expression | None,
        count: int,
        retained: bool,
        form: Form,
        ctx: Context,
    ) -> None:
        self.found: list[Message] = []
        self._topic, self._quality, self._condition, self._count = topic, quality, condition, count
        self._retained, self._form, self._ctx = retained, form, ctx

    async def run(self, target: Broker, session: str, within: float | None) -> None:
        subscribed, failures, started = False, 0, time.monotonic()
        while True:
            try:
                async with linked(target, self._ctx, session, target.call()) as link:
                    await self._subscribe(target, link)
                    subscribed, failures = True, 0
                    self._ctx.progress(time.monotonic() - started, within, "")
                    while len(self.found) < self._count:
                        self._take(link, await _next(target, link))
                        self._ctx.progress(time.monotonic() - started, within, "")
                    return
            except SystemFault as error:
                if not subscribed:
                    raise
                failures += 1
                pause = min(_LONGEST_PAUSE, 2.0 ** (failures - 1))
                self._ctx.log(f"{error.message}; trying again in {durations.text(pause)}", "warning")
            await asyncio.sleep(pause)

    async def _subscribe(self, target: Broker, link: Link) -> None:
        _, mid = link.client.subscribe(self._topic, self._quality)
        answered = link.answer("subscribe", mid or 0)
        if not await link.unless_lost(answered):
            raise _lost(target, link)
        code = answered.result()
        if code.is_failure:
            message = say(
                "{shown} refuses {topic!r}: {reason}", shown=target.shown, topic=self._topic, reason=str(code)
            )
            raise refusal(code, message)

    def _take(self, link: Link, message: MQTTMessage) -> None:
        """Look at a message. The broker may forget it then: it is told so only for those that were looked at."""
        if self._retained or not message.retain:
            given = _message(message, self._form)
            if self._wanted(given):
                self.found.append(given)
        link.client.ack(message.mid, message.qos)

    def _wanted(self, message: Message) -> bool:
        if self._condition is None:
            return True
        from engine.core.values import plain

        try:
            return bool(self._condition(message=plain(message)))
        except ExpressionError as error:
            raise BusinessError(
                say("the condition on a message of {topic!r}: {message}", topic=message.topic, message=error.message),
                hint=error.hint,
            ) from None


async def _next(target: Broker, link: Link) -> MQTTMessage:
    if link.messages.empty():
        coming = asyncio.ensure_future(link.messages.get())
        waited: set[asyncio.Future[Any]] = {coming, link.lost}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                return coming.result()
        finally:
            coming.cancel()
        raise _lost(target, link)
    return link.messages.get_nowait()


def _lost(target: Broker, link: Link) -> SystemFault:
    return SystemFault(
        say("the connection to {shown} broke: {reason}", shown=target.shown, reason=link.why),
        hint=say("Retry the step."),
    )


def _message(message: MQTTMessage, form: Form) -> Message:
    pairs: list[tuple[str, str]] = getattr(message.properties, "UserProperty", None) or []
    return Message(message.topic, read(bytes(message.payload), form), message.qos, message.retain, dict(pairs))
