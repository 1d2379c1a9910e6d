"""What stands above the canvas until somebody acts: an engine that cannot run, steps in doubt, work left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from engine.api import ExecutionRecord
from engine.core.errors import StoreCorrupt, StoreError, StoreLocked
from studio.base.i18n import tr, trn
from studio.base.tasks import spawn
from studio.base.theme import theme
from studio.base.when import stamp
from studio.designer.run import words
from studio.designer.run.doubt import DoubtCard, Question, question_of
from studio.widgets.banner import Banner
from studio.widgets.dialog import Button, ask

if TYPE_CHECKING:
    from studio.bridge import Bridge
    from studio.designer.editor import Editor
    from studio.designer.run.controller import RunController

_MOST = 3
"""Executions that are offered one by one; more are offered together."""


class EngineNotice(Banner):
    """Says why nothing can be run, who holds the store, and what can be done about it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=8)
        self._bridge = bridge
        bridge.opened.connect(self._refresh)
        bridge.failed.connect(lambda error: self._refresh())
        self._refresh()

    def _refresh(self) -> None:
        bridge = self._bridge
        error = bridge.error or bridge.refusal
        if error is None:
            self.hide()
        elif bridge.ready:
            title = tr("Nothing can be run here for now; drawing and saving work.")
            reason, hint = words.trouble(error)
            then = tr("Runs work as soon as it is free.") if isinstance(error, StoreLocked) else hint
            self.show_message("warn", title, f"{reason} {then}".strip())
        elif isinstance(error, StoreCorrupt):
            title = tr("The store of executions is damaged, so nothing can be run. Drawing and saving work.")
            buttons = [(tr("Move it aside…"), self._move_aside), (tr("Try again"), bridge.retry)]
            self.show_message("error", title, words.trouble(error)[0], buttons, closable=False)
        else:
            title = tr("Nothing can be run: the engine is not open. Drawing and saving work.")
            self.show_message(
                "error", title, " ".join(words.trouble(error)), [(tr("Try again"), bridge.retry)], closable=False
            )

    def _move_aside(self) -> None:
        spawn(
            self._offer(),
            failed=lambda error: self.show_message("error", tr("It could not be moved."), words.trouble(error)[0]),
        )

    async def _offer(self) -> None:
        self.show()
        answer = await ask(
            self.window(),
            tr("Move the damaged store aside?"),
            tr(
                "{store} keeps its content under another name beside it, and a new, empty store is begun. Past "
                "executions are not listed until somebody mends it.",
                store=self._bridge.settings.store,
            ),
            [Button("keep", tr("Leave it")), Button("move", tr("Move it aside"))],
        )
        if answer == "move":
            aside = await self._bridge.move_store_aside()
            self.show_message("info", tr("A new store was begun."), tr("The old one is {path}.", path=aside))


class DoubtNotice(Banner):
    """Says that the execution shown waits for an answer, and asks for it in a dialog. One an editor."""

    def __init__(self, controller: RunController, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=8)
        self._controller, self._editor = controller, editor
        runs = controller.runs(editor)
        runs.shown_changed.connect(self._refresh)
        runs.status_changed.connect(self._refresh)
        controller.answer_wanted.connect(self._ask)
        self._said: tuple[str, ...] = ()

    def _refresh(self) -> None:
        questions = self._controller.questions(self._controller.runs(self._editor))
        said = tuple(question.address for question in questions)
        if said == self._said:
            return
        self._said = said
        if not questions:
            self.hide()
            return
        first = questions[0]
        title = question_of(first.activity)
        text = tr("“{step}” was cut off at {time}.", step=first.label, time=stamp(first.started_at))
        if len(questions) > 1:
            text += " " + trn("{n} more waits for an answer.", "{n} more wait for an answer.", len(questions) - 1)
        answer = (tr("Answer…"), lambda: self._controller.answer_wanted.emit(self._editor, first))
        show = (tr("Show the step"), lambda: self._show(first))
        self.show_message("doubt", title, text, [show, answer], closable=False)

    def _ask(self, editor: Editor, question: Question) -> None:
        if editor is self._editor:
            DoubtDialog(self._controller, editor, question).open()
            self.show()

    def _show(self, question: Question) -> None:
        self.show()
        runs = self._controller.runs(self._editor)
        if runs.shown is not None:
            self._editor.reveal(runs.shown.fold.shown_at(question.address))


class DoubtDialog(QDialog):
    """The question in a window of its own; dismissing it answers nothing."""

    def __init__(self, controller: RunController, editor: Editor, question: Question) -> None:
        super().__init__(editor.window())
        self._controller, self._editor = controller, editor
        self.setWindowTitle(question_of(question.activity))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.card = DoubtCard(question, self)
        self.card.answered.connect(self._answer)
        self.card.looked.connect(self._look)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.card)
        self.setMinimumWidth(theme().px(460))
        self.card.setFocus()

    def _answer(self, question: Question, decision: str, output: Any) -> None:
        answered(self._controller, self._editor, self.card, question, decision, output, self.accept)

    def _look(self, question: Question) -> None:
        runs = self._controller.runs(self._editor)
        if runs.shown is not None:
            self._editor.reveal(runs.shown.fold.shown_at(question.address))
        self.reject()


class DoubtPane(QScrollArea):
    """The question about the selected step, for the side of the canvas: hidden while there is none."""

    def __init__(self, controller: RunController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._editor: Editor | None = None
        self.card: DoubtCard | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(theme().px(280))
        controller.status_changed.connect(self._refresh)
        self.hide()

    def show_editor(self, editor: Editor | None) -> None:
        """Ask about steps of another editor."""
        if self._editor is not None:
            self._editor.selection.changed.disconnect(self._refresh)
        self._editor = editor
        if editor is not None:
            editor.selection.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        question = self._question()
        if question == (self.card.question if self.card is not None else None):
            return
        if self.card is not None:
            self.takeWidget().deleteLater()
            self.card = None
        if question is not None and self._editor is not None:
            editor = self._editor
            self.card = DoubtCard(question)
            card = self.card
            self.card.look.hide()
            self.card.answered.connect(
                lambda one, decision, output: answered(self._controller, editor, card, one, decision, output, None)
            )
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(8, 8, 8, 8)
            column.addWidget(self.card)
            column.addStretch(1)
            self.setWidget(page)
        self.setVisible(question is not None)

    def _question(self) -> Question | None:
        runs = self._controller.find(self._editor)
        if runs is None or self._editor is None:
            return None
        step = self._editor.selection.only_step
        for question in self._controller.questions(runs):
            if step and runs.shown is not None and runs.shown.fold.shown_at(question.address) == step:
                return question
        return None


def answered(
    controller: RunController,
    editor: Editor,
    card: DoubtCard,
    question: Question,
    decision: str,
    output: Any,
    then: Callable[[], object] | None,
) -> None:
    """Tell the engine what a person answered; where it does not take it, the question stays."""

    async def tell() -> None:
        await controller.answer(editor, question, decision, output)
        if then is not None:
            then()

    def failed(error: Exception) -> None:
        card.setEnabled(True)
        card.wrong.setText(words.trouble(error)[0])
        card.wrong.show()

    spawn(tell(), failed=failed)


class LeftBehind(QWidget):
    """Offers what an earlier studio left unfinished: to go on, to look, to stop it. Nothing is done unasked."""

    def __init__(self, controller: RunController, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller, self._bridge = controller, bridge
        self.banners: dict[str, Banner] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        controller.left_behind.connect(self.offer)
        controller.status_changed.connect(self._settle)
        self.hide()

    def offer(self, records: list[ExecutionRecord]) -> None:
        """Show one notice each; where there are many, one for those that remain."""
        for record in records[:_MOST]:
            self._offer(record)
        more = records[_MOST:]
        if more:
            banner = self._banner("more")
            text = trn("{n} more execution is unfinished.", "{n} more executions are unfinished.", len(more))
            banner.show_message("info", text, "", [(tr("Show them"), lambda: self._more(more))])
        self.show()

    def _more(self, records: list[ExecutionRecord]) -> None:
        self._drop("more")
        self.offer(records)

    def _banner(self, key: str) -> Banner:
        self._drop(key)
        banner = Banner(self, margin=8)
        banner.closed.connect(lambda: self._drop(key))
        self.banners[key] = banner
        self._column.addWidget(banner)
        return banner

    def _drop(self, key: str) -> None:
        banner = self.banners.pop(key, None)
        if banner is not None:
            self._column.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.setVisible(bool(self.banners))

    def _offer(self, record: ExecutionRecord) -> None:
        banner = self._banner(record.id)
        name, at = record.workflow, stamp(record.updated_at)
        if record.status == "in_doubt":
            title = tr("“{workflow}” waits for your answer.", workflow=name)
            buttons = [(tr("Look and answer"), lambda: self._look(record))]
            banner.show_message(
                "doubt", title, tr("A step was cut off, and nobody knows whether it happened."), buttons
            )
            return
        paused = record.status == "paused"
        title = (
            tr("“{workflow}” was paused at {time}.", workflow=name, time=at)
            if paused
            else tr("“{workflow}” was interrupted at {time}.", workflow=name, time=at)
        )
        buttons = [
            (tr("Go on"), lambda: self._go_on(record)),
            (tr("Look"), lambda: self._look_first(banner, record)),
            (tr("Stop it for good"), lambda: self._cancel(record)),
        ]
        banner.show_message("warn", title, tr("Every finished step is kept."), buttons)

    def _look(self, record: ExecutionRecord) -> None:
        self._drop(record.id)
        self._open(record)

    def _look_first(self, banner: Banner, record: ExecutionRecord) -> None:
        banner.show()  # what to do with it is still to be said
        self._open(record)

    def _open(self, record: ExecutionRecord) -> None:
        self._controller.open_wanted.emit(Path(record.source) if record.source else None, record.id)

    def _settle(self) -> None:
        """What was decided elsewhere is offered no more."""
        for key in tuple(self.banners):
            model = self._controller.followed(key)
            if model is not None and model.status not in ("interrupted", "paused"):
                self._drop(key)

    def _go_on(self, record: ExecutionRecord) -> None:
        self._drop(record.id)

        async def go_on() -> None:
            await self._bridge.call(lambda client: client.resume(record.id))
            self._look(record)

        self._tell(record, go_on())

    def _cancel(self, record: ExecutionRecord) -> None:
        self._drop(record.id)
        self._tell(record, self._bridge.call(lambda client: client.cancel(record.id)))

    def _tell(self, record: ExecutionRecord, what: Any) -> None:
        def failed(error: Exception) -> None:
            level = "error" if isinstance(error, StoreError) else "warn"
            self._banner(record.id).show_message(level, tr("That could not be done."), words.trouble(error)[0])
            self.show()

        spawn(what, failed=failed)
