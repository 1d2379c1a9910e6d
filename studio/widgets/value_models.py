"""Lists and mappings as Qt's views read them: rows of a table, or a tree, fetched as they are scrolled to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from studio.base.i18n import number, trn
from studio.base.theme import theme
from studio.widgets.value_text import Say, brief, columns_of, is_table

CHILDREN: Final = 500
"""Items of a list, or rows of a table, that are fetched at a time."""

Index = QModelIndex | QPersistentModelIndex


def _appearance(value: Any, role: int) -> Any:
    """How a single value is drawn."""
    if role == Qt.ItemDataRole.TextAlignmentRole:
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
    if role == Qt.ItemDataRole.ForegroundRole:
        return QColor(theme().color("text-3" if value is None or isinstance(value, Mapping | list) else "text"))
    return None


class TableModel(QAbstractTableModel):
    """A list of mappings as rows, fetched as they are scrolled to."""

    def __init__(self, rows: list[Any], say: Say = brief, parent: Any = None) -> None:
        super().__init__(parent)
        self._all = rows
        self._say = say
        self._names = columns_of(rows)
        self._fetched = min(CHILDREN, len(rows))

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._fetched < len(self._all)

    def fetchMore(self, parent: Index) -> None:
        more = min(CHILDREN, len(self._all) - self._fetched)
        self.beginInsertRows(QModelIndex(), self._fetched, self._fetched + more - 1)
        self._fetched += more
        self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        return 0 if parent.isValid() else self._fetched

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._all[index.row()]
        name = self._names[index.column()]
        if not isinstance(row, Mapping) or name not in row:
            return None
        value = row[name]
        if role == Qt.ItemDataRole.DisplayRole:
            return _cell(value, self._say)
        if role == Qt.ItemDataRole.ToolTipRole:
            return brief(value, 2000) if isinstance(value, str) and len(value) > 30 else None
        if role == Qt.ItemDataRole.UserRole:
            return value
        return _appearance(value, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._names[section] if orientation == Qt.Orientation.Horizontal else number(section)
        return None


class _Node:
    """A value in its place; its children are made when they are first asked for."""

    __slots__ = ("children", "items", "name", "parent", "row", "value")

    def __init__(self, name: str, value: Any, parent: _Node | None, row: int) -> None:
        self.name, self.value, self.parent, self.row = name, value, parent, row
        self.children: list[_Node] = []
        self.items: list[tuple[str, Any]] | None = None

    @property
    def count(self) -> int:
        return len(self.value) if isinstance(self.value, Mapping | list) else 0

    def fetch(self) -> list[_Node]:
        """The next children."""
        first = len(self.children)
        if isinstance(self.value, list):
            found = [(str(number), item) for number, item in enumerate(self.value[first : first + CHILDREN], first)]
        else:
            if self.items is None:
                self.items = [(str(name), item) for name, item in self.value.items()]
            found = self.items[first : first + CHILDREN]
        return [_Node(name, item, self, first + place) for place, (name, item) in enumerate(found)]


class TreeModel(QAbstractItemModel):
    """Mappings and lists as a tree of names and values."""

    def __init__(self, value: Any, say: Say = brief, parent: Any = None) -> None:
        super().__init__(parent)
        self._root = _Node("", value if isinstance(value, Mapping | list) else [value], None, 0)
        self._say = say
        self._root.children = self._root.fetch()

    def _node(self, index: Index) -> _Node:
        if not index.isValid():
            return self._root
        node: _Node = index.internalPointer()
        return node

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        node = self._node(parent)
        return self.createIndex(row, column, node.children[row]) if row < len(node.children) else QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        node = self._node(index).parent
        return QModelIndex() if node is None or node is self._root else self.createIndex(node.row, 0, node)

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        return self._node(parent).count > 0

    def canFetchMore(self, parent: Index) -> bool:
        node = self._node(parent)
        return len(node.children) < node.count

    def fetchMore(self, parent: Index) -> None:
        node = self._node(parent)
        more = node.fetch()
        first = len(node.children)
        assert isinstance(parent, QModelIndex)
        self.beginInsertRows(parent, first, first + len(more) - 1)
        node.children += more
        self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() and parent.column() > 0 else len(self._node(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 2

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        node = self._node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return node.name if index.column() == 0 else _cell(node.value, self._say)
        if role == Qt.ItemDataRole.UserRole:
            return node.value
        if role == Qt.ItemDataRole.FontRole:
            return QFont(theme().font("code"))
        if role == Qt.ItemDataRole.ToolTipRole:
            long = isinstance(node.value, str) and len(node.value) > 30
            return brief(node.value, 2000) if index.column() and long else None
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 0:
            return QColor(theme().color("text-2"))
        return _appearance(node.value, role) if role == Qt.ItemDataRole.ForegroundRole else None


def _cell(value: Any, say: Say) -> str:
    if isinstance(value, Mapping):
        return f"{{{len(value)}}}"
    if isinstance(value, list):
        held = trn("{n} row", "{n} rows", len(value)) if is_table(value) else number(len(value))
        return f"[{held}]"
    return say(value) if not isinstance(value, str) else brief(value)
