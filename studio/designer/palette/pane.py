"""The pane on the left: search, families, activities; drag one out, or insert it with a double-click or Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QTreeView, QVBoxLayout, QWidget

from studio.base.i18n import tr, trn
from studio.base.preferences import preferences
from studio.base.tasks import spawn
from studio.base.theme import set_kind, theme
from studio.designer.palette.entries import BROKEN, RECENT, Entry, read_catalog, recent_group, remember
from studio.designer.palette.model import PaletteModel
from studio.designer.palette.row import PaletteRow, step_picture
from studio.widgets.empty import EmptyState
from studio.widgets.fuzzy import nearest
from studio.widgets.search_field import SearchField

if TYPE_CHECKING:
    from studio.bridge import Bridge
    from studio.designer.editor import Editor

_STATE = "palette.open"
_FIRST_OPEN = 2
"""How many families are open before anybody chose."""


class PalettePane(QWidget):
    """All activities. It is filled in the background when it is first shown an editor."""

    chosen = Signal(str)
    """The id of an activity to insert."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge: Bridge | None = None
        self._reading = False
        self._again = False
        self.search = SearchField(tr("Search steps"), "Tab", self)
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.model = PaletteModel(self)
        self.view = _View(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(PaletteRow(self.view))
        self.view.expanded.connect(self._remember_open)
        self.view.collapsed.connect(self._remember_open)
        self.view.inserted.connect(self.insert)
        self.view.dropped.connect(self._note_use)
        self.view.left_above.connect(lambda: self.search.setFocus(Qt.FocusReason.BacktabFocusReason))
        self.loading = QLabel(tr("Loading the steps…"), self)
        set_kind(self.loading, "muted")
        self.loading.setContentsMargins(theme().px(14), theme().px(8), 0, 0)
        self.nothing = EmptyState("magnifying-glass", "", "", (tr("Search for it"), self._take_nearest), self)
        self.nothing.hide()
        self._nearest = ""
        field = QVBoxLayout()
        field.setContentsMargins(10, 10, 10, 6)
        field.setSpacing(10)
        field.addWidget(self.search)
        field.addWidget(self.nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(field)
        column.addWidget(self.loading)
        column.addWidget(self.view, 1)
        column.addStretch()
        self.setFocusProxy(self.search)
        theme().changed.connect(self._restyle)

    def show_editor(self, editor: Editor | None) -> None:
        """Steps go to this editor; without one nothing can be inserted."""
        self.view.setEnabled(editor is not None)
        if editor is not None and self._bridge is None:
            self._bridge = editor.bridge
            self._bridge.catalog_loaded.connect(self.reload)
            self.reload()

    def reload(self) -> None:
        """Read the catalog anew, beside the window."""
        if self._reading:
            self._again = True
        elif self._bridge is not None:
            self._reading = True
            spawn(self._read(self._bridge))

    async def _read(self, bridge: Bridge) -> None:
        try:
            groups = await bridge.run(read_catalog, bridge.catalog)
        finally:
            self._reading = False
        self.loading.hide()
        recent = recent_group(groups)
        self.model.set_groups([recent, *groups] if recent.entries else groups)
        count = sum(len(group.entries) for group in groups if group.key != BROKEN)
        self.search.setPlaceholderText(trn("Search {n} step", "Search {n} steps", count))
        self._show_found()
        if self._again:
            self._again = False
            self.reload()

    def insert(self, id: str) -> None:
        """Ask for a step of that activity in front of the user."""
        self._note_use(id)
        self.chosen.emit(id)

    def _note_use(self, id: str) -> None:
        remember(id)
        groups = [group for group in self.model.groups if group.key != RECENT]
        top, current = self.view.verticalScrollBar().value(), self.view.current_id()
        self.model.set_groups([recent_group(groups), *groups])
        self._show_found()
        self.view.verticalScrollBar().setValue(top)
        self.view.setCurrentIndex(self.model.index_of(current))

    # Searching

    def _search(self, text: str) -> None:
        self.model.set_query(text)
        self._show_found()

    def _show_found(self) -> None:
        query = self.model.query
        missing = bool(query) and not self.model.found
        self.nothing.setVisible(missing)
        self.view.setVisible(not missing)
        if missing:
            self._nearest = nearest(query, [entry.label for entry in self.model.entries()])
            hint = tr("Did you mean “{name}”?", name=self._nearest) if self._nearest else tr("Try a shorter word.")
            self.nothing.show_text(tr("Nothing called “{name}”", name=query), hint)
            if self.nothing.button is not None:
                self.nothing.button.setVisible(bool(self._nearest))
        if query:
            self.view.setCurrentIndex(self.model.index(0, 0))
            return
        open = self._open()
        self.view.blockSignals(True)
        for row, group in enumerate(self.model.groups):
            self.view.setExpanded(self.model.index(row, 0), group.key in open)
        self.view.blockSignals(False)

    def _take_nearest(self) -> None:
        self.search.setText(self._nearest)
        self.search.setFocus()

    def _open(self) -> set[str]:
        keys = [group.key for group in self.model.groups if group.key not in (RECENT, BROKEN)]
        found = preferences().state(_STATE, [RECENT, *keys[:_FIRST_OPEN]])
        return {key for key in found if isinstance(key, str)} if isinstance(found, list) else {RECENT}

    def _remember_open(self, index: QModelIndex) -> None:
        if self.model.query or self.model.entry(index) is not None:
            return
        key = self.model.groups[index.row()].key
        open = self._open() - {key} | ({key} if self.view.isExpanded(index) else set())
        preferences().set_state(_STATE, sorted(open))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the field the arrows go into the list and Enter inserts what is chosen there."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
                self.view.enter_from_above()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.view.insert_current()
                return True
        return super().eventFilter(watched, event)

    def _restyle(self) -> None:
        self.view.doItemsLayout()
        self.view.viewport().update()


class _View(QTreeView):
    """The tree. Enter and a double-click insert a step; on a family they open or close it."""

    inserted = Signal(str)
    dropped = Signal(str)
    left_above = Signal()

    def __init__(self, parent: PalettePane) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Steps"))
        self.clicked.connect(self._click)
        self.doubleClicked.connect(self._insert)

    def _entry(self, index: QModelIndex) -> Entry | None:
        model = self.model()
        return model.entry(index) if isinstance(model, PaletteModel) else None

    def current_id(self) -> str:
        entry = self._entry(self.currentIndex())
        return entry.id if entry is not None else ""

    def enter_from_above(self) -> None:
        """Take the focus, with something chosen."""
        self.setFocus(Qt.FocusReason.TabFocusReason)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self.model().index(0, 0))

    def insert_current(self) -> None:
        self._insert(self.currentIndex())

    def _insert(self, index: QModelIndex) -> None:
        entry = self._entry(index)
        if entry is not None and not entry.error:
            self.inserted.emit(entry.id)

    def _click(self, index: QModelIndex) -> None:
        if index.isValid() and self._entry(index) is None:
            self.setExpanded(index, not self.isExpanded(index))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.scheduleDelayedItemsLayout()  # a name may need two lines now, or no longer

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._entry(index) is None:
                self._click(index)
            else:
                self._insert(index)
        elif event.key() == Qt.Key.Key_Up and not self.indexAbove(index).isValid():
            self.left_above.emit()
        else:
            super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        entry = self._entry(self.currentIndex())
        if entry is None or entry.error:
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData([self.currentIndex()]))
        drag.setPixmap(step_picture(entry, self.devicePixelRatioF()))
        drag.setHotSpot(QPoint(26, 28))  # the middle of the tile
        if drag.exec(Qt.DropAction.CopyAction) is Qt.DropAction.CopyAction:
            self.dropped.emit(entry.id)
