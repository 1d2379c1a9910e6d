"""Lines of a log, tens of thousands of them, that a person filters, follows and copies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from studio.base.i18n import N_, tr
from studio.base.theme import theme

LEVELS: Final = {
    "debug": (N_("Detail"), "text-3"),
    "info": (N_("Info"), "text-3"),
    "warning": (N_("Warning"), "paused"),
    "doubt": (N_("In doubt"), "doubt"),
    "error": (N_("Error"), "failed"),
}
"""Level -> word and colour, from the least to the most important."""
RANK: Final = {level: rank for rank, level in enumerate(LEVELS)}
CAPACITY = 20_000
"""Lines that are kept; of more, the oldest go, a quarter at a time."""
PACE = 100
"""Milliseconds between two additions to what is shown, in a flood of lines."""
_SLICE = 4_000
"""Lines that are looked through in one go when the filter changes."""
_ROW = 22

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `time` is for a person to read, `where` what it is about, `target` what a double click jumps to."""

    time: str
    level: str
    where: str
    message: str
    target: str = ""
    address: str = ""

    @property
    def text(self) -> str:
        """The line as it is copied."""
        place = self.where if self.where == self.address or not self.address else f"{self.where} ({self.address})"
        return "\t".join((self.time, tr(LEVELS[self.level][0]), place, self.message))


class LogModel(QAbstractTableModel):
    """Lines, oldest first, of which those are rows that pass the filter."""

    dropped_changed = Signal()

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.lines: deque[LogLine] = deque()
        self.dropped = 0
        """Lines that were given up because there were too many."""
        self.errors = 0
        self._rows: list[LogLine] = []
        self._words: tuple[str, ...] = ()
        self._level = 0
        self._pending: list[LogLine] = []
        self._waiting: list[LogLine] = []
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._pace.setInterval(PACE)
        self._pace.timeout.connect(self._append_waiting)
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines at the end: at once, or in a flood of them together with those that follow."""
        self._waiting.extend(lines)
        if not self._pace.isActive():
            self._append_waiting()

    def _append_waiting(self) -> None:
        lines, self._waiting = self._waiting, []
        if not lines:
            return
        self._pace.start()
        self.errors += sum(line.level == "error" for line in lines)
        self.lines.extend(lines)
        if len(self.lines) > CAPACITY:
            self._trim()
        elif self._timer.isActive():
            self._pending.extend(lines)
        else:
            self._add([line for line in lines if self._passes(line)])

    def set_filter(self, text: str, level: str = "debug") -> None:
        """Show lines of at least that level that hold every word of `text`, whatever their case."""
        words, rank = tuple(text.casefold().split()), RANK[level]
        if (words, rank) != (self._words, self._level):
            self._words, self._level = words, rank
            self._refill()

    def line(self, row: int) -> LogLine:
        return self._rows[row]

    def rows(self) -> Sequence[LogLine]:
        """The lines that are shown."""
        return self._rows

    def _passes(self, line: LogLine) -> bool:
        if RANK[line.level] < self._level:
            return False
        if not self._words:
            return True
        text = f"{line.where}\n{line.address}\n{line.message}".casefold()
        return all(word in text for word in self._words)

    def _trim(self) -> None:
        gone = len(self.lines) - CAPACITY * 3 // 4
        for _ in range(gone):
            self.lines.popleft()
        self.dropped += gone
        self._refill()
        self.dropped_changed.emit()

    def _refill(self) -> None:
        self.beginResetModel()
        self._pending = list(self.lines)
        self._rows = [line for line in self._pending[:_SLICE] if self._passes(line)]
        del self._pending[:_SLICE]
        self.endResetModel()
        if self._pending:
            self._timer.start()
        else:
            self._timer.stop()

    def _go_on(self) -> None:
        self._add([line for line in self._pending[:_SLICE] if self._passes(line)])
        del self._pending[:_SLICE]
        if not self._pending:
            self._timer.stop()

    def _add(self, lines: Iterable[LogLine]) -> None:
        added = list(lines)
        if added:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(added) - 1)
            self._rows.extend(added)
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 4

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (line.time, tr(LEVELS[line.level][0]), line.where, line.message)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (line.time, "", line.address or line.where, line.message)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return line.text.replace("\t", ", ")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return (tr("Time"), tr("Level"), tr("Step"), tr("Message"))[section]


class LogTable(QTableView):
    """Shows a `LogModel`. While it follows, the newest line is in sight; scrolling up lets go of it."""

    jumped = Signal(object)
    """The `LogLine` that was chosen, by a double click or Enter."""
    follow_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._follow = True
        self._arriving = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("log")
        self.setStyleSheet("QTableView#log { border: 0; border-radius: 0; }")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAccessibleName(tr("Log"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setItemDelegate(_LineDelegate(self))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.doubleClicked.connect(lambda index: self.jumped.emit(self._line(index.row())))
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def follow(self) -> bool:
        return self._follow

    def set_follow(self, on: bool) -> None:
        """Keep the newest line in sight, or stay where the reader is."""
        if on:
            self.scrollToBottom()
        if on != self._follow:
            self._follow = on
            self.follow_changed.emit(on)

    def show_log(self, model: LogModel) -> None:
        """Show these lines."""
        before = self.model()
        if before is model:
            return
        if isinstance(before, LogModel):
            before.rowsInserted.disconnect(self._arrived)
            before.modelReset.disconnect(self._arrived)
        self.setModel(model)
        model.rowsInserted.connect(self._arrived)
        model.modelReset.connect(self._arrived)
        self._lay_out()
        self._arrived()

    def _line(self, row: int) -> LogLine:
        model = self.model()
        assert isinstance(model, LogModel)
        return model.line(row)

    def _arrived(self) -> None:
        if self._follow and not self._arriving:
            self._arriving = True
            QTimer.singleShot(0, self, self._to_the_end)  # once for all that come in this turn

    def _to_the_end(self) -> None:
        if self._follow:
            self.scrollToBottom()
        self._arriving = False

    def _scrolled(self, value: int) -> None:
        if not self._arriving and self.model() is not None:
            at_end = value >= self.verticalScrollBar().maximum() - 2
            if at_end != self._follow:
                self._follow = at_end
                self.follow_changed.emit(at_end)

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().px(_ROW))
        self.verticalHeader().setMinimumSectionSize(theme().px(_ROW))
        self._lay_out()
        self.viewport().update()

    def _lay_out(self) -> None:
        if self.model() is None:
            return
        code, small = QFontMetrics(theme().font("code")), QFontMetrics(theme().font("small"))
        pad = theme().px(14)
        time = code.horizontalAdvance("00:00:00.000") + 2 * pad
        level = max(small.horizontalAdvance(tr(word)) for word, _ in LEVELS.values()) + pad
        left = max(0, self.viewport().width() - time - level)
        where = min(theme().px(220), max(theme().px(90), left // 4))
        for column, width in enumerate((time, level, where, max(theme().px(80), left - where))):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        if self._follow:
            self.scrollToBottom()

    def selected_text(self) -> str:
        """The selected lines as text, one a line."""
        if self.model() is None:
            return ""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return "\n".join(self._line(row).text for row in rows)

    def copy(self) -> None:
        """Copy the selected lines, or all that are shown where none is selected."""
        model = self.model()
        text = self.selected_text()
        if not text and isinstance(model, LogModel):
            text = "\n".join(line.text for line in model.rows())
        if text:
            QGuiApplication.clipboard().setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.jumped.emit(self._line(self.currentIndex().row()))
        elif event.key() == Qt.Key.Key_End:
            self.set_follow(True)
        elif event.key() == Qt.Key.Key_Home:
            self.set_follow(False)
            self.scrollToTop()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Copy lines"), self.copy)
        if index.isValid() and self._line(index.row()).target:
            menu.addAction(tr("Go to the step"), lambda: self.jumped.emit(self._line(index.row())))
        menu.popup(event.globalPos())


class _LineDelegate(QStyledItemDelegate):
    """Paints a cell: one line of text, in the colour of its level where that is worth a look."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, LogModel)
        line = model.line(index.row())
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme().color("select"))
        elif line.level == "error":
            painter.fillRect(rect, theme().color("row-error"))
        elif line.level == "doubt":
            painter.fillRect(rect, theme().color("doubt-soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().color("hover"))
        column = index.column()
        painter.setFont(theme().font("code" if column == 0 else "small"))
        color = ("text-3", LEVELS[line.level][1], "text-2", "text-3" if line.level == "debug" else "text")[column]
        painter.setPen(theme().color(color))
        inset = theme().px(14) if column == 0 else 0
        room = rect.adjusted(inset, 0, -theme().px(10), 0)
        text = (line.time, tr(LEVELS[line.level][0]), line.where, line.message)[column]
        first = text[:1000].splitlines()[0] if text else ""
        painter.drawText(
            room,
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            painter.fontMetrics().elidedText(first, Qt.TextElideMode.ElideRight, room.width()),
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, theme().px(_ROW))
