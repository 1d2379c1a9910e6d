"""The list of what differs: one row a thing, below it one a value, old and new."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTreeView

from engine.api import ABSENT, Catalog, Change, Step, Workflow
from studio.base.i18n import N_, tr
from studio.designer.canvas.look import title
from studio.designer.difference.changes import Comparison, Item
from studio.designer.sections import SECTIONS
from studio.widgets.row import Index, Picture, Piece, Row, RowDelegate

ITEM: Final = Qt.ItemDataRole.UserRole
DETAIL: Final = Qt.ItemDataRole.UserRole + 1
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


class DifferenceRow(RowDelegate):
    """Glyph, name, and in one line what became of it; below it each value, old and new."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view, _row, (1, 10))


def _row(index: Index) -> Row:
    item: Item | None = index.data(ITEM)
    if item is None:
        return Row((Piece(index.data(), "text-2", "code"), Piece(index.data(DETAIL), "text", "code")))
    icon, color, _ = KINDS[item.kind]
    return Row((Piece(index.data()), Piece(index.data(DETAIL), "text-3", "small")), Picture(icon, color))
