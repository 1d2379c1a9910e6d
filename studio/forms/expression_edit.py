"""A field for text that may hold `{{ … }}`: expressions stand out, are completed while typing, and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextLine,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QToolTip, QWidget

from studio.base.theme import theme
from studio.forms.completion import Completion, Suggestion, complete, inside
from studio.forms.completion_popup import CompletionPopup
from studio.forms.context import FormContext, Names
from studio.forms.faults import Fault, faults
from studio.forms.preview import names_of
from studio.forms.worker import Worker

_CHECK = 120
"""Milliseconds without typing after which a text is checked."""
_OWN_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ExpressionEdit(QPlainTextEdit):
    """One line, or `lines` to start with, that grows with its text up to `most` lines.

    In a single line Enter tells `returned`, and Shift+Enter breaks the line all the same. `text_edited` tells what a
    person changed, `checked` the faults of the text a moment later. With `always`, the whole value is expected to be an
    expression, and typing begins inside of one.
    """

    text_edited = Signal(str)
    checked = Signal(tuple)
    returned = Signal()

    def __init__(
        self,
        context: FormContext,
        parent: QWidget | None = None,
        *,
        lines: int = 1,
        most: int = 0,
        code: bool = False,
        always: bool = False,
        lazy: bool = False,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._lines = lines
        self._most = most or max(5, lines + 4)
        self._code = code
        self._always = always
        self._lazy = lazy
        self._setting = False
        self._faults: tuple[Fault, ...] = ()
        self._popup: CompletionPopup | None = None
        self._completion = Completion(0)
        self._worker = Worker(self)
        self._worker.answered.connect(self._answered)
        self._spans: list[tuple[int, int]] | None = None
        self._trailing: QWidget | None = None
        self.document().contentsChange.connect(self._forget_spans)  # before the highlighter hears of it
        self._highlighter = _Highlighter(self.document(), self)
        self._check = QTimer(self, singleShot=True, interval=_CHECK)
        self._check.timeout.connect(self.check_now)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setViewportMargins(theme().px(4), 0, theme().px(4), 0)
        self.textChanged.connect(self._changed)
        self.cursorPositionChanged.connect(self._moved)
        theme().changed.connect(self._restyle)
        self._restyle()

    # The text

    def text(self) -> str:
        """The text, character by character; Qt's own way to ask for it makes blanks of those that do not break."""
        return self.document().toRawText().replace("\u2029", "\n")

    def set_text(self, text: str) -> None:
        """Show `text`; the cursor stays where it was as far as it can, and nothing is told."""
        if text == self.text():
            return
        position = self.textCursor().position()
        self._setting = True
        try:
            self.setPlainText(text)
        finally:
            self._setting = False
        cursor = self.textCursor()
        cursor.setPosition(min(position, max(0, self.document().characterCount() - 1)))
        self.setTextCursor(cursor)
        self.close_completion()

    def insert_expression(self) -> None:
        """Put `{{  }}` around the selection, or at the cursor, and offer what can stand inside."""
        cursor = self.textCursor()
        chosen = cursor.selectedText()
        bounds = inside(self.text(), cursor.position())
        if bounds is None:
            cursor.insertText(f"{{{{ {chosen} }}}}")
            cursor.movePosition(QTextCursor.MoveOperation.Left, n=3)
            self.setTextCursor(cursor)
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.open_completion()

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` in place of the characters from `start` to `end`, as if it had been typed."""
        cursor = self.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def faults(self) -> Sequence[Fault]:
        return self._faults

    def set_faults(self, found: Sequence[Fault]) -> None:
        """Underline what is wrong."""
        if tuple(found) != self._faults:
            self._faults = tuple(found)
            self._setting = True  # new formats change the document, and are no edit
            try:
                self._highlighter.rehighlight()
            finally:
                self._setting = False

    def check_now(self) -> None:
        """Look for faults, and tell them."""
        self._check.stop()
        known = self.context.expressions
        found = faults(self.text(), self.context.names(), lazy=self._lazy) if known else ()
        self.set_faults(found)
        self.checked.emit(found)

    # Completion

    def open_completion(self) -> None:
        """Offer what can stand at the cursor, or close the list."""
        text, position, names = self.text(), self.textCursor().position(), self.context.names()
        secrets = self.context.secrets()
        found = complete(text, position, names, None, secrets)
        if found is None or not self.hasFocus():
            self.close_completion()
            return
        self._offer(found)
        lookup = self.context.lookup(0)
        if lookup is not None:
            # What the data says of it may have to be fetched, so it follows from a worker thread.
            self._worker.ask(_complete, text, position, names, names_of(lookup), secrets)

    def _offer(self, found: Completion) -> None:
        if self._popup is None:
            self._popup = CompletionPopup(self)
            self._popup.picked.connect(self._take)
        self._completion = found
        at = self.cursorRect()
        self._popup.show_completion(found, QRect(self.viewport().mapToGlobal(at.topLeft()), at.size()))

    def _answered(self, answer: tuple[str, int, Completion | None] | None) -> None:
        """The data has more to offer, unless the text went on, or somebody has begun to choose."""
        if answer is None or answer[:2] != (self.text(), self.textCursor().position()) or not self.hasFocus():
            return
        found = answer[2]
        if found is None or found == self._completion:
            return
        if self._popup is None or (not self._popup.isVisible() and self._completion.suggestions):
            return  # closed by a person
        self._offer_more(found)

    def _offer_more(self, found: Completion) -> None:
        chosen = self._popup.current() if self._popup is not None else None
        self._offer(found)
        if self._popup is not None and chosen is not None:
            self._popup.choose(chosen.label)

    def close_completion(self) -> None:
        self._worker.forget()
        if self._popup is not None:
            self._popup.hide()

    @property
    def popup(self) -> CompletionPopup | None:
        """The list of suggestions while it is open."""
        return self._popup if self._popup is not None and self._popup.isVisible() else None

    def _take(self, one: Suggestion) -> None:
        position = self.textCursor().position()
        text = self.text()
        insert = one.text
        if insert.endswith("()") and text[position : position + 1] == "(":
            insert = insert[:-2]
        self.replace(self._completion.start, position, insert)
        if one.back and insert is one.text:
            cursor = self.textCursor()
            cursor.movePosition(QTextCursor.MoveOperation.Left, n=one.back)
            self.setTextCursor(cursor)
        if one.kind == "function" and one.back:
            self.open_completion()
        else:
            self.close_completion()

    # Events

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Undo) and not self.document().isUndoAvailable():
                event.ignore()  # what the field cannot undo any more is for the document to undo
                return True
            if event.matches(QKeySequence.StandardKey.Redo) and not self.document().isRedoAvailable():
                event.ignore()
                return True
            if self.popup is not None and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        # Tab would move the focus before keyPressEvent hears of it.
        tab = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab
        if tab and isinstance(event, QKeyEvent) and self._key_of_popup(event):
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            place = self.cursorForPosition(event.pos()).position()  # type: ignore[attr-defined]
            for fault in self._faults:
                if fault.start <= place <= fault.end:
                    QToolTip.showText(event.globalPos(), fault.message, self)  # type: ignore[attr-defined]
                    return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.isReadOnly():
            super().keyPressEvent(event)
            return
        if self.popup is not None and self._key_of_popup(event):
            return
        if not self.context.expressions and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        key, text = event.key(), event.text()
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if key == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.open_completion()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            if self._lines > 1 or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.insertPlainText("\n")
                self.ensureCursorVisible()
            else:
                self.returned.emit()
        elif text == "=" and plain and not self.text() and (self._always or not self._code):
            self.insert_expression()
        elif self._always and self._code and plain and not self.text() and text.isidentifier():
            self.insert_expression()  # a click has put the braces there; whoever came by Tab means the same
            super().keyPressEvent(event)
            self._after_typing(text)
        elif text == "{" and plain and self._left() == "{" and self._left(2) != "{{" and self._outside():
            self.textCursor().insertText("{  }}")
            self._go(-3)
            self.open_completion()
        elif text == "}" and plain and self._to_close():
            self._go(self._to_close())
        elif key == Qt.Key.Key_Backspace and plain and self._left(3) == "{{ " and self._right(3) == " }}":
            at = self.textCursor().position()
            # Right after `=` a single Backspace means that the sign itself was wanted.
            self.replace(at - 3, at + 3, "=" if self.text() == "{{  }}" and not self._always else "")
            self.close_completion()
        else:
            super().keyPressEvent(event)
            if text and plain and (text.isprintable() or key == Qt.Key.Key_Backspace):
                self._after_typing(text)

    def _after_typing(self, text: str) -> None:
        typed = text[-1:]
        if self.popup is not None or typed.isalnum() or typed in "_.|'\"(":
            if typed in (" ", ",", ")", "}") and not self._source_ends_with("|"):
                found = complete(self.text(), self.textCursor().position(), self.context.names(), None)
                if found is None or not found.signature:
                    self.close_completion()
                    return
            self.open_completion()
        elif typed == " " and self._source_ends_with("|"):
            self.open_completion()

    def _source_ends_with(self, mark: str) -> bool:
        return self.text()[: self.textCursor().position()].rstrip().endswith(mark)

    def _key_of_popup(self, event: QKeyEvent) -> bool:
        """Whether the open list has use for a key."""
        popup = self.popup
        if popup is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_completion()
            return True
        one = popup.current()
        if one is None:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(one)
            return True
        if key in _OWN_KEYS:
            step = 7 if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) else 1
            popup.move_by(-step if key in (Qt.Key.Key_Up, Qt.Key.Key_PageUp) else step)
            return True
        return False

    def _left(self, count: int = 1) -> str:
        position = self.textCursor().position()
        return self.text()[max(0, position - count) : position]

    def _right(self, count: int = 1) -> str:
        position = self.textCursor().position()
        return self.text()[position : position + count]

    def _to_close(self) -> int:
        """How far it is behind the next brace, where nothing but blanks stands before the end of an expression."""
        rest = self.text()[self.textCursor().position() :]
        blanks = len(rest) - len(rest.lstrip(" "))
        closed = rest.startswith("}}", blanks) or (not blanks and rest.startswith("}") and self._left() == "}")
        return blanks + 1 if closed else 0

    def _outside(self) -> bool:
        return inside(self.text(), self.textCursor().position()) is None and not self.textCursor().hasSelection()

    def _go(self, count: int) -> None:
        cursor = self.textCursor()
        move = QTextCursor.MoveOperation
        cursor.movePosition(move.Left if count < 0 else move.Right, n=abs(count))
        self.setTextCursor(cursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._always and not self.text() and event.reason() == Qt.FocusReason.MouseFocusReason:
            self._ensure_frame()

    def _ensure_frame(self) -> None:
        self._setting = True  # empty braces say nothing yet
        try:
            self.setPlainText("{{  }}")
        finally:
            self._setting = False
        self._go(3)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            return
        self.close_completion()
        self.document().clearUndoRedoStacks()
        if self._always and self.text() == "{{  }}":
            self._setting = True
            try:
                self.setPlainText("")
            finally:
                self._setting = False

    def hideEvent(self, event: Any) -> None:
        self.close_completion()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._place_trailing()

    def _moved(self) -> None:
        if self.popup is not None and inside(self.text(), self.textCursor().position()) is None:
            self.close_completion()

    def _changed(self) -> None:
        self._fit()
        if self._setting:
            self._check.start()
            return
        text = self.text()
        # Where the text has changed, the old marks point at something else.
        self.set_faults([fault for fault in self._faults if text[fault.start : fault.end].isidentifier()])
        self._check.start()
        self.text_edited.emit(text)

    # Looks

    def _restyle(self) -> None:
        self.setFont(theme().font("code" if self._code else "body"))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.PlaceholderText, theme().color("text-3"))
        self.setPalette(palette)
        self._highlighter.restyle()
        self._fit()

    def set_trailing(self, widget: QWidget) -> None:
        """Show a button or a unit at the right end, inside the field."""
        self._trailing = widget
        widget.setParent(self)
        widget.show()
        self.setViewportMargins(theme().px(4), 0, widget.sizeHint().width() + theme().px(2), 0)
        self._place_trailing()

    def _place_trailing(self) -> None:
        if self._trailing is not None:
            size = self._trailing.sizeHint()
            height = min(size.height(), theme().px(24))
            left = self.width() - size.width() - theme().px(4)
            self._trailing.setGeometry(left, (theme().px(28) - height) // 2, size.width(), height)

    def _line(self) -> float:
        """The height of a line; as tall as the taller of its two fonts."""
        return max(QFontMetricsF(theme().font(name)).lineSpacing() for name in ("body", "code"))

    def _fit(self) -> None:
        visual = int(self.document().size().height())
        lines = max(self._lines, min(visual, self._most))
        room = self.height() - self.viewport().height() if self.isVisible() else 2 * self.frameWidth() + 10
        wanted = max(theme().px(28), round(lines * self._line()) + max(room, theme().px(10)))
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if visual > self._most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if self.verticalScrollBarPolicy() != policy:
            self.setVerticalScrollBarPolicy(policy)
        if self.minimumHeight() != wanted or self.maximumHeight() != wanted:
            self.setFixedHeight(wanted)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(160), max(self.minimumHeight(), theme().px(28)))

    def spans(self) -> Sequence[tuple[int, int]]:
        """From where to where the expressions of the text stand, with their braces."""
        if self._spans is None:
            self._spans = expression_spans(self.text()) if self.context.expressions else []
        return self._spans

    def _forget_spans(self) -> None:
        self._spans = None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.spans():
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("expression-soft"))
            radius = theme().px(4)
            for area in self._chips():
                painter.drawRoundedRect(area, radius, radius)
            painter.end()
        super().paintEvent(event)

    def _chips(self) -> list[QRectF]:
        """Where the expressions stand, line by line, in the viewport."""
        found: list[QRectF] = []
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        bottom = self.viewport().height()
        spans = self.spans()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(offset)
            if place.top() > bottom:
                break
            start = block.position()
            for left, right in spans:
                if left < start + block.length() and right > start:
                    found += _areas(block, place.topLeft().x(), place.top(), left - start, right - start)
            block = block.next()
        return found


def _complete(
    text: str, position: int, names: Names, data: Mapping[str, Any], secrets: Sequence[str]
) -> tuple[str, int, Completion | None]:
    return text, position, complete(text, position, names, data, secrets)


def expression_spans(text: str) -> list[tuple[int, int]]:
    """From where to where the expressions of a text stand, with their braces."""
    found: list[tuple[int, int]] = []
    place = 0
    while (opening := text.find("{{", place)) >= 0:
        bounds = inside(text, opening + 2)
        end = min(len(text), (bounds[1] if bounds else opening) + 2)
        found.append((opening, end))
        place = max(end, opening + 2)
    return found


def _areas(block: QTextBlock, x: float, y: float, start: int, end: int) -> list[QRectF]:
    found: list[QRectF] = []
    layout = block.layout()
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first = max(start, line.textStart())
        last = min(end, line.textStart() + line.textLength())
        if first >= last:
            continue
        left, right = _x(line, first), _x(line, last)
        found.append(QRectF(x + left - 3, y + line.y() - 1, right - left + 6, line.height() + 1))
    return found


def _x(line: QTextLine, place: int) -> float:
    # PySide gives the position together with the index.
    found: Any = line.cursorToX(place)
    return float(found[0] if isinstance(found, tuple) else found)


class _Highlighter(QSyntaxHighlighter):
    """Writes expressions in the code font and accent colour, and underlines faults."""

    def __init__(self, document: QTextDocument, editor: ExpressionEdit) -> None:
        super().__init__(document)
        self._editor = editor
        self._inside = QTextCharFormat()
        self._braces = QTextCharFormat()
        self._wrong = QColor()

    def restyle(self) -> None:
        self._inside = QTextCharFormat()
        self._inside.setFont(theme().font("code"))
        self._inside.setForeground(theme().color("accent-text"))
        self._wrong = theme().color("failed")
        self.rehighlight()

    def highlightBlock(self, block: str) -> None:
        start = self.currentBlock().position()
        for left, right in self._editor.spans():
            first, last = max(0, left - start), min(len(block), right - start)
            if first < last:
                self.setFormat(first, last - first, self._inside)
        for fault in self._editor.faults():
            first, last = max(0, fault.start - start), min(len(block), fault.end - start)
            if first < last:
                marked = QTextCharFormat(self.format(first))
                marked.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
                marked.setUnderlineColor(self._wrong)
                self.setFormat(first, last - first, marked)
