"""The settings page: groups of rows derived from what is declared, search over all of them, and the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.core.errors import RpaError
from engine.core.settings import Settings
from studio.base.actions import Actions
from studio.base.i18n import tr
from studio.base.preferences import Preference, preferences
from studio.base.tasks import spawn
from studio.base.theme import set_kind, theme
from studio.settings.engine_settings import EngineSettings
from studio.settings.keys import KeysPage
from studio.settings.navigation import Navigation
from studio.settings.row import SettingRow
from studio.widgets.banner import Banner
from studio.widgets.dialog import Button, ask
from studio.widgets.empty import EmptyState
from studio.widgets.fuzzy import nearest, rank
from studio.widgets.scrolled import Scrolled
from studio.widgets.search_field import SearchField

_WIDEST = 760


class _Group(QWidget):
    """A heading and a card of rows."""

    def __init__(self, title: str, rows: Sequence[SettingRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.rows = rows
        heading = QLabel(title, self)
        set_kind(heading, "section")
        card = QFrame(self)
        set_kind(card, "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(0, 2, 0, 2)
        inside.setSpacing(0)
        self._lines: list[QFrame] = []
        for row in rows:
            line = QFrame(card)
            set_kind(line, "line")
            self._lines.append(line)
            inside.addWidget(line)
            inside.addWidget(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(card)
        self.filter({row.name for row in rows})

    def filter(self, names: set[str]) -> bool:
        """Show the rows of these names; False where none is left."""
        first = True
        for row, line in zip(self.rows, self._lines, strict=True):
            wanted = row.name in names
            row.setVisible(wanted)
            line.setVisible(wanted and not first)
            first = first and not wanted
        self.setVisible(not first)
        return not first


class SettingsPage(QWidget):
    """`settings` are those of the running engine; without them only the studio's own are shown."""

    def __init__(self, actions: Actions, settings: Settings | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._preferences = preferences()
        self._started_with = {one.name: self._preferences.get(one.name) for one in self._preferences.declarations()}
        self.engine = EngineSettings(settings) if settings is not None else None
        self.rows: dict[str, SettingRow] = {}
        self.groups: list[_Group] = []
        self.banner = Banner(self)
        self.search = SearchField(tr("Search settings"), parent=self)
        self.search.setFixedWidth(theme().px(260))
        self.search.textChanged.connect(self._search)
        self.reset_button = QPushButton(tr("Reset all"), self)
        set_kind(self.reset_button, "ghost")
        self.reset_button.clicked.connect(lambda: spawn(self._ask_to_reset()))
        self.navigation = Navigation(self)
        self.nothing = EmptyState("magnifying-glass", "", parent=self)
        self.nothing.hide()
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self._make_general())
        self.keys: KeysPage | None = None
        self._lay_out()
        self.navigation.currentRowChanged.connect(self._go)
        self.navigation.setCurrentRow(0)
        self._preferences.changed.connect(self._refresh)
        self._refresh()

    def _lay_out(self) -> None:
        title = QLabel(tr("Settings"), self)
        set_kind(title, "title")
        head = QHBoxLayout()
        head.setContentsMargins(20, 14, 20, 6)
        head.setSpacing(12)
        head.addWidget(title)
        head.addSpacing(12)
        head.addWidget(self.search)
        head.addStretch(1)
        head.addWidget(self.reset_button)
        for group in self.groups:
            self.navigation.addItem(group.title)
        self.navigation.addItem(tr("Keys"))
        body = QHBoxLayout()
        body.setContentsMargins(12, 4, 0, 0)
        body.setSpacing(12)
        body.addWidget(self.navigation)
        body.addWidget(self.stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        room = QHBoxLayout()
        room.setContentsMargins(20, 0, 20, 0)
        room.addWidget(self.banner)
        column.addLayout(room)
        column.addLayout(body, 1)

    def _make_general(self) -> QWidget:
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has it
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        content = Scrolled()
        set_kind(content, "chrome")
        content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        beside = QHBoxLayout(content)
        beside.setContentsMargins(8, 6, 20, 20)
        inside = QWidget(content)
        inside.setMaximumWidth(theme().px(_WIDEST))
        beside.addWidget(inside, 1000)
        beside.addStretch(1)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        by_group: dict[str, list[SettingRow]] = {}
        for one in self._preferences.declarations():
            by_group.setdefault(one.group, []).append(self._preference_row(one))
        for name, rows in by_group.items():
            self.groups.append(_Group(tr(name), rows, inside))
        if self.engine is not None:
            rows = [self._engine_row(name) for name in self.engine.names()]
            self.groups.append(_Group(tr("Engine"), rows, inside))
        for group in self.groups:
            column.addWidget(group)
        column.addWidget(self.nothing)
        column.addStretch(1)
        self._scroll.setWidget(content)
        return self._scroll

    def _preference_row(self, one: Preference) -> SettingRow:
        also = [one.name, one.label, *(tr(label) for _, label in one.choices)]
        row = SettingRow(one.name, tr(one.label), tr(one.help), also)
        if one.choices:
            row.use_choices([(value, tr(label)) for value, label in one.choices])
        elif isinstance(one.default, bool):
            row.use_switch()
        else:
            row.use_number(one.bounds, one.unit)
        row.changed.connect(lambda value: self._preferences.set(one.name, value))
        row.reset.connect(lambda: self._preferences.reset(one.name))
        self.rows[one.name] = row
        return row

    def _engine_row(self, name: str) -> SettingRow:
        engine = self.engine
        assert engine is not None
        row = SettingRow(f"engine.{name}", engine.label(name), engine.help(name), [name, *engine.choices(name)])
        if engine.is_switch(name):
            row.use_switch()
        elif engine.choices(name):
            row.use_choices([(value, value) for value in engine.choices(name)])
        else:
            row.use_text(folder=engine.is_folder(name))
        row.changed.connect(lambda value: self._set_engine(name, value))
        row.reset.connect(lambda: self._set_engine(name, None))
        self.rows[row.name] = row
        return row

    def _set_engine(self, name: str, value: Any) -> None:
        assert self.engine is not None
        row = self.rows[f"engine.{name}"]
        problem = "" if value is None else self.engine.check(name, value)
        row.show_problem(problem)
        if problem:
            return
        try:
            self.engine.set(name, value)
        except RpaError as error:
            self.banner.show_message("error", error.message, error.hint)
        self._refresh()

    def _refresh(self) -> None:
        for one in self._preferences.declarations():
            row = self.rows[one.name]
            value = self._preferences.get(one.name)
            row.show_value(value, is_default=value == one.default)
            later = one.restart and value != self._started_with[one.name]
            row.show_note(tr("Takes effect when the program is started again.") if later else "")
        if self.engine is not None:
            for name in self.engine.names():
                self._refresh_engine(self.engine, name)
            if self.engine.error:
                self.banner.show_message(
                    "warn", self.engine.error, tr("Mend the file; until then nothing is written to it."), closable=False
                )

    def _refresh_engine(self, engine: EngineSettings, name: str) -> None:
        row = self.rows[f"engine.{name}"]
        row.show_value(engine.value(name), is_default=name not in engine.written)
        row.show_origin(engine.origin(name))
        later = engine.needs_restart(name)
        row.show_note(tr("Takes effect when the program is started again.") if later else "")
        row.set_editable(not engine.fixed_by(name) and not engine.error)

    def _search(self, query: str) -> None:
        if self.stack.currentIndex() != 0 and query:
            self.navigation.setCurrentRow(0)
        matches = rank(query, self.rows.values(), lambda row: row.texts)
        # Words of a sentence fit many a query by accident; what fits well makes that noise.
        found = {match.item.name for match in matches if match.score >= matches[0].score / 2}
        shown = [group.filter(found) for group in self.groups]
        self.nothing.setVisible(not any(shown))
        if not any(shown):
            near = nearest(query, (row.texts[0] for row in self.rows.values()))
            self.nothing.show_text(
                tr("No setting is called “{name}”.", name=query), tr("Did you mean {name}?", name=near) if near else ""
            )
        self._scroll.verticalScrollBar().setValue(0)

    def _go(self, row: int) -> None:
        self.reset_button.setVisible(row != len(self.groups))
        if row == len(self.groups):
            if self.keys is None:
                self.keys = KeysPage(self._actions, self)
                self.stack.addWidget(self.keys)
            self.stack.setCurrentWidget(self.keys)
            return
        self.stack.setCurrentIndex(0)
        if 0 <= row < len(self.groups):
            self._scroll.verticalScrollBar().setValue(self.groups[row].y() if row else 0)

    async def _ask_to_reset(self) -> None:
        answer = await ask(
            self,
            tr("Set everything back to the defaults?"),
            tr("This changes the settings of the studio and of the engine. The keys stay as they are."),
            [Button("cancel", tr("Cancel")), Button("reset", tr("Set back"), "danger")],
        )
        if answer != "reset":
            return
        for one in self._preferences.declarations():
            self._preferences.reset(one.name)
        if self.engine is not None and not self.engine.error:
            for name in list(self.engine.written):
                self._set_engine(name, None)
