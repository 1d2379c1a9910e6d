"""Whatever in the designer takes the keys shows that it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.base.theme import theme
from studio.bridge import Bridge
from tests.gui.bridge.stories import until
from tests.gui.workspace.test_leaks import made

TEXT = """rpa: 1
name: Two
steps:
  - {id: one, activity: acme.unknown}
  - {id: two, activity: control.log, with: {message: "{{ steps.one.output }}"}}
edges: [one.next -> two]
"""
LEAST = 30
"""Pixels that must look different: more than the cursor of a text."""


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    chosen: Literal["light", "dark"] = request.param
    theme().apply(qapp, chosen)
    yield
    theme().apply(qapp, "light")


def differ(one: QImage, other: QImage) -> bool:
    if one == other:
        return False
    places = ((x, y) for x in range(one.width()) for y in range(one.height()))
    return len(list(islice((at for at in places if one.pixel(*at) != other.pixel(*at)), LEAST))) == LEAST


@pytest.mark.usefixtures("scheme")
def test_what_has_the_keys_is_seen(
    bridge: Bridge, awaited: Callable[[Awaitable[Any]], Any], qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "two.rpa.yaml").write_text(TEXT)

    async def visit() -> None:
        workspace = await made(bridge, qtbot)
        page = workspace.page
        await workspace.open([tmp_path / "two.rpa.yaml"])
        editor = page.editor
        assert editor is not None
        editor.selection.select_steps(["two"])
        await until(lambda: workspace.problems.model.rowCount() > 0)
        page.activateWindow()
        await until(page.isActiveWindow)
        taking = [one for one in page.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
        seen, unseen = 0, []
        for widget in taking:
            if widget.visibleRegion().isEmpty() or not widget.isEnabled() or widget.focusProxy():
                continue
            area = QRect(widget.mapTo(page, QPoint()), widget.size()).adjusted(-2, -2, 2, 2) & page.rect()
            before = QApplication.focusWidget()
            if before is not None:
                before.clearFocus()
            QApplication.processEvents()
            without = page.grab(area).toImage()
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            if QApplication.focusWidget() is widget:
                seen += 1
                if not differ(without, page.grab(area).toImage()):
                    unseen.append(f"{type(widget).__name__} {widget.accessibleName()!r}")
        assert unseen == [] and seen > 15

    awaited(visit())
