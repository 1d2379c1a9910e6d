"""Any plain value, for a person to look at: a table, a tree or text, whichever shows it best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from studio.base.i18n import number, tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.widgets.segmented import Segmented
from studio.widgets.value_models import TableModel, TreeModel
from studio.widgets.value_text import TEXT, Say, as_text, brief, printable, shape, table_in, type_word


class ValueView(QWidget):
    """`show_value` shows a value as it is read best; the person may choose another way. `say` tells, in a few words,
    of what is no plain data."""

    def __init__(self, parent: QWidget | None = None, *, say: Say = brief) -> None:
        super().__init__(parent)
        self.value: Any = None
        self._say = say
        self._liked = ""
        self.kind = QLabel(self)
        set_kind(self.kind, "caption")
        self.choice = Segmented([tr("Table"), tr("Tree"), tr("Text")], self)
        self.choice.setAccessibleName(tr("Show as"))
        self.choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.choice.picked.connect(lambda index: self._pick(("table", "tree", "text")[index]))
        self.copy_button = QToolButton(self)
        self.copy_button.setIcon(icon("copy", color="text-2"))
        self.copy_button.setToolTip(tr("Copy the value"))
        self.copy_button.setAccessibleName(tr("Copy the value"))
        set_kind(self.copy_button, "tool")
        self.copy_button.clicked.connect(self.copy)
        self.table, self.tree, self.text = _table(self), _tree(self), _text(self)
        self.pages = QStackedWidget(self)
        for page in (self.table, self.tree, self.text):
            self.pages.addWidget(page)
            shortcut = QShortcut(QKeySequence.StandardKey.Copy, page)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.copy)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self.kind, 1)
        head.addWidget(self.choice)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.pages, 1)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def mode(self) -> str:
        """`table`, `tree` or `text`."""
        return ("table", "tree", "text")[self.pages.currentIndex()]

    def show_value(self, value: Any) -> None:
        """Show a value, in the way that the person likes where it can be."""
        self.value = value
        table = table_in(value)
        structured = isinstance(value, Mapping | list)
        best = "table" if table is not None else "tree" if structured else "text"
        self.choice.setVisible(structured)
        inner = shape(table) if table is not None and table is not value else ""
        self.kind.setText(" · ".join(filter(None, (shape(value) or type_word(value), inner))))
        liked = structured and (self._liked in ("tree", "text") or (self._liked == "table" and table is not None))
        self._fill(self._liked if liked else best)

    def _pick(self, mode: str) -> None:
        self._liked = mode
        self._fill(mode)

    def _fill(self, mode: str) -> None:
        table = table_in(self.value)
        if mode == "table" and table is None:
            mode = "tree"
        if mode == "table":
            assert table is not None
            self.table.setModel(TableModel(table, self._say, self.table))
            _fit_columns(self.table)
        elif mode == "tree":
            self.tree.setModel(TreeModel(self.value, self._say, self.tree))
            self.tree.setColumnWidth(0, theme().px(190))
            if self.tree.model().rowCount() == 1:
                self.tree.expand(self.tree.model().index(0, 0))
        else:
            text = self.value if isinstance(self.value, str) else as_text(self.value, self._say)
            more = tr("\n… {n} more characters", n=number(len(text) - TEXT)) if len(text) > TEXT else ""
            self.text.setPlainText(printable(text[:TEXT]) + more)
        index = ("table", "tree", "text").index(mode)
        self.pages.setCurrentIndex(index)
        self.choice.set_index(index)

    def copy(self) -> None:
        """Copy what is selected, else the whole value."""
        page = self.pages.currentWidget()
        if isinstance(page, QPlainTextEdit) and page.textCursor().hasSelection():
            page.copy()
            return
        QGuiApplication.clipboard().setText(self._selected() or as_text(self.value, self._say))

    def _selected(self) -> str:
        page = self.pages.currentWidget()
        if not isinstance(page, QAbstractItemView) or page.model() is None:
            return ""
        rows: dict[tuple[int, ...], list[str]] = {}
        for index in sorted(page.selectionModel().selectedIndexes(), key=lambda one: (one.row(), one.column())):
            if page is self.tree and index.column() == 0:
                continue
            rows.setdefault((index.row(), index.internalId()), []).append(
                as_text(index.data(Qt.ItemDataRole.UserRole), self._say)
            )
        return "\n".join("\t".join(cells) for cells in rows.values())

    def _restyle(self) -> None:
        self.text.setFont(theme().font("code"))
        self.table.verticalHeader().setDefaultSectionSize(theme().px(24))
        self.table.viewport().update()
        self.tree.viewport().update()


def _table(parent: QWidget) -> QTableView:
    view = QTableView(parent)
    view.setAccessibleName(tr("Table"))
    view.setWordWrap(False)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setTabKeyNavigation(False)
    view.horizontalHeader().setHighlightSections(False)
    view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    return view


def _tree(parent: QWidget) -> QTreeView:
    view = QTreeView(parent)
    view.setAccessibleName(tr("Tree"))
    view.setHeaderHidden(True)
    view.setUniformRowHeights(True)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    return view


def _text(parent: QWidget) -> QPlainTextEdit:
    view = QPlainTextEdit(parent)
    view.setAccessibleName(tr("Text"))
    view.setReadOnly(True)
    return view


def _fit_columns(table: QTableView) -> None:
    """As wide as the first rows need, within reason."""
    table.horizontalHeader().setResizeContentsPrecision(40)
    table.resizeColumnsToContents()
    for column in range(table.model().columnCount()):
        width = table.columnWidth(column) + theme().px(12)
        table.setColumnWidth(column, max(theme().px(56), min(width, theme().px(320))))
