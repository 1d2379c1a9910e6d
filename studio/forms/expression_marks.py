"""Where the expressions of a text stand, and how they and what is wrong in them stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextDocument, QTextLine

from studio.base.theme import theme
from studio.forms.completion import inside

if TYPE_CHECKING:
    from studio.forms.expression_edit import ExpressionEdit


def expression_spans(text: str) -> list[tuple[int, int]]:
    """From where to where the expressions of a text stand, with their braces."""
    found: list[tuple[int, int]] = []
    place = 0
    while (opening := text.find("{{", place)) >= 0:
        bounds = inside(text, opening + 2)
        end = min(len(text), (bounds[1] if bounds else opening) + 2)
        found.append((opening, end))
        place = max(end, opening + 2)
    return found


def areas(block: QTextBlock, x: float, y: float, start: int, end: int) -> list[QRectF]:
    """What the characters from `start` to `end` of a block cover, line by line, where the block begins at `x`, `y`."""
    found: list[QRectF] = []
    layout = block.layout()
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first = max(start, line.textStart())
        last = min(end, line.textStart() + line.textLength())
        if first >= last:
            continue
        left, right = _x(line, first), _x(line, last)
        found.append(QRectF(x + left - 3, y + line.y() - 1, right - left + 6, line.height() + 1))
    return found


def _x(line: QTextLine, place: int) -> float:
    # PySide gives the position together with the index.
    found: Any = line.cursorToX(place)
    return float(found[0] if isinstance(found, tuple) else found)


class ExpressionHighlighter(QSyntaxHighlighter):
    """Writes expressions in the code font and accent colour, and underlines faults."""

    def __init__(self, document: QTextDocument, editor: ExpressionEdit) -> None:
        super().__init__(document)
        self._editor = editor
        self._inside = QTextCharFormat()
        self._wrong = QColor()

    def restyle(self) -> None:
        self._inside = QTextCharFormat()
        self._inside.setFont(theme().font("code"))
        self._inside.setForeground(theme().color("accent-text"))
        self._wrong = theme().color("failed")
        self.rehighlight()

    def highlightBlock(self, block: str) -> None:
        start = self.currentBlock().position()
        for left, right in self._editor.spans():
            first, last = max(0, left - start), min(len(block), right - start)
            if first < last:
                self.setFormat(first, last - first, self._inside)
        for fault in self._editor.faults():
            first, last = max(0, fault.start - start), min(len(block), fault.end - start)
            if first < last:
                marked = QTextCharFormat(self.format(first))
                marked.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
                marked.setUnderlineColor(self._wrong)
                self.setFormat(first, last - first, marked)
