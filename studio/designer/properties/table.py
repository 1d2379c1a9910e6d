"""A table of declarations: every edit of a cell is a named edit of the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.api import Workflow
from engine.core.errors import RpaError
from studio.base.i18n import sentence, tr
from studio.base.theme import set_kind, theme
from studio.designer.document import WorkflowDocument
from studio.designer.properties.columns import Change, Declarations
from studio.widgets.icon_button import IconButton

_Index = QModelIndex | QPersistentModelIndex
_ROWS_SHOWN = 8


class _Model(QAbstractTableModel):
    def __init__(self, declared: Declarations, edit: Callable[[str, Change], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._declared = declared
        self._edit = edit
        self.rows: list[Any] = []

    def show(self, workflow: Workflow) -> None:
        rows = list(self._declared.rows(workflow))
        if rows == self.rows:
            return
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        self.rows = rows
        self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._declared.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._declared.columns[section].title
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self._declared.columns[index.column()].check:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        column = self._declared.columns[index.column()]
        value = column.read(self.rows[index.row()])
        if column.check:
            if role == Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if value else Qt.CheckState.Unchecked
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return ": ".join((column.title, tr("yes") if value else tr("no")))
            return None
        if role == Qt.ItemDataRole.EditRole:
            return value
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return column.choices.get(value, value) if column.choices is not None else value
        if role == Qt.ItemDataRole.FontRole and column.code:
            return theme().font("code")
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        column = self._declared.columns[index.column()]
        if role == Qt.ItemDataRole.CheckStateRole and column.check:
            value = Qt.CheckState(value) is Qt.CheckState.Checked
        elif role != Qt.ItemDataRole.EditRole or value == column.read(self.rows[index.row()]):
            return False
        text = self._declared.texts[2 if index.column() == 0 else 1]
        return self._edit(text, self._declared.changed(index.row(), index.column(), value))


class _Cell(QStyledItemDelegate):
    """A list of choices where a column has one."""

    def __init__(self, declared: Declarations, parent: QObject) -> None:
        super().__init__(parent)
        self._declared = declared

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        drawn: Any = option
        if drawn.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(drawn.rect, theme().color("select"))
        drawn.rect.adjust(theme().px(5), 0, -theme().px(5), 0)  # in line with the head
        super().paint(painter, option, index)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """The whole cell of a check is for clicking."""
        if self._declared.columns[index.column()].check and isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonRelease:
                on = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
                state = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
                return model.setData(index, state, Qt.ItemDataRole.CheckStateRole)
            return True
        return super().editorEvent(event, model, option, index)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        choices = self._declared.columns[index.column()].choices
        if choices is None:
            return super().createEditor(parent, option, index)
        box = QComboBox(parent)
        for value, label in choices.items():
            box.addItem(label, value)
        box.activated.connect(lambda: self._commit(box))
        return box

    def _commit(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(index.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: Any, index: _Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        else:
            super().setModelData(editor, model, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme().px(30))


class DeclarationTable(QWidget):
    """The table with its buttons; what cannot be done is said below it."""

    def __init__(self, declared: Declarations, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._declared = declared
        self._document: WorkflowDocument | None = None
        self.model = _Model(declared, self._edit, self)
        self.view = _View(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(_Cell(declared, self.view))
        self.view.setAccessibleName(", ".join(column.title for column in declared.columns))
        self.view.removed.connect(self.remove)
        self.view.moved.connect(self.move_row)
        for number, column in enumerate(declared.columns):
            self.view.setColumnWidth(number, theme().px(column.width))
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.horizontalScrollBar().rangeChanged.connect(self._fit)
        self.view.selectionModel().currentChanged.connect(lambda: self._show_buttons())
        self.nothing = QLabel(empty, self)
        set_kind(self.nothing, "muted")
        self.nothing.setWordWrap(True)
        self.error = QLabel(self)
        set_kind(self.error, "error")
        self.error.setWordWrap(True)
        self.error.hide()
        self.add_button = QPushButton(declared.texts[0], self)
        self.add_button.clicked.connect(self.add)
        self.remove_button = IconButton("trash", declared.texts[3], self.remove, self, side=24, icon_side=16)
        self.up_button = IconButton("arrow-up", tr("Move up"), lambda: self.move_row(-1), self, side=24, icon_side=16)
        self.down_button = IconButton(
            "arrow-down", tr("Move down"), lambda: self.move_row(1), self, side=24, icon_side=16
        )
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)  # the longest of the texts, in any language, has just room in the narrowest inspector
        row.addWidget(self.add_button)
        for button in (self.remove_button, self.up_button, self.down_button):
            row.addWidget(button)
        row.addStretch(1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(6)
        for widget in (self.nothing, self.view, self.error):
            column_.addWidget(widget)
        column_.addLayout(row)

    def show_document(self, document: WorkflowDocument | None) -> None:
        """Show what this document declares now."""
        if document is not self._document:
            self._document = document
            self.error.hide()
        self.model.show(document.workflow if document is not None else Workflow())
        count = self.model.rowCount()
        self.nothing.setVisible(not count)
        self.view.setVisible(bool(count))
        self._fit()
        self._show_buttons()

    def _fit(self) -> None:
        """As high as its rows, up to a few; after that it scrolls."""
        count = self.model.rowCount()
        height = self.view.horizontalHeader().sizeHint().height() + theme().px(30) * min(count, _ROWS_SHOWN) + 2
        self.view.setFixedHeight(height + (12 if self.view.horizontalScrollBar().maximum() else 0))
        policy = Qt.ScrollBarPolicy
        self.view.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOff if count <= _ROWS_SHOWN else policy.ScrollBarAsNeeded
        )

    def add(self) -> None:
        """Declare one more and begin to name it."""
        if self._edit(self._declared.texts[0], self._declared.added()):
            index = self.model.index(self.model.rowCount() - 1, 0)
            self.view.setFocus()
            self.view.setCurrentIndex(index)
            self.view.edit(index)

    def remove(self) -> None:
        """Take the chosen one away."""
        row = self.view.currentIndex().row()
        if row >= 0 and self._edit(self._declared.texts[3], self._declared.removed([row])):
            left = self.model.index(min(row, self.model.rowCount() - 1), 0)
            if left.isValid():
                self.view.setCurrentIndex(left)

    def move_row(self, by: int) -> None:
        """Move the chosen one up or down."""
        index = self.view.currentIndex()
        if index.isValid() and 0 <= index.row() + by < self.model.rowCount():
            self._edit(self._declared.texts[4], self._declared.moved(index.row(), by))
            self.view.setCurrentIndex(self.model.index(index.row() + by, index.column()))

    def _edit(self, text: str, change: Change) -> bool:
        if self._document is None:
            return False
        try:
            done = self._document.edit_document(text, change)
        except RpaError as error:
            self.error.setText(f"{sentence(error.message)} {sentence(error.hint)}".strip())
            self.error.show()
            return False
        self.error.hide()
        return done

    def _show_buttons(self) -> None:
        count = self.model.rowCount()
        row = self.view.currentIndex().row() if count else -1
        self.remove_button.setVisible(count > 0)
        for button in (self.up_button, self.down_button):
            button.setVisible(count > 1)
        self.remove_button.setEnabled(row >= 0)
        self.up_button.setEnabled(row > 0)
        self.down_button.setEnabled(0 <= row < count - 1)


class _View(QTableView):
    """Del removes, Alt with the arrows moves."""

    removed = Signal()
    moved = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme().px(30))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        elif event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)
