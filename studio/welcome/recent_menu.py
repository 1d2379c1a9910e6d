"""The files that were last open, as a menu."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from studio.base.i18n import tr
from studio.base.tasks import spawn
from studio.welcome import recent

_LONGEST = 60


def fill_recent(menu: QMenu, wanted: Callable[[Path], object], run: Callable[..., Awaitable[Any]]) -> None:
    """Make the content of `menu` anew. `wanted` is called with the file that is chosen.

    Files that are not there any more are greyed out a moment later: `run` asks the disk in a worker.
    """
    menu.clear()
    shown: list[tuple[Path, QAction]] = []
    for one in recent.recent():
        # What follows the tab stands at the right, where other entries have their keys.
        folder = one.path.parent.name
        action = menu.addAction(f"{_plain(one.name)}\t{_plain(folder)}")
        action.setToolTip(str(one.path))
        action.triggered.connect(lambda _=False, path=one.path: wanted(path))
        shown.append((one.path, action))
    if shown:
        spawn(_grey_out(shown, run))
    else:
        menu.addAction(tr("Nothing was open yet")).setEnabled(False)


async def _grey_out(shown: Sequence[tuple[Path, QAction]], run: Callable[..., Awaitable[Any]]) -> None:
    missing: frozenset[Path] = await run(recent.missing, [path for path, _ in shown])
    for path, action in shown:
        if path in missing and isValid(action):
            action.setEnabled(False)
            action.setToolTip(tr("The file is not there any more"))


def _plain(text: str) -> str:
    """As it is, in one line: `&` would mark a key, a tab what stands at the right."""
    shown = " ".join(text.split())
    return (shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…").replace("&", "&&")
