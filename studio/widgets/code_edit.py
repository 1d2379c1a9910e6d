"""An editor for code: line numbers, colours, indentation that follows, and marks on lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from studio.base.theme import theme
from studio.widgets.highlighter import Highlighter
from studio.widgets.plain_edit import PlainEdit

Level = Literal["error", "warning"]
_MARK_COLORS: dict[Level, str] = {"error": "failed", "warning": "warn-mark"}
_INDENT = "    "


class CodeEdit(PlainEdit):
    """Several lines of code in `language` (see `studio.widgets.highlighter`), or plain text in the code font."""

    def __init__(self, language: str = "", parent: QWidget | None = None, *, indent: str = _INDENT) -> None:
        super().__init__(parent)
        self._marks: Mapping[int, tuple[Level, str]] = {}
        self._indent = indent
        self._highlighter = Highlighter(self.document(), language)
        self._gutter = _Gutter(self)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setProperty("kind", "code")
        self.blockCountChanged.connect(self._resize_gutter)
        self.updateRequest.connect(self._scroll_gutter)
        self.cursorPositionChanged.connect(self._show_selections)
        self._restyle()

    def set_language(self, name: str) -> None:
        """Colour the text as another language does."""
        self._highlighter.set_language(name)

    def set_marks(self, marks: Mapping[int, tuple[Level, str]]) -> None:
        """Mark lines, counted from 1, with a level and one sentence that the mouse over it shows."""
        self._marks = dict(marks)
        self._show_selections()
        self._gutter.update()

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor at `line` and `column`, both from 1, and show the place."""
        block = self.document().findBlockByNumber(max(0, min(line, self.blockCount()) - 1))
        cursor = self.textCursor()
        cursor.setPosition(block.position() + max(0, min(column - 1, block.length() - 1)))
        self.setTextCursor(cursor)
        self.centerCursor()

    # Events

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self._marks:
            mark = self._marks.get(self.cursorForPosition(event.pos()).blockNumber() + 1)  # type: ignore[attr-defined]
            if mark is not None:
                QToolTip.showText(event.globalPos(), mark[1], self)  # type: ignore[attr-defined]
                return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        if self.isReadOnly():
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Tab and not modifiers:
            self._shift(True) if self.textCursor().hasSelection() else self.insertPlainText(self._to_next_stop())
        elif key == Qt.Key.Key_Backtab:
            self._shift(False)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers & ~Qt.KeyboardModifier.ShiftModifier:
            self._break_line()
        elif key == Qt.Key.Key_Backspace and not modifiers and self._before().strip() == "" and self._on_stop():
            cursor = self.textCursor()
            cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(self._indent))
            cursor.removeSelectedText()
        elif key == Qt.Key.Key_Slash and modifiers == Qt.KeyboardModifier.ControlModifier:
            self._toggle_comment()
        elif key == Qt.Key.Key_Home and not modifiers & ~Qt.KeyboardModifier.ShiftModifier:
            self._to_line_start(bool(modifiers))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_gutter()

    # Typing

    def _before(self) -> str:
        """The text of the line up to the cursor."""
        cursor = self.textCursor()
        return cursor.block().text()[: cursor.positionInBlock()]

    def _on_stop(self) -> bool:
        before = self._before()
        return (
            not self.textCursor().hasSelection()
            and before.endswith(self._indent)
            and not len(before) % len(self._indent)
        )

    def _to_next_stop(self) -> str:
        size = len(self._indent)
        return " " * (size - self.textCursor().positionInBlock() % size)

    def _break_line(self) -> None:
        before = self._before()
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        if before.rstrip()[-1:] in (":", "{", "[", "("):
            indent += self._indent
        self.insertPlainText("\n" + indent)
        self.ensureCursorVisible()

    def _to_line_start(self, keep: bool) -> None:
        cursor = self.textCursor()
        line = cursor.block().text()
        first = len(line) - len(line.lstrip())
        column = 0 if cursor.positionInBlock() == first else first
        mode = QTextCursor.MoveMode.KeepAnchor if keep else QTextCursor.MoveMode.MoveAnchor
        cursor.setPosition(cursor.block().position() + column, mode)
        self.setTextCursor(cursor)

    def _chosen_blocks(self) -> list[QTextBlock]:
        cursor = self.textCursor()
        first = self.document().findBlock(cursor.selectionStart())
        last = self.document().findBlock(max(cursor.selectionStart(), cursor.selectionEnd() - 1))
        blocks = [first]
        while blocks[-1] != last and blocks[-1].next().isValid():
            blocks.append(blocks[-1].next())
        return blocks

    def _shift(self, deeper: bool) -> None:
        change = self.textCursor()
        change.beginEditBlock()
        for block in self._chosen_blocks():
            change.setPosition(block.position())
            if deeper:
                change.insertText(self._indent if block.text().strip() else "")
            else:
                text = block.text()
                count = min(len(self._indent), len(text) - len(text.lstrip(" ")))
                change.setPosition(block.position() + count, QTextCursor.MoveMode.KeepAnchor)
                change.removeSelectedText()
        change.endEditBlock()

    def _toggle_comment(self) -> None:
        language = self._highlighter.language
        if language is None or not language.comment:
            return
        mark = language.comment
        blocks = [block for block in self._chosen_blocks() if block.text().strip()]
        remove = bool(blocks) and all(block.text().lstrip().startswith(mark) for block in blocks)
        change = self.textCursor()
        change.beginEditBlock()
        for block in blocks:
            text = block.text()
            start = len(text) - len(text.lstrip())
            change.setPosition(block.position() + start)
            if remove:
                length = len(mark) + text[start + len(mark) :].startswith(" ")
                change.setPosition(block.position() + start + length, QTextCursor.MoveMode.KeepAnchor)
                change.removeSelectedText()
            else:
                change.insertText(mark + " ")
        change.endEditBlock()

    # Looks

    def _restyle(self) -> None:
        self.setFont(theme().font("code"))
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(_INDENT))
        super()._restyle()
        self._resize_gutter()
        self._show_selections()

    def _resize_gutter(self) -> None:
        self.setViewportMargins(self._gutter.sizeHint().width(), 0, 0, 0)
        self._place_gutter()

    def _place_gutter(self) -> None:
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self._gutter.sizeHint().width(), area.height()))

    def _scroll_gutter(self, area: QRect, moved: int) -> None:
        if moved:
            self._gutter.scroll(0, moved)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def _show_selections(self) -> None:
        shown: list[QTextEdit.ExtraSelection] = []
        if not self.isReadOnly() and self.blockCount() > 1:
            line = QTextEdit.ExtraSelection()
            line.format.setBackground(theme().color("hover"))
            line.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            line.cursor = self.textCursor()
            line.cursor.clearSelection()
            shown.append(line)
        for number, (level, _) in self._marks.items():
            block = self.document().findBlockByNumber(number - 1)
            if not block.isValid():
                continue
            mark = QTextEdit.ExtraSelection()
            mark.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            mark.format.setUnderlineColor(theme().color(_MARK_COLORS[level]))
            cursor = QTextCursor(block)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            mark.cursor = cursor
            shown.append(mark)
        self.setExtraSelections(shown)

    def paint_gutter(self, painter: QPainter, area: QRect) -> None:
        """Paint the line numbers that lie in `area` of the gutter."""
        painter.fillRect(area, theme().color("panel"))
        painter.setFont(self.font())
        current = self.textCursor().blockNumber()
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        width = self._gutter.width() - theme().px(8)
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            if block.isVisible() and top + height >= area.top():
                number = block.blockNumber()
                mark = self._marks.get(number + 1)
                token = _MARK_COLORS[mark[0]] if mark else "text-2" if number == current else "text-3"
                painter.setPen(theme().color(token))
                line = QRect(0, round(top), width, self.fontMetrics().height())
                painter.drawText(line, Qt.AlignmentFlag.AlignRight, str(number + 1))
            top += height
            block = block.next()


class _Gutter(QWidget):
    """The strip of line numbers beside the text."""

    def __init__(self, editor: CodeEdit) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        digits = max(2, len(str(self._editor.blockCount())))
        return QSize(self._editor.fontMetrics().horizontalAdvance("9") * digits + theme().px(18), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._editor.paint_gutter(painter, event.rect())

    def mousePressEvent(self, event: object) -> None:
        position: QPoint = event.position().toPoint()  # type: ignore[attr-defined]
        line = self._editor.cursorForPosition(QPoint(0, position.y())).blockNumber() + 1
        self._editor.go_to(line)
        self._editor.setFocus()
