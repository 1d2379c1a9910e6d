"""The list of what differs: one row a thing, below it one a value, old and new."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.api import ABSENT, Catalog, Change, Step, Workflow
from studio.base.i18n import N_, tr
from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.designer.canvas.look import title
from studio.designer.difference.changes import Comparison, Item
from studio.designer.sections import SECTIONS

ITEM: Final = Qt.ItemDataRole.UserRole
DETAIL: Final = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_LONGEST = 200
KINDS: Mapping[str, tuple[str, str, str]] = {
    "added": ("plus-circle", "done", N_("added")),
    "removed": ("minus-circle", "failed", N_("removed")),
    "changed": ("pencil-simple", "paused", N_("changed")),
    "renamed": ("textbox", "paused", N_("renamed")),
    "moved": ("arrows-out-cardinal", "text-3", N_("moved")),
    "wire-added": ("plus-circle", "done", N_("wire added")),
    "wire-removed": ("minus-circle", "failed", N_("wire removed")),
    "workflow": ("sliders-horizontal", "paused", N_("changed")),
    "canvas": ("note", "text-3", N_("changed")),
}
"""Icon, colour and word of a kind."""


def shown_value(value: Any) -> str:
    """A value in one line."""
    if value is ABSENT:
        return tr("nothing")
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=repr)
    text = " ⏎ ".join(text[: _LONGEST * 2].splitlines())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def name_of(item: Item, steps: Mapping[str, Step], catalog: Catalog) -> str:
    """What a person calls the thing."""
    if item.step and item.step in steps:
        step = steps[item.step]
        return title(step, catalog.get(step.activity))
    if item.kind in ("workflow", "canvas"):
        return tr(SECTIONS.get(item.name, item.name))
    return item.name


def list_items(model: QStandardItemModel, comparison: Comparison, mine: Workflow, catalog: Catalog) -> None:
    """Fill the model anew."""
    model.clear()
    steps = {step.id: step for step in (*comparison.ghosts.steps, *mine.steps)}
    for item in comparison.items:
        name, word = name_of(item, steps, catalog), tr(KINDS[item.kind][2])
        row = QStandardItem(name)
        row.setEditable(False)
        row.setData(item, ITEM)
        detail = tr("was {name}", name=item.was) if item.was else word
        row.setData(detail, DETAIL)
        row.setData(f"{name}, {detail}", Qt.ItemDataRole.AccessibleTextRole)
        for change in item.details:
            row.appendRow(_detail(change))
        model.appendRow(row)


def _detail(change: Change) -> QStandardItem:
    old, new = shown_value(change.old), shown_value(change.new)
    row = QStandardItem(change.key)
    row.setEditable(False)
    row.setData(f"{old} → {new}", DETAIL)
    row.setToolTip(f"{change.key}\n− {old}\n+ {new}")
    row.setData(tr("{key}: {old} became {new}", key=change.key, old=old, new=new), Qt.ItemDataRole.AccessibleTextRole)
    return row


class DifferenceRow(QStyledItemDelegate):
    """Glyph, name, and in one line what became of it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme().px(24))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        drawn: Any = option
        rect: QRect = drawn.rect
        item: Item | None = index.data(ITEM)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if drawn.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme().color("select"))
        elif drawn.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().color("hover"))
        px = theme().px
        left, right = rect.left() + px(2), rect.right() - px(10)
        if item is not None:
            icon, color, _ = KINDS[item.kind]
            side = px(14)
            paint_icon(
                painter, QRectF(left, rect.center().y() + 0.5 - side / 2, side, side), icon, theme().color(color)
            )
            left += side + px(8)
        for text, font, token in (
            (index.data(), "body" if item is not None else "code", "text" if item is not None else "text-2"),
            (index.data(DETAIL), "small" if item is not None else "code", "text-3" if item is not None else "text"),
        ):
            painter.setFont(theme().font(font))
            painter.setPen(theme().color(token))
            metrics = QFontMetrics(painter.font())
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, right - left))
            painter.drawText(QRect(left, rect.top(), max(0, right - left), rect.height()), _LEFT, shown)
            left += metrics.horizontalAdvance(shown) + px(10)
        painter.restore()
