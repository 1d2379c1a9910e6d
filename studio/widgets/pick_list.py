"""A search field over a list from which one thing is picked: commands, activities, steps.

Typing searches, the arrows move, Enter picks, Esc leaves. What cannot be picked now is shown with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QListView, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.theme import set_kind, theme
from studio.widgets.fuzzy import Match, nearest, rank
from studio.widgets.pick_row import PickRow
from studio.widgets.search_field import SearchField

_MOST = 300
"""Rows that are listed: nobody reads on, they type another letter."""
_ROWS = 12
_GAP = 8
_Index = QModelIndex | QPersistentModelIndex

PICK = Qt.ItemDataRole.UserRole
SPANS = Qt.ItemDataRole.UserRole + 1
WITH_ICONS = Qt.ItemDataRole.UserRole + 2
"""Whether any row has an icon, so that the names stand in line."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One row. It is found by `text` and by each of `also`.

    `hint` stands after the text; `keys` at the right; `icon` is an icon's name, and `tile` the colour of the tile it
    stands on ("" for none); `off` says why it cannot be picked now; `group` is a heading that is shown while nothing
    is typed; `data` is the caller's.
    """

    id: str
    text: str
    also: tuple[str, ...] = ()
    hint: str = ""
    keys: str = ""
    icon: str = ""
    tile: str = ""
    off: str = ""
    group: str = ""
    data: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """What can be picked when the text begins with `prefix`. `items` is asked once each time the list is opened."""

    prefix: str
    items: Callable[[], Sequence[Pick]]
    help: str = ""


class _Rows(QAbstractListModel):
    """The rows: picks, and headings (a text) between them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Match[Pick] | str] = []
        self._with_icons = False

    def show(self, rows: list[Match[Pick] | str]) -> None:
        self.beginResetModel()
        self.rows = rows
        self._with_icons = any(not isinstance(row, str) and row.item.icon for row in rows)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if isinstance(row, str):
            return row if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        pick = row.item
        if role == Qt.ItemDataRole.DisplayRole:
            return pick.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (pick.text, pick.hint, pick.keys, pick.off)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return pick.off or pick.hint or None
        if role == PICK:
            return pick
        if role == SPANS:
            return row.spans
        if role == WITH_ICONS:
            return self._with_icons
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if isinstance(self.rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class PickList(QFrame):
    """A list to pick from. With `popup` it is a window of its own that closes when one clicks beside it."""

    picked = Signal(object)
    """The `Pick` that was chosen."""
    refused = Signal(object)
    """The `Pick` that was chosen though it is off."""
    dismissed = Signal()
    """Esc, or a click beside a popup."""
    current_changed = Signal(object)
    """The `Pick` the keyboard is on, or None."""

    def __init__(
        self,
        placeholder: str = "",
        parent: QWidget | None = None,
        *,
        popup: bool = False,
        providers: Sequence[Provider] = (),
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup if popup else Qt.WindowType.Widget)
        self._popup = popup
        self._answered = False
        self._providers = list(providers)
        self._cache: dict[str, Sequence[Pick]] = {}
        set_kind(self, "popover" if popup else "panel")
        self.field = SearchField(placeholder, parent=self)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self._rows = _Rows(self)
        self.view = QListView(self)
        self.view.setModel(self._rows)
        self.view.setItemDelegate(PickRow(self.view))
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setAccessibleName(placeholder)
        self.view.clicked.connect(self._pick)
        self.view.selectionModel().currentChanged.connect(lambda: self.current_changed.emit(self.current))
        self.nothing = QLabel(self)
        self.nothing.setWordWrap(True)
        self.nothing.setTextFormat(Qt.TextFormat.RichText)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.nothing.setContentsMargins(8, 6, 8, 8)
        self.nothing.linkActivated.connect(self.field.setText)
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(_GAP, _GAP, _GAP, _GAP)
        column.setSpacing(_GAP)
        column.addWidget(self.field)
        column.addWidget(self.view, 1)
        column.addWidget(self.nothing, 1)
        self._help = QLabel(self)
        self._help.setContentsMargins(8, 0, 8, 0)
        set_kind(self._help, "muted")
        self._help.hide()
        column.addWidget(self._help)
        self.setFocusProxy(self.field)
        if popup:
            self.setAttribute(Qt.WidgetAttribute.WA_WindowPropagation)
        theme().changed.connect(self.view.viewport().update)
        self.refresh()

    def set_picks(self, picks: Sequence[Pick]) -> None:
        """List `picks`, and nothing else."""
        self._providers = [Provider("", lambda: picks)]
        self.refresh()

    def set_providers(self, providers: Sequence[Provider]) -> None:
        """List what these give; the one with the longest prefix that the text begins with is asked."""
        self._providers = list(providers)
        self.refresh()

    def set_help(self, lines: Sequence[str]) -> None:
        """Say below the list what else can be typed."""
        self._help.setText("   ".join(lines))
        self._help.setVisible(bool(lines))

    def refresh(self) -> None:
        """Ask the providers again."""
        self._cache.clear()
        self._search()

    def popup_at(self, place: QPoint, text: str = "") -> None:
        """Show the popup with its upper left corner at `place` (global), moved so that it stays on the screen."""
        self._answered = False
        self.field.setText(text)
        self.refresh()
        self.adjustSize()
        self.move(place)
        self.show()
        self._fit(place)  # only now its size is the one it has with the style
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def current(self) -> Pick | None:
        """The pick the keyboard is on."""
        index = self.view.currentIndex()
        pick = index.data(PICK) if index.isValid() else None
        return pick if isinstance(pick, Pick) else None

    @property
    def picks(self) -> list[Pick]:
        """What is listed now, in order."""
        return [row.item for row in self._rows.rows if not isinstance(row, str)]

    def sizeHint(self) -> QSize:
        rows = max(2, min(_ROWS, self._rows.rowCount()))
        more = 0 if self._help.isHidden() else self._help.sizeHint().height() + _GAP
        return QSize(theme().px(420), self.field.sizeHint().height() + theme().px(30) * rows + 3 * _GAP + more)

    def _search(self) -> None:
        typed = self.field.text()
        provider = max(
            (one for one in self._providers if typed.startswith(one.prefix)),
            key=lambda one: len(one.prefix),
            default=None,
        )
        if provider is None:
            self._rows.show([])
            return
        if provider.prefix not in self._cache:
            self._cache[provider.prefix] = list(provider.items())
        everything = self._cache[provider.prefix]
        query = typed[len(provider.prefix) :].strip()
        found = rank(query, everything, lambda pick: (pick.text, *pick.also))[:_MOST]
        rows: list[Match[Pick] | str] = []
        group = ""
        for match in found:
            if not query and match.item.group != group:
                group = match.item.group
                if group:
                    rows.append(group)
            rows.append(match)
        self._rows.show(rows)
        self._say_nothing(query, everything, bool(found))
        for number, row in enumerate(rows):
            if not isinstance(row, str):
                self.view.setCurrentIndex(self._rows.index(number))
                break
        self.view.scrollToTop()
        if self._popup and self.isVisible():
            self._fit(self.pos())

    def _fit(self, place: QPoint) -> None:
        """As high as what is listed, at `place`, or as near to it as the screen lets it be whole."""
        self.resize(self.width(), self.sizeHint().height())
        screen = next((one for one in self.screen().virtualSiblings() if one.geometry().contains(place)), self.screen())
        free = screen.availableGeometry()
        left = max(free.left(), min(place.x(), free.right() + 1 - self.width()))
        top = max(free.top(), min(place.y(), free.bottom() + 1 - self.height()))
        self.move(left, top)

    def _say_nothing(self, query: str, everything: Sequence[Pick], found: bool) -> None:
        self.view.setVisible(found)
        self.nothing.setVisible(not found)
        if found:
            return
        if not query:
            self.nothing.setText(tr("Nothing to choose from here."))
            return
        import html

        said = html.escape(tr("Nothing called “{name}”.", name=query))
        near = html.escape(nearest(query, (one.text for one in everything)))
        if near:
            link = f'<a href="{near}" style="color:{theme().color("accent-text").name()}">{near}</a>'
            said += " " + tr("Did you mean {name}?", name=link)
        self.nothing.setText(said)

    def _move(self, steps: int) -> None:
        numbers = [number for number, row in enumerate(self._rows.rows) if not isinstance(row, str)]
        if not numbers:
            return
        at = self.view.currentIndex().row()
        place = numbers.index(at) if at in numbers else 0
        last = len(numbers) - 1
        place = (place + steps) % len(numbers) if abs(steps) == 1 else max(0, min(last, place + steps))
        self.view.setCurrentIndex(self._rows.index(numbers[place]))
        if place == 0:
            self.view.scrollToTop()

    def _pick(self, index: QModelIndex) -> None:
        pick = index.data(PICK) if index.isValid() else None
        if not isinstance(pick, Pick):
            return
        if pick.off:
            self.refused.emit(pick)
            return
        self._answered = True
        if self._popup:
            self.hide()
        self.picked.emit(pick)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        page = max(1, self.view.height() // max(1, theme().px(30)) - 1)
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: page, Qt.Key.Key_PageUp: -page}
        key = Qt.Key(event.key())
        if key in moves:
            self._move(moves[key])
        elif control and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._move(-_MOST if key == Qt.Key.Key_Home else _MOST)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(self.view.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self._dismiss()
        else:
            return False
        return True

    def _dismiss(self) -> None:
        if self._popup:
            self.hide()  # tells that it was dismissed
        else:
            self.dismissed.emit()

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        if self._popup and not self._answered:
            self.dismissed.emit()
