"""A small table that is typed into: a list, names with values, or rows of columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QBrush, QGuiApplication, QKeyEvent, QKeySequence, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.widgets.icon_button import IconButton

Index = QModelIndex | QPersistentModelIndex
_ROW = 30
_TALLEST = 8
"""Rows that are shown before it scrolls."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. With `choices` a cell is picked from them; `ghost` is what the empty row at the end suggests,
    `weight` its share of the width."""

    title: str
    choices: tuple[str, ...] = ()
    ghost: str = ""
    weight: int = 1


class TableEdit(QWidget):
    """Cells of text; what they mean is for whoever reads them.

    The last row is always an empty one: typing there adds a row. Rows are moved with Alt+Up and Alt+Down, removed with
    Ctrl+Delete; cells are copied to and pasted from spreadsheets. With `extensible`, columns are added and removed, and
    renamed with a double click on their heading. `edited` tells that a person changed something.
    """

    edited = QtSignal()

    def __init__(
        self,
        columns: Sequence[Column],
        parent: QWidget | None = None,
        *,
        extensible: bool = False,
        headings: bool = True,
        cell_editor: Callable[[QWidget], QWidget] | None = None,
    ) -> None:
        super().__init__(parent)
        self._extensible = extensible
        self.model = _Cells(list(columns), self)
        self.view = _View(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(_Cell(self.view, cell_editor))
        header = self.view.horizontalHeader()
        header.setVisible(headings)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(theme().px(40))
        header.setHighlightSections(False)
        if extensible:
            header.sectionDoubleClicked.connect(self._rename_column)
            header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            header.customContextMenuRequested.connect(self._open_column_menu)
        self.view.verticalHeader().hide()
        self.view.setWordWrap(False)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setStyleSheet("QTableView::item { padding: 0 8px; }")
        self.view.setFrameShape(QTableView.Shape.NoFrame)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(0)
        self.add = QPushButton(icon("plus"), tr("Add"), self)
        set_kind(self.add, "inline")
        self.add.clicked.connect(self.add_row)
        self._buttons.addWidget(self.add)
        if extensible:
            column = QPushButton(tr("Add a column"), self)
            set_kind(column, "inline")
            column.clicked.connect(self.add_column)
            self._buttons.addWidget(column)
        self._buttons.addStretch(1)
        self.add.setAccessibleDescription(tr("Pasting here takes the rows of a spreadsheet"))
        self.add.installEventFilter(self)
        self._up = self._button("arrow-up", tr("Move up"), lambda: self.move_rows(-1))
        self._down = self._button("arrow-down", tr("Move down"), lambda: self.move_rows(1))
        self._remove = self._button("trash", tr("Remove"), self.remove_rows)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme().px(2))
        whole.addWidget(self.view)
        whole.addLayout(self._buttons)
        self.model.edited.connect(self._edited)
        self.model.modelReset.connect(self._show_or_fold)
        self.view.selectionModel().selectionChanged.connect(self._show_buttons)
        theme().changed.connect(self._fit)
        self._show_or_fold()

    # What it holds

    def rows(self) -> list[list[str]]:
        """The rows, without the empty one at the end."""
        return [list(row) for row in self.model.rows]

    def columns(self) -> list[str]:
        return [column.title for column in self.model.columns]

    def set_rows(self, rows: Sequence[Sequence[str]], columns: Sequence[str] | None = None) -> None:
        """Show these rows, and columns where they are free, without telling. The current cell stays."""
        titles = self.columns() if columns is None else list(columns)
        if titles == self.columns() and [list(row) for row in rows] == self.model.rows:
            return
        at = self.view.currentIndex()
        known = {column.title: column for column in self.model.columns}
        self.model.reset([known.get(title, Column(title)) for title in titles], [list(row) for row in rows])
        if at.isValid() and at.row() <= len(rows) and at.column() < len(titles):
            self.go_to(at.row(), at.column())

    # What a person does

    def add_row(self) -> None:
        """Begin to type in the empty row at the end."""
        index = self.model.index(len(self.model.rows), 0)
        self._unfold()
        self.view.setFocus()
        self.go_to(index.row(), 0)
        self.view.edit(index)

    def go_to(self, row: int, column: int) -> None:
        """Select one cell, and nothing else, whatever keys are held."""
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.view.selectionModel().setCurrentIndex(self.model.index(row, column), select)

    def add_column(self) -> None:
        """Add a column at the right end and begin to name it."""
        number = len(self.model.columns) + 1
        while tr("column {n}", n=number) in self.columns():
            number += 1
        self.model.add_column(tr("column {n}", n=number))
        self._rename_column(len(self.model.columns) - 1)

    def remove_rows(self) -> None:
        """Remove the rows of the selected cells."""
        rows = self._chosen()
        if rows:
            self.model.remove(rows)
            row = min(rows[0], len(self.model.rows))
            self.go_to(row, max(0, self.view.currentIndex().column()))

    def move_rows(self, by: int) -> None:
        """Move the rows of the selected cells up (-1) or down (1)."""
        rows = self._chosen()
        column = self.view.currentIndex().column()
        if rows and self.model.move(rows, by):
            self.go_to(rows[0] + by, max(0, column))

    def copy(self) -> None:
        """Put the selected cells on the clipboard, as spreadsheets take them."""
        cells = {(index.row(), index.column()) for index in self.view.selectedIndexes()}
        rows = sorted({row for row, _ in cells if row < len(self.model.rows)})
        columns = sorted({column for _, column in cells})
        out = io.StringIO()
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        for row in rows:
            writer.writerow([self.model.rows[row][column] for column in columns])
        if rows:
            QGuiApplication.clipboard().setText(out.getvalue().removesuffix("\n"))

    def paste(self) -> None:
        """Write the clipboard's cells from the current one on; into an empty table with free columns headings first."""
        text = QGuiApplication.clipboard().text()
        if not text:
            return
        cells = list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter="\t"))
        if self._extensible and not self.model.rows and len(cells) > 1 and all(cells[0]):
            titles = list(dict.fromkeys(cells[0]))
            if len(titles) == len(cells[0]):
                known = {column.title: column for column in self.model.columns}
                self.model.reset([known.get(title, Column(title)) for title in titles], [])
                cells = cells[1:]
        at = self.view.currentIndex()
        self.model.write(max(0, at.row()), max(0, at.column()), cells, grow=self._extensible)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The button stands for an empty table, so it takes what could be pasted there.
        if watched is self.add and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Paste):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.paste()
                return True
        return super().eventFilter(watched, event)

    def _chosen(self) -> list[int]:
        rows = {index.row() for index in self.view.selectedIndexes()}
        return sorted(row for row in rows if row < len(self.model.rows))

    def _rename_column(self, column: int) -> None:
        header = self.view.horizontalHeader()
        line = QLineEdit(self.model.columns[column].title, header.viewport())
        line.setGeometry(
            header.sectionViewportPosition(column), 0, header.sectionSize(column), header.viewport().height()
        )

        def finish() -> None:
            self.model.rename(column, line.text().strip())
            line.deleteLater()

        line.editingFinished.connect(finish)
        line.selectAll()
        line.show()
        line.setFocus()

    def _open_column_menu(self, place: QPoint) -> None:
        header = self.view.horizontalHeader()
        column = header.logicalIndexAt(place)
        if column < 0:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("pencil-simple"), tr("Rename"), lambda: self._rename_column(column))
        removal = menu.addAction(icon("trash"), tr("Remove the column"), lambda: self.model.remove_column(column))
        removal.setEnabled(len(self.model.columns) > 1)
        menu.popup(header.mapToGlobal(place))

    # Looks

    def _button(self, name: str, text: str, act: Callable[[], None]) -> IconButton:
        button = IconButton(name, text, act, self, side=24, icon_side=14)
        self._buttons.addWidget(button)
        return button

    def _show_or_fold(self) -> None:
        """Of an empty table only the button that adds to it is shown, until somebody does."""
        if self.model.rows:
            self._unfold()
        else:
            self.setFocusProxy(self.add)
            self.view.hide()
        self._fit()
        self._show_buttons()

    def _unfold(self) -> None:
        self.setFocusProxy(self.view)
        self.view.show()

    def _show_buttons(self) -> None:
        for button in (self._up, self._down, self._remove):
            button.setVisible(not self.view.isHidden())
        rows = self._chosen()
        self._remove.setEnabled(bool(rows))
        self._up.setEnabled(bool(rows) and rows[0] > 0)
        self._down.setEnabled(bool(rows) and rows[-1] < len(self.model.rows) - 1)

    def _edited(self) -> None:
        self._unfold()
        self._fit()
        self._show_buttons()
        self.edited.emit()

    def _fit(self) -> None:
        row = theme().px(_ROW)
        self.view.verticalHeader().setDefaultSectionSize(row)
        header = self.view.horizontalHeader()
        top = header.sizeHint().height() if not header.isHidden() else 0
        rows = min(_TALLEST, len(self.model.rows) + 1)
        self.view.share_width()
        self.view.setFixedHeight(top + rows * row + 2 * self.view.frameWidth() + 2)


class _View(QTableView):
    """The table itself, with the keys of a spreadsheet."""

    def __init__(self, table: TableEdit) -> None:
        super().__init__(table)
        self._table = table
        self.setTabKeyNavigation(False)

    def share_width(self) -> None:
        """Give every column its share; with many of them the table scrolls sideways."""
        columns = self._table.model.columns
        room, all_ = self.viewport().width(), sum(column.weight for column in columns)
        for number, column in enumerate(columns):
            self.setColumnWidth(number, max(theme().px(_NARROWEST), room * column.weight // max(1, all_)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_width()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if any(event.matches(one) for one in (keys.Copy, keys.Cut, keys.Paste, keys.Delete, keys.SelectAll)):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        table, key, modifiers = self._table, event.key(), event.modifiers()
        if event.matches(QKeySequence.StandardKey.Copy):
            table.copy()
        elif event.matches(QKeySequence.StandardKey.Cut):
            table.copy()
            table.model.clear(self.selectedIndexes())
        elif event.matches(QKeySequence.StandardKey.Paste):
            table.paste()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and modifiers == Qt.KeyboardModifier.ControlModifier:
            table.remove_rows()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not modifiers:
            table.model.clear(self.selectedIndexes())
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and modifiers == Qt.KeyboardModifier.AltModifier:
            table.move_rows(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != QTableView.State.EditingState:
            index = self.currentIndex()
            self.edit(index if index.isValid() else self.model().index(0, 0))
        else:
            super().keyPressEvent(event)


_NARROWEST = 56


class _Cells(QAbstractTableModel):
    """Rows of texts, and one more that is empty."""

    edited = QtSignal()

    def __init__(self, columns: list[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self.columns = columns
        self.rows: list[list[str]] = []

    def reset(self, columns: list[Column], rows: list[list[str]]) -> None:
        self.beginResetModel()
        self.columns = columns
        self.rows = [(row + [""] * len(columns))[: len(columns)] for row in rows]
        self.endResetModel()

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


class _Cell(QStyledItemDelegate):
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
        choices = model.columns[index.column()].choices if isinstance(model, _Cells) else ()
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
