"""A person at the window: runs the studio on the display there is, and uses it with the mouse and keyboard of X.

::

    python -m tests.support.person SCRIPT.py HOME [FILE…]

SCRIPT defines `async def use(person)`. Where things are the script asks the widgets; whatever it does goes through X.
Ends with 0 when `use` returned and the window was closed, else prints what was raised and ends with 1.
"""

from __future__ import annotations

import argparse
import asyncio
import runpy
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QWidget

from studio import app as studio_app
from studio.app import Studio
from studio.designer.editor import Editor

T = TypeVar("T")
PATIENCE = 20.0


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

    async def until(self, what: Callable[[], T], seconds: float = PATIENCE) -> T:
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
        await self.xdotool("mousemove", "--sync", str(place.x()), str(place.y()))
        await self.xdotool("click", "--repeat", str(times), "--delay", "60", str(button))

    async def drag(self, start: QPoint, end: QPoint) -> None:
        """Press, move in small steps, let go."""
        await self.xdotool("mousemove", "--sync", str(start.x()), str(start.y()))
        await self.xdotool("mousedown", "1")
        for share in (0.05, 0.2, 0.5, 0.8, 1.0):
            place = start + (end - start) * share
            await self.xdotool("mousemove", "--sync", str(place.x()), str(place.y()))
        await self.xdotool("mouseup", "1")

    def on_canvas(self, x: float, y: float) -> QPoint:
        """Where a point of the canvas is on the screen."""
        view = self.editor.view
        return view.viewport().mapToGlobal(view.mapFromScene(QPointF(x, y)))

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
    use = runpy.run_path(script)["use"]
    failed: list[str] = []
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
    print(*failed, sep="\n", end="")
    return 1 if failed else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
