"""A field for text that may hold `{{ … }}`: expressions stand out, are completed while typing, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.base.theme import theme
from studio.forms.completer import Completer
from studio.forms.completion import inside
from studio.forms.context import FormContext
from studio.forms.expression_marks import ExpressionHighlighter, areas, expression_spans
from studio.forms.faults import Fault, faults
from studio.widgets.plain_edit import PlainEdit

_CHECK = 120
"""Milliseconds without typing after which a text is checked."""


class ExpressionEdit(PlainEdit):
    """One line, or `lines` to start with, that grows with its text up to `most` lines.

    In a single line Enter tells `returned`, and Shift+Enter breaks the line all the same. `checked` tells the faults of
    a text a moment after it was changed. With `always`, the whole value is expected to be an expression, and typing
    begins inside of one.
    """

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
        self._faults: tuple[Fault, ...] = ()
        self.completer = Completer(self, context)
        self._spans: list[tuple[int, int]] | None = None
        self._trailing: QWidget | None = None
        self.document().contentsChange.connect(self._forget_spans)  # before the highlighter hears of it
        self._highlighter = ExpressionHighlighter(self.document(), self)
        self._check = QTimer(self, singleShot=True, interval=_CHECK)
        self._check.timeout.connect(self.check_now)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setViewportMargins(theme().px(4), 0, theme().px(4), 0)
        self._restyle()

    # The text

    def set_text(self, text: str) -> None:
        if text != self.text():
            super().set_text(text)
            self.completer.close()

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
        self.completer.open()

    def faults(self) -> Sequence[Fault]:
        return self._faults

    def set_faults(self, found: Sequence[Fault]) -> None:
        """Underline what is wrong."""
        if tuple(found) != self._faults:
            self._faults = tuple(found)
            with self.quietly():  # new formats change the document, and are no edit
                self._highlighter.rehighlight()

    def check_now(self) -> None:
        """Look for faults, and tell them."""
        self._check.stop()
        known = self.context.expressions
        found = faults(self.text(), self.context.names(), lazy=self._lazy) if known else ()
        self.set_faults(found)
        self.checked.emit(found)

    # Events

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and self.completer.popup is not None:
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
            # Tab would move the focus before keyPressEvent hears of it.
            tab = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab
            if tab and self.completer.take_key(event):
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
        if self.completer.take_key(event):
            return
        if not self.context.expressions and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        key, text = event.key(), event.text()
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if key == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.completer.open()
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
            self.completer.typed(text)
        elif text == "{" and plain and self._left() == "{" and self._left(2) != "{{" and self._outside():
            self.textCursor().insertText("{  }}")
            self._go(-3)
            self.completer.open()
        elif text == "}" and plain and self._to_close():
            self._go(self._to_close())
        elif key == Qt.Key.Key_Backspace and plain and self._left(3) == "{{ " and self._right(3) == " }}":
            at = self.textCursor().position()
            # Right after `=` a single Backspace means that the sign itself was wanted.
            self.replace(at - 3, at + 3, "=" if self.text() == "{{  }}" and not self._always else "")
            self.completer.close()
        else:
            super().keyPressEvent(event)
            if text and plain and (text.isprintable() or key == Qt.Key.Key_Backspace):
                self.completer.typed(text)

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
        with self.quietly():  # empty braces say nothing yet
            self.setPlainText("{{  }}")
        self._go(3)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            return
        self.completer.close()
        if self._always and self.text() == "{{  }}":
            with self.quietly():
                self.setPlainText("")

    def hideEvent(self, event: Any) -> None:
        self.completer.close()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._place_trailing()

    def _changed(self) -> None:
        self._fit()
        if self._quiet:
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
        super()._restyle()
        with self.quietly():
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
                    found += areas(block, place.topLeft().x(), place.top(), left - start, right - start)
            block = block.next()
        return found
