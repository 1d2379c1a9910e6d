"""Windows, as the window manager lists them (EWMH)."""

from __future__ import annotations

from typing import Any

from engine.activities.desktop.platform import Box, Window

_SOURCE_PAGER = 2
"""Says to the window manager that a person asked: it then gives the focus instead of a blinking button."""


class Clients:
    """See `engine.activities.desktop.platform.Windows`."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root = display.screen().root

    def _property(self, window: Any, name: str) -> Any:
        from Xlib import X

        found = window.get_full_property(self._display.intern_atom(name), X.AnyPropertyType)
        return None if found is None else found.value

    @property
    def managed(self) -> bool:
        """Whether there is a window manager."""
        return bool(self._property(self._root, "_NET_SUPPORTING_WM_CHECK"))

    def all(self) -> list[Window]:
        ids = self._property(self._root, "_NET_CLIENT_LIST_STACKING")
        if ids is None:
            ids = self._property(self._root, "_NET_CLIENT_LIST")
        if ids is None:
            ids = [child.id for child in self._root.query_tree().children]  # no window manager
        active = self._property(self._root, "_NET_ACTIVE_WINDOW")
        front = int(active[0]) if active is not None and len(active) else 0
        found = [window for number in reversed(list(ids)) if (window := self._window(int(number), front)) is not None]
        return sorted(found, key=lambda window: not window.active)

    def _window(self, number: int, active: int) -> Window | None:
        from Xlib import X
        from Xlib.error import XError

        window = self._display.create_resource_object("window", number)
        try:
            shape = window.get_geometry()
            place = self._root.translate_coords(window, 0, 0)
            state = self._property(window, "_NET_WM_STATE")
            hidden = state is not None and self._display.intern_atom("_NET_WM_STATE_HIDDEN") in list(state)
            if not hidden and window.get_attributes().map_state != X.IsViewable:
                return None
            title = _text(self._property(window, "_NET_WM_NAME")) or _text(self._property(window, "WM_NAME"))
            pid = self._property(window, "_NET_WM_PID")
            kind = window.get_wm_class()
        except XError:
            return None  # it went away meanwhile
        return Window(
            place.x, place.y, shape.width, shape.height, number, title, kind[1] if kind else "",
            int(pid[0]) if pid is not None and len(pid) else 0, number == active, hidden,
        )  # fmt: skip

    def focus(self, window: Window) -> None:
        from Xlib import X

        if self.managed:
            self._tell(window, "_NET_ACTIVE_WINDOW", [_SOURCE_PAGER, X.CurrentTime, 0, 0, 0])
            return
        resource = self._display.create_resource_object("window", window.id)
        resource.set_input_focus(X.RevertToParent, X.CurrentTime)
        resource.configure(stack_mode=X.Above)
        self._display.sync()

    def place(self, window: Window, box: Box) -> None:
        maximized = [self._display.intern_atom(f"_NET_WM_STATE_MAXIMIZED_{way}") for way in ("VERT", "HORZ")]
        self._tell(window, "_NET_WM_STATE", [0, *maximized, _SOURCE_PAGER, 0])  # else it would not move
        flags = 10 | 0xF << 8 | _SOURCE_PAGER << 12  # the place is that of what it shows, and all four are given
        if self.managed:
            self._tell(window, "_NET_MOVERESIZE_WINDOW", [flags, box.left, box.top, box.width, box.height])
            return
        resource = self._display.create_resource_object("window", window.id)
        resource.configure(x=box.left, y=box.top, width=box.width, height=box.height)
        self._display.sync()

    def close(self, window: Window) -> None:
        from Xlib import X

        if self.managed:
            self._tell(window, "_NET_CLOSE_WINDOW", [X.CurrentTime, _SOURCE_PAGER, 0, 0, 0])
            return
        self._display.create_resource_object("window", window.id).kill_client()
        self._display.sync()

    def _tell(self, window: Window, what: str, data: list[int]) -> None:
        from Xlib import X
        from Xlib.protocol.event import ClientMessage

        message = ClientMessage(
            window=self._display.create_resource_object("window", window.id),
            client_type=self._display.intern_atom(what),
            data=(32, [number & 0xFFFFFFFF for number in data]),
        )
        mask = X.SubstructureRedirectMask | X.SubstructureNotifyMask
        self._root.send_event(message, event_mask=mask)
        self._display.sync()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return bytes(value).decode("utf-8", "replace") if value is not None else ""
