"""Find in the workflow: steps by name, id, activity or what stands in their parameters, one hit after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QGraphicsItem, QHBoxLayout, QLabel, QStyleOptionGraphicsItem, QToolButton, QWidget

from engine.api import Catalog, Step, Workflow
from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.overlay import OVERLAY_Z
from studio.designer.edits import Rect
from studio.designer.rules import name_of
from studio.widgets.search_field import SearchField

_WAIT = 120
"""Milliseconds without a key before a long workflow is searched."""


def found_steps(workflow: Workflow, catalog: Catalog, query: str, boxes: Mapping[str, Rect]) -> list[str]:
    """The ids of the steps in which every word of `query` stands somewhere, from left to right and top to bottom."""
    words = query.casefold().split()
    if not words:
        return []
    hits = []
    for step in workflow.steps:
        text = "\n".join(_texts(step, catalog)).casefold()
        if step.id in boxes and all(word in text for word in words):
            hits.append(step.id)
    return sorted(hits, key=lambda id: (boxes[id].x, boxes[id].y))


def _texts(step: Step, catalog: Catalog) -> Iterator[str]:
    yield from (name_of(step, catalog), step.id, step.activity, step.note)
    activity = catalog.get(step.activity)
    if activity is not None:
        yield tr(activity.label)
    waiting: list[Any] = [step.parameters]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, (list, tuple)):
            waiting += item
        elif item is not None:
            yield str(item)


class Hits(QGraphicsItem):
    """Outlines around the steps that were found; that of the one shown is thicker."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(OVERLAY_Z - 1)
        self._boxes: list[QRectF] = []
        self._at = -1
        self._bounds = QRectF()

    def show_boxes(self, boxes: Sequence[QRectF], at: int) -> None:
        self.prepareGeometryChange()
        self._boxes, self._at = list(boxes), at
        self._bounds = QRectF()
        for box in self._boxes:
            self._bounds = self._bounds.united(box.adjusted(-10, -10, 10, 10))
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number, box in enumerate(self._boxes):
            pen = QPen(theme().color("warn-mark"), 3.0 if number == self._at else 1.5)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawRoundedRect(box.adjusted(-5, -5, 5, 5), 12, 12)


class FindBar(QFrame):
    """A row above the canvas: what to find, how often it is there, and from one hit to the next."""

    def __init__(self, surface: Surface, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surface = surface
        self._hits: list[str] = []
        self._at = -1
        self._marks = Hits()
        surface.scene.addItem(self._marks)
        set_kind(self, "panel")
        self.field = SearchField(tr("Find in the workflow"), parent=self)
        self.field.setAccessibleName(tr("Find in the workflow"))
        self.field.setMaximumWidth(theme().px(320))
        self.count = QLabel(self)
        set_kind(self.count, "small")
        self.before = self._button("caret-up", tr("Previous (Shift+Enter)"), lambda: self.go(-1))
        self.next = self._button("caret-down", tr("Next (Enter)"), lambda: self.go(1))
        close = self._button("x", tr("Close (Esc)"), self.close_bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(6)
        row.addWidget(self.field, 1)
        row.addWidget(self.before)
        row.addWidget(self.next)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(close)
        self._soon = QTimer(self, singleShot=True, interval=_WAIT)
        self._soon.timeout.connect(lambda: self._search(jump=True))
        self.field.textChanged.connect(self._typed)
        self.field.installEventFilter(self)
        surface.document.changed.connect(lambda delta: self._search(jump=False))
        surface.scene.laid_out.connect(self._mark)
        self.hide()

    def _button(self, name: str, text: str, pressed: Any) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setToolTip(text)
        button.setAccessibleName(text)
        set_kind(button, "tool")
        button.clicked.connect(lambda: pressed())
        return button

    @property
    def hits(self) -> list[str]:
        """The ids of the steps that were found."""
        return self._hits

    def open(self) -> None:
        """Show the bar, ready to type."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._search(jump=False)

    def close_bar(self) -> None:
        """Hide the bar and the marks; what was found last stays selected."""
        self._soon.stop()
        self.hide()
        self._mark()
        self._surface.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def go(self, steps: int) -> None:
        """To the next hit, or with -1 to the one before."""
        if self._soon.isActive():
            self._soon.stop()
            self._search(jump=True)
        elif self._hits:
            self._at = (self._at + steps) % len(self._hits)
            self._show_hit()

    def _typed(self) -> None:
        if len(self._surface.geometry.shapes) > 1000:
            self._soon.start()
        else:
            self._search(jump=True)

    def _search(self, *, jump: bool) -> None:
        if not self.isVisible():
            return
        surface = self._surface
        shown = self._hits[self._at] if 0 <= self._at < len(self._hits) else ""
        self._hits = found_steps(surface.workflow, surface.catalog, self.field.text(), surface.boxes)
        if not jump:
            self._at = self._hits.index(shown) if shown in self._hits else -1
            self._mark()
            return
        # From what is selected or in sight onwards, not from the far left each time a letter is typed.
        here = surface.selection.only_step
        box = surface.boxes.get(here)
        at = QPointF(box.x, box.y) if box is not None else surface.visible.topLeft()
        onwards = [
            n for n, id in enumerate(self._hits) if (surface.boxes[id].x, surface.boxes[id].y) >= (at.x(), at.y())
        ]
        self._at = (onwards[0] if onwards else 0) if self._hits else -1
        self._show_hit()

    def _show_hit(self) -> None:
        self._mark()
        if 0 <= self._at < len(self._hits):
            id = self._hits[self._at]
            self._surface.selection.select_steps([id])
            self._surface.view.center_on(id)

    def _mark(self) -> None:
        surface = self._surface
        self._hits = [id for id in self._hits if id in surface.geometry.shapes]
        self._at = min(self._at, len(self._hits) - 1)
        on = self.isVisible()
        self._marks.show_boxes([surface.scene.box(id) for id in self._hits] if on else [], self._at)
        if not self.field.text().strip():
            self.count.setText("")
        elif not self._hits:
            self.count.setText(tr("Nothing found"))
        else:
            self.count.setText(
                tr("{n} of {all}", n=self._at + 1, all=len(self._hits)) if self._at >= 0 else str(len(self._hits))
            )
        self.before.setEnabled(len(self._hits) > 1)
        self.next.setEnabled(len(self._hits) > 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_bar()
                return True
        return super().eventFilter(watched, event)
