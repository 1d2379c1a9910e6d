"""A note in Markdown: laid out once, drawn to a picture for the present zoom, and copied from there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QAbstractTextDocumentLayout, QPainter, QPalette, QPixmap, QTextDocument
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.api import Note
from studio.base.theme import theme
from studio.designer.canvas.frame_item import sound
from studio.designer.canvas.ink import NEAR, Ink
from studio.designer.edits.places import Rect

NOTE_Z = -5.0
SMALLEST = (64.0, 32.0)
PADDING = 10.0
LONGEST = 20_000
"""Characters that are laid out; nobody reads more on a canvas."""


class Text(QTextDocument):
    """Markdown that loads nothing: a picture in a note must not make the program read files or ask the network."""

    def loadResource(self, type: int, name: QUrl | str) -> Any:
        return None


class NoteItem(QGraphicsItem):
    def __init__(self, ink: Ink, note: Note) -> None:
        super().__init__()
        self.setZValue(NOTE_Z)
        self._ink = ink
        self.selected = False
        self._picture: QPixmap | None = None
        self._scale = 0.0
        self._area = QRectF()
        self.show_note(note)

    def show_note(self, note: Note, box: Rect | None = None) -> None:
        """Draw this note; `box` instead of its own while it is being moved or resized."""
        self.note = note
        self.prepareGeometryChange()
        self.own_box = sound(note.x, note.y, note.width, note.height, SMALLEST)
        """What the document says."""
        self.box = box or self.own_box
        self.setPos(self.box.x, self.box.y)
        area = QRectF(0, 0, self.box.width, self.box.height)
        if box is None or area != self._area:
            self._picture = None
        self._area = area
        self.update()

    def refresh(self) -> None:
        self._picture = None
        self.update()

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-3, -3, 3, 3)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        scale = painter.worldTransform().m11()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale >= NEAR)
        painter.setBrush(theme().color("sticky"))
        painter.setPen(self._ink.pen("focus", 2.0) if self.selected else self._ink.pen("sticky-line", 1.0))
        area = self._area.adjusted(0.5, 0.5, -0.5, -0.5)
        if scale >= NEAR:
            painter.drawRoundedRect(area, 3, 3)
        else:
            painter.drawRect(area)
        dpr = painter.device().devicePixelRatio()
        if self._picture is None or self._scale != scale * dpr:
            self._draw(scale * dpr)
        if self._picture is not None:
            painter.drawPixmap(QPointF(PADDING, PADDING), self._picture)

    def _draw(self, k: float) -> None:
        """Lay the text out and keep what is seen of it."""
        self._scale = k
        self._picture = None
        width, height = self._area.width() - 2 * PADDING, self._area.height() - 2 * PADDING
        if width < 8 or height < 8 or width * height * k * k > 2e7:
            return
        document = Text()
        document.setDocumentMargin(0)
        document.setDefaultFont(self._ink.summary)
        document.setIndentWidth(14)
        features = QTextDocument.MarkdownFeature
        document.setMarkdown(
            self.note.text[:LONGEST].replace("\0", ""), features.MarkdownDialectGitHub | features.MarkdownNoHTML
        )
        document.setTextWidth(width)
        picture = QPixmap(round(width * k), round(height * k))
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.scale(k, k)
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Text, theme().color("text"))
        palette.setColor(QPalette.ColorRole.Link, theme().color("accent-text"))
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette = palette
        context.clip = QRectF(0, 0, width, height)
        document.documentLayout().draw(painter, context)
        painter.end()
        picture.setDevicePixelRatio(k)
        self._picture = picture
