"""The mouse, moved by PyAutoGUI over the connection of the step.

PyAutoGUI opens a connection of its own when it is imported and keeps it for good, so a display that was started anew
would stay lost to it; hence it is given the one of the step. Two of its parts are left out: `mouseinfo`, which ends the
process where Tk is missing, and `pyscreeze`, which starts programs when it is imported and leaves their pipes open.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from engine.activities.desktop.platform import Button

_LEFT_OUT = ("mouseinfo", "pyscreeze")


def _pyautogui(display: Any) -> Any:
    if "pyautogui" not in sys.modules:
        import Xlib.display

        real = Xlib.display.Display
        there = {name: sys.modules.get(name) for name in _LEFT_OUT}
        try:
            Xlib.display.Display = lambda name=None: display  # it is to connect nowhere by itself
            sys.modules.update(dict.fromkeys(_LEFT_OUT))  # type: ignore[arg-type]  # so that importing them fails
            import pyautogui
        finally:
            Xlib.display.Display = real
            for name, module in there.items():
                del sys.modules[name]
                if module is not None:
                    sys.modules[name] = module
        pyautogui.PAUSE = pyautogui.MINIMUM_DURATION = 0.0
        pyautogui.FAILSAFE = False  # the step has one of its own, with an error that says what happened
    import pyautogui

    pyautogui.platformModule._display = display
    return pyautogui


class Mouse:
    """See `engine.activities.desktop.platform.Pointer`."""

    def __init__(self, display: Any, act: Callable[[], None]) -> None:
        self._mouse = _pyautogui(display)
        self._act = act

    def position(self) -> tuple[int, int]:
        x, y = self._mouse.position()
        return int(x), int(y)

    def move(self, x: int, y: int, seconds: float = 0.0) -> None:
        self._mouse.moveTo(x, y, seconds)

    def press(self, button: Button) -> None:
        self._act()
        self._mouse.mouseDown(button=button)

    def release(self, button: Button) -> None:
        self._mouse.mouseUp(button=button)

    def scroll(self, down: int, right: int) -> None:
        self._act()
        if down:
            self._mouse.scroll(-down)
        if right:
            self._mouse.hscroll(right)
