"""Tab through every page and pane, in both themes: wherever the keys are, it is to be seen."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from studio.base.preferences import preferences
from studio.settings.page import SettingsPage
from tests.support.person import Person

EXAMPLES = Path(__file__).parents[3] / "resources" / "examples"
MOST = 60
"""Presses of Tab in one place."""
KNOWN = 3
"""After so many in a row that were looked at already, the rest is known too."""
ENOUGH = 60
"""Things that Tab reaches, at the least: else this looks at too little."""
LEAST = 24
"""Pixels that must look different with the keys: a caret is less."""
DIFFERENT = 40
"""How far apart two colours are that a person tells apart at a glance, out of 765."""


def prepare(place: Path) -> list[Path]:
    shutil.copytree(EXAMPLES / "order-report", place / "order-report")
    return [place / "order-report" / "order-report.rpa.yaml"]


async def use(person: Person) -> None:
    studio = person.studio
    await person.until(lambda: studio.bridge.writable)
    await person.until(lambda: studio.workspace.page.editor is not None)
    studio.window.showMaximized()
    unseen: set[str] = set()
    for look in ("light", "dark"):
        preferences().set("theme", look)
        await asyncio.sleep(0.4)
        known: set[str] = set()  # no widgets: one that Qt itself made and deleted must not be held on to
        for name, begin in _places(person):
            begin()
            await asyncio.sleep(0.6)
            unseen |= {f"{look}, {name}: {one}" for one in await _tab_through(person, name, known)}
            if QApplication.activePopupWidget() is not None:
                await person.keys("Escape")
        assert len(known) >= ENOUGH, (look, sorted(known))
    assert not unseen, "\n".join(sorted(unseen))


def _places(person: Person):  # type: ignore[no-untyped-def]
    """Where to begin: name, and how to get there."""
    studio = person.studio
    page = studio.workspace.page

    def pane(id: str, step: str = "") -> None:
        studio.window.show_page("designer")
        person.editor.selection.select_steps([step] if step else [])
        page.show_pane(id)

    def settings() -> None:
        studio.window.show_page("settings")

    def keys() -> None:
        found = studio.window.page("settings")
        assert isinstance(found, SettingsPage)
        found.navigation.setCurrentRow(found.navigation.count() - 1)

    yield "home", lambda: studio.window.show_page("home")
    yield "settings", settings
    yield "keys", keys
    yield "title row", lambda: (studio.window.show_page("designer"), studio.window.title_bar.field.setFocus())
    for id in ("palette", "outline", "yaml", "problems", "log", "data"):
        yield id, lambda id=id: pane(id)
    for step in ("read_orders", "by_customer", "write_report"):
        yield step, lambda step=step: pane("inspector", step)
    yield "inspector", lambda: pane("inspector")


async def _tab_through(person: Person, where: str, known: set[str]) -> list[str]:
    window = person.studio.window
    unseen, again = [], 0
    before = window.grab().toImage()
    for _ in range(MOST):
        last = QApplication.focusWidget()
        await person.keys("Tab")
        try:
            await person.until(lambda: QApplication.focusWidget() is not last, 1)  # noqa: B023
        except TimeoutError:
            break  # what is typed in is to have the Tab; Esc or F6 leave
        await asyncio.sleep(0.03)
        focus = QApplication.focusWidget()
        after = window.grab().toImage()
        if focus is None:
            unseen.append("nothing has the keys")
            break
        area = QRect(focus.mapTo(window, QPoint()), focus.size()).adjusted(-4, -4, 4, 4).intersected(window.rect())
        seen_before = f"{_called(focus)} {area}" in known
        again = again + 1 if seen_before else 0
        if again == KNOWN:
            break
        if not seen_before and _differing(before, after, area) < LEAST:
            unseen.append(_called(focus))
            after.copy(area.adjusted(-60, -40, 60, 40)).save(str(person.home() / f"unseen-{where}-{len(unseen)}.png"))
        known.add(f"{_called(focus)} {area}")
        before = after
        if person.studio.workspace.page.editor is not None and focus is person.editor.view:
            person.editor.selection.clear()
            await person.keys("Escape")  # Tab would search for a step, or go along the wires
            before = window.grab().toImage()
    return unseen


def _differing(one: QImage, other: QImage, area: QRect) -> int:
    count = 0
    one, other = one.copy(area), other.copy(area)
    wide, area = one.bytesPerLine(), one.rect()
    rows, others = bytes(one.constBits()), bytes(other.constBits())
    for y in range(area.height()):
        if rows[y * wide : (y + 1) * wide] == others[y * wide : (y + 1) * wide]:
            continue
        for x in range(area.width()):
            a, b = one.pixel(x, y), other.pixel(x, y)
            if a != b and sum(abs((a >> shift & 255) - (b >> shift & 255)) for shift in (0, 8, 16)) > DIFFERENT:
                count += 1
                if count >= LEAST:
                    return count
    return count


def _called(widget: QWidget) -> str:
    above = widget.parentWidget()
    return f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()!r} in {type(above).__name__}"
