"""The tree behind the palette: families with their activities, or what a search found, best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QByteArray, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from studio.base.i18n import number, tr
from studio.designer.palette.entries import RECENT, Entry, Group
from studio.widgets.fuzzy import Match, rank

MIME: Final = "application/x-rpa-activity"
"""A drag holds the id of the activity in this format, as UTF-8."""
ENTRY: Final = Qt.ItemDataRole.UserRole
GROUP: Final = Qt.ItemDataRole.UserRole + 1
SPANS: Final = Qt.ItemDataRole.UserRole + 2
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class PaletteModel(QAbstractItemModel):
    """Groups on the first level, their entries on the second; while something is searched, entries alone.

    The internal id of an index is 0 on the first level and the number of the group plus one on the second.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.groups: list[Group] = []
        self.query = ""
        self._found: list[Match[Entry]] = []

    def set_groups(self, groups: Sequence[Group]) -> None:
        self.beginResetModel()
        self.groups = list(groups)
        self._search()
        self.endResetModel()

    def set_query(self, query: str) -> None:
        """Show only what fits `query`; all of it when that is empty."""
        self.beginResetModel()
        self.query = query.strip()
        self._search()
        self.endResetModel()

    def _search(self) -> None:
        entries = self.entries() if self.query else []
        self._found = rank(self.query, entries, lambda entry: (entry.label, *entry.words))

    @property
    def found(self) -> int:
        """How many entries the search found."""
        return len(self._found)

    def entries(self) -> list[Entry]:
        """Every entry once: what was used lately stands in its family too."""
        return [entry for group in self.groups if group.key != RECENT for entry in group.entries]

    def index_of(self, id: str) -> QModelIndex:
        """Where an activity stands: in its family, or among what was found; invalid where it does not."""
        if self.query:
            rows = [row for row, match in enumerate(self._found) if match.item.id == id]
            return self.index(rows[0], 0) if rows else QModelIndex()
        for row in range(len(self.groups) - 1, -1, -1):  # what was used lately stands above its family
            for inner, entry in enumerate(self.groups[row].entries):
                if entry.id == id:
                    return self.index(inner, 0, self.index(row, 0))
        return QModelIndex()

    # What Qt asks

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: _Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        group = index.internalId() if index.isValid() else 0
        return self.createIndex(group - 1, 0, 0) if group else QModelIndex()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        if not parent.isValid():
            return len(self._found) if self.query else len(self.groups)
        if self.query or parent.internalId():
            return 0
        return len(self.groups[parent.row()].entries)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 1

    def entry(self, index: _Index) -> Entry | None:
        """The entry at `index`; None for a group."""
        if not index.isValid():
            return None
        if self.query:
            return self._found[index.row()].item
        group = index.internalId()
        return self.groups[group - 1].entries[index.row()] if group else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entry(index)
        if entry is None:
            return self._group_data(self.groups[index.row()], role)
        if role == ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return entry.label
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return entry.error or f"{entry.summary} {_effect(entry)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(entry)
        if role == SPANS:
            return self._found[index.row()].spans if self.query else ()
        return None

    @staticmethod
    def _group_data(group: Group, role: int) -> Any:
        if role == GROUP:
            return group
        if role == Qt.ItemDataRole.DisplayRole:
            return group.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{group.label}, {number(len(group.entries))}"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        entry = self.entry(index)
        if entry is not None:
            flags |= Qt.ItemFlag.ItemNeverHasChildren
            if not entry.error:
                flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        entry = next((found for index in indexes if (found := self.entry(index)) is not None), None)
        if entry is not None:
            data.setData(MIME, QByteArray(entry.id.encode()))
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction


def tooltip(entry: Entry) -> str:
    """Name, what it does, what running it twice would do; or why it could not be loaded."""
    from html import escape

    if entry.error:
        return f"<b>{escape(entry.label)}</b><br>{escape(entry.error)}"
    lines = [f"<b>{escape(entry.label)}</b>", escape(entry.summary), escape(_effect(entry)), entry.id]
    return "<br>".join(line for line in lines if line)


def _effect(entry: Entry) -> str:
    """What running it twice would do, in a sentence."""
    sentences = {
        "PURE": tr("PURE: it changes nothing."),
        "IDEMPOTENT": tr("IDEMPOTENT: safe to repeat."),
        "ONCE": tr("ONCE: it must never silently happen twice."),
    }
    return sentences.get(entry.effect, "")
