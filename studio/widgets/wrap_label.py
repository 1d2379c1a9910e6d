"""A label that stands on one line where there is room for it, and wraps where there is none."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from studio.base.theme import set_kind, theme


class WrapLabel(QLabel):
    """A word-wrapped `QLabel` guesses a width of its own; this one asks for all of its text on one line, and is content
    with the width of its longest word. `set_text` takes plain text; `mark` follows it in the colour of a failure."""

    def __init__(self, kind: str = "label", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._plain = ""
        set_kind(self, kind)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_text(self, text: str, mark: str = "") -> None:
        safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        # The mark never stands alone on a line.
        self._plain = f"{text}\N{NO-BREAK SPACE}{mark}" if mark else text
        colored = f'&nbsp;<span style="color:{theme().color("failed").name()}">{mark}</span>' if mark else ""
        self.setText(safe + colored)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self._advance(self._plain), self._line())

    def minimumSizeHint(self) -> QSize:
        return QSize(max((self._advance(word) for word in self._plain.split(" ")), default=0), self._line())

    def _advance(self, text: str) -> int:
        # One more than the letters take: a line that fits exactly is wrapped by rounding.
        return QFontMetrics(theme().font(self._kind)).horizontalAdvance(text) + 2 if text else 0

    def _line(self) -> int:
        return QFontMetrics(theme().font(self._kind)).height()
