"""The family `mqtt`: messages published to a broker and waited for. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.mqtt.publish import publish
from engine.activities.mqtt.wait import wait
from engine.sdk.catalog import Family

FAMILY = Family("MQTT", icon="broadcast", order=74, color="msg")

__all__ = ["publish", "wait"]
