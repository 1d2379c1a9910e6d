"""Icons by name, drawn from the Phosphor font in the colours of the theme.

A name is Phosphor's (`git-fork`); `-fill` and `-bold` at its end pick those weights.
"""

from __future__ import annotations

import json
import logging
from functools import cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from studio.base.resources import ROOT
from studio.base.theme import theme

_FILES = {"": "Phosphor.ttf", "fill": "Phosphor-Fill.ttf", "bold": "Phosphor-Bold.ttf"}
_NAMES = "phosphor.json"
_MISSING = "puzzle-piece"
_log = logging.getLogger(__name__)


@cache
def _glyphs() -> dict[str, str]:
    """The characters by name; none where the file is damaged or missing, and everything says itself in words then."""
    try:
        found = json.loads((ROOT / "icons" / _NAMES).read_text("utf-8"))
        return {name: chr(int(code, 16)) for name, code in found.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _log.warning("there are no icons: %s", error)
        return {}


@cache
def _family(weight: str) -> str:
    """The family of a weight, loaded when first used; empty where the file is damaged or missing."""
    id = QFontDatabase.addApplicationFont(str(ROOT / "icons" / _FILES[weight]))
    families = QFontDatabase.applicationFontFamilies(id) if id >= 0 else []
    return families[0] if families else ""


def lacking() -> list[str]:
    """The files of the icons that are damaged or missing."""
    return [file for weight, file in _FILES.items() if not _family(weight)] + ([] if _glyphs() else [_NAMES])


def icon_names() -> frozenset[str]:
    """Every name without a weight."""
    return frozenset(_glyphs())


def glyph(name: str) -> tuple[str, str]:
    """The character of an icon and the weight of the font it is drawn with; a puzzle piece for an unknown name."""
    base, weight = name, ""
    for suffix in ("fill", "bold"):
        if name.endswith(f"-{suffix}"):
            base, weight = name.removesuffix(f"-{suffix}"), suffix
    return _glyphs().get(base) or _glyphs().get(_MISSING, ""), weight


@cache
def icon_font(weight: str, size: int) -> QFont:
    """The font of a weight at a size in pixels."""
    font = QFont(_family(weight))
    font.setPixelSize(max(1, size))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def paint_icon(painter: QPainter, rect: QRectF, name: str, color: QColor) -> None:
    """Draw an icon that fills `rect`."""
    character, weight = glyph(name)
    if not _family(weight):
        return  # another font has boxes there
    painter.setFont(icon_font(weight, round(min(rect.width(), rect.height()))))
    painter.setPen(color)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, character)


class _Engine(QIconEngine):
    """Asks the theme when it draws, so that icons follow it by themselves."""

    def __init__(self, name: str, color: str, checked: str) -> None:
        super().__init__()
        self._name, self._color, self._checked = name, color, checked

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._color, self._checked)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        color = self._checked if state is QIcon.State.On else self._color
        if mode is QIcon.Mode.Disabled:
            color = "text-off"
        painter.save()  # Qt goes on with it, and draws the text beside the icon
        paint_icon(painter, QRectF(rect), self._name, theme().color(color))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


def icon(name: str, color: str = "text-2", *, checked: str = "accent-text") -> QIcon:
    """An icon in the colour of a token; `checked` is its colour on a control that is switched on."""
    return QIcon(_Engine(name, color, checked))
