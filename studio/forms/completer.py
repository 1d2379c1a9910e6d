"""The list of what can stand at the cursor of a field, from its opening to what is picked from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from studio.forms.completion import Completion, Suggestion, complete, inside
from studio.forms.completion_popup import CompletionPopup
from studio.forms.context import FormContext, Names
from studio.forms.preview import names_of
from studio.forms.worker import Worker
from studio.widgets.plain_edit import PlainEdit

_OWN_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class Completer(QObject):
    """Belongs to `edit`, which hands it the keys (`take_key`), and tells it what was `typed`."""

    def __init__(self, edit: PlainEdit, context: FormContext) -> None:
        super().__init__(edit)
        self._edit = edit
        self._context = context
        self._popup: CompletionPopup | None = None
        self._completion = Completion(0)
        self._worker = Worker(self)
        self._worker.answered.connect(self._answered)
        edit.cursorPositionChanged.connect(self._moved)

    def open(self) -> None:
        """Offer what can stand at the cursor, or close the list."""
        text, position, names = self._edit.text(), self._edit.textCursor().position(), self._context.names()
        secrets = self._context.secrets()
        found = complete(text, position, names, None, secrets)
        if found is None or not self._edit.hasFocus():
            self.close()
            return
        self._offer(found)
        lookup = self._context.lookup(0)
        if lookup is not None:
            # What the data says of it may have to be fetched, so it follows from a worker thread.
            self._worker.ask(_complete, text, position, names, names_of(lookup), secrets)

    def _offer(self, found: Completion) -> None:
        if self._popup is None:
            self._popup = CompletionPopup(self._edit)
            self._popup.picked.connect(self._take)
        self._completion = found
        at = self._edit.cursorRect()
        self._popup.show_completion(found, QRect(self._edit.viewport().mapToGlobal(at.topLeft()), at.size()))

    def _answered(self, answer: tuple[str, int, Completion | None] | None) -> None:
        """The data has more to offer, unless the text went on, or somebody has begun to choose."""
        edit = self._edit
        if answer is None or answer[:2] != (edit.text(), edit.textCursor().position()) or not edit.hasFocus():
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

    def close(self) -> None:
        self._worker.forget()
        if self._popup is not None:
            self._popup.hide()

    @property
    def popup(self) -> CompletionPopup | None:
        """The list of suggestions while it is open."""
        return self._popup if self._popup is not None and self._popup.isVisible() else None

    def _take(self, one: Suggestion) -> None:
        position = self._edit.textCursor().position()
        text = self._edit.text()
        insert = one.text
        if insert.endswith("()") and text[position : position + 1] == "(":
            insert = insert[:-2]
        self._edit.replace(self._completion.start, position, insert)
        if one.back and insert is one.text:
            cursor = self._edit.textCursor()
            cursor.movePosition(QTextCursor.MoveOperation.Left, n=one.back)
            self._edit.setTextCursor(cursor)
        if one.kind == "function" and one.back:
            self.open()
        else:
            self.close()

    def typed(self, text: str) -> None:
        """Open or close the list after `text` has been typed."""
        typed = text[-1:]
        if self.popup is not None or typed.isalnum() or typed in "_.|'\"(":
            if typed in (" ", ",", ")", "}") and not self._source_ends_with("|"):
                found = complete(self._edit.text(), self._edit.textCursor().position(), self._context.names(), None)
                if found is None or not found.signature:
                    self.close()
                    return
            self.open()
        elif typed == " " and self._source_ends_with("|"):
            self.open()

    def _source_ends_with(self, mark: str) -> bool:
        return self._edit.text()[: self._edit.textCursor().position()].rstrip().endswith(mark)

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether the open list had use for a key."""
        popup = self.popup
        if popup is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close()
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

    def _moved(self) -> None:
        if self.popup is not None and inside(self._edit.text(), self._edit.textCursor().position()) is None:
            self.close()


def _complete(
    text: str, position: int, names: Names, data: Mapping[str, Any], secrets: Sequence[str]
) -> tuple[str, int, Completion | None]:
    return text, position, complete(text, position, names, data, secrets)
