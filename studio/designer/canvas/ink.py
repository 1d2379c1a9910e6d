"""What all items of a scene draw with: fonts, shortened texts ready to draw, and the shared sprites."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPen, QStaticText

from studio.base.theme import theme
from studio.designer.canvas.sprites import Sprites

NEAR = 0.55
"""The zoom from which everything is drawn."""
FAR = 0.3
"""The zoom below which the far layer is drawn."""
Shortened = tuple[QStaticText, bool]


def count_size() -> int:
    """The letters of a count on a wire, in scene units: as large as its pill has room for, however large the text."""
    return min(theme().px(10.5), 12)


class Ink:
    """Made once a scene; `reset` when the theme has changed."""

    def __init__(self) -> None:
        self.sprites = Sprites()
        self.reset()

    def reset(self) -> None:
        current = theme()
        self.title = current.font("section")
        self.summary = current.font("summary")
        self.count = QFont(current.font("count"))
        self.count.setPixelSize(count_size())
        self.label = QFont(current.font("summary"))
        self.label.setPixelSize(current.px(10.5))
        self.below = QFont(current.font("summary"))
        self.below.setPixelSize(current.px(11))
        self._metrics: dict[int, QFontMetricsF] = {}
        self._labels: dict[tuple[int, str], QStaticText] = {}
        self._pens: dict[tuple[str, float], QPen] = {}
        self._hairs: dict[tuple[str, float], QPen] = {}
        self._faded: dict[str, QColor] = {}
        # Two lines that stay centred in the height of a step, whatever the size of the text.
        self.first = 28 - 5 * current.scale
        self.second = 28 + 12 * current.scale
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
