"""Cut, copy, paste and duplicate, on the clipboard of the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QToolTip

from engine.api import Document
from engine.core.errors import DocumentError, RpaError
from studio.base.i18n import tr, tr_sentence, trn
from studio.base.tasks import spawn
from studio.designer.edits import Rect
from studio.designer.part import HIGH, OFFSET, WIDE, corners, enclosed, part_of, paste, read, text_of, without
from studio.designer.selection import Selected

if TYPE_CHECKING:
    from studio.base.actions import Actions
    from studio.designer.editor import Editor

_SMALL = 50_000
"""Characters that are read at once; longer texts are read beside the window."""


def bind_clipboard(
    actions: Actions,
    current: Callable[[], Editor | None],
    say: Callable[[Editor, str, str], None] | None = None,
) -> None:
    """Bind cut, copy, paste and duplicate of the editor in front. `say` shows an editor's user a title and a text."""
    glue = _Glue(current, say or _tip)
    for id, handler in (
        ("edit.cut", glue.cut),
        ("edit.copy", glue.copy),
        ("edit.paste", glue.paste),
        ("edit.duplicate", glue.duplicate),
    ):
        actions.bind(id, handler)


def _tip(editor: Editor, title: str, text: str) -> None:
    QToolTip.showText(QCursor.pos(), "\n".join(filter(None, (title, text))), editor)


class _Glue:
    def __init__(self, current: Callable[[], Editor | None], say: Callable[[Editor, str, str], None]) -> None:
        self._current = current
        self._say = say

    def copy(self) -> None:
        editor = self._current()
        if editor is not None:
            self._copied(editor)

    def cut(self) -> None:
        editor = self._current()
        selected = self._copied(editor) if editor is not None else None
        if editor is not None and selected is not None:
            editor.document.edit_document(
                _named(selected, tr("Cut"), tr("Cut {name}")), lambda document: without(document, selected)
            )

    def paste(self) -> None:
        editor = self._current()
        if editor is None:
            return
        text = QGuiApplication.clipboard().text()
        if len(text) <= _SMALL:
            try:
                self._place(editor, read(text), tr("Paste"), tr("Paste {name}"))
            except DocumentError as error:
                self._say(editor, tr_sentence(error.message), tr_sentence(error.hint))
            return
        spawn(self._paste_large(editor, text), failed=lambda error: self._refuse(editor, error))

    async def _paste_large(self, editor: Editor, text: str) -> None:
        part = await editor.bridge.run(read, text)
        self._place(editor, part, tr("Paste"), tr("Paste {name}"))

    def _refuse(self, editor: Editor, error: Exception) -> None:
        if not isinstance(error, RpaError):
            raise error
        self._say(editor, tr_sentence(error.message), tr_sentence(error.hint))

    def duplicate(self) -> None:
        editor = self._current()
        if editor is None or not editor.selection.value:
            return
        document, boxes = editor.document, _boxes(editor)
        selected = enclosed(document.document, document.plan, editor.selection.value, boxes)
        part = part_of(document.document, selected, boxes)
        self._place(editor, part, tr("Duplicate"), tr("Duplicate {name}"), beside=True)

    def _copied(self, editor: Editor) -> Selected | None:
        document, boxes = editor.document, _boxes(editor)
        selected = enclosed(document.document, document.plan, editor.selection.value, boxes)
        if not (selected.steps or selected.notes or selected.frames):
            return None
        try:
            QGuiApplication.clipboard().setText(text_of(part_of(document.document, selected, boxes)))
        except DocumentError as error:
            self._say(editor, tr_sentence(error.message), tr_sentence(error.hint))
            return None
        return selected

    def _place(self, editor: Editor, part: Document, text: str, named: str, *, beside: bool = False) -> None:
        document = editor.document
        pasted = paste(document.document, part, None if beside else _target(editor, part))
        document.edit_document(_named(pasted.new, text, named), lambda _: pasted.document)
        editor.selection.set(replace(pasted.new, edges=frozenset()))


def _named(selected: Selected, text: str, named: str) -> str:
    """What undo calls it: `Paste 3 steps`."""
    steps, marks = len(selected.steps), len(selected.notes) + len(selected.frames)
    if steps:
        return named.format(name=trn("{n} step", "{n} steps", steps))
    return named.format(name=trn("{n} note or frame", "{n} notes and frames", marks)) if marks else text


def _boxes(editor: Editor) -> Mapping[str, Rect]:
    """Where the canvas shows the steps."""
    return editor.scene.geometry.boxes


def _target(editor: Editor, part: Document) -> tuple[float, float] | None:
    """Under the cursor if it is over the canvas; else beside the original if that is in sight, else in the middle."""
    view = editor.view
    port = view.viewport()
    cursor = port.mapFromGlobal(QCursor.pos())
    if port.underMouse() and port.rect().contains(cursor):
        point = view.mapToScene(cursor)
        return point.x(), point.y()
    seen = view.mapToScene(port.rect()).boundingRect()
    layout = part.workflow.layout
    points = [(place.x, place.y) for place in layout.steps.values()] + corners(layout)
    if any(seen.contains(x + OFFSET, y + OFFSET) for x, y in points):
        return None
    return seen.center().x() - WIDE / 2, seen.center().y() - HIGH / 2
