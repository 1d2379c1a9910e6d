"""The main window: the frame around the pages, and what it remembers between starts."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.base.actions import Actions
from studio.base.first_paint import FirstPaint
from studio.base.focus_ring import FocusRing
from studio.base.i18n import tr
from studio.base.preferences import preferences
from studio.base.tasks import spawn
from studio.base.theme import set_kind
from studio.shell import geometry
from studio.shell.actions import ACTIONS, page_actions
from studio.shell.command_palette import CommandPalette
from studio.shell.menus import Menus
from studio.shell.page_entry import BrokenPage, PageEntry
from studio.shell.rail import Rail
from studio.shell.status_bar import StatusBar
from studio.shell.title_bar import TitleBar
from studio.widgets.banner import Banner

STATE = "window"
"""Where the preferences remember the place of the window and the page that was shown."""
DEFAULT = (1440, 900)
LEAST = (880, 560)
_log = logging.getLogger(__name__)

_STOPS = 500
"""Of Tab, that are passed by at most."""


class MainWindow(QMainWindow):
    """Shows one of `entries` at a time; a page is built when it is first shown.

    `may_close` is awaited before the window closes, and keeps it open where it gives False.
    """

    page_shown = Signal(str)
    files_dropped = Signal(list)
    """list[Path]: files that were dropped on the window."""
    closed = Signal()

    def __init__(self, actions: Actions, entries: Sequence[PageEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("main")
        self.setWindowTitle("RPA Studio")
        self.setMinimumSize(*LEAST)
        self.setAcceptDrops(True)
        self.commands = actions
        self.entries = {entry.id: entry for entry in entries}
        self.may_close: Callable[[], Awaitable[bool]] | None = None
        self._agreed = False
        self._asking = False
        self._pages: dict[str, QWidget] = {}
        self._page = ""
        self._title = ""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            FocusRing(app, self)
        self.title_bar = TitleBar(self)
        self.setMenuWidget(self.title_bar)
        self.rail = Rail(entries, self)
        self.banner = Banner(self)
        self._stack = QStackedWidget(self)
        self.status_bar = StatusBar(self)
        self._lay_out()
        self.palette_popup = CommandPalette(actions, self)
        self._add_actions()
        self.menus = Menus(self.title_bar.menu_bar, actions)
        actions.attach("window", self)
        actions.changed.connect(self._show_keys)
        self.rail.chosen.connect(self.show_page)
        self.rail.expanded_changed.connect(lambda on: actions.set_checked("shell.rail", on))
        self.title_bar.palette_wanted.connect(self.open_palette)
        self._show_keys()
        self._restore()

    @property
    def page_id(self) -> str:
        """The page that is shown."""
        return self._page

    def page(self, id: str) -> QWidget | None:
        """A page, if it has been built."""
        return self._pages.get(id)

    def show_page(self, id: str) -> QWidget:
        """Show a page, and build it first where that has not happened. Raises `KeyError` for an unknown one."""
        entry = self.entries[id]
        page = self._pages.get(id)
        if page is None:
            page = self._build(entry)
        self._page = id
        self._stack.setCurrentWidget(page)
        self._mark(entry)
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.page_shown.emit(id)
        return page

    def show_page_soon(self, id: str) -> None:
        """Show a page as soon as the window has been drawn around it, unless another one is shown by then: for a page
        that takes long to build."""
        self._mark(self.entries[id])
        FirstPaint(self).happened.connect(lambda: None if self._page else self.show_page(id))

    def notify(
        self, level: str, title: str, text: str = "", buttons: Sequence[tuple[str, Callable[[], object]]] = ()
    ) -> None:
        """Say something above the page that stays until it is closed or answered."""
        self.banner.show_message(level, title, text, buttons)

    def show_file(self, name: str = "", path: Path | None = None, *, unsaved: bool = False) -> None:
        """Name what the page shows in the title, as the platform does; without a name, the page itself."""
        self.setWindowFilePath(str(path or ""))
        named = " ".join(name.split()).replace("[*]", "[*][*]") + "[*]" if name else self._title
        title = f"{named} – RPA Studio"
        if title != self.windowTitle():
            self.setWindowModified(False)  # the old title may have a place for the mark, and the new one none
            self.setWindowTitle(title)
        self.setWindowModified(unsaved)

    def open_palette(self, text: str = "") -> None:
        """Open the command palette."""
        self.palette_popup.open(self.title_bar.field, text)

    def raise_up(self) -> None:
        """Bring the window to the front, as after a second start of the program."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def _lay_out(self) -> None:
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        line = QFrame(centre)
        set_kind(line, "vline")
        row.addWidget(line)
        right = QVBoxLayout()
        right.setSpacing(0)
        self._banner_room = QWidget(centre)
        room = QVBoxLayout(self._banner_room)
        room.setContentsMargins(12, 8, 12, 8)
        room.addWidget(self.banner)
        self._banner_room.hide()
        self.banner.installEventFilter(self)
        right.addWidget(self._banner_room)
        right.addWidget(self._stack, 1)
        row.addLayout(right, 1)
        column.addLayout(row, 1)
        column.addWidget(self.status_bar)
        self.setCentralWidget(centre)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self.banner and event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._banner_room.setVisible(event.type() == QEvent.Type.ShowToParent)
        return False

    def _add_actions(self) -> None:
        actions = self.commands
        entries = list(self.entries.values())
        actions.add([*ACTIONS, *page_actions(entries)])
        actions.bind("shell.palette", self.open_palette)
        actions.bind("shell.rail", lambda: self.rail.set_expanded(not self.rail.expanded))
        actions.bind("shell.full_screen", self._toggle_full_screen)
        actions.bind("shell.quit", self.close)
        for entry in entries:
            actions.bind(f"go.{entry.id}", partial(self.show_page, entry.id))

    def _show_keys(self) -> None:
        self.title_bar.field.set_keys(self.commands.shown_keys("shell.palette"))
        self.rail.set_keys({id: self.commands.shown_keys(f"go.{id}") for id in self.entries})

    def _mark(self, entry: PageEntry) -> None:
        self.rail.show_page(entry.id)
        self._title = tr(entry.title)
        self.show_file()

    def _build(self, entry: PageEntry) -> QWidget:
        try:
            page = entry.build()
        except Exception as error:
            _log.exception("the page %s could not be built", entry.id)
            page = BrokenPage(tr(entry.title), error, lambda: self._build_again(entry.id))
        self._pages[entry.id] = page
        self._stack.addWidget(page)
        return page

    def _build_again(self, id: str) -> None:
        broken = self._pages.pop(id)
        self._stack.removeWidget(broken)
        broken.deleteLater()
        self.show_page(id)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.commands.set_checked("shell.full_screen", self.isFullScreen())

    # What is remembered.

    def _restore(self) -> None:
        screens = QGuiApplication.screens()
        main = QGuiApplication.primaryScreen()
        screens.sort(key=lambda screen: screen is not main)
        free = [_box(screen.availableGeometry()) for screen in screens]
        remembered = _remembered()
        box = geometry.fit(geometry.read(remembered.get("box")), free, DEFAULT, LEAST)
        self.setGeometry(*box)
        if remembered.get("maximized") is True:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def _keep_place(self) -> None:
        box = self.normalGeometry() if self.isMaximized() or self.isFullScreen() else self.geometry()
        preferences().set_state(STATE, {"box": list(_box(box)), "maximized": self.isMaximized()})

    # What happens to the window.

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab passes by the panes that lie behind others: Qt takes them for visible."""
        for _ in range(_STOPS):
            if not super().focusNextPrevChild(next):
                return False
            here = QApplication.focusWidget()
            if here is None or not _behind(here):
                break
        if here is not None:
            _bring_into_sight(here)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.may_close is not None and not self._agreed:
            event.ignore()
            if not self._asking:
                self._asking = True
                spawn(self._ask(self.may_close), failed=self._could_not_ask)
            return
        self._keep_place()
        event.accept()
        self.closed.emit()

    async def _ask(self, may_close: Callable[[], Awaitable[bool]]) -> None:
        try:
            self._agreed = await may_close()
        finally:
            self._asking = False
        if self._agreed:
            QTimer.singleShot(0, self, self.close)

    def _could_not_ask(self, error: Exception) -> None:
        _log.error("closing failed: %s", "".join(traceback.format_exception(error)))
        self.notify("error", tr("The window could not be closed."), str(error))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.files_dropped.emit(files)

    def event(self, event: QEvent) -> bool:
        # All of the window is painted in here, with the interpreter held throughout: without this, every item and cell
        # that Python paints would wait for its turn behind the engine, up to 5 ms each.
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.commands.set_checked("shell.full_screen", self.isFullScreen())


def _box(rect: QRect) -> geometry.Box:
    return geometry.Box(rect.x(), rect.y(), rect.width(), rect.height())


def _remembered() -> dict[str, object]:
    found = preferences().state(STATE, {})
    return dict(found) if isinstance(found, dict) else {}


def _bring_into_sight(widget: QWidget) -> None:
    """A scroll area shows what Tab reaches from within it; what is reached from outside it would leave unseen."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget, 8, 8)
        above = above.parentWidget()


def _behind(widget: QWidget) -> bool:
    """Whether it lies in a pane that another one covers."""
    above = widget.parentWidget()
    while above is not None and not above.isWindow():
        if isinstance(above, QDockWidget) and above.visibleRegion().isEmpty():
            return True
        above = above.parentWidget()
    return False
