"""The clipboard. On X11 it is a promise of the program that filled it, so a process of its own keeps the promise.

That process, this module run as a program, gets the text on its standard input and ends when another program fills the
clipboard, when the display goes away, or after the seconds of its argument: also if the engine was killed meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from typing import Any

from engine.core.sentences import say
from engine.sdk import SystemFault

_PATIENCE = 3.0
_STARTING = 15.0
_PART = 200_000
"""Bytes that one property of a window is given at a time."""


class Selection:
    """See `engine.activities.desktop.platform.Clipboard`."""

    def __init__(self, display: Any) -> None:
        self._display = display

    def text(self) -> str:
        """What is in it; empty for pictures and the like. Raises `SystemFault` if the program that has it is silent."""
        from Xlib import X

        display = self._display
        window = display.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask)
        try:
            clipboard, result = display.intern_atom("CLIPBOARD"), display.intern_atom("RPA_STUDIO")
            for kind in ("UTF8_STRING", "STRING"):
                if display.get_selection_owner(clipboard) == X.NONE:
                    return ""
                window.convert_selection(clipboard, display.intern_atom(kind), result, X.CurrentTime)
                answer = self._event(X.SelectionNotify)
                if answer.property != X.NONE:
                    data = self._received(window, result)
                    return data.decode("utf-8" if kind == "UTF8_STRING" else "latin-1", "replace")
            return ""
        finally:
            window.destroy()

    def _received(self, window: Any, result: int) -> bytes:
        from Xlib import X

        found = window.get_full_property(result, X.AnyPropertyType)
        in_parts = found is not None and found.property_type == self._display.intern_atom("INCR")
        if not in_parts:
            window.delete_property(result)
            return _bytes(found)
        whole = bytearray()
        while True:
            window.delete_property(result)
            self._display.flush()
            while self._event(X.PropertyNotify).state != X.PropertyNewValue:
                pass
            part = _bytes(window.get_full_property(result, X.AnyPropertyType))
            if not part:
                window.delete_property(result)
                return bytes(whole)
            whole += part

    def _event(self, kind: int) -> Any:
        until = time.monotonic() + _PATIENCE
        while True:
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == kind:
                    return event
            left = until - time.monotonic()
            if left <= 0:
                raise SystemFault(
                    say("the program that has the clipboard does not answer"),
                    hint=say("Copy the text again, then repeat the step."),
                )
            select.select([self._display.fileno()], [], [], left)

    def put(self, text: str, clear_after: float | None = None) -> None:
        """Fill it. The text stays when the execution ends, or is taken out after so many seconds."""
        keeper = subprocess.Popen(
            [sys.executable, "-m", __name__, *([] if clear_after is None else [str(clear_after)])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        assert keeper.stdin is not None and keeper.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            keeper.stdin.write(text.encode("utf-8", "replace"))
            keeper.stdin.close()
        ready, _, _ = select.select([keeper.stdout], [], [], _STARTING)
        said = os.read(keeper.stdout.fileno(), 1) if ready else b""
        keeper.stdout.close()
        if not said:
            keeper.kill()
            keeper.wait()
            raise SystemFault(
                say("the clipboard could not be filled"),
                hint=say("Check with `rpa doctor` that the display can be reached."),
            )
        keeper.returncode = 0  # it is to live on; its end is nobody's business, and no warning is due


def _bytes(found: Any) -> bytes:
    if found is None:
        return b""
    value = found.value
    return value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else b""


def keep(text: bytes, seconds: float | None) -> None:
    """Own the clipboard until it is taken, the display goes away, or the time is up."""
    from Xlib import X, Xatom
    from Xlib.protocol.event import SelectionNotify

    from engine.activities.desktop.x11.desktop import connect

    display = connect()
    window = display.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
    names = ("CLIPBOARD", "TARGETS", "UTF8_STRING", "TEXT", "STRING", "text/plain;charset=utf-8", "text/plain", "INCR")
    clipboard, targets, *texts = (display.intern_atom(name) for name in names)
    incremental = texts.pop()
    window.set_selection_owner(clipboard, X.CurrentTime)
    display.sync()
    if display.get_selection_owner(clipboard) != window:
        return
    os.write(1, b"y")
    os.close(1)
    until = None if seconds is None else time.monotonic() + seconds
    sending: dict[tuple[int, int], tuple[Any, int, bytes]] = {}
    while until is None or time.monotonic() < until:
        if not display.pending_events():
            left = None if until is None else max(0.0, until - time.monotonic())
            select.select([display.fileno()], [], [], left)
            if not display.pending_events():
                continue
        event = display.next_event()
        if event.type == X.SelectionClear:
            break
        if event.type == X.PropertyNotify and event.state == X.PropertyDelete:
            asker, kind, rest = sending.pop((event.window.id, event.atom), (None, 0, b""))
            if asker is not None:
                asker.change_property(event.atom, kind, 8, rest[:_PART])
                if rest:
                    sending[asker.id, event.atom] = (asker, kind, rest[_PART:])
        elif event.type == X.SelectionRequest:
            asker, place = event.requestor, event.property or event.target
            if event.target == targets:
                asker.change_property(place, Xatom.ATOM, 32, [targets, *texts])
            elif event.target not in texts:
                place = X.NONE
            elif len(text) <= _PART:
                asker.change_property(place, event.target, 8, text)
            else:
                asker.change_attributes(event_mask=X.PropertyChangeMask)
                asker.change_property(place, incremental, 32, [len(text)])
                sending[asker.id, place] = (asker, event.target, text)
            asker.send_event(
                SelectionNotify(
                    time=event.time, requestor=asker, selection=event.selection, target=event.target, property=place
                )
            )
        display.flush()
    display.close()


if __name__ == "__main__":
    with contextlib.suppress(Exception):  # the display went away, and nobody is there to hear of it
        keep(sys.stdin.buffer.read(), float(sys.argv[1]) if len(sys.argv) > 1 else None)
