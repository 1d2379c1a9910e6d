"""The list that opens while an expression is typed. The editor keeps the focus and hands on its keys."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.base.icons import paint_icon
from studio.base.theme import set_kind, theme
from studio.forms.completion import Completion, Suggestion

_ICONS = {
    "step": "cube",
    "field": "brackets-curly",
    "input": "sign-in",
    "variable": "tag",
    "name": "folder-simple",
    "function": "function",
    "word": "textbox",
}
_ROWS, _ROW, _WIDTH = 8, 26, 380
Index = QModelIndex | QPersistentModelIndex


class CompletionPopup(QFrame):
    """Shows what a `Completion` suggests; `picked` tells the one that was taken."""

    picked = Signal(object)

    def __init__(self, editor: QWidget) -> None:
        super().__init__(editor, Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_kind(self, "popover")
        self._model = _Suggestions(self)
        self.list = QListView(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda index: self.picked.emit(self._model.found[index.row()]))
        self._help = QLabel(self)
        self._help.setWordWrap(True)
        self._help.setTextFormat(Qt.TextFormat.PlainText)
        self._help.setContentsMargins(theme().px(10), theme().px(6), theme().px(10), theme().px(6))
        set_kind(self._help, "small")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 4, 1, 4)
        whole.setSpacing(0)
        whole.addWidget(self.list)
        whole.addWidget(self._help)
        self._around = ""
        self.list.selectionModel().currentChanged.connect(self._explain)

    def show_completion(self, completion: Completion, below: QRect) -> None:
        """Open, or change, next to the rectangle `below` in global coordinates; close when there is nothing to say."""
        if not completion.suggestions and not completion.signature:
            self.hide()
            return
        self._around = "\n".join(filter(None, (completion.signature, completion.help)))
        self._model.set_found(completion.suggestions)
        self.list.setVisible(bool(completion.suggestions))
        if completion.suggestions:
            self.list.setCurrentIndex(self._model.index(0, 0))
        self._explain()
        rows = min(_ROWS, len(completion.suggestions))
        self.list.setFixedHeight(rows * theme().px(_ROW) + 2)
        self.setFixedWidth(theme().px(_WIDTH))
        self._help.setFixedWidth(self.width() - 2)
        self.adjustSize()
        self._place(below)
        self.show()

    def current(self) -> Suggestion | None:
        """The suggestion that Enter takes."""
        row = self.list.currentIndex().row()
        return self._model.found[row] if self.isVisible() and 0 <= row < len(self._model.found) else None

    def choose(self, label: str) -> None:
        """Go to the suggestion of that name, where it is still there."""
        for row, one in enumerate(self._model.found):
            if one.label == label:
                self.list.setCurrentIndex(self._model.index(row, 0))

    def move_by(self, rows: int) -> None:
        """Go down, or up, around the ends."""
        count = len(self._model.found)
        if count:
            row = self.list.currentIndex().row()
            # A page stops at the ends, a single step goes around them.
            place = (row + rows) % count if abs(rows) == 1 else max(0, min(count - 1, row + rows))
            self.list.setCurrentIndex(self._model.index(place, 0))

    def _explain(self) -> None:
        one = self.current() if self.isVisible() else (self._model.found[0] if self._model.found else None)
        text = self._around
        if one is not None:
            own = "\n".join(filter(None, (one.detail if one.kind == "function" else "", one.help)))
            text = own or text
        self._help.setText(text)
        self._help.setVisible(bool(text))
        if self.isVisible():
            self.adjustSize()

    def _place(self, below: QRect) -> None:
        size = self.sizeHint()
        screen = self.screen().availableGeometry()
        left = max(screen.left(), min(below.left(), screen.right() - self.width()))
        top = below.bottom() + 4
        if top + size.height() > screen.bottom():
            top = max(screen.top(), below.top() - size.height() - 4)
        self.move(QPoint(left, top))


class _Suggestions(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.found: tuple[Suggestion, ...] = ()

    def set_found(self, found: tuple[Suggestion, ...]) -> None:
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{one.label}, {one.detail}"
        return None


class _Row(QStyledItemDelegate):
    """Icon, name in the code font, and at the right what it is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, theme().px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _Suggestions)
        one = model.found[index.row()]
        px, color = theme().px, theme().color
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, color("select"))
        size = px(14)
        tile = QRectF(area.left() + px(8), area.center().y() - size / 2 + 0.5, size, size)
        paint_icon(painter, tile, _ICONS[one.kind], color("text-3"))
        font = theme().font("code")
        painter.setFont(font)
        painter.setPen(color("text"))
        left = area.left() + px(30)
        label = QFontMetrics(font).elidedText(one.label, Qt.TextElideMode.ElideRight, int(area.width() * 0.6))
        width = QFontMetrics(font).horizontalAdvance(label)
        upright = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(left, area.top(), width + 2, area.height()), upright, label)
        small = theme().font("small")
        painter.setFont(small)
        painter.setPen(color("text-3"))
        rest = QRect(left + width + px(14), area.top(), area.right() - px(8) - left - width - px(14), area.height())
        detail = one.help if one.kind == "function" else one.detail
        text = QFontMetrics(small).elidedText(detail, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, upright | Qt.AlignmentFlag.AlignRight, text)
        painter.restore()
