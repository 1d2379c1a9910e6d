"""Everything a person can ask for, as data: menus, keys, toolbar, command palette and the keyboard page derive from it.

::

    SAVE = Action("file.save", N_("Save"), keys=("Ctrl+S",), icon="floppy-disk", menu="File", when=("document",))
    actions.add([SAVE])
    actions.bind("file.save", page.save)          # the behaviour, by whoever has it
    actions.set_context("document", True)         # what is true now decides what can be done
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import QCoreApplication, QEvent, QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.keys import latin, sequences, shown_keys
from studio.base.preferences import preferences

Scope = Literal["window", "canvas"]
STATE = "keys"
"""Where the preferences remember the keys that a person chose."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to ask for. `text` and `help` are English, marked with `N_`.

    `menu` is the menu it stands in, a `/` leading into a submenu (empty: in none), `group` a number: a line divides
    groups. `when` names what must be true for it to be possible, `unless` what must not. An action of the scope
    `canvas` has its keys only while a canvas has the focus. The first of `keys` is shown.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    menu: str = ""
    group: int = 0
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    scope: Scope = "window"
    checkable: bool = False
    help: str = ""


@dataclass(slots=True)
class _Bound:
    action: Action
    qaction: QAction
    handler: Callable[[], object] | None = None
    keys: tuple[str, ...] = field(default=())


class Actions(QObject):
    """The actions of a window: one `QAction` each, enabled by the context, with the keys the user chose."""

    changed = Signal()
    """Texts, keys or what is possible changed."""
    triggered = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bound: dict[str, _Bound] = {}
        self._context: set[str] = set()
        self._attached: list[tuple[Scope, QWidget]] = []

    @property
    def context(self) -> frozenset[str]:
        return frozenset(self._context)

    def add(self, actions: Iterable[Action]) -> None:
        """Declare actions. Raises `ValueError` for an id declared twice."""
        chosen = _chosen_keys()
        for action in actions:
            if action.id in self._bound:
                raise ValueError(f"the action {action.id!r} is declared twice")
            qaction = QAction(tr(action.text), self)
            qaction.setObjectName(action.id)
            qaction.setCheckable(action.checkable)
            if action.icon:
                qaction.setIcon(icon(action.icon))
            if action.scope == "canvas":
                qaction.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            bound = self._bound[action.id] = _Bound(action, qaction, keys=chosen.get(action.id, action.keys))
            qaction.triggered.connect(lambda _=False, id=action.id: self._run(id))
            self._show_keys(bound)
            for scope, widget in self._attached:
                if scope == action.scope:
                    widget.addAction(qaction)
            self._refresh(bound)
        self.changed.emit()

    def bind(self, id: str, handler: Callable[[], object]) -> None:
        """Say what the action does. Raises `KeyError` for an unknown one."""
        self._bound[id].handler = handler
        self._refresh(self._bound[id])

    def attach(self, scope: Scope, widget: QWidget) -> None:
        """Make the keys of a scope work in a widget and what is inside it."""
        self._attached.append((scope, widget))
        widget.destroyed.connect(lambda *_: self._detach(widget))
        widget.addActions([bound.qaction for bound in self._bound.values() if bound.action.scope == scope])
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A key of another script that nothing took, where its Latin key means something."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            keys = latin(event)
            if keys != event.keyCombination():
                return self._press(watched, keys)
        return False

    def _press(self, watched: QObject, keys: QKeyCombination) -> bool:
        """Whether the keys meant something: first to the field with the focus, else to an action."""
        field = QApplication.focusWidget()
        if field is not None and keys.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier:
            wanted = QKeyEvent(QEvent.Type.ShortcutOverride, keys.key(), keys.keyboardModifiers())
            wanted.ignore()
            QCoreApplication.sendEvent(field, wanted)
            if wanted.isAccepted():
                pressed = QKeyEvent(QEvent.Type.KeyPress, keys.key(), keys.keyboardModifiers())
                return QCoreApplication.sendEvent(field, pressed)
        scopes = {scope for scope, widget in self._attached if widget is watched}
        sequence = QKeySequence(keys)
        for bound in self._bound.values():
            if bound.action.scope in scopes and sequence in bound.qaction.shortcuts() and bound.qaction.isEnabled():
                bound.qaction.trigger()
                return True
        return False

    def _detach(self, widget: QWidget) -> None:
        self._attached = [(scope, one) for scope, one in self._attached if one is not widget]

    def qaction(self, id: str) -> QAction:
        """The `QAction` for a menu, a toolbar or a button. Raises `KeyError`."""
        return self._bound[id].qaction

    def declared(self, id: str) -> Action:
        """Raises `KeyError`."""
        return self._bound[id].action

    def all(self) -> list[Action]:
        """All actions in the order they were declared."""
        return [bound.action for bound in self._bound.values()]

    def trigger(self, id: str) -> bool:
        """Do it if it is possible now; false where it is not."""
        bound = self._bound[id]
        if not bound.qaction.isEnabled():
            return False
        bound.qaction.trigger()
        return True

    def possible(self, id: str) -> bool:
        return self._bound[id].qaction.isEnabled()

    def set_context(self, name: str, on: bool = True) -> None:
        """Say whether something is true now, such as `document` or `selection`."""
        if on == (name in self._context):
            return
        (self._context.add if on else self._context.discard)(name)
        for bound in self._bound.values():
            if name in bound.action.when or name in bound.action.unless:
                self._refresh(bound)

    def set_checked(self, id: str, on: bool) -> None:
        """Show a checkable action as on or off, without doing it."""
        self._bound[id].qaction.setChecked(on)

    def set_text(self, id: str, text: str) -> None:
        """Give an action another (translated) text, such as `Undo "Move 3 steps"`."""
        self._bound[id].qaction.setText(text)

    def keys(self, id: str) -> tuple[str, ...]:
        """Its keys in Qt's portable notation."""
        return self._bound[id].keys

    def shown_keys(self, id: str) -> str:
        """The first key as the platform writes it; empty where there is none."""
        keys = self._bound[id].keys
        return shown_keys(keys[0]) if keys else ""

    def set_keys(self, id: str, keys: tuple[str, ...] | None) -> None:
        """Give an action other keys, or with None those it is declared with; remembered between starts."""
        bound = self._bound[id]
        bound.keys = bound.action.keys if keys is None else keys
        chosen = _chosen_keys()
        chosen.pop(id, None)
        if bound.keys != bound.action.keys:
            chosen[id] = bound.keys
        preferences().set_state(STATE, {name: list(value) for name, value in chosen.items()})
        self._show_keys(bound)
        self.changed.emit()

    def conflicts(self, key: str, scope: Scope = "window", but: str = "") -> list[str]:
        """The ids of other actions that this key would reach in the same place."""
        wanted = QKeySequence(key)
        return [
            bound.action.id
            for bound in self._bound.values()
            if bound.action.id != but
            and (bound.action.scope == scope or "window" in (bound.action.scope, scope))
            and any(QKeySequence(one) == wanted for one in bound.keys)
        ]

    def _show_keys(self, bound: _Bound) -> None:
        bound.qaction.setShortcuts([one for key in bound.keys for one in sequences(key)])
        shown = self.shown_keys(bound.action.id) if bound.action.id in self._bound else ""
        text = tr(bound.action.text).rstrip("…")
        tip = tr(bound.action.help) if bound.action.help else ""
        bound.qaction.setToolTip(text + (f" ({shown})" if shown else "") + (f"\n{tip}" if tip else ""))

    def _refresh(self, bound: _Bound) -> None:
        action = bound.action
        able = self._context.issuperset(action.when) and self._context.isdisjoint(action.unless)
        bound.qaction.setEnabled(able and bound.handler is not None)

    def _run(self, id: str) -> None:
        handler = self._bound[id].handler
        if handler is not None:
            handler()
            self.triggered.emit(id)


def _chosen_keys() -> dict[str, tuple[str, ...]]:
    found = preferences().state(STATE, {})
    if not isinstance(found, Mapping):
        return {}
    return {str(id): tuple(str(key) for key in keys) for id, keys in found.items() if isinstance(keys, (list, tuple))}
