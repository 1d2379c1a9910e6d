"""A small table that is typed into: a list, names with values, or rows of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.widgets.cells import CellDelegate, Cells, Column
from studio.widgets.grid import Grid
from studio.widgets.icon_button import IconButton

_ROW = 30
_TALLEST = 8
"""Rows that are shown before it scrolls."""


class TableEdit(QWidget):
    """Cells of text; what they mean is for whoever reads them.

    The last row is always an empty one: typing there adds a row. Rows are moved with Alt+Up and Alt+Down, removed with
    Ctrl+Delete; cells are copied to and pasted from spreadsheets. With `extensible`, columns are added and removed, and
    renamed with a double click on their heading. `edited` tells that a person changed something.
    """

    edited = Signal()

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
        self.model = Cells(list(columns), self)
        self.view = Grid(self.model, self, extensible=extensible)
        self.view.setItemDelegate(CellDelegate(self.view, cell_editor))
        header = self.view.horizontalHeader()
        header.setVisible(headings)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(theme().px(40))
        header.setHighlightSections(False)
        if extensible:
            header.sectionDoubleClicked.connect(self._rename_column)
            header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            header.customContextMenuRequested.connect(self._open_column_menu)
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
        self._up = self._button("arrow-up", tr("Move up"), lambda: self.view.move_rows(-1))
        self._down = self._button("arrow-down", tr("Move down"), lambda: self.view.move_rows(1))
        self._remove = self._button("trash", tr("Remove"), self.view.remove_rows)
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
        self.model.show(titles, rows)
        if at.isValid() and at.row() <= len(rows) and at.column() < len(titles):
            self.view.go_to(at.row(), at.column())

    # What a person does

    def add_row(self) -> None:
        """Begin to type in the empty row at the end."""
        index = self.model.index(len(self.model.rows), 0)
        self._unfold()
        self.view.setFocus()
        self.view.go_to(index.row(), 0)
        self.view.edit(index)

    def add_column(self) -> None:
        """Add a column at the right end and begin to name it."""
        number = len(self.model.columns) + 1
        while tr("column {n}", n=number) in self.columns():
            number += 1
        self.model.add_column(tr("column {n}", n=number))
        self._rename_column(len(self.model.columns) - 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The button stands for an empty table, so it takes what could be pasted there.
        if watched is self.add and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Paste):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.view.paste()
                return True
        return super().eventFilter(watched, event)

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
        rows = self.view.chosen_rows()
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
