"""What the screen shows, how large it is, and whether it is locked."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from engine.activities.desktop.platform import Box

if TYPE_CHECKING:
    from PIL.Image import Image

_DPI = re.compile(r"^Xft\.dpi:\s*(\d+(?:\.\d+)?)", re.MULTILINE)
_NORMAL = 96.0


class Root:
    """See `engine.activities.desktop.platform.Screen`."""

    def __init__(self, display: Any) -> None:
        self._display = display

    @property
    def box(self) -> Box:
        shape = self._display.screen().root.get_geometry()
        return Box(0, 0, shape.width, shape.height)

    @property
    def scale(self) -> float:
        from Xlib import X, Xatom

        found = self._display.screen().root.get_full_property(Xatom.RESOURCE_MANAGER, X.AnyPropertyType)
        text = found.value if found is not None else b""
        dpi = _DPI.search(text.decode("latin-1") if isinstance(text, bytes) else str(text))
        return float(dpi[1]) / _NORMAL if dpi else 1.0

    def locked(self) -> bool:
        """Whether a program keeps the keyboard to itself, as those that lock a screen do."""
        from Xlib import X

        root = self._display.screen().root
        answer = root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
        if answer == X.GrabSuccess:
            self._display.ungrab_keyboard(X.CurrentTime)
        self._display.sync()
        return bool(answer == X.AlreadyGrabbed)

    def picture(self, box: Box | None = None) -> Image:
        from PIL import ImageGrab

        whole = self.box  # asks the display, which tells that it is gone better than the next call does
        picture = ImageGrab.grab(xdisplay=os.environ["DISPLAY"]).convert("RGB")
        if box is None:
            return picture
        left, top = max(box.left, 0), max(box.top, 0)
        right, bottom = min(box.left + box.width, whole.width), min(box.top + box.height, whole.height)
        return picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
