"""A person at the window: runs the studio on the display there is, and uses it with the mouse and keyboard of X.

::

    python -m tests.support.person SCRIPT.py[:FUNCTION] HOME [FILE…]

SCRIPT defines `async def use(person)`, or that function. Where things are the script asks the widgets; whatever it does
goes through X. Ends with 0 when the function returned and the window was closed, else prints what was raised, and what
tasks of the studio raised unseen, and ends with 1.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from studio import app as studio_app
from studio.app import Studio
from studio.designer.editor import Editor
from studio.widgets.banner import Banner

T = TypeVar("T")
PATIENCE = 10.0


class Person:
    """What a person can do, and see."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    @property
    def editor(self) -> Editor:
        """The workflow in front."""
        editor = self.studio.workspace.page.editor
        assert editor is not None, "no workflow is in front"
        return editor

    async def until(self, what: Callable[[], T | None], seconds: float = PATIENCE) -> T:
        """Wait until `what` gives something true, and give that."""
        until = time.monotonic() + seconds
        while True:
            found = what()
            if found:
                return found
            if time.monotonic() > until:
                raise TimeoutError(f"it did not come true: {what.__code__.co_consts} {what.__code__.co_names}")
            await asyncio.sleep(0.03)

    async def xdotool(self, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec("xdotool", *arguments)
        assert await process.wait() == 0, arguments
        await asyncio.sleep(0.08)

    async def keys(self, *keys: str) -> None:
        """Press keys one after another, as xdotool names them."""
        for key in keys:
            await self.xdotool("key", key)

    async def type(self, text: str) -> None:
        await self.xdotool("type", "--delay", "12", text)

    async def click(self, where: QWidget | QPoint, *, times: int = 1, button: int = 1) -> None:
        place = where if isinstance(where, QPoint) else centre(where)
        await self.xdotool("mousemove", str(place.x()), str(place.y()))
        await self.xdotool("click", "--repeat", str(times), "--delay", "60", str(button))

    async def drag(self, start: QPoint, end: QPoint) -> None:
        """Press, move in small steps, let go."""
        await self.xdotool("mousemove", str(start.x()), str(start.y()))
        await self.xdotool("mousedown", "1")
        for share in (0.05, 0.2, 0.5, 0.8, 1.0):
            place = start + (end - start) * share
            await self.xdotool("mousemove", str(place.x()), str(place.y()))
        await self.xdotool("mouseup", "1")

    def on_canvas(self, x: float, y: float) -> QPoint:
        """Where a point of the canvas is on the screen."""
        view = self.editor.view
        return view.viewport().mapToGlobal(view.mapFromScene(QPointF(x, y)))

    def in_view(self, step: str) -> QPoint:
        """Where a step is on the screen, to be clicked."""
        box = self.editor.scene.box(step)
        return self.on_canvas(box.x() + 40, box.y() + 20)

    def home(self) -> Path:
        """The folder that this person works in."""
        return Path.home()

    def die(self) -> NoReturn:
        """End the studio as a power cut would."""
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")

    async def closed(self, dialog: QWidget) -> None:
        """Wait until a dialog is gone."""
        await self.until(lambda: QApplication.activeModalWidget() is not dialog)

    async def press(self, within: QWidget, text: str) -> None:
        """Click the button of that text."""

        def found() -> QAbstractButton | None:
            buttons = within.findChildren(QAbstractButton)
            return next((one for one in buttons if one.text() == text and one.isVisible() and one.isEnabled()), None)

        button = await self.until(found)
        assert button is not None
        await self.click(button)

    def says(self, words: str) -> bool:
        """Whether a notice that is to be seen holds these words."""
        return any(words in one.message for one in self.studio.window.findChildren(Banner) if one.isVisible())

    async def save_as(self, file: Path) -> None:
        """Save under a name, by keys."""
        await self.keys("ctrl+shift+s")
        dialog = await self.dialog()
        name = dialog.findChild(QLineEdit)
        await self.until(lambda: name is not None and name.hasFocus())
        await self.keys("ctrl+a")
        await self.type(str(file))
        await self.keys("Return")
        await self.until(lambda: file.is_file())

    async def dialog(self) -> QWidget:
        """The dialog that is open, once it has the keys."""

        def shown() -> QWidget | None:
            found = QApplication.activeModalWidget()
            return found if found is not None and found.isActiveWindow() else None

        return await self.until(shown)

    def is_in(self, widget: QWidget) -> bool:
        """Whether what is typed goes into that widget."""
        focus = self.studio.app.focusWidget()
        return focus is not None and widget.isAncestorOf(focus)

    def look(self, file: Path) -> None:
        """Keep a picture of the screen."""
        screen = self.studio.window.screen()
        screen.grabWindow(0).save(str(file))


def centre(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(widget.rect().center())


def main(arguments: list[str]) -> int:
    script, home, *files = arguments
    path, _, function = script.partition(".py")
    use = runpy.run_path(f"{path}.py")[function.lstrip(":") or "use"]
    failed: list[str] = []
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    live = Studio.live

    async def watched(studio: Studio, options: argparse.Namespace) -> int:
        async def visit() -> None:
            try:
                await use(Person(studio))
            except BaseException:
                failed.append(traceback.format_exc())
                Person(studio).look(Path(home) / "failed.png")
                studio.window.may_close = None
            studio.window.close()

        task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(visit())
        try:
            return await live(studio, options)
        finally:
            await asyncio.wait([task], timeout=5)

    Studio.live = watched  # type: ignore[method-assign, assignment]
    code = studio_app.run_app(["--home", home, *files])
    failed += heard.said
    print(*failed, sep="\n", end="")
    return 1 if failed else code


class _Heard(logging.Handler):
    """Everything that went wrong unseen."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
