"""What all items of a scene draw with: fonts, shortened texts ready to draw, and the shared sprites.

Lengths are canvas units, letters as well as boxes: where a person wants larger text, the view shows the canvas larger
as a whole (`CanvasView.natural`), and nothing lies otherwise than in the file.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPen, QStaticText

from studio.base.theme import theme
from studio.base.tokens import TYPE
from studio.designer.canvas.sprites import Sprites

NEAR = 0.55
"""The zoom from which everything is drawn."""
FAR = 0.3
"""The zoom below which the far layer is drawn."""
Shortened = tuple[QStaticText, bool]


COUNT_SIZE = 10
"""The letters of a count on a wire."""
FIRST, SECOND = 23.0, 40.0
"""The baselines of the two lines of a step."""


def letters(name: str, size: float = 0.0) -> QFont:
    """The font of a type token in canvas units, or another `size` of it."""
    font = QFont(theme().font(name))
    font.setPixelSize(round(size or TYPE[name].size))
    return font


class Ink:
    """Made once a scene; `reset` when the theme has changed."""

    def __init__(self) -> None:
        self.sprites = Sprites()
        self.reset()

    def reset(self) -> None:
        self.title = letters("section")
        self.summary = letters("summary")
        self.count = letters("count", COUNT_SIZE)
        self.label = letters("summary", 10.5)
        self.below = letters("summary", 11)
        self._metrics: dict[int, QFontMetricsF] = {}
        self._labels: dict[tuple[int, str], QStaticText] = {}
        self._pens: dict[tuple[str, float], QPen] = {}
        self._hairs: dict[tuple[str, float], QPen] = {}
        self._faded: dict[str, QColor] = {}
        self.sprites.clear()

    def metrics(self, font: QFont) -> QFontMetricsF:
        found = self._metrics.get(id(font))
        if found is None:
            found = self._metrics[id(font)] = QFontMetricsF(font)
        return found

    def shortened(self, text: str, font: QFont, width: float, *, middle: bool = False) -> Shortened:
        """A text that fits `width`, and whether something was left out: its end, or its middle."""
        metrics = self.metrics(font)
        if metrics.horizontalAdvance(text) <= width:
            return self.static(text), False
        mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        shown = metrics.elidedText(text, mode, max(0.0, width))
        return self.static(shown), shown != text

    def static(self, text: str) -> QStaticText:
        made = QStaticText(text)
        made.setTextFormat(Qt.TextFormat.PlainText)
        return made

    def name(self, text: str, font: QFont) -> QStaticText:
        """A short text that many items share."""
        key = (id(font), text)
        found = self._labels.get(key)
        if found is None:
            if len(self._labels) > 2000:
                self._labels.clear()
            found = self._labels[key] = self.static(text)
        return found

    def ascent(self, font: QFont) -> float:
        return self.metrics(font).ascent()

    def pen(self, color: str, width: float) -> QPen:
        """A solid pen, shared."""
        found = self._pens.get((color, width))
        if found is None:
            found = self._pens[color, width] = QPen(theme().color(color), width)
        return found

    def hair(self, color: str, width: float = 1.0) -> QPen:
        """A solid pen whose width does not depend on the zoom, shared: the quick way of Qt's painter."""
        found = self._hairs.get((color, width))
        if found is None:
            found = self._hairs[color, width] = QPen(theme().color(color), width)
            found.setCosmetic(True)
        return found

    def faded(self, color: str, opacity: float) -> QColor:
        """A colour shown through, shared."""
        found = self._faded.get(color)
        if found is None:
            found = QColor(theme().color(color))
            found.setAlphaF(opacity)
            self._faded[color] = found
        return found
