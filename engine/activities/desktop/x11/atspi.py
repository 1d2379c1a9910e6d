"""The accessibility tree over AT-SPI: D-Bus calls on the bus that the session's bus names, with jeepney."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.activities.desktop.platform import Element, Window
from engine.core.sentences import say
from engine.sdk import BusinessError, SystemFault

_ANSWER = 5.0
_MOST = 10_000
"""Things that are looked at in one search; of children of one thing, `_MOST_CHILDREN`."""
_MOST_CHILDREN = 500
_REGISTRY = "org.a11y.atspi.Registry"
_ROOT = "/org/a11y/atspi/accessible/root"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_LABELLED_BY = 2
_BITS = (
    "invalid active armed busy checked collapsed defunct editable enabled expandable expanded focusable focused "
    "has-tooltip horizontal iconified modal multi-line multiselectable opaque pressed resizable selectable selected "
    "sensitive showing single-line stale transient vertical visible"
)
_STATES = tuple(_BITS.split())
"""By the number of their bit."""
_SAME = {
    "button": ("push button", "button", "toggle button"),
    "textbox": ("text", "entry", "password text"),
    "field": ("text", "entry", "password text", "spin button", "combo box"),
    "checkbox": ("check box",),
    "radio": ("radio button",),
    "combobox": ("combo box",),
    "menuitem": ("menu item", "check menu item", "radio menu item", "menu"),
    "tab": ("page tab",),
    "link": ("link",),
    "window": ("frame", "dialog", "window"),
    "cell": ("table cell",),
    "list": ("list", "list box"),
    "listitem": ("list item",),
}
"""What the web calls otherwise."""
_FIELDS = frozenset({"text", "entry", "password text", "spin button", "combo box", "slider"})


class Unanswered(LookupError):
    """The other side said no, or is gone."""


class Atspi:
    """See `engine.activities.desktop.platform.Accessibility`. Connects when it is first asked."""

    def __init__(self) -> None:
        self._connection: Any = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def connected(self) -> Any:
        """The connection to the bus, on which programs are told that they are listened to. Raises `SystemFault`."""
        if self._connection is not None:
            return self._connection
        from jeepney import DBusAddress, Properties, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        try:
            with open_dbus_connection(bus="SESSION") as session:
                bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
                (address,) = _asked(session, new_method_call(bus, "GetAddress"))
                status = Properties(bus.with_interface("org.a11y.Status"))
                _asked(session, status.set("IsEnabled", "b", True))
            self._connection = open_dbus_connection(bus=address)
        except (KeyError, OSError, ValueError, RuntimeError, Unanswered) as error:
            raise SystemFault(
                say("the accessibility bus cannot be reached: {reason}", reason=_reason(error)),
                hint=say("Install at-spi2-core, and run in the session of the desktop, or under `dbus-run-session`."),
            ) from None
        return self._connection

    def ask(self, bus: str, path: str, interface: str, method: str, signature: str = "", *body: Any) -> tuple[Any, ...]:
        """What a thing answers. Raises `Unanswered`."""
        from jeepney import DBusAddress, new_method_call

        call = new_method_call(DBusAddress(path, bus, interface), method, signature or None, body)
        return _asked(self.connected(), call)

    def property(self, bus: str, path: str, interface: str, name: str) -> Any:
        """Raises `Unanswered`."""
        from jeepney import DBusAddress, Properties

        return _asked(self.connected(), Properties(DBusAddress(path, bus, interface)).get(name))[0][1]

    def enable(self) -> None:
        self.connected()

    def shows(self, window: Window) -> bool:
        return not window.pid or any(pid == window.pid for _, pid in self.programs())

    def find(self, role: str, name: str, window: Window | None, *, hidden: bool = False) -> list[Node]:
        roles = _SAME.get(role.lower().replace("_", " "), (role.lower().replace("_", " "),)) if role else ()
        wanted, same, like = " ".join(name.casefold().split()), [], []
        for node in self._walk(window, hidden):
            try:
                if roles and node.role not in roles:
                    continue
                if not wanted:
                    same.append(node)
                    continue
                called = " ".join(node.name.casefold().split())
                if called == wanted:
                    same.append(node)
                elif wanted in called:
                    like.append(node)
            except Unanswered:
                continue
        return same or like

    def programs(self) -> Iterator[tuple[Node, int]]:
        """The programs that can be looked into, with the ids of their processes; this one is left out."""
        for node in Node(self, _REGISTRY, _ROOT, 0).children():
            try:
                asked = self.ask(
                    "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                    "GetConnectionUnixProcessID", "s", node.bus,
                )  # fmt: skip
            except Unanswered:
                continue
            if asked[0] != os.getpid():
                yield node, int(asked[0])

    def _walk(self, window: Window | None, hidden: bool) -> Iterator[Node]:
        waiting: list[Node] = []
        for program, pid in self.programs():
            if window is not None and window.pid and window.pid != pid:
                continue
            try:
                tops = Node(self, program.bus, program.path, pid).children()
                if window is not None:
                    titled = [top for top in tops if top.name == window.title]
                    tops = titled or (tops if window.pid else [])
                waiting += tops
            except Unanswered:
                continue
        looked, until = 0, time.monotonic() + _ANSWER * 2
        while waiting and looked < _MOST and time.monotonic() < until:
            node = waiting.pop(0)
            looked += 1
            try:
                if not hidden and "showing" not in node.states:
                    continue
                yield node
                waiting += node.children()[:_MOST_CHILDREN]
            except Unanswered:
                continue


@dataclass(frozen=True)
class Node:
    """See `engine.activities.desktop.platform.Thing`."""

    atspi: Atspi
    bus: str
    path: str
    pid: int

    def _ask(self, interface: str, method: str, signature: str = "", *body: Any) -> Any:
        answer = self.atspi.ask(self.bus, self.path, f"org.a11y.atspi.{interface}", method, signature, *body)
        return answer[0] if answer else None

    @property
    def role(self) -> str:
        return str(self._ask("Accessible", "GetRoleName"))

    @property
    def name(self) -> str:
        """What it is called, or what the label that belongs to it says."""
        own = str(self.atspi.property(self.bus, self.path, _ACCESSIBLE, "Name")).strip()
        if own or self.role not in _FIELDS:
            return own
        related = self._ask("Accessible", "GetRelationSet")
        labels = [one for kind, ones in related if kind == _LABELLED_BY for one in ones]
        return " ".join(Node(self.atspi, bus, path, self.pid).name for bus, path in labels).strip()

    @property
    def states(self) -> list[str]:
        low, high = self._ask("Accessible", "GetState")
        bits = low | high << 32
        return [name for bit, name in enumerate(_STATES) if bits >> bit & 1]

    @property
    def interfaces(self) -> frozenset[str]:
        return frozenset(name.removeprefix("org.a11y.atspi.") for name in self._ask("Accessible", "GetInterfaces"))

    def children(self) -> list[Node]:
        return [Node(self.atspi, bus, path, self.pid) for bus, path in self._ask("Accessible", "GetChildren")]

    @property
    def text(self) -> str:
        """What is written in it, or its value."""
        has = self.interfaces
        if "Text" in has:
            return str(self._ask("Text", "GetText", "ii", 0, -1))
        if "Value" in has:
            return f"{self.atspi.property(self.bus, self.path, 'org.a11y.atspi.Value', 'CurrentValue'):g}"
        return ""

    def seen(self) -> Element:
        left, top, width, height = (
            self._ask("Component", "GetExtents", "u", 0) if "Component" in self.interfaces else (0, 0, 0, 0)
        )
        return Element(left, top, width, height, self.role, self.name, self.text, self.states)

    def act(self, name: str = "") -> None:
        actions = [str(one[0]) for one in self._ask("Action", "GetActions")] if "Action" in self.interfaces else []
        lower = [one.lower() for one in actions]
        if not actions or (name and name.lower() not in lower):
            known = ", ".join(filter(None, actions))
            raise BusinessError(
                say("{name!r} has no action {action}", name=self.name or self.role, action=name or "press"),
                hint=say("It has: {known}.", known=known) if known else say("Click on it instead."),
            )
        self._ask("Action", "DoAction", "i", lower.index(name.lower()) if name else 0)

    def focus(self) -> bool:
        return "Component" in self.interfaces and bool(self._ask("Component", "GrabFocus"))

    def select(self) -> bool:
        bus, path = self.atspi.property(self.bus, self.path, _ACCESSIBLE, "Parent")
        parent = Node(self.atspi, bus, path, self.pid)
        index = self._ask("Accessible", "GetIndexInParent")
        return "Selection" in parent.interfaces and bool(parent._ask("Selection", "SelectChild", "i", index))

    def write(self, text: str) -> bool:
        return "EditableText" in self.interfaces and bool(self._ask("EditableText", "SetTextContents", "s", text))


def _asked(connection: Any, message: Any) -> tuple[Any, ...]:
    from jeepney import MessageType

    try:
        reply = connection.send_and_get_reply(message, timeout=_ANSWER)
    except (TimeoutError, OSError) as error:
        raise Unanswered(str(error)) from error
    if reply.header.message_type is MessageType.error:
        raise Unanswered(str(reply.body[0]) if reply.body else "")
    return tuple(reply.body)


def _reason(error: Exception) -> str:
    return say("there is no session bus") if isinstance(error, KeyError) else str(error)
