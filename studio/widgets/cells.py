"""The cells of a small table: what stands in them, and how one is painted and typed into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QPalette
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from studio.base.i18n import tr
from studio.base.theme import theme

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column:
    """One column. With `choices` a cell is picked from them; `ghost` is what the empty row at the end suggests,
    `weight` its share of the width."""

    title: str
    choices: tuple[str, ...] = ()
    ghost: str = ""
    weight: int = 1


class Cells(QAbstractTableModel):
    """Rows of texts, and one more that is empty."""

    edited = Signal()

    def __init__(self, columns: list[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self.columns = columns
        self.rows: list[list[str]] = []

    def reset(self, columns: list[Column], rows: list[list[str]]) -> None:
        self.beginResetModel()
        self.columns = columns
        self.rows = [(row + [""] * len(columns))[: len(columns)] for row in rows]
        self.endResetModel()

    def show(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show rows under these titles; what else was declared of a column of the same title stays."""
        known = {column.title: column for column in self.columns}
        self.reset([known.get(title, Column(title)) for title in titles], [list(row) for row in rows])

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows) + 1

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        ghost = index.row() >= len(self.rows)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            if not ghost:
                return self.rows[index.row()][index.column()]
            return self.columns[index.column()].ghost if role == Qt.ItemDataRole.DisplayRole else ""
        if role == Qt.ItemDataRole.ForegroundRole and ghost:
            return theme().color("text-3")
        if role == Qt.ItemDataRole.ToolTipRole and not ghost:
            return self.rows[index.row()][index.column()]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        text = str(value)
        if self.data(index, Qt.ItemDataRole.EditRole) == text:
            return False
        self.write(index.row(), index.column(), [[text]], grow=False)
        return True

    def write(self, row: int, column: int, cells: Sequence[Sequence[str]], *, grow: bool) -> None:
        """Put cells in place from (row, column) on; more rows are added, more columns only where they may `grow`."""
        width = column + max((len(line) for line in cells), default=0)
        if grow and width > len(self.columns):
            new = [Column(tr("column {n}", n=number + 1)) for number in range(len(self.columns), width)]
            self.beginInsertColumns(QModelIndex(), len(self.columns), width - 1)
            self.columns.extend(new)
            for line in self.rows:
                line.extend([""] * len(new))
            self.endInsertColumns()
        more = row + len(cells) - len(self.rows)
        if more > 0:
            # The empty row becomes the first new one, so that whoever types in it stays there; another follows.
            self.beginInsertRows(QModelIndex(), len(self.rows) + 1, len(self.rows) + more)
            self.rows.extend([""] * len(self.columns) for _ in range(more))
            self.endInsertRows()
        for number, texts in enumerate(cells):
            for place, text in zip(range(column, len(self.columns)), texts, strict=False):
                self.rows[row + number][place] = text
        self.dataChanged.emit(self.index(row, 0), self.index(len(self.rows), len(self.columns) - 1))
        self.edited.emit()

    def clear(self, indexes: Sequence[QModelIndex]) -> None:
        for index in indexes:
            if index.row() < len(self.rows):
                self.rows[index.row()][index.column()] = ""
                self.dataChanged.emit(index, index)
        self.edited.emit()

    def remove(self, rows: Sequence[int]) -> None:
        for row in sorted(rows, reverse=True):
            self.beginRemoveRows(QModelIndex(), row, row)
            del self.rows[row]
            self.endRemoveRows()
        self.edited.emit()

    def move(self, rows: Sequence[int], by: int) -> bool:
        if rows[0] + by < 0 or rows[-1] + by >= len(self.rows):
            return False
        self.layoutAboutToBeChanged.emit()
        ordered = sorted(rows, reverse=by > 0)
        for row in ordered:
            self.rows[row], self.rows[row + by] = self.rows[row + by], self.rows[row]
        self.layoutChanged.emit()
        self.edited.emit()
        return True

    def add_column(self, title: str) -> None:
        self.beginInsertColumns(QModelIndex(), len(self.columns), len(self.columns))
        self.columns.append(Column(title))
        for row in self.rows:
            row.append("")
        self.endInsertColumns()
        self.edited.emit()

    def remove_column(self, column: int) -> None:
        self.beginRemoveColumns(QModelIndex(), column, column)
        del self.columns[column]
        for row in self.rows:
            del row[column]
        self.endRemoveColumns()
        self.edited.emit()

    def rename(self, column: int, title: str) -> None:
        if title and title not in [one.title for one in self.columns]:
            self.columns[column] = Column(title)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, column, column)
            self.edited.emit()


class CellDelegate(QStyledItemDelegate):
    """Paints a cell, and lets it be edited: picked from its column's choices, or typed."""

    def __init__(self, view: QTableView, make: Callable[[QWidget], QWidget] | None) -> None:
        super().__init__(view)
        self._make = make

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if "{{" in option.text:
            option.font = theme().font("code")
            option.palette.setColor(QPalette.ColorRole.Text, theme().color("accent-text"))
            option.palette.setColor(QPalette.ColorRole.HighlightedText, theme().color("accent-text"))
            option.backgroundBrush = QBrush(theme().color("expression-soft"))
        option.text = option.text.replace("\n", " ⏎ ")

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        choices = model.columns[index.column()].choices if isinstance(model, Cells) else ()
        if choices:
            box = QComboBox(parent)
            box.setEditable(True)
            box.addItems(list(choices))
            return box
        if self._make is None:
            line = QLineEdit(parent)
            line.setFrame(False)
            return line
        editor = self._make(parent)
        returned = getattr(editor, "returned", None)
        if returned is not None:
            returned.connect(lambda: self._finish(editor))
        return editor

    def _finish(self, editor: QWidget) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.EditNextItem)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)
        else:
            editor.set_text(text)  # type: ignore[attr-defined]

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText())
        elif isinstance(editor, QLineEdit):
            model.setData(index, editor.text())
        else:
            model.setData(index, editor.text())  # type: ignore[attr-defined]

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect)
