"""What is wrong with a field, in one line below it, with the way out as a link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, in one sentence; and a repair to `offer`, with what does it."""

    message: str
    offer: str = ""
    fix: Callable[[], None] | None = None


class Message(QWidget):
    """Hidden while there is nothing wrong. `fix_wanted` tells that the link was followed."""

    fix_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = ("", "", False)
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self._text.linkActivated.connect(self.fix_wanted)
        set_kind(self._text, "error")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(6))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.hide()
        theme().changed.connect(self._write)

    def text(self) -> str:
        """What it says, without the link; empty while it is hidden."""
        return self._said[0]

    def link(self) -> str:
        """What the link offers."""
        return self._said[1]

    def show_message(self, message: str, link: str = "", *, verb: bool = False) -> None:
        """Say `message`. The link offers another word (“Did you mean …?”), or with `verb` names what it does."""
        if (message, link, verb) == self._said:
            return
        self._said = (message, link, verb)
        self._write()
        self.setVisible(bool(message))

    def _write(self) -> None:
        message, link, verb = self._said
        size = theme().px(13)
        self._icon.setPixmap(icon("x-circle-fill", color="failed").pixmap(QSize(size, size)))
        text = escape(message)
        if link:
            color = theme().color("accent-text").name()
            anchor = f'<a href="fix" style="color:{color}; text-decoration:none">{escape(link)}</a>'
            text += " " + (anchor if verb else tr("Did you mean {word}?", word=anchor))
        self._text.setText(text)
        self._text.setAccessibleName(message)
