"""One call restyles everything; icons follow by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

import studio
from engine.api import Catalog
from studio.base import theme as theme_module
from studio.base.icons import glyph, icon, icon_font, icon_names
from studio.base.theme import set_kind, theme
from studio.base.tokens import COLORS, MIXES

SOURCE = Path(studio.__file__).parent


def image(shown: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> QImage:
    return shown.pixmap(32, 32, mode).toImage()


def inked(picture: QImage) -> set[str]:
    places = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return {picture.pixelColor(x, y).name() for x, y in places if picture.pixelColor(x, y).alpha() == 255}


@pytest.mark.usefixtures("restored")
def test_both_themes_reach_widgets(qapp: QApplication, qtbot: QtBot) -> None:
    button = QPushButton("Run")
    set_kind(button, "primary")
    qtbot.addWidget(button)
    for scheme in ("light", "dark"):
        theme().apply(qapp, scheme)
        assert qapp.palette().window().color() == theme().color("panel")
        picture = button.grab().toImage()
        assert picture.pixelColor(8, 6) == theme().color("accent")


@pytest.mark.usefixtures("restored")
def test_it_follows_the_system_where_that_is_chosen(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"scheme": "light"}
    monkeypatch.setattr(theme_module, "_system", lambda: said["scheme"])  # this platform tells nothing
    changed = qapp.styleHints().colorSchemeChanged
    theme().apply(qapp, "system", scale=1.25)
    said["scheme"] = "dark"
    changed.emit(Qt.ColorScheme.Dark)
    assert theme().scheme == "dark" and theme().scale == 1.25
    assert qapp.palette().window().color() == QColor(COLORS["panel"][1])
    theme().apply(qapp, "dark")
    said["scheme"] = "light"
    changed.emit(Qt.ColorScheme.Light)
    assert theme().scheme == "dark"


@pytest.mark.usefixtures("restored")
def test_text_is_scaled(qapp: QApplication) -> None:
    theme().apply(qapp, "light", scale=1.5)
    assert theme().font("body").pixelSize() == 20
    assert qapp.font().pixelSize() == 20


@pytest.mark.usefixtures("restored")
def test_an_icon_follows_the_theme(qapp: QApplication) -> None:
    shown = icon("stop-fill", "failed")
    for scheme in ("light", "dark"):
        theme().apply(qapp, scheme)
        assert theme().color("failed").name() in inked(image(shown))
        assert theme().color("text-off").name() in inked(image(shown, QIcon.Mode.Disabled))


def test_every_weight_is_there() -> None:
    families = {icon_font(glyph(name)[1], 16).family() for name in ("clock", "clock-fill", "clock-bold")}
    assert len(families) == 3
    assert glyph("no-such-icon") == glyph("puzzle-piece")


def test_every_icon_that_is_named_is_there() -> None:
    catalog = Catalog(entry_points=False)
    named = {activity.icon for activity in catalog.all()} | {family.icon for family in catalog.families().values()}
    for module in SOURCE.rglob("*.py"):
        named |= set(re.findall(r"""(?:\bicon\(|icon=)"([a-z][a-z0-9-]+)\"""", module.read_text("utf-8")))
    plain = {re.sub("-(fill|bold)$", "", name) for name in named}
    assert plain - icon_names() == set()


def test_every_colour_that_is_named_is_there() -> None:
    known = {*COLORS, *MIXES}
    for module in SOURCE.rglob("*.py"):
        text = module.read_text("utf-8")
        assert set(re.findall(r"""\.color\("([^"]+)"\)""", text)) <= known, module


def test_every_kind_that_is_set_is_drawn(qapp: QApplication) -> None:
    known = set(re.findall(r'kind="([a-z]+)"', qapp.styleSheet()))
    used = {
        kind
        for module in SOURCE.rglob("*.py")
        for kind in re.findall(r"""set_kind\([^,]+, "([a-z]+)"\)""", module.read_text("utf-8"))
    }
    assert used - known == {"tool"}, "a tool button needs no rule of its own"


def test_nothing_but_the_tokens_names_a_colour() -> None:
    found = [
        f"{module.relative_to(SOURCE)}: {match}"
        for module in SOURCE.rglob("*.py")
        if module.name != "tokens.py"
        for match in re.findall(
            r"#[0-9A-Fa-f]{6}\b|Qt\.(?:GlobalColor\.)?(?:red|blue|green|white|black|gray)\b", module.read_text("utf-8")
        )
    ]
    assert found == []


@pytest.fixture
def restored(qapp: QApplication) -> Iterator[None]:
    yield
    theme().apply(qapp, "light")


def test_a_shared_colour_is_the_token(qapp: QApplication) -> None:
    assert theme().color("accent") == QColor(COLORS["accent"][0 if theme().scheme == "light" else 1])
