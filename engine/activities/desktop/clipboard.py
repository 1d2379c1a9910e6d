"""Steps that use the clipboard, and what is pasted by it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from engine.activities.desktop.platform import Desktop, opened
from engine.core.sentences import say
from engine.sdk import BusinessError, Credential, Effect, Param, activity
from engine.sdk.durations import Duration

_PASTING = 0.3
"""Seconds in which a program is expected to have fetched what it pastes."""
_SECRET = 20.0


@dataclass(frozen=True)
class ClipboardText:
    """The text in the clipboard; empty if there is none."""

    text: str


@dataclass(frozen=True)
class Copied:
    """How many characters were put into the clipboard."""

    count: int


@activity(
    "desktop.clipboard_get", label="Read the clipboard", icon="clipboard-text", effect=Effect.IDEMPOTENT,
    resources=("desktop",), keywords=("paste", "copy"),
)  # fmt: skip
def clipboard_get() -> ClipboardText:
    """Give the text that is in the clipboard; empty if there is none, or a picture."""
    with opened() as desktop:
        return ClipboardText(desktop.clipboard.text())


@activity(
    "desktop.clipboard_set", label="Fill the clipboard", icon="clipboard", effect=Effect.IDEMPOTENT,
    resources=("desktop",), keywords=("copy", "paste"),
)  # fmt: skip
def clipboard_set(
    text: Annotated[str, Param("Text", kind="text")] = "",
    credential: Annotated[Credential | None, Param("Credential", "Its password, instead of the text.")] = None,
    clear_after: Annotated[
        Duration | None, Param("Empty it after", "A password is gone after 20 seconds at the latest.", unit="seconds")
    ] = None,
) -> Copied:
    """Put text into the clipboard.

    It stays when the execution ends, unless a time is given. A password never stays.
    """
    written = text
    if credential is not None:
        written = credential.secret().reveal()
        clear_after = min(clear_after or _SECRET, _SECRET)
    if "\0" in written:
        raise BusinessError(say("the text holds a NUL, which a clipboard cannot"), hint=say("Take it out of the text."))
    with opened() as desktop:
        desktop.clipboard.put(written, clear_after)
    return Copied(len(written))


@contextlib.contextmanager
def restored(desktop: Desktop, text: str) -> Iterator[None]:
    """The clipboard filled with `text` for what is done meanwhile; then it holds what it held before."""
    before = desktop.clipboard.text()
    desktop.clipboard.put(text, _SECRET)
    try:
        yield
        time.sleep(_PASTING)
    finally:
        desktop.clipboard.put(before, None if before else 0)
