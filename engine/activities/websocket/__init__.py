"""The family `websocket`: messages sent and waited for, on connections of a step or of many. Sees `sdk` and `core`
alone."""

from __future__ import annotations

from engine.activities.websocket.send import send
from engine.activities.websocket.session import use
from engine.activities.websocket.wait import wait
from engine.sdk.catalog import Family

FAMILY = Family("WebSocket", icon="plugs-connected", order=73, color="api")

__all__ = ["send", "use", "wait"]
