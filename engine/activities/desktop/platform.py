"""What a desktop must be able to do, whatever system draws it, and the records that its steps speak in.

Places are in pixels of the screen, from its upper left corner. `opened` gives the desktop of this machine: today that
of Linux with X11 (`engine.activities.desktop.x11`). Another system is another class with these parts, and passes the
same tests.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from engine.core.sentences import say
from engine.sdk import BusinessError

if TYPE_CHECKING:
    from PIL.Image import Image

Button = Literal["left", "middle", "right"]


@dataclass(frozen=True)
class Box:
    """A rectangle of the screen, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def center(self) -> tuple[int, int]:
        return self.left + self.width // 2, self.top + self.height // 2

    def holds(self, x: int, y: int) -> bool:
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


@dataclass(frozen=True)
class Window(Box):
    """A window: where what it shows lies, its title, the class of its program and the id of its process."""

    id: int
    title: str
    program: str
    pid: int
    active: bool
    minimized: bool


@dataclass(frozen=True)
class Element(Box):
    """A thing of the accessibility tree, with what it is called, what is written in it, and how it is."""

    role: str
    name: str
    text: str
    states: list[str]


class Pointer(Protocol):
    def position(self) -> tuple[int, int]: ...

    def move(self, x: int, y: int, seconds: float = 0.0) -> None: ...

    def press(self, button: Button) -> None: ...

    def release(self, button: Button) -> None: ...

    def scroll(self, down: int, right: int) -> None:
        """Turn the wheel by so many clicks; negative is up and left."""


class Keyboard(Protocol):
    def chord(self, keys: Sequence[str]) -> None:
        """Press keys together and let go of them. Raises `BusinessError` for one that there is not."""

    def write(self, text: str, pause: float) -> None:
        """Type any text, with so many seconds between the keys."""


class Windows(Protocol):
    def all(self) -> list[Window]:
        """Those that a person sees or could get back, the topmost first."""

    def focus(self, window: Window) -> None: ...

    def place(self, window: Window, box: Box) -> None: ...

    def close(self, window: Window) -> None:
        """Ask it to close, as its own button does."""


class Screen(Protocol):
    @property
    def box(self) -> Box: ...

    @property
    def scale(self) -> float: ...

    def locked(self) -> bool: ...

    def picture(self, box: Box | None = None) -> Image:
        """What is shown now, in RGB."""


class Clipboard(Protocol):
    def text(self) -> str: ...

    def put(self, text: str, clear_after: float | None = None) -> None: ...


class Thing(Protocol):
    """An element that something can be done with. What is gone meanwhile raises `LookupError`."""

    @property
    def pid(self) -> int: ...

    def seen(self) -> Element: ...

    def act(self, name: str = "") -> None:
        """Do its first action, or the one of that name. Raises `BusinessError` that lists those it has."""

    def focus(self) -> bool: ...

    def select(self) -> bool: ...

    def write(self, text: str) -> bool:
        """Replace what is written in it. Gives whether it takes that."""


class Accessibility(Protocol):
    def enable(self) -> None:
        """Ask programs to show what they hold; some do so only if they were asked before they started."""

    def shows(self, window: Window) -> bool:
        """Whether the program of a window shows what it holds."""

    def find(self, role: str, name: str, window: Window | None, *, hidden: bool = False) -> Sequence[Thing]:
        """What has the role (any if empty) and the name, or has the name within its own if none has just that.

        With `hidden` also what is not shown, such as the items of a menu that is closed.
        """


class Desktop(Protocol):
    """All of it. `acted` tells whether a key or button was pressed yet."""

    acted: bool

    @property
    def pointer(self) -> Pointer: ...

    @property
    def keyboard(self) -> Keyboard: ...

    @property
    def windows(self) -> Windows: ...

    @property
    def screen(self) -> Screen: ...

    @property
    def clipboard(self) -> Clipboard: ...

    @property
    def accessibility(self) -> Accessibility: ...


def opened() -> AbstractContextManager[Desktop]:
    """The desktop, for one step: `with opened() as desktop`.

    Raises `BusinessError` on a system without an implementation, `SystemFault` where there is no display or it goes
    away meanwhile, and `StepTimeout`, which nothing repeats by itself, if it goes away after a key was pressed.
    """
    if sys.platform in ("win32", "darwin"):
        raise BusinessError(
            say("steps of the desktop run on Linux with X11, not on {system}", system=sys.platform),
            hint=say("Run the workflow on a Linux machine with an X11 session."),
        )
    from engine.activities.desktop.x11.desktop import X11Desktop

    return X11Desktop()
