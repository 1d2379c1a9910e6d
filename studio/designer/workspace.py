"""The designer as a whole: page, files, runs and panes, and how they know of each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QUndoView, QVBoxLayout, QWidget

from engine.api import Document
from studio.base.actions import Actions
from studio.base.i18n import tr, trn
from studio.base.tasks import spawn
from studio.bridge import Bridge
from studio.designer.breadcrumb import Trails
from studio.designer.canvas.gestures.spot import add_at
from studio.designer.canvas.search_popup import spot_for
from studio.designer.canvas_actions import attach_canvas, bind_canvas, called, surface_of
from studio.designer.clipboard import bind_clipboard
from studio.designer.difference import DifferencePane, bind_difference
from studio.designer.document import WorkflowDocument
from studio.designer.editor import Editor
from studio.designer.files import Files, bind_files
from studio.designer.inspector import Inspector, LastData
from studio.designer.outline import OutlinePane
from studio.designer.page import Beside, DesignerPage
from studio.designer.palette import PalettePane
from studio.designer.picks import Picks
from studio.designer.problems import ProblemsPane
from studio.designer.properties import PropertiesPane
from studio.designer.run.controller import RunController
from studio.designer.run.data import DataPane
from studio.designer.run.log import LogPane
from studio.designer.run.notices import DoubtNotice, DoubtPane, EngineNotice, LeftBehind
from studio.designer.run.popover import HoverValues
from studio.designer.run.state import RunState
from studio.designer.yaml_view import YamlPane


class Workspace(QObject):
    """Everything of the designer that outlives a tab."""

    status_changed = Signal()
    """What the status bar and the title row say of the designer."""
    said = Signal(str)
    """Something has just happened that is worth a word for a moment."""
    refused = Signal(str)
    """Something was not done, and why."""
    page_wanted = Signal()
    """The designer is to come to the front."""
    facts_changed = Signal()
    """What the guided tour looks at."""

    def __init__(self, bridge: Bridge, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.actions = actions
        self.page = DesignerPage(bridge, actions)
        self.runs = RunController(bridge, actions, lambda: self.page.editor, self)
        self.files = Files(self.page, make=self._make)
        self.trails = Trails(self.page)
        self.picks = Picks(self.page, self.files)
        self.picks.page_wanted.connect(self.page_wanted)
        self._in_front = True
        self._closed = False
        self._add_panes()
        self._add_notices()
        self._bind()
        self.page.current_changed.connect(self._front_changed)
        self.page.removed.connect(self._removed)
        self.files.changed.connect(self._refresh)
        self.files.saved.connect(lambda path: self.said.emit(tr("Saved {name}", name=path.name)))
        self.runs.status_changed.connect(self._run_changed)
        self.runs.shown_changed.connect(self._shown_changed)
        self.runs.answer_wanted.connect(lambda editor, question: self.page.show_page(editor))
        self.files.compare_wanted.connect(self._compare)
        self.runs.left_behind.connect(lambda records: self.page_wanted.emit())
        self.runs.open_wanted.connect(lambda path, id: spawn(self._open_execution(path, id)))
        self.runs.details_wanted.connect(self._show_details)
        self.runs.started.connect(self._started)
        self.runs.problems_found.connect(lambda editor: self.page.show_pane("problems", focus=False))
        bridge.catalog_loaded.connect(self._catalog_loaded)
        self._front_changed()

    # -- building ----------------------------------------------------------------------------------------------------

    def _add_panes(self) -> None:
        page = self.page
        self.palette = PalettePane()
        self.palette.chosen.connect(self._insert)
        self.properties = PropertiesPane()
        self.properties.revealed.connect(self._reveal)
        self.inspector = Inspector(
            data=self._data_of,
            live=lambda editor, step: editor.scene.live(step),
            properties=lambda parent: self.properties,
        )
        self.outline = OutlinePane()
        self.problems = ProblemsPane()
        self.problems.counts_changed.connect(self._show_problem_count)
        self.problems.field_requested.connect(self._edit_field)
        self.problems.section_requested.connect(self._edit_section)
        self.log = LogPane(self.runs)
        self.difference = DifferencePane()
        self.difference.opened.connect(lambda: page.show_pane("difference", focus=False))
        for id, title, pane, area in (
            ("palette", tr("Steps"), self.palette, "left"),
            ("outline", tr("Outline"), self.outline, "left"),
            ("inspector", tr("Inspector"), Beside(DoubtPane(self.runs), self.inspector), "right"),
            ("yaml", tr("YAML"), YamlPane(), "right"),
            ("problems", tr("Problems"), self.problems, "bottom"),
            ("log", tr("Log"), self.log, "bottom"),
            ("data", tr("Data"), DataPane(self.runs, self.bridge), "bottom"),
            ("difference", tr("Changes"), self.difference, "bottom"),
        ):
            page.add_pane(id, title, pane, area)
        page.docks["difference"].hide()
        page.lay_out_panes()
        for dock in page.docks.values():
            dock.visibilityChanged.connect(lambda _: self._show_toggles())

    def _add_notices(self) -> None:
        row = self.page.tool_row
        row.end.insertWidget(0, RunState(self.runs))
        self.left_behind = LeftBehind(self.runs, self.bridge)
        self.engine_notice = EngineNotice(self.bridge)
        for notice in (self.engine_notice, self.left_behind):
            self.page.notices.addWidget(notice)

    def _bind(self) -> None:
        actions, page = self.actions, self.page
        bind_canvas(actions, lambda: page.editor)
        bind_clipboard(actions, lambda: page.editor, _tell)
        bind_files(actions, self.files, lambda: page.current)
        actions.bind("edit.undo", self._undo)
        actions.bind("edit.redo", self._redo)
        actions.bind("edit.history", self._show_history)
        actions.bind("view.palette", lambda: self._toggle("palette"))
        actions.bind("view.outline", lambda: self._toggle("outline"))
        actions.bind("view.dock", lambda: page.toggle_area("bottom"))
        actions.bind("view.inspector", lambda: self._toggle("inspector"))
        actions.bind("view.yaml", lambda: page.show_pane("yaml"))
        actions.bind("workflow.properties", self._show_properties)
        actions.bind("view.next_tab", lambda: page.tabs.step(1))
        actions.bind("view.previous_tab", lambda: page.tabs.step(-1))
        actions.bind("view.next_pane", lambda: page.step_pane(1))
        actions.bind("view.previous_pane", lambda: page.step_pane(-1))
        actions.bind("view.pane_menu", page.open_pane_menu)
        actions.bind("run.log", lambda: page.show_pane("log"))
        actions.bind("run.problems", lambda: page.show_pane("problems"))
        bind_difference(actions, self.difference)

    def _make(self, document: WorkflowDocument) -> Editor:
        editor = Editor(document, self.bridge, self.actions)
        router = attach_canvas(editor)
        router.surface.refused.connect(self.refused)
        runs = self.runs.attach(editor)
        HoverValues(runs, self.bridge)
        editor.column.insertWidget(1, DoubtNotice(self.runs, editor))
        editor.edit_requested.connect(lambda step: self.page.show_pane("inspector", focus=False))
        editor.workflow_requested.connect(lambda path: spawn(self._open_called(editor, path)))
        # The stack tells what can be undone only once it has stepped on.
        for signal in (document.changed, document.dirty_changed, document.path_changed, editor.selection.changed):
            signal.connect(lambda *_: self._editor_changed(editor))
        document.undo_stack.indexChanged.connect(lambda _: self._editor_changed(editor))
        return editor

    def _data_of(self, editor: Editor) -> LastData | None:
        runs = self.runs.find(editor)
        return runs.values if runs is not None else None

    def _removed(self, page: QWidget) -> None:
        if isinstance(page, Editor):
            self.runs.detach(page)

    # -- what a person asks for --------------------------------------------------------------------------------------

    def new(self) -> None:
        """Begin an empty workflow in a tab of its own."""
        self.files.new()

    async def open(self, paths: Sequence[Path]) -> None:
        """Open files, each in a tab of its own."""
        await self.files.open(paths)

    async def _open_called(self, source: Editor, path: Path) -> None:
        await self.files.open([path])
        if self.page.editor is not None:
            self.trails.lead(source, self.page.editor)

    async def ask_and_open(self) -> None:
        """Let the person choose files, and show them."""
        before = self.page.current
        await self.files.ask_and_open()
        if self.page.current is not before:
            self.page_wanted.emit()

    async def restore(self, paths: Sequence[Path], front: Path | None) -> bool:
        """Bring back an earlier session; whether anything was opened."""
        return await self.files.restore(paths, front)

    async def run_and_wait(self) -> bool:
        """Run the workflow in front, and say whether it succeeded."""
        editor = self.page.editor
        if editor is None:
            return False
        await self.bridge.call(_nothing)
        model = await self.runs.run(editor, ask=False)
        if model is None:
            return False
        execution = model.execution
        outcome = await self.bridge.call(lambda client: client.wait(execution))
        return outcome.status == "succeeded"

    async def _open_execution(self, path: Path | None, execution: str) -> None:
        """Show an execution on the canvas of its workflow."""
        self.page_wanted.emit()
        editor: Editor | None
        if path is not None and await self.bridge.run(path.is_file):
            await self.files.open([path])
            editor = self.page.editor
        else:
            workflow = await self.bridge.call(lambda client: client.definition(execution))
            editor = self.files.new(Document(workflow))
        if editor is not None:
            await self.runs.look(editor, execution)

    def _insert(self, activity: str) -> None:
        editor = self.page.editor
        if editor is not None:
            surface = surface_of(editor)
            add_at(surface, spot_for(surface), activity)

    def _undo(self) -> None:
        if self.page.editor is not None:
            self.page.editor.document.undo()

    def _redo(self) -> None:
        if self.page.editor is not None:
            self.page.editor.document.redo()

    def _show_history(self) -> None:
        editor = self.page.editor
        if editor is None:
            return
        dialog = QDialog(self.page.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr("History of edits"))
        view = QUndoView(editor.document.undo_stack, dialog)
        view.setEmptyLabel(tr("As it was opened"))
        column = QVBoxLayout(dialog)
        column.addWidget(view)
        dialog.resize(QSize(380, 460))
        dialog.open()

    def _show_details(self, editor: Editor, step: str, address: str) -> None:
        self.page.show_page(editor)
        editor.reveal(step)
        self.page.show_pane("log", focus=False)
        if address:
            self.log.show_address(address)

    def _show_properties(self) -> None:
        if self.page.editor is not None:
            self.page.editor.selection.clear()
            self.page.show_pane("inspector")

    def _edit_section(self, name: str) -> None:
        self._show_properties()
        self.properties.show_section(name)

    def _reveal(self, step: str) -> None:
        if self.page.editor is not None:
            self.page.editor.reveal(step)

    def _compare(self, editor: Editor, theirs: Document) -> None:
        self.page.show_page(editor)
        spawn(self.difference.compare_with(theirs, tr("The file on the disk")))

    def _started(self, editor: Editor) -> None:
        """Let the log be read along, unless a person looks at data, or has closed it."""
        log, data = self.page.docks["log"], self.page.docks["data"]
        if editor is self.page.editor and not log.isHidden() and data.visibleRegion().isEmpty():
            self.page.show_pane("log", focus=False)

    def _shown_changed(self, editor: Editor) -> None:
        if editor is self.page.editor:
            self.outline.show_run(editor.run)

    def _edit_field(self, step: str, parameter: str) -> None:
        self.page.show_pane("inspector", focus=False)
        self.inspector.focus_step(step, parameter)

    def _show_problem_count(self, errors: int, warnings: int) -> None:
        count, title = errors + warnings, tr("Problems")
        self.page.set_pane_title("problems", f"{title} {count}" if count else title)
        self.page.tool_row.show_problems(errors, warnings)

    def _toggle(self, id: str) -> None:
        dock = self.page.docks[id]
        if dock.isHidden() or dock.visibleRegion().isEmpty():
            self.page.show_pane(id)
        else:
            dock.hide()

    # -- what is true now --------------------------------------------------------------------------------------------

    def _front_changed(self) -> None:
        self.runs.front_changed()
        self.outline.show_run(self.page.editor.run if self.page.editor is not None else None)
        self._refresh()
        self.facts_changed.emit()

    def _editor_changed(self, editor: Editor) -> None:
        if not self._closed and editor is self.page.editor:
            self._refresh()
            self.facts_changed.emit()

    def _refresh(self) -> None:
        """Tell the actions what is true of the tab in front."""
        editor, current = self.page.editor, self.page.current
        thing = self.files.thing(current)
        selected = editor.selection.value if editor is not None else None
        stack = editor.document.undo_stack if editor is not None else None
        only = editor.selection.only_step if editor is not None else ""
        here = self._in_front
        facts = {
            "tab": current is not None,
            "document": editor is not None,
            "text-or-document": thing is not None,
            "saved": thing is not None and thing.path is not None,
            "dirty": thing is not None and thing.dirty,
            "selection": bool(selected),
            "steps": selected is not None and bool(selected.steps),
            "step": bool(only),
            "calls": editor is not None and bool(only) and isinstance(called(editor, only), Path),
            "several": selected is not None and len(selected) > 1,
            "wires": selected is not None and bool(selected.edges),
            "undo": stack is not None and stack.canUndo(),
            "redo": stack is not None and stack.canRedo(),
        }
        for name, true in facts.items():
            self.actions.set_context(name, true and here)
        undo, redo = (stack.undoText(), stack.redoText()) if stack is not None else ("", "")
        self.actions.set_text("edit.undo", tr("Undo “{edit}”", edit=undo) if undo else tr("Undo"))
        self.actions.set_text("edit.redo", tr("Redo “{edit}”", edit=redo) if redo else tr("Redo"))
        self._show_toggles()
        self.status_changed.emit()

    def _show_toggles(self) -> None:
        docks = self.page.docks
        for id in ("palette", "outline", "inspector"):
            if id in docks:
                self.actions.set_checked(f"view.{id}", not docks[id].isHidden())
        self.actions.set_checked("view.dock", self.page.shows("bottom"))

    def _run_changed(self) -> None:
        self.status_changed.emit()
        self.facts_changed.emit()

    def _catalog_loaded(self) -> None:
        for editor in self.page.editors:
            if any(editor.catalog.get(step.activity) is None for step in editor.document.workflow.steps):
                editor.refresh_activities()

    def set_in_front(self, on: bool) -> None:
        """Whether the designer is the page that is shown: what concerns its workflows is possible only then."""
        self._in_front = on
        self._refresh()

    def status(self) -> tuple[str, str, str]:
        """What goes on now, a status of the chips, and a quieter text, for the status bar."""
        editor = self.page.editor
        text = self.runs.status_text()
        if text or editor is None:
            return text, self.runs.chip()[0], ""
        detail = trn("{n} step", "{n} steps", len(editor.document.workflow.steps))
        if editor.document.dirty:
            detail += "   " + tr("Unsaved changes")
        return "", "", detail

    def counts(self) -> tuple[int, int]:
        """How many executions run, and how many wait for an answer."""
        return self.runs.running, sum(self._status_of(editor) == "in_doubt" for editor in self.page.editors)

    def _status_of(self, editor: Editor) -> str:
        return editor.run.status if editor.run is not None else ""

    def show_count(self, which: str) -> None:
        """Go to an execution that runs, or waits for an answer."""
        self.page_wanted.emit()
        for editor in self.page.editors:
            runs = self.runs.find(editor)
            if runs is not None and (runs.running if which == "running" else self._status_of(editor) == "in_doubt"):
                self.page.show_page(editor)
                return

    def file(self) -> tuple[str, Path | None, bool]:
        """What the tab in front is called, its file, and whether there is something to save."""
        thing = self.files.thing(self.page.current)
        return ("", None, False) if thing is None else (thing.title, thing.path, thing.dirty)

    # -- the end -----------------------------------------------------------------------------------------------------

    def files_open(self) -> list[Path]:
        """What is open and kept in a file."""
        return self.files.paths

    def file_in_front(self) -> Path | None:
        """The one in front, if it is kept in a file."""
        thing = self.files.thing(self.page.current)
        return thing.path if thing is not None else None

    async def may_close(self) -> bool:
        """Whether the window may be closed; asks about unsaved work."""
        return await self.files.may_close()

    def close(self) -> None:
        """The window is closed."""
        self._closed = True
        self.page.remember_layout()
        for editor in self.page.editors:
            self.runs.detach(editor)
        self.files.close()


def _tell(editor: Editor, title: str, text: str) -> None:
    surface_of(editor).tell(f"{title} {text}".strip())


async def _nothing(client: object) -> None:
    """What is asked of the engine to know that it is open."""
