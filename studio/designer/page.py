"""The designer's page: tabs of open workflows, the toolbar, and the panes that follow the one in front."""

from __future__ import annotations

from typing import Protocol, cast

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from studio.base.actions import Actions
from studio.base.i18n import tr
from studio.base.preferences import preferences
from studio.base.theme import set_kind, theme
from studio.bridge import Bridge
from studio.designer.editor import Editor
from studio.designer.tabs import Tabs
from studio.designer.toolbar import ToolRow
from studio.widgets.dock import Dock, dock_menu
from studio.widgets.empty import EmptyState

LAYOUT = "panes"
"""Where the preferences remember how the panes lie."""
VERSION = 1
"""Of the panes there are: a layout of another version is not taken."""
AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
SIZES = {"left": 232, "right": 328, "bottom": 206}
NARROW = {"left": 200, "right": 300, "bottom": 160}
"""Where the window is less than 1400 wide."""


class Pane(Protocol):
    """What follows the editor in front."""

    def show_editor(self, editor: Editor | None) -> None: ...


class Beside(QWidget):
    """Two panes above each other as one; the upper one takes room only while it shows something."""

    def __init__(self, upper: QWidget, lower: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes = (upper, lower)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(upper)
        column.addWidget(lower, 1)
        self.setFocusProxy(lower)

    def show_editor(self, editor: Editor | None) -> None:
        for pane in self._panes:
            cast(Pane, pane).show_editor(editor)


class DesignerPage(QMainWindow):
    """Tabs hold editors, and pages of text for files that cannot be drawn."""

    current_changed = Signal()
    """Another tab is in front, or none."""
    removed = Signal(QWidget)
    """A tab was closed."""

    def __init__(self, bridge: Bridge, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setObjectName("designer")
        self.bridge = bridge
        self.actions_of = actions
        self.docks: dict[str, Dock] = {}
        self._areas: dict[str, str] = {}
        self.tabs = Tabs(self)
        self.tool_row = ToolRow(actions, self)
        top = QWidget(self)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for row in (self.tabs, _line(top), self.tool_row, _line(top)):
            column.addWidget(row)
        self.notices = QVBoxLayout()
        self.notices.setSpacing(0)
        column.addLayout(self.notices)
        self.setMenuWidget(top)
        self.stack = QStackedWidget(self)
        self.stack.setMinimumSize(320, 240)
        self.nothing = QWidget(self)
        empty = QVBoxLayout(self.nothing)
        empty.setContentsMargins(24, 24, 24, 24)
        empty.addWidget(
            EmptyState(
                "flow-arrow",
                tr("Open or begin a workflow"),
                tr("Every open workflow gets a tab above."),
                (tr("New workflow"), lambda: actions.trigger("file.new")),
                self.nothing,
            )
        )
        empty.addStretch(1)
        self.stack.addWidget(self.nothing)
        self.setCentralWidget(self.stack)
        self.setDockNestingEnabled(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        for area in AREAS.values():
            self.setTabPosition(area, QTabWidget.TabPosition.North)
        self.setCorner(Qt.Corner.BottomLeftCorner, AREAS["left"])
        self.setCorner(Qt.Corner.BottomRightCorner, AREAS["right"])
        self.tabs.chosen.connect(self._show)
        self._keep = QTimer(self, singleShot=True, interval=400)
        self._keep.timeout.connect(self.remember_layout)
        self._unsized = False

    # -- tabs --------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> QWidget | None:
        """The page in front."""
        return self.tabs.current

    @property
    def editor(self) -> Editor | None:
        """The editor in front; None where there is none, or a page of text."""
        current = self.tabs.current
        return current if isinstance(current, Editor) else None

    @property
    def editors(self) -> list[Editor]:
        """In the order of the tabs."""
        return [page for page in self.tabs.pages if isinstance(page, Editor)]

    def add(self, page: QWidget, title: str, icon_name: str = "flow-arrow") -> None:
        """Open a tab and show it."""
        self.stack.addWidget(page)
        self.tabs.add(page, title, icon_name)
        self.show_page(page)

    def show_page(self, page: QWidget) -> None:
        self.tabs.show_page(page)

    def remove(self, page: QWidget) -> None:
        """Close a tab; nothing is asked."""
        self.tabs.remove(page)
        self.stack.removeWidget(page)
        self.removed.emit(page)
        page.close()
        page.deleteLater()
        if not self.tabs.pages:
            self._show(self.nothing)

    def _show(self, page: QWidget) -> None:
        if self.stack.currentWidget() is page and page is not self.nothing:
            return
        self.stack.setCurrentWidget(page)
        self.setFocusProxy(page)
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        editor = self.editor
        for dock in self.docks.values():
            cast(Pane, dock.pane).show_editor(editor)
        self.current_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves a pane for the workflow."""
        current = self.current
        if event.key() == Qt.Key.Key_Escape and current is not None and not current.isAncestorOf(self.focusWidget()):
            current.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super().keyPressEvent(event)

    # -- panes -------------------------------------------------------------------------------------------------------

    def add_pane(self, id: str, title: str, pane: QWidget, area: str) -> Dock:
        """Add a pane, as a tab beside those that are there already."""
        dock = Dock(id, title, pane, self)
        beside = [self.docks[other] for other, where in self._areas.items() if where == area]
        self.addDockWidget(AREAS[area], dock)
        if beside:
            self.tabifyDockWidget(beside[-1], dock)
        self.docks[id] = dock
        self._areas[id] = area
        for signal in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
            signal.connect(lambda *_: self._keep.start())
        cast(Pane, pane).show_editor(self.editor)
        return dock

    def step_pane(self, by: int) -> None:
        """Give the keys to the next pane in sight, or the one before, as they stand; the workflow is one of them."""
        places: list[QWidget] = [dock.pane for dock in self.docks.values() if not dock.visibleRegion().isEmpty()]
        places += [self.current] if self.current is not None else []
        places.sort(key=lambda place: (place.mapToGlobal(QPoint()).x(), place.mapToGlobal(QPoint()).y()))
        here = next((number for number, place in enumerate(places) if _has_keys(place)), -by)
        for ahead in range(1, len(places) + 1):
            place = places[(here + by * ahead) % len(places)]
            _give_keys(place)
            if _has_keys(place):
                return

    def open_pane_menu(self) -> None:
        """Ask where the pane that has the keys shall go."""
        for dock in self.docks.values():
            if _has_keys(dock.pane):
                menu = dock_menu(dock, dock)
                menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
                menu.popup(dock.mapToGlobal(dock.rect().topLeft()))
                return

    def show_pane(self, id: str, *, focus: bool = True) -> None:
        """Bring a pane to the front of its tabs."""
        dock = self.docks[id]
        dock.show()
        dock.raise_()
        if focus:
            _give_keys(dock.pane)

    def toggle_area(self, area: str) -> None:
        """Close the panes of an area, or show them again."""
        ids = [id for id, where in self._areas.items() if where == area]
        shown = [id for id in ids if not self.docks[id].isHidden()]
        for id in ids:
            self.docks[id].setVisible(not shown)
        if not shown and ids:
            self.docks[ids[0]].raise_()

    def shows(self, area: str) -> bool:
        """Whether any pane of an area is open."""
        return any(not self.docks[id].isHidden() for id, where in self._areas.items() if where == area)

    def set_pane_title(self, id: str, title: str) -> None:
        self.docks[id].setWindowTitle(title)

    def lay_out_panes(self) -> None:
        """As they were left, or as they begin."""
        for id, area in reversed(self._areas.items()):
            if area:
                self.docks[id].raise_()
        self._unsized = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._unsized:
            # Sizes that are given before it is laid out are taken as shares of the size it has by then.
            QTimer.singleShot(0, self, self._size_panes)

    def _size_panes(self) -> None:
        self._unsized = False
        state = preferences().state(LAYOUT)
        kept = QByteArray.fromBase64(state.encode()) if isinstance(state, str) and state.isascii() else QByteArray()
        if not kept.isEmpty() and self.restoreState(kept, VERSION):
            return
        sizes = NARROW if self.width() < theme().px(1400) else SIZES
        for area, size in sizes.items():
            docks = [self.docks[id] for id, where in self._areas.items() if where == area]
            along = Qt.Orientation.Vertical if area == "bottom" else Qt.Orientation.Horizontal
            self.resizeDocks(docks, [theme().px(size)] * len(docks), along)

    def remember_layout(self) -> None:
        if self._unsized:
            return  # it was not shown
        encoded = self.saveState(VERSION).toBase64().data()
        preferences().set_state(LAYOUT, bytes(encoded).decode("ascii"))


def _line(parent: QWidget) -> QWidget:
    line = QWidget(parent)
    line.setFixedHeight(1)
    line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    set_kind(line, "line")
    return line


def _has_keys(place: QWidget) -> bool:
    focus = QApplication.focusWidget()
    return focus is not None and (place is focus or place.isAncestorOf(focus))


def _give_keys(place: QWidget) -> None:
    """To what the pane wants them to go to, else to the first thing in it that takes them with Tab, else to itself."""
    place.setFocus(Qt.FocusReason.ShortcutFocusReason)
    if place.hasFocus() and not place.focusPolicy() & Qt.FocusPolicy.TabFocus:
        place.focusNextChild()
        if not _has_keys(place):
            place.setFocus(Qt.FocusReason.ShortcutFocusReason)  # nothing in it takes them; it is where they are
