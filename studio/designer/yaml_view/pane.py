"""The YAML pane: the selection as text, in step with the canvas. What cannot be applied stays as it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.api import Document, Problem
from engine.core.errors import DocumentError, RpaError
from studio.base.i18n import tr, tr_sentence, trn
from studio.base.tasks import spawn
from studio.base.theme import set_kind
from studio.designer.selection import Selected
from studio.designer.yaml_view.fragment import Fragment, fragment, read, written
from studio.widgets.code_edit import CodeEdit
from studio.widgets.empty import EmptyState

if TYPE_CHECKING:
    from studio.designer.editor import Editor

PAUSE = 400
"""Milliseconds without typing after which a text is applied."""
_FOLLOW = 80
_MANY = 400
"""Steps from which they are shown only when asked for: to write 1,000 of them holds up the window for 100 ms."""
_COLOURED = 3000
"""Lines up to which a text is coloured."""
_LONG = 50_000
"""Characters from which a text is read beside the window."""


class YamlPane(QWidget):
    """A text that is typed stays until it is applied or Esc gives it up; meanwhile another selection does not show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("yaml")
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor: Editor | None = None
        self._shown: Fragment | None = None
        self._typed = False
        self._applying = False
        self._rendering = False
        self._all = False
        self._session = 0
        self._language = "yaml"
        self.title = QLabel(self)
        set_kind(self.title, "label")
        self.state = QLabel(self)
        self.state.setMinimumWidth(0)
        self.anyway = QPushButton(tr("Apply"), self)
        self.anyway.clicked.connect(lambda: self._apply(forced=True))
        self.give_up = QPushButton(tr("Give up"), self)
        self.give_up.clicked.connect(self._give_up)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 12, 6)
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.state, 1)
        head.addWidget(self.anyway)
        head.addWidget(self.give_up)
        self.text = CodeEdit("yaml", self, indent="  ")
        self.text.setAccessibleName(tr("YAML"))
        self.text.setFrameShape(CodeEdit.Shape.NoFrame)
        self.text.installEventFilter(self)
        self.text.text_edited.connect(self._take_text)
        self.nothing = EmptyState("code", "", "", (tr("Show all of it"), self._show_all), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        margin = QVBoxLayout()
        margin.setContentsMargins(12, 12, 12, 12)
        margin.addWidget(self.nothing)
        column.addLayout(margin)
        column.addStretch()
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._apply)
        self._soon = QTimer(self, singleShot=True, interval=_FOLLOW)
        self._soon.timeout.connect(self._render)
        self._render()

    @property
    def pending(self) -> bool:
        """Whether there is text that is not applied."""
        return self._typed

    def show_editor(self, editor: Editor | None) -> None:
        """Show the selection of this editor; None for none."""
        if editor is self._editor:
            return
        if self._editor is not None:
            self._apply(at_once=True)
            self._editor.document.changed.disconnect(self._follow)
            self._editor.selection.changed.disconnect(self._follow_selection)
        self._editor = editor
        self._typed = self._all = False
        self._session += 1
        if editor is not None:
            editor.document.changed.connect(self._follow)
            editor.selection.changed.connect(self._follow_selection)
        self._soon.start(0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon.start(0)

    # From the canvas to the text

    def _follow(self) -> None:
        if not self._applying and not self._typed:
            self._soon.start()

    def _follow_selection(self) -> None:
        if self._applying:
            return
        if self._typed and self._pause.isActive():
            self._apply()  # what was just typed belongs to what was selected when it was
        self._all = False
        if not self._typed:
            self._session += 1
            self._soon.start()

    def _show_all(self) -> None:
        self._all = True
        self._render()

    def _render(self) -> None:
        """Show the selection as it is now. Not while something is typed, and not before anybody looks."""
        if self._typed or not self.isVisible():
            return
        editor, self._shown = self._editor, None
        self.text.set_marks({})
        if editor is None:
            self._show_nothing(tr("No workflow is open."), "", False)
            return
        selected = editor.selection.value
        count = len(selected.steps if selected else editor.document.workflow.steps)
        if count > _MANY and not self._all:
            if selected:
                self._show_nothing(_title(selected), "", True)
            else:
                self._show_nothing(
                    tr("Select steps to see them as YAML."),
                    trn("The whole workflow has {n} step.", "The whole workflow has {n} steps.", count),
                    True,
                )
            return
        try:
            self._shown = fragment(editor.document.document, editor.document.plan, selected)
        except DocumentError as error:
            self._show_nothing(tr_sentence(error.message), tr_sentence(error.hint), False)
            return
        self.nothing.hide()
        self.text.show()
        self.title.setText(_title(self._shown.selected))
        language = "yaml" if self._shown.text.count("\n") < _COLOURED else ""
        self._rendering = True  # colours change the text too, as Qt sees it
        try:
            if language != self._language:
                self._language = language
                self.text.set_text("")  # the text that goes need not be coloured anew
                self.text.set_language(language)
            self.text.set_text(self._shown.text)
        finally:
            self._rendering = False
        self._say("", "")

    def _show_nothing(self, title: str, text: str, button: bool) -> None:
        self.title.setText("")
        self._say("", "")
        self.text.hide()
        self.nothing.show_text(title, text)
        if self.nothing.button is not None:
            self.nothing.button.setVisible(button)
        self.nothing.show()

    # From the text to the canvas

    def _take_text(self) -> None:
        if self._shown is None or self._rendering:
            return
        self._typed = True
        self._pause.start()

    def _apply(self, forced: bool = False, *, at_once: bool = False) -> None:
        """Make the workflow what the text says, as one command; or mark where it says nothing."""
        editor, shown = self._editor, self._shown
        self._pause.stop()
        if not self._typed or editor is None or shown is None:
            return
        text = self.text.text()
        if len(text) > _LONG and not at_once:
            self._say("", tr("Reading…"))
            spawn(self._read_and_write(editor, shown, text, forced))
            return
        try:
            new = read(text, shown)
        except RpaError as error:
            self._mark(error)
            return
        self._write(editor, shown, new, forced)

    async def _read_and_write(self, editor: Editor, shown: Fragment, text: str, forced: bool) -> None:
        """The same for a long text, which is read beside the window."""
        failure: RpaError | None = None
        try:
            new = await editor.bridge.run(read, text, shown)
        except RpaError as error:
            failure = error
        if self._editor is not editor or self._shown is not shown or self.text.text() != text:
            return  # typed on meanwhile, and applied after the next pause
        if failure is not None:
            self._mark(failure)
        else:
            self._write(editor, shown, new, forced)

    def _write(self, editor: Editor, shown: Fragment, new: Document, forced: bool) -> None:
        document = editor.document
        try:
            now = fragment(document.document, document.plan, shown.selected)
            if now.text != shown.text and not forced:
                self._say("changed", tr("The workflow was changed meanwhile."))
                return
            changed, selected = written(document.document, now, new)
        except RpaError as error:
            self._mark(error)
            return
        self._applying = True
        try:
            document.edit_document(tr("Edit YAML"), lambda _: changed, merge=f"yaml-{self._session}")
            if shown.selected:
                editor.selection.set(selected)
            self._shown = fragment(document.document, document.plan, selected)
        finally:
            self._applying = False
        self._typed = False
        self.title.setText(_title(self._shown.selected))
        self.text.set_marks({})
        self._say("", "")

    def _mark(self, error: RpaError) -> None:
        problems = [one for one in getattr(error, "problems", ()) if isinstance(one, Problem)]
        marks: dict[int, tuple[Literal["error", "warning"], str]] = {}
        for problem in problems:
            marks.setdefault(
                max(1, problem.line),
                ("error", " ".join(filter(None, (tr_sentence(problem.message), tr_sentence(problem.hint))))),
            )
        self.text.set_marks(marks or {1: ("error", tr_sentence(error.message))})
        first = problems[0] if problems else None
        message = tr_sentence(first.message if first is not None else error.message)
        line = first.line if first is not None else 0
        text = tr("Line {line}: {message}", line=line, message=message) if line else message
        self._say("wrong", text)

    def _say(self, state: Literal["", "wrong", "changed"], text: str) -> None:
        set_kind(self.state, "error" if state else "muted")
        self.state.setText(text)
        self.state.setToolTip(text)
        self.anyway.setVisible(state == "changed")
        self.give_up.setVisible(bool(state))

    def _give_up(self) -> None:
        self._pause.stop()
        self._typed = False
        self._session += 1
        self._render()
        self.text.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc gives up what was typed, and where nothing was, goes back to the canvas."""
        if watched is self.text and event.type() == QEvent.Type.FocusOut and self._typed:
            self._apply()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            if self._typed:
                self._give_up()
            elif self._editor is not None:
                self._editor.setFocus()
            return True
        return super().eventFilter(watched, event)


def _title(selected: Selected) -> str:
    if not selected:
        return tr("The whole workflow")
    if selected.steps:
        return trn("{n} step", "{n} steps", len(selected.steps))
    if selected.edges:
        return trn("{n} wire", "{n} wires", len(selected.edges))
    return trn("{n} item", "{n} items", len(selected))
