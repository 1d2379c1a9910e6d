"""All actions with their keys, as rows; and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFontMetrics, QHoverEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from studio.base.actions import Action, Actions
from studio.base.i18n import tr
from studio.base.keys import shown_keys
from studio.base.theme import theme
from studio.widgets.fuzzy import rank
from studio.widgets.key_cap import cap_width, paint_cap

_Index = QModelIndex | QPersistentModelIndex
_PAD, _BETWEEN = 8, 5


def name_of(action: Action) -> str:
    """The name of an action, in the user's language."""
    return tr(action.text).rstrip("…")


def menu_of(action: Action) -> str:
    """The menu in which an action is found."""
    return " › ".join(tr(part) for part in action.menu.split("/") if part)


def place_of(action: Action) -> str:
    """Where an action is found, and where its keys work."""
    where = tr("on the canvas") if action.scope == "canvas" else ""
    return ", ".join(filter(None, (menu_of(action), where)))


class KeyTable(QAbstractTableModel):
    """Columns: command, keys, where. `filter` chooses the rows by words or by keys."""

    def __init__(self, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._query = ""
        self._keys = ""
        self.rows: list[Action] = []
        actions.changed.connect(self.refresh)
        self.refresh()

    def filter(self, query: str = "", keys: str = "") -> None:
        """The rows that fit the words, or that have just these keys."""
        self._query, self._keys = query, keys
        self.refresh()

    def refresh(self) -> None:
        found = [match.item for match in rank(self._query, self._actions.all(), self._texts)]
        if self._keys:
            found = [action for action in found if self._keys in self._actions.keys(action.id)]
        if found == self.rows:
            if found:
                self.dataChanged.emit(self.index(0, 0), self.index(len(found) - 1, 2))
            return
        self.beginResetModel()
        self.rows = found
        self.endResetModel()

    def _texts(self, action: Action) -> Sequence[str]:
        keys = self._actions.keys(action.id)
        return (name_of(action), action.text, action.id, *keys, *(shown_keys(one) for one in keys))

    def row_of(self, id: str) -> int:
        """The row of an action, -1 where it is filtered out."""
        return next((number for number, action in enumerate(self.rows) if action.id == id), -1)

    def shown(self, action: Action) -> list[str]:
        """The keys of an action as they are drawn."""
        return [shown_keys(one) for one in self._actions.keys(action.id)]

    def widths(self) -> tuple[int, int]:
        """The pixels that the widest keys and the longest name of a menu need."""
        metrics = QFontMetrics(theme().font("body"))
        actions = self._actions.all()
        keys = max((sum(cap_width(one) + _BETWEEN for one in self.shown(action)) for action in actions), default=0)
        menus = max((metrics.horizontalAdvance(menu_of(action)) for action in actions), default=0)
        return keys + 2 * _PAD, menus + 3 * _PAD

    def is_changed(self, action: Action) -> bool:
        return self._actions.keys(action.id) != action.keys

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Command"), tr("Keys"), tr("Where"))[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        action = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            if index.column() == 0:
                return name_of(action)
            if index.column() == 1:
                return "   ".join(self.shown(action))
            return menu_of(action)
        if role == Qt.ItemDataRole.ToolTipRole:
            return (place_of(action) if index.column() == 2 else tr(action.help)) or None
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 2:
            return theme().color("text-3")
        return None


class KeyView(QTableView):
    """Shows a `KeyTable`, and lights up the whole row under the mouse."""

    def __init__(self, table: KeyTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        self.setModel(table)
        self.setItemDelegate(KeyDelegate(self, table))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHoverEvent):
            leaves = event.type() == QEvent.Type.HoverLeave
            self._hover(-1 if leaves else self.rowAt(event.position().toPoint().y()))
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        if row != self.hovered:
            self.hovered = row
            self.viewport().update()


class KeyDelegate(QStyledItemDelegate):
    """Draws keys as caps, those that a person chose in the colour of what is chosen."""

    def __init__(self, view: KeyView, table: KeyTable) -> None:
        super().__init__(view)
        self._view, self._table = view, table

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_MouseOver
        if index.row() == self._view.hovered:
            option.state |= QStyle.StateFlag.State_MouseOver
        if index.column() == 1:
            option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        if index.column() != 1:
            return
        action = self._table.rows[index.row()]
        color = "accent-text" if self._table.is_changed(action) else "text-2"
        left = option.rect.left() + _PAD
        for keys in self._table.shown(action):
            width = cap_width(keys)
            paint_cap(painter, QRect(left, option.rect.top(), width, option.rect.height()), keys, color=color)
            left += width + _BETWEEN


def as_text(actions: Actions) -> str:
    """Every action that has keys, as a table to print or to send."""
    rows = [
        (name_of(action), ", ".join(shown_keys(one) for one in actions.keys(action.id)), place_of(action))
        for action in actions.all()
        if actions.keys(action.id)
    ]
    heads = (tr("Command"), tr("Keys"), tr("Where"))
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(2)]
    lines = [f"{name:<{widths[0]}}  {keys:<{widths[1]}}  {where}" for name, keys, where in (heads, *rows)]
    return "\n".join(line.rstrip() for line in lines) + "\n"
