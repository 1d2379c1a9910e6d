"""Qt's model of the outline: the tree is made anew after an edit, and only rows that differ come and go."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from studio.designer.outline.texts import Texts
from studio.designer.outline.tree import ROOT, Key, Tree

KEY: Final = Qt.ItemDataRole.UserRole
TEXTS: Final = Qt.ItemDataRole.UserRole + 1
"""All that a row says: `Texts`."""
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

NAMED: Final = ("step", "frame")
"""What can be given another name."""
_MANY = 64
"""Rows from which on all beside them are told of as well, in one go."""


class _Node:
    __slots__ = ("children", "key", "number", "parent", "row")

    def __init__(self, number: int, key: Key, parent: _Node | None) -> None:
        self.number = number
        self.key = key
        self.parent = parent
        self.row = 0
        self.children: list[_Node] = []

    def renumber(self, start: int = 0) -> None:
        for row in range(start, len(self.children)):
            self.children[row].row = row

    def below(self) -> Iterator[_Node]:
        waiting = list(self.children)
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children


class OutlineModel(QAbstractItemModel):
    """`texts` gives what a row says, and is asked again once one was touched; `rename` takes what a person typed."""

    def __init__(
        self, texts: Callable[[Key], Texts], rename: Callable[[Key, str], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._texts = texts
        self._rename = rename
        self._numbers = itertools.count(1)
        self._root = _Node(0, ROOT, None)
        self._nodes: dict[int, _Node] = {}
        self._by_key: dict[Key, _Node] = {}
        self._said: dict[Key, Texts] = {}

    # Changing

    def reset(self, tree: Tree) -> None:
        """Show another tree, all of it new."""
        self.beginResetModel()
        self._said.clear()
        self._root = _Node(0, ROOT, None)
        self._nodes.clear()
        self._by_key.clear()
        self._fill(self._root, tree)
        self.endResetModel()

    def follow(self, tree: Tree) -> None:
        """Become `tree` with as few rows inserted and removed as that takes, so that what is open stays open."""
        self._said.clear()
        waiting = [self._root]
        while waiting:  # first what is gone, or stands elsewhere now
            node = waiting.pop()
            wanted = set(tree.children.get(node.key, ()))
            end = len(node.children)
            while end:
                start = end
                while start and node.children[start - 1].key not in wanted:
                    start -= 1
                if start < end:
                    self._remove(node, start, end)
                    end = start
                else:
                    end -= 1
            waiting += node.children
        waiting = [self._root]
        while waiting:  # then what is new, or in another order
            node = waiting.pop()
            keys = tree.children.get(node.key, [])
            row = 0
            while row < len(keys):
                if row < len(node.children) and node.children[row].key == keys[row]:
                    row += 1
                    continue
                end = row
                while end < len(keys) and keys[end] not in self._by_key:
                    end += 1
                if end > row:
                    self._insert(node, row, keys[row:end], tree)
                else:
                    at = self._by_key[keys[row]]
                    self._remove(at.parent or self._root, at.row, at.row + 1)
                    self._insert(node, row, [keys[row]], tree)
                    end = row + 1
                row = end
            waiting += node.children

    def _remove(self, parent: _Node, start: int, end: int) -> None:
        self.beginRemoveRows(self._index(parent), start, end - 1)
        for child in parent.children[start:end]:
            for node in (child, *child.below()):
                del self._nodes[node.number]
                del self._by_key[node.key]
        del parent.children[start:end]
        parent.renumber(start)
        self.endRemoveRows()

    def _insert(self, parent: _Node, row: int, keys: list[Key], tree: Tree) -> None:
        made = [self._made(key, parent) for key in keys]
        for node in made:
            self._fill(node, tree)
        self.beginInsertRows(self._index(parent), row, row + len(made) - 1)
        parent.children[row:row] = made
        parent.renumber(row)
        self.endInsertRows()

    def _made(self, key: Key, parent: _Node) -> _Node:
        node = _Node(next(self._numbers), key, parent)
        self._nodes[node.number] = node
        self._by_key[key] = node
        return node

    def _fill(self, top: _Node, tree: Tree) -> None:
        waiting = [top]
        while waiting:
            node = waiting.pop()
            # What stood elsewhere until now is removed from there first, by `follow`.
            node.children = [
                self._made(key, node) for key in tree.children.get(node.key, ()) if key not in self._by_key
            ]
            node.renumber()
            waiting += node.children

    def touch(self, keys: Iterable[Key]) -> None:
        """Say that these rows say something else now."""
        self._said.clear()
        nodes = [node for key in keys if (node := self._by_key.get(key)) is not None]
        if len(nodes) < _MANY:
            for node in nodes:
                index = self._index(node)
                self.dataChanged.emit(index, index)
            return
        for above in {id(node.parent): node.parent for node in nodes}.values():
            if above is not None:
                self.dataChanged.emit(self._index(above.children[0]), self._index(above.children[-1]))

    # Asking

    def index_of(self, key: Key) -> QModelIndex:
        """Where `key` is shown; invalid where it is not."""
        node = self._by_key.get(key)
        return self._index(node) if node is not None else QModelIndex()

    def selection_of(self, keys: Iterable[Key]) -> QItemSelection:
        """The rows of `keys`, in as few ranges as possible."""
        rows: dict[int, list[_Node]] = {}
        for key in keys:
            if (node := self._by_key.get(key)) is not None:
                rows.setdefault(node.parent.number if node.parent is not None else 0, []).append(node)
        found = QItemSelection()
        for nodes in rows.values():
            nodes.sort(key=lambda node: node.row)
            start = 0
            for end in range(1, len(nodes) + 1):
                if end == len(nodes) or nodes[end].row != nodes[end - 1].row + 1:
                    found.append(QItemSelectionRange(self._index(nodes[start]), self._index(nodes[end - 1])))
                    start = end
        return found

    def key(self, index: _Index) -> Key:
        return self._node(index).key

    def shown(self) -> list[Key]:
        """Everything that is shown, in no order."""
        return list(self._by_key)

    def _node(self, index: _Index) -> _Node:
        return self._nodes.get(index.internalId(), self._root) if index.isValid() else self._root

    def _index(self, node: _Node) -> QModelIndex:
        return self.createIndex(node.row, 0, node.number) if node.parent is not None else QModelIndex()

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        children = self._node(parent).children
        if column or not 0 <= row < len(children):
            return QModelIndex()
        return self._index(children[row])

    def parent(self, index: _Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        above = self._node(index).parent
        return self._index(above) if above is not None else QModelIndex()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return len(self._node(parent).children)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.internalId() not in self._nodes:
            return None
        key = self._node(index).key
        if role == KEY:
            return key
        if role not in _TEXT_ROLES:
            return None
        texts = self._text(key)
        return texts if role == TEXTS else getattr(texts, _TEXT_ROLES[role])

    def _text(self, key: Key) -> Texts:
        # A view asks for the flags of a row several times before it paints it.
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = self._texts(key)
        return found

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        return role == Qt.ItemDataRole.EditRole and self._rename(self._node(index).key, str(value))

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self._node(index).key[0] in NAMED:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags


_TEXT_ROLES: Final[dict[int, str]] = {
    int(Qt.ItemDataRole.DisplayRole): "title",
    int(Qt.ItemDataRole.EditRole): "editable",
    int(Qt.ItemDataRole.ToolTipRole): "tip",
    int(Qt.ItemDataRole.AccessibleTextRole): "spoken",
    int(Qt.ItemDataRole.AccessibleDescriptionRole): "description",
    int(TEXTS): "",
}
