"""The page of the keys: what each command is pressed with, and how to change that."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.base.actions import Action, Actions
from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.keys import shown_keys
from studio.base.tasks import spawn
from studio.base.theme import set_kind, theme
from studio.settings.key_capture import KeyCapture
from studio.settings.key_table import KeyTable, KeyView, as_text, name_of
from studio.widgets.banner import Banner
from studio.widgets.dialog import Button, ask, save_file
from studio.widgets.empty import EmptyState
from studio.widgets.search_field import SearchField

_EDITOR = 264
_BESIDE, _WITH_PLACES = 660, 500
"""Widths from which the editor stands beside the table, and the table says where commands are."""
_UNBOUNDED = 16_777_215
_FUNCTION_KEY = re.compile(r"(^|\+)F\d+$")


class KeysPage(QWidget):
    """The table at the left, the keys of the current command at the right."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.banner = Banner(self)
        self.search = SearchField(tr("Search commands"), parent=self)
        self.search.textChanged.connect(self._search)
        self.by_keys = QPushButton(icon("keyboard"), " " + tr("Search by keys"), self)
        set_kind(self.by_keys, "ghost")
        self.by_keys.setCheckable(True)
        self.by_keys.toggled.connect(self._search_by_keys)
        self.pressed = KeyCapture(self)
        self.pressed.hide()
        self.reset_all = QPushButton(tr("Reset all keys"), self)
        self.export = QPushButton(tr("Save as text…"), self)
        for button in (self.reset_all, self.export):
            set_kind(button, "ghost")
        self.reset_all.clicked.connect(lambda: spawn(self._ask_to_reset()))
        self.export.clicked.connect(lambda: spawn(self._save_as_text()))
        self.table = KeyTable(actions, self)
        self.pressed.pressed.connect(lambda keys: self.table.filter(keys=keys))
        self.view = KeyView(self.table, self)
        self._set_up_view()
        self.editor = KeyEditor(actions, self)
        self.nothing = EmptyState("magnifying-glass", tr("No command fits."), parent=self)
        self.nothing.hide()
        self._lay_out()
        self.table.modelReset.connect(self._select_first)
        actions.changed.connect(self._arrange)
        theme().changed.connect(self._arrange)
        self._arrange()
        self._select_first()

    def _set_up_view(self) -> None:
        view = self.view
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setStyleSheet("QTableView::item { padding: 0 5px; }")
        view.verticalHeader().hide()
        head = view.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        view.setAccessibleName(tr("Keys"))
        view.selectionModel().currentRowChanged.connect(lambda: self._show_current())
        view.activated.connect(lambda: self.editor.capture())
        view.doubleClicked.connect(lambda: self.editor.capture())

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.search, 1)
        top.addWidget(self.pressed, 1)
        top.addWidget(self.by_keys)
        top.addWidget(self.export)
        top.addWidget(self.reset_all)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(12)
        self._body.addWidget(self.view, 1)
        self._body.addWidget(self.nothing, 1, Qt.AlignmentFlag.AlignTop)
        self._body.addWidget(self.editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 20, 20)
        column.setSpacing(10)
        column.addWidget(self.banner)
        column.addLayout(top)
        column.addLayout(self._body, 1)

    def _arrange(self) -> None:
        """The editor beside the table, or below it where the table would become too narrow to be read."""
        px = theme().px
        beside = self.width() >= px(_BESIDE)
        self._body.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self.editor.setMinimumWidth(px(_EDITOR) if beside else 0)
        self.editor.setMaximumWidth(px(_EDITOR) if beside else _UNBOUNDED)
        self.view.verticalHeader().setDefaultSectionSize(px(30))
        for column, width in enumerate(self.table.widths(), start=1):
            self.view.horizontalHeader().resizeSection(column, width)
        self.view.setColumnHidden(2, self.width() < px(_WITH_PLACES))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @property
    def current(self) -> Action | None:
        """The command whose keys are shown."""
        row = self.view.currentIndex().row()
        return self.table.rows[row] if 0 <= row < len(self.table.rows) else None

    def select(self, id: str) -> None:
        """Go to a command."""
        row = self.table.row_of(id)
        if row >= 0:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.view.selectionModel().setCurrentIndex(self.table.index(row, 0), flags)

    def _search(self, query: str) -> None:
        self.table.filter(query)

    def _search_by_keys(self, on: bool) -> None:
        self.search.setVisible(not on)
        self.pressed.setVisible(on)
        self.pressed.clear()
        (self.pressed if on else self.search).setFocus()
        self.table.filter("" if on else self.search.text())

    def _select_first(self) -> None:
        found = bool(self.table.rows)
        for part, visible in ((self.view, found), (self.editor, found), (self.nothing, not found)):
            part.setVisible(visible)
        if self.table.rows:
            self.select(self.editor.action.id if self.editor.action is not None else "")
            if self.current is None:
                self.view.selectRow(0)
        self._show_current()

    def _show_current(self) -> None:
        self.editor.show_action(self.current)

    async def _ask_to_reset(self) -> None:
        answer = await ask(
            self,
            tr("Give all commands their first keys back?"),
            tr("Every key that you chose is lost."),
            [Button("cancel", tr("Cancel")), Button("reset", tr("Reset all keys"), "danger")],
        )
        if answer == "reset":
            for action in self._actions.all():
                if self.table.is_changed(action):
                    self._actions.set_keys(action.id, None)

    async def _save_as_text(self) -> None:
        file = await save_file(self, tr("Save the keys as text"), Path(tr("keys") + ".txt"), tr("Text (*.txt)"), "txt")
        if file is None:
            return
        try:
            file.write_text(as_text(self._actions), "utf-8")
        except OSError as error:
            self.banner.show_message(
                "error",
                tr("{file} cannot be written: {reason}", file=file, reason=error.strerror or error),
                tr("Choose another folder."),
            )


class KeyEditor(QFrame):
    """The keys of one command: each can be taken away, further ones are added by pressing them."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "card")
        self._actions = actions
        self.action: Action | None = None
        self._wanted = ""
        self._title = QLabel(self)
        set_kind(self._title, "heading")
        self._help = QLabel(self)
        set_kind(self._help, "small")
        self.message = QLabel(self)
        set_kind(self.message, "error")
        for label in (self._title, self._help, self.message):
            label.setWordWrap(True)
        self._keys = QVBoxLayout()
        self._keys.setSpacing(4)
        self.removers: list[QToolButton] = []
        self.add = QPushButton(tr("Press new keys"), self)
        self.add.clicked.connect(self.capture)
        self.field = KeyCapture(self)
        self.field.pressed.connect(self._pressed)
        self.field.left.connect(self._leave)
        self.take = QPushButton(tr("Use them here"), self)
        self.take.clicked.connect(self._take)
        self.reset = QPushButton(tr("Back to the first keys"), self)
        set_kind(self.reset, "ghost")
        self.reset.clicked.connect(self._reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._help)
        column.addLayout(self._keys)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.field)
        column.addWidget(self.message)
        column.addWidget(self.take, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        actions.changed.connect(self._refresh)
        self.show_action(None)

    def show_action(self, action: Action | None) -> None:
        """Show the keys of another command."""
        self.action = action
        self._stop()
        self._refresh()

    def capture(self) -> None:
        """Wait for the keys to be pressed."""
        if self.action is None:
            return
        self._stop()
        self.add.hide()
        self.field.show()
        self.field.setFocus()

    def _refresh(self) -> None:
        self.setEnabled(self.action is not None)
        while (item := self._keys.takeAt(0)) is not None:
            if (row := item.widget()) is not None:
                row.hide()
                row.deleteLater()
        self.removers = []
        if self.action is None:
            self._title.setText("")
            self.reset.hide()
            return
        self._title.setText(name_of(self.action))
        where = tr("Its keys work while the canvas has the focus.") if self.action.scope == "canvas" else ""
        self._help.setText(" ".join(filter(None, (tr(self.action.help), where))))
        self._help.setVisible(bool(self._help.text()))
        keys = self._actions.keys(self.action.id)
        for one in keys:
            self._keys.addWidget(self._row(one))
        if not keys:
            none = QLabel(tr("No keys"), self)
            set_kind(none, "muted")
            self._keys.addWidget(none)
        self.reset.setVisible(keys != self.action.keys)

    def _row(self, key: str) -> QWidget:
        row = QFrame(self)
        set_kind(row, "panel")
        name = QLabel(shown_keys(key), row)
        remove = QToolButton(row)
        remove.setIcon(icon("x", color="text-3"))
        remove.setToolTip(tr("Take away"))
        remove.setAccessibleName(tr("Take away {keys}", keys=shown_keys(key)))
        remove.clicked.connect(lambda: self._remove(key))
        self.removers.append(remove)
        line = QHBoxLayout(row)
        line.setContentsMargins(8, 0, 0, 0)
        line.addWidget(name, 1)
        line.addWidget(remove)
        return row

    def _pressed(self, key: str) -> None:
        action = self.action
        if action is None:
            return
        self._wanted = key
        self.take.hide()
        refused = refusal(key, action)
        others = self._actions.conflicts(key, action.scope, action.id)
        if refused:
            self.message.setText(refused)
        elif key in self._actions.keys(action.id):
            self.message.setText(tr("It has these keys already."))
        elif others:
            names = ", ".join(tr("“{name}”", name=name_of(self._actions.declared(id))) for id in others)
            self.message.setText(tr("{keys} belongs to {names}.", keys=shown_keys(key), names=names))
            self.take.show()
        else:
            self._give(action, key)
            return
        self.message.show()

    def _take(self) -> None:
        action = self.action
        if action is None or not self._wanted:
            return
        key = self._wanted
        for id in self._actions.conflicts(key, action.scope, action.id):
            wanted = QKeySequence(key)
            self._actions.set_keys(id, tuple(one for one in self._actions.keys(id) if QKeySequence(one) != wanted))
        self._give(action, key)

    def _give(self, action: Action, key: str) -> None:
        self._stop()
        self._actions.set_keys(action.id, (*self._actions.keys(action.id), key))
        self.add.setFocus()

    def _remove(self, key: str) -> None:
        if self.action is not None:
            left = tuple(one for one in self._actions.keys(self.action.id) if one != key)
            self._actions.set_keys(self.action.id, left)
            self.add.setFocus()

    def _reset(self) -> None:
        action = self.action
        if action is None:
            return
        taken = [(key, id) for key in action.keys for id in self._actions.conflicts(key, action.scope, action.id)]
        if taken:
            key, id = taken[0]
            other = name_of(self._actions.declared(id))
            self._stop()
            self.message.setText(tr("{keys} belongs to “{name}” now. Take it away there first.", keys=key, name=other))
            self.message.show()
            return
        self._actions.set_keys(action.id, None)
        self.add.setFocus()

    def _leave(self) -> None:
        """The field was left: a conflict that waits for an answer stays, so that its button can be pressed."""
        if self.take.isHidden():
            self._stop()

    def _stop(self) -> None:
        self._wanted = ""
        self.field.clear()
        self.message.clear()
        hide: tuple[Callable[[], None], ...] = (self.field.hide, self.message.hide, self.take.hide)
        for one in hide:
            one()
        self.add.show()


def refusal(key: str, action: Action) -> str:
    """Why keys cannot be given to an action; empty where they can."""
    if QKeySequence(key).isEmpty():
        return tr("These keys cannot be used.")
    held = any(f"{modifier}+" in key for modifier in ("Ctrl", "Alt", "Meta"))
    if action.scope == "window" and not held and not _FUNCTION_KEY.search(key):
        return tr("Such a key is needed for typing. Hold Ctrl or Alt, or choose a function key.")
    return ""
