"""What a screen reader hears: a tree of named things with roles and states, and what happens to them, over AT-SPI.

AT-SPI is D-Bus, on a bus of its own that the session's bus names. So this talks to whatever is on the display from
outside, through nothing but that bus. It needs `at-spi2-core` and a session bus (`dbus-run-session`). ::

    with ScreenReader() as reader:
        window = reader.application("studio")
        for thing in window.walk():
            print(thing.role, thing.name)

Calls wait for the other side: in the program that is read they belong into a thread.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from jeepney import DBusAddress, MatchRule, Message, MessageType, Properties, message_bus, new_method_call
from jeepney.io.blocking import open_dbus_connection

T = TypeVar("T")
PATIENCE = 10.0
ROOT = "/org/a11y/atspi/accessible/root"
REGISTRY = "org.a11y.atspi.Registry"
_THING = "org.a11y.atspi.Accessible"
_BITS = (
    "invalid active armed busy checked collapsed defunct editable enabled expandable expanded focusable focused "
    "has-tooltip horizontal iconified modal multi-line multiselectable opaque pressed resizable selectable selected "
    "sensitive showing single-line stale transient vertical visible manages-descendants indeterminate required "
    "truncated animated invalid-entry supports-autocompletion selectable-text default visited checkable has-popup "
    "read-only"
)
_STATES = tuple(_BITS.split())
"""By the number of their bit."""
_LABELLED_BY = 2
_EVENTS = ("object:", "window:", "focus:")


class Unanswered(Exception):
    """The other side said no, or nothing."""


def missing() -> list[str]:
    """What the operating system lacks for this."""
    launchers = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
    lacking = [] if any(map(os.path.exists, launchers)) else ["at-spi2-core"]
    return lacking + [name for name in ("dbus-run-session",) if shutil.which(name) is None]


@dataclass(frozen=True, slots=True)
class Heard:
    """One event: `kind` as `StateChanged:focused`, the numbers and the value it carries, and whom it is about."""

    kind: str
    first: int
    second: int
    value: Any
    source: Thing


class ScreenReader:
    """On the bus until it is left. Raises `Unanswered` where there is no such bus."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._lock = threading.Lock()
        self._ends = False
        with open_dbus_connection(bus="SESSION") as session:
            bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            (address,) = _asked(session, new_method_call(bus, "GetAddress"))
            status = Properties(bus.with_interface("org.a11y.Status"))
            for name in ("IsEnabled", "ScreenReaderEnabled"):
                _asked(session, status.set(name, "b", True))
        self._calls = open_dbus_connection(bus=address)
        self._listens = open_dbus_connection(bus=address)
        registry = DBusAddress("/org/a11y/atspi/registry", REGISTRY, REGISTRY)
        for event in _EVENTS:
            _asked(self._listens, new_method_call(registry, "RegisterEvent", "s", (event,)))
        for interface in ("Object", "Window", "Focus"):
            rule = MatchRule(type="signal", interface=f"org.a11y.atspi.Event.{interface}")
            _asked(self._listens, message_bus.AddMatch(rule))
        self._thread = threading.Thread(target=self._listen, name="screen reader", daemon=True)
        self._thread.start()

    def __enter__(self) -> ScreenReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends = True
        self._thread.join(PATIENCE)
        self._listens.close()
        self._calls.close()

    def _listen(self) -> None:
        while not self._ends:
            try:
                message = self._listens.receive(timeout=0.1)
            except TimeoutError:
                continue
            fields = {field.name: value for field, value in message.header.fields.items()}
            if message.header.message_type is not MessageType.signal or "sender" not in fields:
                continue
            if not fields["interface"].startswith("org.a11y.atspi.Event."):
                continue
            detail, first, second, (_, value), *_ = message.body
            kind = ":".join(filter(None, (fields["member"], detail)))
            self.heard.append(Heard(kind, first, second, value, Thing(self, fields["sender"], fields["path"])))

    def ask(self, thing: Thing, interface: str, method: str, signature: str = "", *body: Any) -> tuple[Any, ...]:
        """What a thing answers. Raises `Unanswered`."""
        address = DBusAddress(thing.path, thing.bus, interface)
        with self._lock:
            return _asked(self._calls, new_method_call(address, method, signature or None, body))

    def property(self, thing: Thing, interface: str, name: str) -> Any:
        """Raises `Unanswered`."""
        address = DBusAddress(thing.path, thing.bus, interface)
        with self._lock:
            return _asked(self._calls, Properties(address).get(name))[0][1]

    def until(self, what: Callable[[], T | None], seconds: float = PATIENCE) -> T:
        """Ask again and again until something true comes back."""
        until = time.monotonic() + seconds
        while True:
            try:
                found = what()
            except Unanswered:
                found = None
            if found:
                return found
            if time.monotonic() > until:
                raise TimeoutError(f"a screen reader never heard it: {what.__code__.co_names}")
            time.sleep(0.05)

    def application(self, name: str) -> Thing:
        """A program on the display, as soon as it is on the bus."""
        desktop = Thing(self, REGISTRY, ROOT)
        return self.until(lambda: next((one for one in desktop.children() if name in one.name), None))


@dataclass(frozen=True, slots=True)
class Thing:
    """Anything that a screen reader can speak of."""

    reader: ScreenReader
    bus: str
    path: str

    @property
    def name(self) -> str:
        return str(self.reader.property(self, _THING, "Name"))

    @property
    def description(self) -> str:
        return str(self.reader.property(self, _THING, "Description"))

    @property
    def role(self) -> str:
        return str(self.reader.ask(self, _THING, "GetRoleName")[0])

    @property
    def states(self) -> frozenset[str]:
        low, high = self.reader.ask(self, _THING, "GetState")[0]
        bits = low | high << 32
        return frozenset(name for bit, name in enumerate(_STATES) if bits >> bit & 1)

    @property
    def interfaces(self) -> frozenset[str]:
        """`Action`, `Text`, `Table`, …"""
        found = self.reader.ask(self, _THING, "GetInterfaces")[0]
        return frozenset(name.removeprefix("org.a11y.atspi.") for name in found)

    @property
    def labels(self) -> list[Thing]:
        """The things that name this one."""
        relations = self.reader.ask(self, _THING, "GetRelationSet")[0]
        return [Thing(self.reader, *one) for kind, ones in relations if kind == _LABELLED_BY for one in ones]

    @property
    def extents(self) -> tuple[int, int, int, int]:
        """Left, top, width and height on the screen."""
        left, top, width, height = self.reader.ask(self, "org.a11y.atspi.Component", "GetExtents", "u", 0)[0]
        return left, top, width, height

    def children(self) -> list[Thing]:
        return [Thing(self.reader, *one) for one in self.reader.ask(self, _THING, "GetChildren")[0]]

    def child(self, index: int) -> Thing:
        return Thing(self.reader, *self.reader.ask(self, _THING, "GetChildAtIndex", "i", index)[0])

    def text(self) -> str:
        """What is written in it."""
        return str(self.reader.ask(self, "org.a11y.atspi.Text", "GetText", "ii", 0, -1)[0])

    def act(self, index: int = 0) -> None:
        """Do what pressing it does."""
        self.reader.ask(self, "org.a11y.atspi.Action", "DoAction", "i", index)

    def walk(self, most: int = 200) -> Iterator[Thing]:
        """This and everything in it; of what has more children than `most`, that many."""
        yield self
        try:
            children = self.children()
        except Unanswered:
            return  # it went away meanwhile
        for child in children[:most]:
            yield from child.walk(most)

    def find(self, role: str, name: str = "") -> Thing:
        """The first thing of that role with that in its name. Raises `LookupError`."""
        for thing in self.walk():
            try:
                if thing.role == role and name in thing.name:
                    return thing
            except Unanswered:
                continue
        raise LookupError(f"no {role} {name!r}")


def _asked(connection: Any, message: Message) -> tuple[Any, ...]:
    try:
        reply = connection.send_and_get_reply(message, timeout=PATIENCE)
    except TimeoutError as error:
        raise Unanswered(str(error)) from error
    if reply.header.message_type is MessageType.error:
        raise Unanswered(str(reply.body))
    return tuple(reply.body)
