"""A message published, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from engine.activities.mqtt.broker import (
    Configured,
    Encryption,
    Host,
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
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, StepTimeout, activity
from engine.sdk.endpoint import Authority, Verify
from engine.sdk.payload import written

_LONGEST = 65_535
_NO_SUBSCRIBERS = 0x10


@dataclass(frozen=True)
class Published:
    """Where it was published, its size in bytes, and whether anybody listens: only version 5 of MQTT tells, with a
    quality of 1 or 2."""

    topic: str
    size: int
    heard: bool | None


@activity(
    "mqtt.publish", label="Publish to MQTT", icon="broadcast", effect=Effect.ONCE, keywords=("send", "message", "iot")
)
async def publish(
    ctx: Context,
    topic: Annotated[str, Param("Topic", placeholder="shop/orders/new")],
    message: Annotated[Any, Param("Message", "A text, bytes, or data that becomes JSON.", kind="text")] = None,
    quality: Quality = 1,
    retain: Annotated[bool, Param("Keep as the last", "Who subscribes later gets it at once.")] = False,
    integration: Configured = None,
    host: Host = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    properties: Annotated[
        dict[str, str], Param("User properties", "Only with version 5.", kind="table", advanced=True)
    ] = {},  # noqa: B006
    username: Username = "",
    port: Port = None,
    version: Protocol = "5",
    timeout: Timeout = 30.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Published:
    """Publish a message to an MQTT broker, once.

    With a quality of 1 or 2 the step waits until the broker has taken the message. When the connection breaks after it
    was handed over, nobody knows whether it was taken: that is an error which no retry of the step repeats. An empty
    message that is kept deletes the one kept before. The output holds `topic`, `size` and `heard`.
    """
    target = broker(integration, host, credential, username, port, security, version, timeout, verify, authority)
    content = written(message)
    payload = content if isinstance(content, bytes) else content.encode()
    check_topic(topic)
    async with target.call(), linked(target, ctx) as link:
        sent = link.client.publish(topic, payload, quality, retain, _properties(properties, version))
        answered = link.answer("publish", sent.mid)
        if not await link.unless_lost(answered):
            raise StepTimeout(
                say(
                    "the connection to {shown} broke while the message for {topic!r} was handed over ({reason}), so "
                    "nobody knows whether it was published",
                    shown=target.shown,
                    topic=topic,
                    reason=link.why,
                ),
                hint=say("See whether it arrived before it is published again."),
            )
        code = answered.result()
        if code.is_failure:
            message = say(
                "{shown} refuses it for {topic!r}: {reason}", shown=target.shown, topic=topic, reason=str(code)
            )
            raise refusal(code, message)
    told = quality > 0 and version == "5"
    return Published(topic, len(payload), code.value != _NO_SUBSCRIBERS if told else None)


def check_topic(topic: str, *, wildcards: bool = False) -> None:
    """Raises `BusinessError` for what is no topic and, with `wildcards`, no filter of topics (MQTT 5, 4.7)."""
    levels = topic.split("/")
    wild = all(
        ("#" not in level and "+" not in level) or level == "+" or (level == "#" and number == len(levels))
        for number, level in enumerate(levels, 1)
    )
    printable = "\0" not in topic and not any("\ud800" <= sign <= "\udfff" for sign in topic)
    if not topic or not printable or len(topic.encode("utf-8", "replace")) > _LONGEST or not wild:
        raise BusinessError(
            say("{topic!a} is not a topic", topic=topic[:200]),
            hint=say("Levels stand between slashes: shop/orders/new; + stands for one, # at the end for all below."),
        )
    if not wildcards and ("#" in topic or "+" in topic):
        raise BusinessError(
            say("{topic!a} stands for many topics, and a message is published to one", topic=topic[:200]),
            hint=say("Name the topic without + and #."),
        )


def _properties(given: Mapping[str, str], version: str) -> Any:
    if not given:
        return None
    if version != "5":
        raise BusinessError(say("user properties need version 5 of MQTT"), hint=say("Choose it, or leave them out."))
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    made = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    made.UserProperty = list(given.items())
    return made
