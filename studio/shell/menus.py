"""The menus of the window, derived from the actions: each says itself where it stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QMenuBar

from studio.base.actions import Action, Actions
from studio.base.i18n import N_, tr

ORDER = (N_("File"), N_("Edit"), N_("View"), N_("Insert"), N_("Workflow"), N_("Run"), N_("Tools"), N_("Help"))


class Menus(QObject):
    """Keeps a menu bar in step with what is declared. A menu without an action is not there."""

    def __init__(self, bar: QMenuBar, actions: Actions) -> None:
        super().__init__(bar)
        self._bar = bar
        self._actions = actions
        self._lists: dict[str, tuple[str, Callable[[QMenu], object]]] = {}
        self._shown: list[tuple[str, str, int, str]] = []
        actions.changed.connect(self.refresh)
        self.refresh()

    def add_list(self, after: str, text: str, fill: Callable[[QMenu], object]) -> None:
        """Add a submenu below the action `after`; `fill` makes its content anew each time it opens.

        `text` is English, marked with `N_`.
        """
        self._lists[after] = (text, fill)
        self._shown = []
        self.refresh()

    def refresh(self) -> None:
        """Build the menus anew, if what stands in them or the language is another than it was."""
        placed = [action for action in self._actions.all() if action.menu]
        wanted = [(action.id, action.menu, action.group, tr(action.menu.partition("/")[0])) for action in placed]
        if wanted == self._shown:
            return
        self._shown = wanted
        for shown in self._bar.actions():
            menu = shown.menu()
            self._bar.removeAction(shown)
            if isinstance(menu, QMenu):
                menu.deleteLater()
        names = {action.menu.partition("/")[0] for action in placed}
        taken: set[str] = set()
        for name in sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER) - 1.5):
            menu = self._bar.addMenu(_with_key(tr(name), taken))
            menu.setToolTipsVisible(True)
            self._fill(menu, [action for action in placed if action.menu.partition("/")[0] == name])

    def _fill(self, menu: QMenu, actions: list[Action]) -> None:
        submenus: dict[str, QMenu] = {}
        groups: dict[QMenu, int] = {}
        for action in sorted(actions, key=lambda action: action.group):
            target = menu
            inner = action.menu.partition("/")[2]
            if inner:
                if inner not in submenus:
                    _divide(menu, action.group, groups)
                    submenus[inner] = menu.addMenu(tr(inner))
                    submenus[inner].setToolTipsVisible(True)
                target = submenus[inner]
            _divide(target, action.group, groups)
            target.addAction(self._actions.qaction(action.id))
            if action.id in self._lists:
                text, fill = self._lists[action.id]
                filled = target.addMenu(tr(text))
                filled.setToolTipsVisible(True)
                filled.aboutToShow.connect(partial(fill, filled))


def _with_key(text: str, taken: set[str]) -> str:
    """The title with the letter marked that opens it together with Alt: the first that no menu before it has."""
    for place, letter in enumerate(text):
        if letter.isalpha() and letter.lower() not in taken:
            taken.add(letter.lower())
            return f"{text[:place]}&{text[place:]}"
    return text


def _divide(menu: QMenu, group: int, groups: dict[QMenu, int]) -> None:
    if groups.get(menu, group) != group:
        menu.addSeparator()
    groups[menu] = group
