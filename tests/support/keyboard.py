"""The keyboard of an X display with the layouts of other countries: keys are pressed at their places, whatever they write.

::

    keyboard = Keyboard()
    keyboard.layout("us,bg", ",phonetic", group=1)
    keyboard.press("ctrl+s")              # the key that S is printed on
"""

from __future__ import annotations

import ctypes
import subprocess

_CORE = 0x100
_HELD = {"ctrl": 37, "shift": 50, "alt": 64}
_ROWS = ((10, "1234567890-="), (24, "qwertyuiop[]"), (38, "asdfghjkl;'`"), (51, "\\zxcvbnm,./"))
_CODES = {key: first + place for first, row in _ROWS for place, key in enumerate(row)} | {"escape": 9, "return": 36}


class Keyboard:
    """Of the display that `DISPLAY` names."""

    def __init__(self) -> None:
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(None))

    def layout(self, names: str, variants: str = "", *, group: int = 0) -> None:
        """Set the layouts, as setxkbmap names them, and write with the one numbered `group`."""
        subprocess.run(["setxkbmap", "-layout", names, "-variant", variants], check=True)
        self._x.XkbLockGroup(self._display, _CORE, group)
        self._x.XSync(self._display, 0)

    def press(self, keys: str) -> None:
        """Press and release the key that is printed so on an American keyboard, with what is held before it."""
        *held, key = keys.split("+")
        codes = [*(_HELD[one] for one in held), _CODES[key]]
        for code in codes:
            self._test.XTestFakeKeyEvent(self._display, code, 1, 0)
        for code in reversed(codes):
            self._test.XTestFakeKeyEvent(self._display, code, 0, 0)
        self._x.XSync(self._display, 0)

    def close(self) -> None:
        self._x.XCloseDisplay(self._display)
