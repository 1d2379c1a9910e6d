"""Qt's model of the outline: the tree is made anew after an edit, and only rows that differ come and go.

The rows are Qt's own items: a view asks thousands of them for their flags and their children whenever one came or
went. What a row says is asked for when it is painted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from PySide6.QtCore import QItemSelection, QItemSelectionRange, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from studio.designer.outline.texts import Texts
from studio.designer.outline.tree import ROOT, Key, Tree

TEXTS: Final = Qt.ItemDataRole.UserRole
"""All that a row says: `Texts`."""
_Index = QModelIndex | QPersistentModelIndex

NAMED: Final = ("step", "frame")
"""What can be given another name."""
_MANY = 64
"""Rows from which on all beside them are told of as well, in one go."""


class _Row(QStandardItem):
    """`key` says what it shows, `above` what it stands under."""

    def __init__(self, key: Key, above: Key) -> None:
        super().__init__()
        self.key = key
        self.above = above
        if key[0] not in NAMED:
            self.setEditable(False)


class OutlineModel(QStandardItemModel):
    """`texts` gives what a row says, and is asked again once one was touched; `rename` takes what a person typed."""

    def __init__(
        self, texts: Callable[[Key], Texts], rename: Callable[[Key, str], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._texts = texts
        self._rename = rename
        self._rows: dict[Key, _Row] = {}
        self._children: dict[Key, list[Key]] = {}
        """What stands under each row that has something under it."""
        self._said: dict[Key, Texts] = {}

    # Changing

    def reset(self, tree: Tree) -> None:
        """Show another tree, all of it new."""
        self._said.clear()
        self._rows.clear()
        self._children.clear()
        self.clear()
        self._insert(ROOT, 0, tree.children.get(ROOT, []), tree)

    def follow(self, tree: Tree) -> list[Key]:
        """Become `tree` with as few rows inserted and removed as that takes, so that what is open stays open. Gives
        the keys of the rows that were inserted."""
        self._said.clear()
        for parent in list(self._children):  # first what is gone, or stands elsewhere now
            known, keys = self._children.get(parent, []), tree.children.get(parent, [])
            if known != keys:
                start, end = _ends(known, keys)
                wanted = set(keys)
                at = len(known) - end
                while at > start:
                    first = at
                    while first > start and known[first - 1] not in wanted:
                        first -= 1
                    if first < at:
                        self._remove(parent, first, at)
                    at = first if first < at else at - 1
        made: list[Key] = []
        for parent, keys in tree.children.items():  # then what is new, or in another order
            if (parent == ROOT or parent in self._rows) and self._children.get(parent, []) != keys:
                made += self._order(parent, keys, tree)
        return made

    def _order(self, parent: Key, keys: list[Key], tree: Tree) -> list[Key]:
        made: list[Key] = []
        known = self._children.get(parent, [])
        row, end = _ends(known, keys)
        while row < len(keys) - end:
            known = self._children.get(parent, [])
            if row < len(known) and known[row] == keys[row]:
                row += 1
                continue
            last = row
            while last < len(keys) and keys[last] not in self._rows:
                last += 1
            if last == row:
                at = known.index(keys[row], row)
                self._remove(parent, at, at + 1)
                last = row + 1
            made += self._insert(parent, row, keys[row:last], tree)
            row = last
        return made

    def _remove(self, parent: Key, start: int, end: int) -> None:
        known = self._children[parent]
        waiting = known[start:end]
        while waiting:
            key = waiting.pop()
            del self._rows[key]
            waiting += self._children.pop(key, ())
        del known[start:end]
        if not known:
            del self._children[parent]
        self._row(parent).removeRows(start, end - start)

    def _insert(self, parent: Key, row: int, keys: Sequence[Key], tree: Tree) -> list[Key]:
        """Insert rows with all that is under them, and give the keys of all of them."""
        made = self._made(parent, keys)
        if not made:
            return []
        found = list(keys)
        for key in found:
            if below := [child for child in tree.children.get(key, ()) if child not in self._rows]:
                self._children[key] = below
                self._rows[key].appendRows(self._made(key, below))
                found += below
        self._children.setdefault(parent, [])[row:row] = keys
        above = self._row(parent)
        if not above.columnCount():  # Qt would announce it in the midst of announcing the rows
            above.setColumnCount(1)
        above.insertRows(row, made)
        return found

    def _made(self, parent: Key, keys: Iterable[Key]) -> list[QStandardItem]:
        made: list[QStandardItem] = []
        for key in keys:
            item = self._rows[key] = _Row(key, parent)
            made.append(item)
        return made

    def _row(self, key: Key) -> QStandardItem:
        return self.invisibleRootItem() if key == ROOT else self._rows[key]

    def touch(self, keys: Iterable[Key]) -> None:
        """Say that these rows say something else now."""
        self._said.clear()
        rows = [row for key in keys if (row := self._rows.get(key)) is not None]
        if len(rows) < _MANY:
            for row in rows:
                index = row.index()
                self.dataChanged.emit(index, index)
            return
        for above in {row.above for row in rows}:
            parent = self.index_of(above)
            self.dataChanged.emit(self.index(0, 0, parent), self.index(self.rowCount(parent) - 1, 0, parent))

    # Asking

    def index_of(self, key: Key) -> QModelIndex:
        """Where `key` is shown; invalid where it is not."""
        row = self._rows.get(key)
        return row.index() if row is not None else QModelIndex()

    def selection_of(self, keys: Iterable[Key]) -> QItemSelection:
        """The rows of `keys`, in as few ranges as possible."""
        chosen: dict[Key, set[Key]] = {}
        for key in keys:
            if (row := self._rows.get(key)) is not None:
                chosen.setdefault(row.above, set()).add(key)
        found = QItemSelection()
        for above, wanted in chosen.items():
            parent = self.index_of(above)
            start = -1
            for at, key in enumerate((*self._children[above], ROOT)):
                if key in wanted:
                    start = at if start < 0 else start
                elif start >= 0:
                    found.append(QItemSelectionRange(self.index(start, 0, parent), self.index(at - 1, 0, parent)))
                    start = -1
        return found

    def key(self, index: _Index) -> Key:
        """What a row shows; `ROOT` for no row."""
        row = self.itemFromIndex(index)
        return row.key if isinstance(row, _Row) else ROOT

    def shown(self) -> list[Key]:
        """Everything that is shown, in no order."""
        return list(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        key = self.key(index)
        if key == ROOT or role not in _TEXT_ROLES:
            return None
        texts = self._text(key)
        return texts if role == TEXTS else getattr(texts, _TEXT_ROLES[role])

    def _text(self, key: Key) -> Texts:
        # A view asks for several of them before it paints a row.
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = self._texts(key)
        return found

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        return role == Qt.ItemDataRole.EditRole and self._rename(self.key(index), str(value))


def _ends(one: Sequence[Key], other: Sequence[Key]) -> tuple[int, int]:
    """How many keys both begin with, and how many of the rest both end with."""
    shorter = min(len(one), len(other))
    start = next((row for row in range(shorter) if one[row] != other[row]), shorter)
    return start, next((row for row in range(shorter - start) if one[-1 - row] != other[-1 - row]), shorter - start)


_TEXT_ROLES: Final[dict[int, str]] = {
    int(Qt.ItemDataRole.DisplayRole): "title",
    int(Qt.ItemDataRole.EditRole): "editable",
    int(Qt.ItemDataRole.ToolTipRole): "tip",
    int(Qt.ItemDataRole.AccessibleTextRole): "spoken",
    int(Qt.ItemDataRole.AccessibleDescriptionRole): "description",
    int(TEXTS): "",
}
