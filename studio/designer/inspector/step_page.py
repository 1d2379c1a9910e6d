"""One step: its head, and the tabs Step, Output, Notes and Docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from engine.api import Activity, Problem, Step, Workflow
from engine.core.errors import RpaError
from studio.base.i18n import sentence, tr
from studio.base.theme import set_kind, theme
from studio.designer.canvas.live import StepLive
from studio.designer.canvas.look import look
from studio.designer.delta import Delta
from studio.designer.editor import Editor
from studio.designer.inspector.data import LastData
from studio.designer.inspector.docs import DocsPage
from studio.designer.inspector.effect import EffectChip, EffectPart
from studio.designer.inspector.failure import FailurePart
from studio.designer.inspector.header import Header
from studio.designer.inspector.outcome import Gives, Outcome, OutcomePage, read_outcome
from studio.designer.inspector.reach import names_of_step
from studio.forms.context import FormContext, Names
from studio.forms.editors.text import TextEditor
from studio.forms.field_group import FieldGroup, with_value
from studio.forms.form import Form
from studio.forms.message import Message, Trouble
from studio.forms.shape import Declared, Shape, result_schema
from studio.forms.unset import UNSET
from studio.forms.worker import Worker
from studio.widgets.section import Section

STEP, OUTPUT, NOTES, DOCS = range(4)
_MENU = ("step.disable", "edit.duplicate", "edit.heal", "edit.delete")
_RUNNING = (
    Declared(
        "join",
        "Starts when",
        Shape("choice", choices=("all", "any")),
        "All wires that lead here are decided and one was taken, or the first one is taken.",
        default="all",
    ),
    Declared("disabled", "Disabled", Shape("switch"), "Skipped when the workflow runs.", default=False),
)
_NEWS = 150
"""Milliseconds after news of a run before its data is read again."""


class StepPage(QWidget):
    """Made for one step of one editor, and kept while that step is selected. Its fields follow the document: an undo
    changes their values, and leaves focus and cursor alone."""

    def __init__(
        self,
        editor: Editor,
        step: Step,
        data: LastData | None,
        live: Callable[[str], StepLive | None],
        secrets: Callable[[], Sequence[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self.step_id = step.id
        self._step = step
        self._activity_id = step.activity
        self.activity: Activity | None = editor.catalog.get(step.activity)
        self._data = data
        self._live = live
        self._names: Names | None = None
        self.context = FormContext(
            folder=editor.folder, names=self.names, lookup=self._lookup, rounds=self._rounds, secrets=secrets
        )
        self.header = Header(self)
        self.header.labelled.connect(self._label)
        self.header.renamed.connect(self._rename)
        self.header.add_button("crosshair", tr("Show it on the canvas"), lambda: editor.reveal(self.step_id))
        self._more = self.header.add_button("dots-three-vertical", tr("More"), self._open_menu)
        self._message = Message(self)
        self.tabs = QTabBar(self)
        for text in (tr("Step"), tr("Output"), tr("Notes"), tr("Docs")):
            self.tabs.addTab(text)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)  # longer words give way to dots, so that all four are in sight
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.pages = QStackedWidget(self)
        line = QFrame(self)
        set_kind(line, "line")
        self.form: Form | None = None
        self.failure: FailurePart | None = None
        self.effect: EffectPart | None = None
        self.running: FieldGroup | None = None
        self.gives: Gives | None = None
        self.output: OutcomePage | None = None
        self.notes: TextEditor | None = None
        self.docs: DocsPage | None = None
        self._general: QLabel | None = None
        self._worker = Worker(self)
        self._worker.answered.connect(self._show_gives)
        self._made: set[int] = set()
        # What is made stays where it was made: to be moved would mean to be styled once more.
        self._tabs = [QWidget(self.pages) for _ in range(4)]
        for page in self._tabs:
            self.pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        wrap = QVBoxLayout()
        wrap.setContentsMargins(theme().px(14), 0, theme().px(14), 0)
        wrap.addWidget(self._message)
        whole.addLayout(wrap)
        whole.addWidget(self.tabs)
        whole.addWidget(line)
        whole.addWidget(self.pages, 1)
        self._news = QTimer(self, singleShot=True, interval=_NEWS)
        self._news.timeout.connect(self._read_data)
        if data is not None:
            data.changed.connect(self._data_changed)
        editor.document.changed.connect(self._document_changed)
        editor.document.problems_changed.connect(self.show_problems)
        self.tabs.currentChanged.connect(self.show_tab)

    def fill(self, tab: int = STEP) -> None:
        """Make what a tab shows; called once the page stands where it is to stay."""
        self.show_tab(tab)
        self._refresh()

    # What is in reach

    def names(self) -> Names:
        """What the expressions of this step can read; found out once, until the graph changes."""
        if self._names is None:
            document = self.editor.document
            self._names = names_of_step(document.workflow, document.plan, self.editor.catalog, self.step_id)
        return self._names

    def _lookup(self, round: int) -> Any:
        return self._data.lookup(self.step_id, round) if self._data is not None else None

    def _rounds(self) -> int:
        return self._data.rounds(self.step_id) if self._data is not None else 0

    # Tabs

    def show_tab(self, tab: int) -> None:
        """Show a tab; it is made when that happens first."""
        if tab not in self._made:
            self._made.add(tab)
            page = self._tabs[tab]
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 0, 0, 0)
            column.addWidget((self._make_step, self._make_output, self._make_notes, self._make_docs)[tab](page))
        if self.tabs.currentIndex() != tab:
            self.tabs.setCurrentIndex(tab)
        self.pages.setCurrentIndex(tab)
        if tab == OUTPUT and self.output is not None:
            self.output.show_step(self._data, self.step_id)

    def focus_form(self, parameter: str = "") -> None:
        """Go to a parameter, or to the first field."""
        self.show_tab(STEP)
        if self.form is not None and not (parameter and self.form.focus(parameter)):
            self.form.focus_first()

    def _make_step(self, parent: QWidget) -> QWidget:
        px = theme().px
        area = QScrollArea(parent)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has it
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget(area)
        area.setWidget(page)
        column = QVBoxLayout(page)
        column.setContentsMargins(px(14), px(12), px(14), px(12))
        column.setSpacing(px(8))
        self._general = QLabel(page)
        self._general.setWordWrap(True)
        self._general.setTextFormat(Qt.TextFormat.PlainText)
        set_kind(self._general, "error")
        self._general.hide()
        column.addWidget(self._general)
        if self.activity is not None:
            self.form = Form(self.activity, self._step.parameters, context=self.context, parent=page)
            self.form.changed.connect(self._parameter_changed)
            column.addWidget(self.form)
        else:
            about = tr("What the file says of “{id}” is kept.", id=self._activity_id)
            label = QLabel(about, page)
            label.setWordWrap(True)
            column.addWidget(label)
            declared = [Declared(name, name, Shape("any")) for name in self._step.parameters]
            strange = FieldGroup(declared, self.context, page)
            strange.set_values(self._step.parameters)
            strange.changed.connect(self._parameter_changed)
            column.addWidget(strange)
        failing = Section(tr("If it fails"), name="inspector.failure", build=self._build_failure, parent=page)
        running = Section(
            tr("How it runs"), name="inspector.running", expanded=False, build=self._build_running, parent=page
        )
        column.addWidget(_line(page))
        column.addWidget(failing)
        column.addWidget(_line(page))
        column.addWidget(running)
        if self.activity is not None:
            effect = Section(tr("Effect"), name="inspector.effect", build=self._build_effect, parent=page)
            effect.set_trailing(EffectChip(self.activity.effect, effect))
            gives = Section(tr("Gives"), name="inspector.gives", build=self._build_gives, parent=page)
            gives.set_trailing(tr("last run"))
            for section in (effect, gives):
                column.addWidget(_line(page))
                column.addWidget(section)
        column.addStretch(1)
        return area

    def _build_failure(self, section: Section) -> None:
        self.failure = FailurePart(section.body)
        self.failure.changed.connect(lambda values: self._set_fields(tr("Change what happens on failure"), values))
        section.add(self.failure)
        self._show_parts()

    def _build_running(self, section: Section) -> None:
        self.running = FieldGroup(_RUNNING, FormContext(expressions=False), section.body)
        self.running.changed.connect(self._running_changed)
        section.add(self.running)
        self._show_parts()

    def _build_effect(self, section: Section) -> None:
        if self.activity is None:
            return
        self.effect = EffectPart(
            self.activity.effect,
            lambda policy: self._set_fields(tr("Change what happens in doubt"), {"in_doubt": policy}),
            section.body,
        )
        section.add(self.effect)
        self._show_parts()

    def _build_gives(self, section: Section) -> None:
        self.gives = Gives(section.body)
        section.add(self.gives)
        self._show_gives(None)
        self._read_data()

    def _make_output(self, parent: QWidget) -> QWidget:
        self.output = OutcomePage(parent)
        return self.output

    def _make_notes(self, parent: QWidget) -> QWidget:
        page = QWidget(parent)
        column = QVBoxLayout(page)
        column.setContentsMargins(theme().px(14), theme().px(12), theme().px(14), theme().px(12))
        hint = QLabel(tr("For those who read the workflow; it changes nothing that runs."), page)
        hint.setWordWrap(True)
        set_kind(hint, "muted")
        declared = Declared("note", tr("Notes"), Shape("lines"), placeholder=tr("Why this step is here"))
        self.notes = TextEditor(declared, FormContext(expressions=False), page)
        self.notes.edited.connect(self._note)
        column.addWidget(hint)
        column.addWidget(self.notes)
        column.addStretch(1)
        self.notes.set_value(self._step.note or UNSET)
        return page

    def _make_docs(self, parent: QWidget) -> QWidget:
        self.docs = DocsPage(parent)
        self.docs.show_activity(self.activity)
        return self.docs

    # Showing

    def _refresh(self) -> None:
        """Show the step as the document has it now."""
        step = self._step
        shown = look(step, self.editor.catalog)
        self.header.tile.show_icon(shown.icon, shown.color, shown.known)
        kind = tr(self.activity.label) if self.activity is not None else step.activity
        self.header.show_step(step.label, shown.title, kind, step.id)
        self._show_live()
        if self.form is not None:
            self.form.set_values(step.parameters)
        if self.notes is not None:
            self.notes.set_value(step.note or UNSET)
        self._show_parts()
        self.show_problems()

    def _show_parts(self) -> None:
        step, workflow = self._step, self.editor.document.workflow
        if self.failure is not None:
            handled = any(edge.source == step.id and edge.port == "error" for edge in workflow.edges)
            self.failure.show_step(step, handled)
        if self.effect is not None:
            self.effect.show_step(step, workflow.settings.in_doubt)
        if self.running is not None:
            values: dict[str, Any] = {}
            if step.join != "all":
                values["join"] = step.join
            if step.disabled:
                values["disabled"] = True
            self.running.set_values(values)

    def show_problems(self) -> None:
        """What the check of the document says of this step, at the fields it is about."""
        at_fields: dict[str, str | Trouble] = {}
        general: list[str] = []
        for problem in self.editor.document.problems:
            if problem.step != self.step_id:
                continue
            name = problem.parameter or self._missing(problem)
            if name:
                at_fields.setdefault(name, self._trouble(problem))
            else:
                general.append(f"{sentence(problem.message)} {sentence(problem.hint)}".strip())
        if self.form is not None:
            self.form.set_problems(at_fields)
        if self._general is not None:
            self._general.setText("\n".join(dict.fromkeys(general)))
            self._general.setVisible(bool(general))

    def _missing(self, problem: Problem) -> str:
        if problem.code != "missing-parameter" or self.activity is None:
            return ""
        for one in self.activity.parameters:
            if f"{one.name!r}" in problem.message and one.name not in self._step.parameters:
                return one.name
        return ""

    def _trouble(self, problem: Problem) -> Trouble:
        if problem.code == "missing-parameter":
            return Trouble(tr("Fill this in."))
        from studio.designer.fixes import fixes_of

        document = self.editor.document
        found = [one for one in fixes_of(problem, document.workflow, self.editor.catalog) if not one.focus]
        message = sentence(problem.message)
        if not found:
            return Trouble(message if not problem.hint else f"{message} {sentence(problem.hint)}")
        fix = found[0]

        def repair() -> None:
            document.edit_document(fix.text, fix.apply)

        return Trouble(message, fix.text, repair)

    def _show_live(self) -> None:
        live = self._live(self.step_id)
        if live is None or live.status in ("", "done", "skipped"):
            # What is over and well the canvas tells, and the tab Output in full.
            self.header.show_status("", "")
            return
        words = {
            "waiting": tr("Waiting"),
            "running": tr("Running"),
            "retrying": tr("Trying again"),
            "failed": tr("Failed"),
            "doubt": tr("In doubt"),
            "paused": tr("Paused"),
        }
        self.header.show_status(live.status, words[live.status])

    def _data_changed(self) -> None:
        if not self._news.isActive():
            self._news.start()

    def _read_data(self) -> None:
        """Show what came out lately, as far as anything of it is in sight."""
        self._show_live()
        if self._data is not None and self.gives is not None:
            self._worker.ask(read_outcome, self._data, self.step_id)
        if self.output is not None and self.pages.currentIndex() == OUTPUT:
            self.output.show_step(self._data, self.step_id)
        if self.form is not None:
            self.form.refresh()

    def _show_gives(self, outcome: Outcome | None) -> None:
        if self.gives is not None:
            self.gives.show_outcome(result_schema(self.activity), outcome)

    # Changing

    def _document_changed(self, delta: Delta) -> None:
        mine = self.step_id in delta.steps_changed
        wired = bool(delta.edges_added or delta.edges_removed or delta.fields)
        if wired or delta.steps_added or delta.steps_removed or delta.steps_changed - {self.step_id}:
            self._names = None
        try:
            self._step = self.editor.document.workflow.step(self.step_id)
        except KeyError:
            return  # the selection follows
        if mine or wired:
            self._refresh()

    @property
    def stale(self) -> bool:
        """Whether the step is gone, or became one of another activity."""
        try:
            return self.editor.document.workflow.step(self.step_id).activity != self._activity_id
        except KeyError:
            return True

    def _change(self, text: str, merge: str, change: Callable[[Step], Step]) -> None:
        id = self.step_id

        def edit(workflow: Workflow) -> Workflow:
            return replace(workflow, steps=tuple(change(one) if one.id == id else one for one in workflow.steps))

        self.editor.document.edit(text, edit, merge=f"{id}:{merge}" if merge else "")

    def _parameter_changed(self, name: str, value: Any) -> None:
        fields = self.form.group.declared if self.form is not None else ()
        parameter = self.activity.by_name.get(name) if self.activity is not None else None
        label = tr(parameter.hints.label) if parameter is not None else name
        self._change(
            tr("Change {what}", what=label),
            f"with.{name}",
            lambda step: replace(step, parameters=with_value(step.parameters, name, value, fields)),
        )

    def _set_fields(self, text: str, values: Mapping[str, Any]) -> None:
        self._change(text, "+".join(values), lambda step: replace(step, **values))

    def _running_changed(self, name: str, value: Any) -> None:
        if name == "disabled":
            self._set_fields(tr("Disable") if value is True else tr("Enable"), {"disabled": value is True})
        else:
            self._set_fields(tr("Change when it starts"), {"join": "any" if value == "any" else "all"})

    def _label(self, text: str) -> None:
        self._set_fields(tr("Rename {step}", step=self.step_id), {"label": text})

    def _note(self, value: Any) -> None:
        self._set_fields(tr("Write a note"), {"note": "" if value is UNSET else str(value)})

    def _open_menu(self) -> None:
        """What else can be done with the step."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Change the id"), self.header.id.edit)
        actions = self.editor.actions_of
        there = {action.id for action in actions.all()}
        for id in _MENU:
            if id in there:
                action = actions.qaction(id)
                # An action of its own: the shared one also knows whether the canvas has the focus.
                menu.addAction(action.icon(), action.text(), lambda id=id: actions.trigger(id))
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _rename(self, new: str) -> None:
        from engine.api import rename_step

        old = self.step_id
        self._message.show_message("")
        if not new or new == old:
            self._refresh()
            return
        if not new.isidentifier() or new.startswith("_"):
            self._message.show_message(
                tr("An id takes letters, digits and _, and begins with a letter: “{id}” does not.", id=new)
            )
            self._refresh()
            return
        document = self.editor.document
        selection = self.editor.selection
        try:
            self.step_id = new
            document.edit_document(tr("Rename {step}", step=old), lambda found: rename_step(found, old, new))
        except RpaError as error:
            self.step_id = old
            self._message.show_message(f"{sentence(error.message)} {sentence(error.hint)}".strip())
            self._refresh()
            return
        self._names = None
        self._step = document.workflow.step(new)
        selection.select_steps([new])
        self._refresh()


def _line(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    set_kind(line, "line")
    return line
