"""Any plain value, for a person to look at: a table, a tree or text, whichever shows it best."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeySequence, QShortcut
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

from studio.base.i18n import number, tr, trn
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.widgets.segmented import Segmented

CHILDREN: Final = 500
"""Items of a list, or rows of a table, that are fetched at a time."""
COLUMNS: Final = 100
"""Columns of a table at most; a tree shows what has more."""
TEXT: Final = 200_000
"""Characters of a text that are shown."""
_FEW: Final = 4
"""Fields of a mapping at most whose table is shown in its place."""
CELL: Final = 300
"""Characters of a value that are shown in a line."""

Index = QModelIndex | QPersistentModelIndex
Say = Callable[[Any], str]


def is_table(value: Any) -> bool:
    """Whether a value is a list of mappings with columns enough in common to be read as a table."""
    if not isinstance(value, list) or not value or not all(isinstance(row, Mapping) for row in value[:200]):
        return False
    return 0 < len(columns_of(value)) <= COLUMNS


def columns_of(rows: Sequence[Any]) -> list[str]:
    """The names of the columns, in the order in which they come up in the first rows."""
    names: dict[str, None] = {}
    for row in rows[:200]:
        names.update(dict.fromkeys(row))
        if len(names) > COLUMNS:
            break
    return [str(name) for name in names]


def shape(value: Any) -> str:
    """What a value is, in a few words: "6 rows × 3", "5 fields", "12 items"."""
    if is_table(value):
        return tr("{rows} × {columns}", rows=trn("{n} row", "{n} rows", len(value)), columns=len(columns_of(value)))
    if isinstance(value, Mapping):
        return trn("{n} field", "{n} fields", len(value))
    if isinstance(value, list):
        return trn("{n} item", "{n} items", len(value))
    if isinstance(value, str):
        return trn("{n} character", "{n} characters", len(value))
    return ""


def brief(value: Any, limit: int = CELL) -> str:
    """A value in one line of at most `limit` characters."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value[: limit + 1].replace("\r\n", "⏎").replace("\n", "⏎").replace("\t", " ")
    elif isinstance(value, Mapping):
        inner = ", ".join(f"{key}: {_short(item)}" for key, item in itertools.islice(value.items(), 8))
        text = f"{{{inner}{', …' if len(value) > 8 else ''}}}"
    elif isinstance(value, list):
        text = f"[{', '.join(_short(item) for item in value[:8])}{', …' if len(value) > 8 else ''}]"
    elif isinstance(value, datetime | date | time):
        text = value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    elif isinstance(value, bytes):
        text = trn("{n} byte", "{n} bytes", len(value))
    elif isinstance(value, int) and value.bit_length() > 4 * limit:
        text = tr("a number of {n} bits", n=number(value.bit_length()))
    else:
        text = str(value)
    text = _printable(text)
    return text if len(text) <= limit else text[:limit] + "…"


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    return brief(value, 40)


def _printable(text: str) -> str:
    """Without what no font shows, and what cannot leave the program: NUL characters and lone surrogates."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "␀")


def as_text(value: Any, say: Say = brief) -> str:
    """A value as it is copied: a text as it is, a table with tabs between, anything else as JSON."""
    if isinstance(value, str):
        return _printable(value)
    if is_table(value):
        names = columns_of(value)
        rows = ["\t".join(names)]
        rows += ["\t".join("" if row.get(name) is None else brief(row[name], TEXT) for name in names) for row in value]
        return "\n".join(rows)
    return _printable(json.dumps(value, ensure_ascii=False, indent=2, default=lambda one: say(one)))


class ValueView(QWidget):
    """`show_value` shows a value as it is read best; the person may choose another way. `say` tells, in a few words,
    of what is no plain data."""

    def __init__(self, parent: QWidget | None = None, *, say: Say = brief) -> None:
        super().__init__(parent)
        self.value: Any = None
        self._say = say
        self._modes: list[str] = []
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
            self.text.setPlainText(_printable(text[:TEXT]) + more)
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


def type_word(value: Any) -> str:
    """The kind of a single value."""
    for kind, word in (
        (bool, tr("yes or no")),
        (int | float, tr("number")),
        (datetime, tr("date and time")),
        (date, tr("date")),
        (time, tr("time")),
        (timedelta, tr("length of time")),
        (bytes, tr("bytes")),
    ):
        if isinstance(value, kind):
            return word
    return tr("null") if value is None else ""


def table_in(value: Any) -> list[Any] | None:
    """The value where it is a table, or the first table in a mapping of few fields, as activities give it."""
    if isinstance(value, Mapping) and len(value) <= _FEW:
        return next((one for one in value.values() if is_table(one)), None)
    return value if is_table(value) else None


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

    __slots__ = ("children", "fetched", "items", "name", "parent", "row", "value")

    def __init__(self, name: str, value: Any, parent: _Node | None, row: int) -> None:
        self.name, self.value, self.parent, self.row = name, value, parent, row
        self.children: list[_Node] = []
        self.items: list[tuple[str, Any]] | None = None
        self.fetched = False

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
