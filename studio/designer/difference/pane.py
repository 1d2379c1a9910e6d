"""The difference pane: choose what to compare with, see it on the canvas and in a list, take it back one by one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QItemSelectionModel, QLocale, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QTreeView, QVBoxLayout, QWidget
from shiboken6 import isValid

from engine.api import Document, Edge
from engine.core.errors import RpaError
from studio.base.i18n import tr, tr_sentence, trn
from studio.base.icons import icon
from studio.base.tasks import spawn
from studio.base.theme import set_kind, theme
from studio.designer.canvas.live import Mark
from studio.designer.difference.changes import Comparison, Item, compared
from studio.designer.difference.ghosts import Ghosts
from studio.designer.difference.items import ITEM, DifferenceRow, list_items
from studio.designer.difference.revisions import Revision, document_at, revisions
from studio.designer.selection import Selected
from studio.widgets.empty import EmptyState
from studio.widgets.pick_list import Pick, PickList

if TYPE_CHECKING:
    from studio.base.actions import Actions
    from studio.designer.editor import Editor

_PAUSE = 150
"""Milliseconds after an edit until it is compared anew."""


@dataclass(slots=True)
class _Session:
    """What an editor's workflow is compared with; `name` is what that is called."""

    name: str
    theirs: Document | None = None
    found: Comparison | None = None
    error: tuple[str, str] = ("", "")
    revisions: tuple[Revision, ...] = ()
    ghosts: Ghosts | None = None


class DifferencePane(QWidget):
    """One comparison an editor; it lasts until it is closed."""

    opened = Signal()
    """There is something to see here now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("difference")
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor: Editor | None = None
        self._sessions: dict[Editor, _Session] = {}
        self.title = QLabel(self)
        set_kind(self.title, "label")
        self.count = QLabel(self)
        set_kind(self.count, "muted")
        self.previous = self._button("caret-up", tr("Previous difference"), lambda: self._step(-1))
        self.next = self._button("caret-down", tr("Next difference"), lambda: self._step(1))
        self.take = QPushButton(tr("Take theirs"), self)
        self.take.clicked.connect(self._take_one)
        self.take_all = QPushButton(tr("Take all"), self)
        self.take_all.clicked.connect(self._take_all)
        self.close_button = self._button("x", tr("Close the comparison"), self.close_comparison)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 8, 6)
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.count, 1)
        for widget in (self.previous, self.next, self.take, self.take_all, self.close_button):
            head.addWidget(widget)
        self.model = QStandardItemModel(self)
        self.view = QTreeView(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(DifferenceRow(self.view))
        self.view.setHeaderHidden(True)
        self.view.setUniformRowHeights(True)
        self.view.setMouseTracking(True)
        self.view.setIndentation(theme().px(18))
        self.view.setAccessibleName(tr("Differences"))
        self.view.selectionModel().currentChanged.connect(self._go_to)
        self.choice = PickList(tr("Search revisions"), self)
        self.choice.picked.connect(self._choose_revision)
        self.nothing = EmptyState("git-diff", "", "", None, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(self.choice, 1)
        margin = QVBoxLayout()
        margin.setContentsMargins(12, 6, 12, 12)
        margin.addWidget(self.nothing)
        column.addLayout(margin)
        column.addStretch()
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(lambda: spawn(self._compare()))
        self._show()

    def _button(self, name: str, text: str, slot: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: slot())
        return button

    def show_editor(self, editor: Editor | None) -> None:
        """Show the comparison of this editor, if it has one."""
        if editor is self._editor:
            return
        if self._editor is not None:
            self._editor.document.changed.disconnect(self._follow)
        self._editor = editor
        if editor is not None:
            editor.document.changed.connect(self._follow)
            if editor in self._sessions:
                self._soon.start(0)
        self._show()

    @property
    def comparison(self) -> Comparison | None:
        """What differs, once that is known."""
        session = self._session
        return session.found if session is not None else None

    @property
    def _session(self) -> _Session | None:
        return self._sessions.get(self._editor) if self._editor is not None else None

    # What to compare with

    async def compare_saved(self) -> None:
        """Compare with the file as it is on the disk."""
        editor = self._editor
        if editor is not None and editor.document.path is not None:
            await self.compare_file(editor.document.path, tr("The saved version"))

    async def compare_file(self, path: Path, name: str = "") -> None:
        """Compare with another file."""

        async def load(editor: Editor) -> Document:
            from engine.api import load as load_document

            return await editor.bridge.run(load_document, path)

        await self._open(name or path.name, load)

    async def compare_with(self, theirs: Document, name: str) -> None:
        """Compare with a document that was read already."""

        async def load(editor: Editor) -> Document:
            return theirs

        await self._open(name, load)

    async def compare_git(self) -> None:
        """Ask which of the file's versions in git to compare with."""
        editor = self._editor
        if editor is None or editor.document.path is None:
            return
        session = self._begin(editor, tr("Choose a revision"))
        try:
            session.revisions = tuple(await editor.bridge.run(revisions, editor.document.path))
        except RpaError as error:
            session.error = (tr_sentence(error.message), tr_sentence(error.hint))
        self._show()
        if session.revisions and editor is self._editor:
            self.choice.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _choose_revision(self, pick: Pick) -> None:
        editor, revision = self._editor, pick.data
        if editor is None or editor.document.path is None or not isinstance(revision, Revision):
            return
        path = editor.document.path

        async def load(editor: Editor) -> Document:
            return await editor.bridge.run(document_at, path, revision)

        async def show() -> None:
            await self._open(f"{revision.commit[:8]} {revision.subject}", load)
            if editor is self._editor and self.view.isVisible():
                self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)  # the list of revisions, which had it, is gone

        spawn(show())

    def _begin(self, editor: Editor, name: str) -> _Session:
        self._forget(editor)
        session = self._sessions[editor] = _Session(name)
        editor.destroyed.connect(lambda: self._sessions.pop(editor, None))
        self._show()
        self.opened.emit()
        return session

    async def _open(self, name: str, load: Callable[[Editor], Awaitable[Document]]) -> None:
        editor = self._editor
        if editor is None:
            return
        session = self._begin(editor, name)
        try:
            session.theirs = await load(editor)
        except RpaError as error:
            session.error = (tr_sentence(error.message), tr_sentence(error.hint))
            self._show()
            return
        await self._compare()

    def close_comparison(self) -> None:
        """Show the canvas as it is."""
        if self._editor is not None:
            self._forget(self._editor)
        self._show()

    def _forget(self, editor: Editor) -> None:
        session = self._sessions.pop(editor, None)
        if session is not None:
            self._draw(editor, session, None)

    # Comparing

    def _follow(self) -> None:
        if self._session is not None:
            self._soon.start(_PAUSE)

    async def _compare(self) -> None:
        editor, session = self._editor, self._session
        if editor is None or session is None or session.theirs is None:
            return
        mine = editor.document.workflow
        found = await editor.bridge.run(compared, session.theirs.workflow, mine)
        if not isValid(editor) or self._sessions.get(editor) is not session:
            return
        if mine is not editor.document.workflow:
            self._soon.start(_PAUSE)
            return
        session.found = found
        self._draw(editor, session, found)
        if editor is self._editor:
            self._show()

    def _draw(self, editor: Editor, session: _Session, found: Comparison | None) -> None:
        """The marks on the canvas, and the ghosts of what is not there any more; None: none."""
        scene = editor.scene
        if session.ghosts is not None:
            scene.removeItem(session.ghosts)
            session.ghosts = None
        marks: dict[str | Edge, Mark] = {}
        if found is not None:
            for id, kind in found.marks.items():
                marks[id] = "added" if kind == "added" else "moved" if kind == "moved" else "changed"
            marks.update(dict.fromkeys(found.wires, "added"))
            if found.ghosts.steps or found.ghosts.edges:
                session.ghosts = Ghosts(found.ghosts, scene, editor.catalog)
                scene.addItem(session.ghosts)
        scene.set_difference(marks)

    # Showing

    def _show(self) -> None:
        session, editor = self._session, self._editor
        found = session.found if session is not None else None
        items = found.items if found is not None else ()
        row = self._row()
        self.model.clear()
        if found is not None and editor is not None:
            list_items(self.model, found, editor.document.workflow, editor.catalog)
            self.view.expandAll()
            if self.model.rowCount() and row >= 0:
                index = self.model.index(min(row, self.model.rowCount() - 1), 0)
                self.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        choosing = session is not None and bool(session.revisions)
        if choosing and session is not None:
            self.choice.set_picks([_pick(revision) for revision in session.revisions])
        self.title.setText(session.name if session is not None else "")
        self.count.setText(trn("{n} difference", "{n} differences", len(items)) if items else "")
        for widget in (self.previous, self.next, self.take, self.take_all):
            widget.setVisible(bool(items))
        self.close_button.setVisible(session is not None)
        self.take.setEnabled(self._item() is not None)
        self.view.setVisible(bool(items))
        self.choice.setVisible(choosing)
        self.nothing.setVisible(not items and not choosing)
        self.nothing.show_text(*_said(session))

    def _row(self) -> int:
        index = self.view.currentIndex()
        return (index.parent() if index.parent().isValid() else index).row()

    def _item(self) -> Item | None:
        row = self._row()
        item = self.model.index(row, 0).data(ITEM) if row >= 0 else None
        return item if isinstance(item, Item) else None

    def _step(self, by: int) -> None:
        count = self.model.rowCount()
        if not count:
            return
        row = self._row()
        row = (row + by) % count if row >= 0 else (0 if by > 0 else count - 1)
        self.view.setCurrentIndex(self.model.index(row, 0))

    def _go_to(self, index: QModelIndex) -> None:
        """Show the place on the canvas."""
        item, editor, session = self._item(), self._editor, self._session
        self.take.setEnabled(item is not None)
        if item is None or editor is None or session is None:
            return
        ghost = session.ghosts.boxes.get(item.step) if session.ghosts is not None else None
        if ghost is not None:
            editor.view.ensureVisible(ghost, 40, 40)
        elif item.step:
            editor.reveal(item.step)
        elif item.edge is not None:
            for end in (item.edge.source, item.edge.target):
                editor.reveal(end)
            if item.edge in editor.document.workflow.edges:
                editor.selection.set(Selected(edges=frozenset({item.edge})))

    # Taking

    def _take_one(self) -> None:
        item, editor = self._item(), self._editor
        if item is not None and editor is not None:
            editor.document.edit(tr("Take one difference"), item.take)
            self._soon.start(0)

    def _take_all(self) -> None:
        session, editor = self._session, self._editor
        if session is None or session.theirs is None or editor is None:
            return
        theirs = session.theirs
        editor.document.edit_document(
            tr("Take all differences"),
            lambda mine: replace(mine, workflow=theirs.workflow, comments=theirs.comments),
        )
        self._soon.start(0)


def _said(session: _Session | None) -> tuple[str, str]:
    """What stands where the list would."""
    if session is None:
        return tr("Nothing is compared."), tr("Choose Compare in the File menu.")
    if session.error[0]:
        return session.error
    if session.found is not None:
        return tr("No differences."), ""
    return tr("Comparing…"), ""


def _pick(revision: Revision) -> Pick:
    when = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(revision.when.timestamp())), "d MMM yyyy HH:mm")
    hint = f"{revision.author}, {when}"
    return Pick(
        revision.commit,
        revision.subject or revision.commit[:8],
        (revision.author, revision.commit),
        hint,
        data=revision,
    )


def bind_difference(actions: Actions, pane: DifferencePane) -> None:
    """Give the actions of comparing their behaviour."""

    async def file() -> None:
        from studio.widgets.dialog import open_file

        editor = pane._editor
        folder = editor.folder if editor is not None else None
        path = await open_file(pane.window(), tr("Compare with"), folder, tr("Workflows (*.rpa.yaml)"))
        if path is not None:
            await pane.compare_file(path)

    actions.bind("file.compare_saved", lambda: spawn(pane.compare_saved()))
    actions.bind("file.compare_file", lambda: spawn(file()))
    actions.bind("file.compare_git", lambda: spawn(pane.compare_git()))
