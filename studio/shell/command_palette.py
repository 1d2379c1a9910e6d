"""The command palette: every action, page and open file by name; with a prefix, what a provider offers (`@` steps)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QWidget

from studio.base.actions import Action, Actions
from studio.base.i18n import tr
from studio.base.preferences import preferences
from studio.base.theme import theme
from studio.shell.actions import why_not

if TYPE_CHECKING:
    from studio.widgets.pick_list import Pick, PickList, Provider

STATE = "commands"
"""Where the preferences remember the commands that were last run from here."""
_RECENT = 6
_WIDTH = 560

Source = Callable[[], "Sequence[Pick]"]


class CommandPalette(QObject):
    """Opens over the window. A pick of a source or provider is run by calling its `data`."""

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._actions = actions
        self._window = window
        self._sources: list[Source] = []
        self._providers: list[Provider] = []
        self._popup: PickList | None = None

    def add_source(self, source: Source) -> None:
        """Offer more beside the commands, such as the open files; asked each time the palette opens."""
        self._sources.append(source)

    def add_provider(self, provider: Provider) -> None:
        """Offer something of its own behind a prefix."""
        self._providers.append(provider)

    @property
    def popup(self) -> PickList:
        """The list, built when it is first needed."""
        if self._popup is None:
            from studio.widgets.pick_list import PickList  # the first window does without

            self._popup = PickList(tr("Search or run a command"), self._window, popup=True)
            self._popup.picked.connect(self._run)
            self._popup.set_help(tuple(f"{one.prefix}  {one.help}" for one in self._providers if one.help))
        return self._popup

    def open(self, field: QWidget | None = None, text: str = "") -> None:
        """Show it over `field`, or below the upper edge of the window, with `text` typed in already."""
        from studio.widgets.pick_list import Provider

        shown = self.popup
        shown.set_providers([Provider("", self._everything), *self._providers])
        width = min(theme().px(_WIDTH), self._window.width() - 40)
        shown.setFixedWidth(width)
        under = field if field is not None and field.isVisible() else self._window
        middle = under.mapToGlobal(QPoint(under.width() // 2, 0))
        shown.popup_at(QPoint(middle.x() - width // 2, middle.y() + (0 if under is field else 40)), text)

    def _everything(self) -> list[Pick]:
        actions = {action.id: action for action in self._actions.all() if self._is_offered(action)}
        found = preferences().state(STATE, [])
        recent = [id for id in found if id in actions][:_RECENT] if isinstance(found, list) else []
        picks = [self._pick(actions[id], tr("Recent")) for id in recent]
        for source in self._sources:
            picks += source()
        rest = [self._pick(action, tr("Commands")) for id, action in actions.items() if id not in recent]
        return picks + sorted(rest, key=lambda pick: bool(pick.off))

    def _is_offered(self, action: Action) -> bool:
        """Not what nothing stands behind, and not the palette itself."""
        if action.id == "shell.palette":
            return False
        return self._actions.possible(action.id) or bool(why_not(action, self._actions.context))

    def _pick(self, action: Action, group: str) -> Pick:
        from studio.widgets.pick_list import Pick

        qaction = self._actions.qaction(action.id)
        keys = self._actions.keys(action.id)
        text = qaction.text().rstrip("…")
        path = [tr(part) for part in action.menu.split("/") if part]
        return Pick(
            id=action.id,
            text=text,
            also=tuple(dict.fromkeys((action.text.rstrip("…"), tr(action.text), " ".join([*path, text])))),
            hint=" › ".join(path),
            keys=keys[0] if keys else "",
            icon=action.icon,
            off="" if qaction.isEnabled() else why_not(action, self._actions.context),
            group=group,
            data=lambda: self._actions.trigger(action.id),
        )

    def _run(self, pick: Pick) -> None:
        if any(action.id == pick.id for action in self._actions.all()):
            found = preferences().state(STATE, [])
            before = [id for id in found if id != pick.id] if isinstance(found, list) else []
            preferences().set_state(STATE, [pick.id, *before][:_RECENT])
        # After the popup has given the focus back to where it was: many commands ask what has it.
        QTimer.singleShot(0, self, pick.data)
