"""The only meeting point of Qt and the engine, which lives on a thread of its own with an event loop of its own.

`bridge` is what the pages see; `engine_thread` is where the engine lives, `courteous_loop` its event loop, `delivery`
the way of what happened to the window. May import `engine.api`, `engine.core`, `studio.widgets` and `studio.base`.
"""

from __future__ import annotations

from studio.bridge.bridge import Bridge

__all__ = ["Bridge"]
