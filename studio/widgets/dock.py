"""A pane that can be moved, floated and closed. Among others its tab names it; alone, a slim bar does."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QHBoxLayout, QLabel, QMainWindow, QMenu, QToolButton, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind


class Dock(QDockWidget):
    """`id` is what the layout remembers it by; `title` is translated already."""

    def __init__(self, id: str, title: str, pane: QWidget, window: QMainWindow) -> None:
        super().__init__(title, window)
        self.setObjectName(id)
        self.pane = pane
        self._bar = _Bar(self)
        self._none = QWidget(self)
        self.setTitleBarWidget(self._bar)
        set_kind(pane, "panel")
        pane.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWidget(pane)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._choose_bar)
        for signal in (self.dockLocationChanged, self.topLevelChanged, self.visibilityChanged):
            signal.connect(self.refresh)

    def refresh(self) -> None:
        """Look again, in a moment, whether it stands alone."""
        window = self.parentWidget()
        for dock in window.findChildren(Dock) if isinstance(window, QMainWindow) else ():
            dock._soon.start()

    def _choose_bar(self) -> None:
        window = self.parentWidget()
        beside = window.tabifiedDockWidgets(self) if isinstance(window, QMainWindow) else []
        alone = self.isFloating() or not any(not dock.isHidden() for dock in beside)
        wanted = self._bar if alone else self._none
        if self.titleBarWidget() is not wanted:
            self.setTitleBarWidget(wanted)
            self._bar.setVisible(alone)


class _Bar(QWidget):
    """Title and a menu; it is dragged to move the pane."""

    def __init__(self, dock: Dock) -> None:
        super().__init__(dock)
        name = QLabel(dock.windowTitle(), self)
        set_kind(name, "label")
        menu = QToolButton(self)
        menu.setIcon(icon("dots-three"))
        menu.setToolTip(tr("Move or close this pane"))
        menu.setAccessibleName(menu.toolTip())
        menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu.setMenu(dock_menu(dock, menu))
        menu.setFixedSize(24, 24)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 2, 6, 2)
        row.addWidget(name, 1)
        row.addWidget(menu)


def dock_menu(dock: Dock, parent: QWidget) -> QMenu:
    """Where the pane can go."""
    menu = QMenu(parent)
    areas = (
        (tr("Move to the left"), Qt.DockWidgetArea.LeftDockWidgetArea),
        (tr("Move to the right"), Qt.DockWidgetArea.RightDockWidgetArea),
        (tr("Move below"), Qt.DockWidgetArea.BottomDockWidgetArea),
    )

    def move(area: Qt.DockWidgetArea) -> None:
        window = dock.parentWidget()
        if isinstance(window, QMainWindow):
            focus = QApplication.focusWidget()
            dock.setFloating(False)
            window.addDockWidget(area, dock)
            dock.show()
            dock.raise_()
            if focus is not None and dock.isAncestorOf(focus):
                focus.setFocus(Qt.FocusReason.OtherFocusReason)  # it lost the keys while it moved

    for text, area in areas:
        menu.addAction(text, partial(move, area))
    menu.addSeparator()
    menu.addAction(tr("A window of its own"), lambda: dock.setFloating(True))
    menu.addAction(tr("Close"), dock.close)
    return menu
