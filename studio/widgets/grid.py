"""The cells as a spreadsheet has them: its keys, and its clipboard."""

from __future__ import annotations

import csv
import io

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QTableView, QWidget

from studio.base.theme import theme
from studio.widgets.cells import Cells

_NARROWEST = 56


class Grid(QTableView):
    """Shows `cells`; with `extensible` a paste may bring columns of its own."""

    def __init__(self, cells: Cells, parent: QWidget, *, extensible: bool) -> None:
        super().__init__(parent)
        self.cells = cells
        self._extensible = extensible
        self.setModel(cells)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setStyleSheet("QTableView::item { padding: 0 8px; }")
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setEditTriggers(
            QTableView.EditTrigger.DoubleClicked
            | QTableView.EditTrigger.SelectedClicked
            | QTableView.EditTrigger.AnyKeyPressed
            | QTableView.EditTrigger.EditKeyPressed
        )

    def go_to(self, row: int, column: int) -> None:
        """Select one cell, and nothing else, whatever keys are held."""
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(self.cells.index(row, column), select)

    def remove_rows(self) -> None:
        """Remove the rows of the selected cells."""
        rows = self.chosen_rows()
        if rows:
            self.cells.remove(rows)
            row = min(rows[0], len(self.cells.rows))
            self.go_to(row, max(0, self.currentIndex().column()))

    def move_rows(self, by: int) -> None:
        """Move the rows of the selected cells up (-1) or down (1)."""
        rows = self.chosen_rows()
        column = self.currentIndex().column()
        if rows and self.cells.move(rows, by):
            self.go_to(rows[0] + by, max(0, column))

    def copy(self) -> None:
        """Put the selected cells on the clipboard, as spreadsheets take them."""
        cells = {(index.row(), index.column()) for index in self.selectedIndexes()}
        rows = sorted({row for row, _ in cells if row < len(self.cells.rows)})
        columns = sorted({column for _, column in cells})
        out = io.StringIO()
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        for row in rows:
            writer.writerow([self.cells.rows[row][column] for column in columns])
        if rows:
            QGuiApplication.clipboard().setText(out.getvalue().removesuffix("\n"))

    def paste(self) -> None:
        """Write the clipboard's cells from the current one on; into an empty table with free columns headings first."""
        text = QGuiApplication.clipboard().text()
        if not text:
            return
        cells = list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter="\t"))
        if self._extensible and not self.cells.rows and len(cells) > 1 and all(cells[0]):
            titles = list(dict.fromkeys(cells[0]))
            if len(titles) == len(cells[0]):
                self.cells.show(titles, [])
                cells = cells[1:]
        at = self.currentIndex()
        self.cells.write(max(0, at.row()), max(0, at.column()), cells, grow=self._extensible)

    def chosen_rows(self) -> list[int]:
        """The rows of the selected cells, in order, without the empty one."""
        rows = {index.row() for index in self.selectedIndexes()}
        return sorted(row for row in rows if row < len(self.cells.rows))

    def share_width(self) -> None:
        """Give every column its share; with many of them the table scrolls sideways."""
        columns = self.cells.columns
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
        key, modifiers = event.key(), event.modifiers()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self.copy()
            self.cells.clear(self.selectedIndexes())
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and modifiers == Qt.KeyboardModifier.ControlModifier:
            self.remove_rows()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not modifiers:
            self.cells.clear(self.selectedIndexes())
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and modifiers == Qt.KeyboardModifier.AltModifier:
            self.move_rows(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != QTableView.State.EditingState:
            index = self.currentIndex()
            self.edit(index if index.isValid() else self.model().index(0, 0))
        else:
            super().keyPressEvent(event)
