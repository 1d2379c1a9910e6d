"""The pane of the workflow's own properties. Every change is one named edit; typing in a field is one as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.api import Workflow
from engine.core import durations
from studio.base.i18n import N_, tr
from studio.base.theme import set_kind, theme
from studio.designer import edits
from studio.designer.canvas.look import title
from studio.designer.delta import Delta
from studio.designer.properties import columns
from studio.designer.properties.table import DeclarationTable
from studio.widgets.empty import EmptyState
from studio.widgets.list_box import ListBox
from studio.widgets.number_box import NumberBox
from studio.widgets.section import Section

if TYPE_CHECKING:
    from studio.designer.editor import Editor

_POLICIES = {
    "ask": N_("Ask what happened"),
    "retry": N_("Run the step again"),
    "done": N_("Take it as done"),
    "fail": N_("Let the execution fail"),
}
_HANDLER = "control.log"
_MESSAGE = "{{ error.message }}"
_BELOW = 160.0
"""How far below everything a new error handler stands, in canvas units."""


class PropertiesPane(QWidget):
    """What is declared for the workflow as a whole."""

    revealed = Signal(str)
    """The id of a step that was added here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("properties")
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor: Editor | None = None
        self._showing = False
        self.name = QLineEdit(self)
        self.name.textEdited.connect(lambda text: self._set(tr("Rename workflow"), "name", text))
        self.description = QPlainTextEdit(self)
        self.description.setTabChangesFocus(True)
        self.description.setFixedHeight(theme().px(64))
        self.description.textChanged.connect(self._take_description)
        self.inputs = DeclarationTable(columns.inputs(), tr("It is started without being asked anything."), self)
        self.variables = DeclarationTable(
            columns.variables(), tr("Steps can set variables, and read them later."), self
        )
        self.outputs = DeclarationTable(columns.outputs(), tr("It gives nothing when it has ended."), self)
        self.policy = ListBox(self)
        for value, label in _POLICIES.items():
            self.policy.addItem(tr(label), value)
        self.policy.activated.connect(
            lambda: self._set_setting(tr("Change settings"), "in_doubt", self.policy.currentData())
        )
        self.timeout = QLineEdit(self)
        self.timeout.setPlaceholderText(tr("none, or 30s, 5m, 1h30m"))
        self.timeout.textEdited.connect(self._take_timeout)
        self.parallel = NumberBox(self)
        self.parallel.setRange(1, 10_000)
        self.parallel.valueChanged.connect(
            lambda value: self._set_setting(tr("Change settings"), "max_parallel", value)
        )
        self.handler = ListBox(self)
        self.handler.activated.connect(self._take_handler)
        self.create_handler = QPushButton(tr("Create one"), self)
        self.create_handler.clicked.connect(self._create_handler)
        self.sections: dict[str, Section] = {}
        self._labels: list[QLabel] = []
        self.nothing = EmptyState("sliders-horizontal", tr("No workflow is open."), "", None, self)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has it
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._content())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.nothing)
        whole.addWidget(self.area, 1)
        whole.addStretch()
        self._show()

    # Building

    def _content(self) -> QWidget:
        content = QWidget()
        set_kind(content, "panel")
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 4, 14, 14)
        column.setSpacing(0)
        handler = QWidget(content)
        row = QHBoxLayout(handler)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.handler, 1)
        row.addWidget(self.create_handler)
        parts: list[tuple[str, str, list[tuple[str, QWidget, str]]]] = [
            ("general", tr("Workflow"), [(tr("Name"), self.name, ""), (tr("Description"), self.description, "")]),
            ("inputs", tr("Inputs"), [("", self.inputs, "")]),
            ("variables", tr("Variables"), [("", self.variables, "")]),
            ("outputs", tr("Outputs"), [("", self.outputs, "")]),
            (
                "settings",
                tr("Settings"),
                [
                    (
                        tr("When it is not known whether a step took effect"),
                        self.policy,
                        tr("After a crash in the middle of a step that must not run twice. A step can say otherwise."),
                    ),
                    (tr("Longest execution"), self.timeout, ""),
                    (tr("Steps running at once"), self.parallel, ""),
                ],
            ),
            (
                "on_error",
                tr("Error handler"),
                [(tr("Starts with"), handler, tr("It runs when the execution fails, with the error in reach."))],
            ),
        ]
        for name, text, fields in parts:
            section = self.sections[name] = Section(text, name=f"properties.{name}", parent=content)
            for label, field, help in fields:
                section.add(self._field(label, field, help))
            column.addWidget(section)
        column.addStretch(1)
        return content

    def _field(self, label: str, field: QWidget, help: str) -> QWidget:
        if not label:
            return field
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for text, kind in ((label, "label"), (help, "muted")):
            if kind == "muted":
                column.addWidget(field)
            if text:
                shown = QLabel(text, box)
                set_kind(shown, kind)
                shown.setWordWrap(True)
                column.addWidget(shown)
                if kind == "label":
                    shown.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(label)
        return box

    # Following

    def show_editor(self, editor: Editor | None) -> None:
        """Show the workflow of this editor; None for none."""
        if editor is self._editor:
            return
        if self._editor is not None:
            self._editor.document.changed.disconnect(self._follow)
        self._editor = editor
        if editor is not None:
            editor.document.changed.connect(self._follow)
        self._show()

    def show_section(self, name: str) -> None:
        """Bring a part into view: `inputs`, `variables`, `outputs`, `settings`, `on_error`, or the name."""
        section = self.sections.get(name, self.sections["general"])
        section.set_expanded(True)
        self.area.ensureWidgetVisible(section, 0, 0)
        section.body.setFocus()

    def _follow(self, delta: Delta) -> None:
        if delta.logic:
            self._show()

    def _show(self) -> None:
        editor = self._editor
        self.nothing.setVisible(editor is None)
        self.area.setVisible(editor is not None)
        for table in (self.inputs, self.variables, self.outputs):
            table.show_document(editor.document if editor is not None else None)
        if editor is None:
            return
        workflow = editor.document.workflow
        self._showing = True
        try:
            if self.name.text() != workflow.name:
                self.name.setText(workflow.name)
            if self.description.toPlainText() != workflow.description:
                self.description.setPlainText(workflow.description)
            self.policy.setCurrentIndex(self.policy.findData(workflow.settings.in_doubt))
            if self.timeout.text().strip() != (workflow.settings.timeout or ""):
                self.timeout.setText(workflow.settings.timeout or "")
            self._mark_timeout()
            self.parallel.setValue(workflow.settings.max_parallel)
            self._show_handlers(workflow)
        finally:
            self._showing = False

    def _show_handlers(self, workflow: Workflow) -> None:
        """Offer the steps that nothing leads to, and the one that is chosen, whatever it is."""
        assert self._editor is not None
        reached = {edge.target for edge in workflow.edges}
        self.handler.clear()
        self.handler.addItem(tr("None"), None)
        for step in workflow.steps:
            if step.id not in reached or step.id == workflow.on_error:
                name = title(step, self._editor.catalog.get(step.activity))
                self.handler.addItem(f"{name} ({step.id})", step.id)
        if workflow.on_error is not None and self.handler.findData(workflow.on_error) < 0:
            self.handler.addItem(tr("{name} (not there)", name=workflow.on_error), workflow.on_error)
        self.handler.setCurrentIndex(self.handler.findData(workflow.on_error) if workflow.on_error is not None else 0)
        self.create_handler.setVisible(workflow.on_error is None)

    # Editing

    def _edit(self, text: str, change: Callable[[Workflow], Workflow], merge: str = "") -> None:
        if self._editor is not None and not self._showing:
            self._editor.document.edit(text, change, merge=merge)

    def _set(self, text: str, field: str, value: Any) -> None:
        self._edit(text, lambda workflow: replace(workflow, **{field: value}), f"workflow-{field}")

    def _set_setting(self, text: str, field: str, value: Any) -> None:
        self._edit(
            text,
            lambda workflow: replace(workflow, settings=replace(workflow.settings, **{field: value})),
            f"settings-{field}",
        )

    def _take_description(self) -> None:
        self._set(tr("Change description"), "description", self.description.toPlainText())

    def _take_timeout(self, text: str) -> None:
        self._mark_timeout()
        if not self.timeout.property("problem"):
            self._set_setting(tr("Change settings"), "timeout", text.strip() or None)

    def _mark_timeout(self) -> None:
        text, wrong = self.timeout.text().strip(), ""
        if text:
            try:
                durations.seconds(text)
            except ValueError as error:
                wrong = str(error)
        self.timeout.setToolTip(wrong)
        if bool(self.timeout.property("problem")) != bool(wrong):
            self.timeout.setProperty("problem", bool(wrong))
            self.timeout.style().unpolish(self.timeout)
            self.timeout.style().polish(self.timeout)

    def _take_handler(self) -> None:
        id = self.handler.currentData()
        self._edit(tr("Choose the error handler"), lambda workflow: replace(workflow, on_error=id))

    def _create_handler(self) -> None:
        """A step that tells of the error, below all others; what else is to happen is drawn behind it."""
        editor = self._editor
        if editor is None:
            return
        places = editor.document.workflow.layout.steps.values()
        x = min((place.x for place in places), default=0.0)
        y = max((place.y for place in places), default=-_BELOW) + _BELOW
        made, id = edits.add_step(
            editor.document.workflow, editor.catalog, _HANDLER, x, y, parameters={"message": _MESSAGE}
        )
        self._edit(tr("Create an error handler"), lambda _: replace(made, on_error=id))
        editor.reveal(id)
        self.revealed.emit(id)
