"""What is shown while several things, or a wire, are selected."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.api import Edge
from engine.core.sentences import recalled
from studio.base.i18n import tr, tr_sentence, trn
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.designer.canvas.look import title
from studio.designer.editor import Editor
from studio.designer.inspector.data import LastData
from studio.designer.inspector.outcome import Outcome, read_outcome
from studio.designer.selection import Selected
from studio.forms.shown import brief
from studio.forms.worker import Worker

_SHARED = ("step.disable", "edit.duplicate", "group.subworkflow", "edit.delete", "edit.heal")
_ARRANGE = (
    "arrange.left",
    "arrange.center",
    "arrange.right",
    "arrange.spread_x",
    "arrange.top",
    "arrange.middle",
    "arrange.bottom",
    "arrange.spread_y",
)


class SeveralPage(QWidget):
    """How many, and what can be done with all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme().px
        self.count = QLabel(self)
        set_kind(self.count, "heading")
        self._kinds = QLabel(self)
        self._kinds.setWordWrap(True)
        set_kind(self._kinds, "small")
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(px(14), px(14), px(14), px(14))
        self._whole.setSpacing(px(8))
        self._whole.addWidget(self.count)
        self._whole.addWidget(self._kinds)
        self._made = False

    def show_selected(self, editor: Editor, selected: Selected) -> None:
        self._make(editor)
        steps = len(selected.steps)
        self.count.setText(
            trn("{n} step selected", "{n} steps selected", steps) if steps else tr("{n} selected", n=len(selected))
        )
        kinds: dict[str, int] = {}
        for step in editor.document.workflow.steps:
            if step.id in selected.steps:
                activity = editor.catalog.get(step.activity)
                name = tr(activity.label) if activity is not None else step.activity
                kinds[name] = kinds.get(name, 0) + 1
        self._kinds.setText(", ".join(f"{name} × {n}" if n > 1 else name for name, n in list(kinds.items())[:12]))

    def _make(self, editor: Editor) -> None:
        if self._made:
            return
        self._made = True
        actions = editor.actions_of
        there = {action.id for action in actions.all()}
        for id in _SHARED:
            if id in there:
                action = actions.qaction(id)
                button = QPushButton(action.icon(), action.text(), self)
                button.setToolTip(actions.shown_keys(id))
                button.clicked.connect(lambda _=False, id=id: actions.trigger(id))
                self._whole.addWidget(button)
        grid = QGridLayout()
        grid.setSpacing(theme().px(4))
        for number, id in enumerate(one for one in _ARRANGE if one in there):
            tool = QToolButton(self)
            set_kind(tool, "tool")
            tool.setIcon(actions.qaction(id).icon())
            tool.setIconSize(QSize(theme().px(17), theme().px(17)))
            tool.setToolTip(actions.qaction(id).text())
            tool.setAccessibleName(actions.qaction(id).text())
            tool.clicked.connect(lambda _=False, id=id: actions.trigger(id))
            grid.addWidget(tool, number // 4, number % 4)
        words = QLabel(tr("Align and spread"), self)
        set_kind(words, "label")
        self._whole.addWidget(words)
        self._whole.addLayout(grid)
        self._whole.addStretch(1)


class WirePage(QWidget):
    """From where to where a wire leads, and what went over it last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme().px
        self._editor: Editor | None = None
        self._edge: Edge | None = None
        self._worker = Worker(self)
        self._worker.answered.connect(self._show_value)
        heading = QLabel(tr("Wire"), self)
        set_kind(heading, "heading")
        self.ends = QLabel(self)
        self.ends.setWordWrap(True)
        self.ends.setTextFormat(Qt.TextFormat.PlainText)
        self._caption = QLabel(tr("Last value"), self)
        set_kind(self._caption, "label")
        self.value = QLabel(self)
        self.value.setWordWrap(True)
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cut = QPushButton(icon("scissors"), tr("Cut the wire"), self)
        set_kind(self.cut, "danger")
        self.cut.clicked.connect(self._cut)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(px(14), px(14), px(14), px(14))
        whole.setSpacing(px(8))
        for widget in (heading, self.ends, self._caption, self.value, self.cut):
            whole.addWidget(widget)
        whole.addStretch(1)

    def show_edge(self, editor: Editor, edge: Edge, data: LastData | None) -> None:
        self._editor, self._edge = editor, edge
        names = {step.id: title(step, editor.catalog.get(step.activity)) for step in editor.document.workflow.steps}
        source, target = names.get(edge.source, edge.source), names.get(edge.target, edge.target)
        port = "" if edge.port == "next" else f" ({edge.port})"
        self.ends.setText(tr("{source}{port} → {target}", source=source, port=port, target=target))
        self._show_value(None)
        if data is not None:
            self._worker.ask(read_outcome, data, edge.source)

    def _show_value(self, outcome: Outcome | None) -> None:
        if outcome is None or outcome.status in ("not_run", "running"):
            self.value.setText(tr("not run yet"))
        elif outcome.status == "skipped":
            self.value.setText(tr("skipped"))
        elif outcome.error is not None:
            self.value.setText(tr_sentence(recalled(outcome.error)))
        else:
            self.value.setText(outcome.problem or brief(outcome.output, 400))

    def _cut(self) -> None:
        if self._editor is not None and self._edge is not None:
            from studio.designer.edits.wires import disconnect

            edge = self._edge
            self._editor.document.edit(tr("Cut a wire"), lambda workflow: disconnect(workflow, [edge]))
