"""What a row of the outline shows, and how its title is edited."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QLineEdit, QStyleOptionViewItem, QTreeView, QWidget

from studio.base.theme import theme
from studio.designer.outline.model import TEXTS
from studio.designer.outline.texts import Texts
from studio.designer.problems.model import LEVELS
from studio.widgets.row import Index, Picture, Piece, Row, RowDelegate


class OutlineRow(RowDelegate):
    """Tile, title, what kind of step it is; at the right how it runs, and that it has a problem."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view, _row, (1, 8))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFont(theme().font("body"))
        editor.setFrame(False)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        drawn: Any = option
        editor.setGeometry(drawn.rect.adjusted(theme().px(24), -2, 0, 2))


def _row(index: Index) -> Row:
    texts: Texts = index.data(TEXTS)
    return Row(
        (
            Piece(texts.title, "text-3" if texts.off else "text", struck=texts.off),
            Piece(texts.detail, "text-3", "small", least=30),
        ),
        Picture(texts.icon or "circle", texts.color or "text-3", tile=bool(texts.color), faint=texts.off),
        [LEVELS.get(glyph, glyph) for glyph in (texts.level, texts.status) if glyph],
    )
