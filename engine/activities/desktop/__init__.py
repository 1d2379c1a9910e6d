"""The family `desktop`: mouse, keys, windows, clipboard, and what is shown on the screen. Sees `sdk` and `core` alone.

All its steps hold the resource `desktop`, so that one execution at a time uses it. They run on Linux with X11; the
protocols of `platform` are what another system has to bring.
"""

from __future__ import annotations

from engine.activities.desktop.check import check
from engine.activities.desktop.clipboard import clipboard_get, clipboard_set
from engine.activities.desktop.elements import act, read_text, set_text
from engine.activities.desktop.keys import press, type_text
from engine.activities.desktop.mouse import click, drag, hover, scroll
from engine.activities.desktop.programs import start
from engine.activities.desktop.seeing import find, screenshot, wait
from engine.activities.desktop.windows import close_window, focus_window, list_windows, move_window, wait_window
from engine.sdk import Family

FAMILY = Family("Desktop", icon="cursor-click", order=16, color="desktop")

__all__ = [
    "act",
    "check",
    "click",
    "clipboard_get",
    "clipboard_set",
    "close_window",
    "drag",
    "find",
    "focus_window",
    "hover",
    "list_windows",
    "move_window",
    "press",
    "read_text",
    "screenshot",
    "scroll",
    "set_text",
    "start",
    "type_text",
    "wait",
    "wait_window",
]
