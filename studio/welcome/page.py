"""The page one begins at."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from studio.base.actions import Actions
from studio.base.first_paint import FirstPaint
from studio.base.i18n import tr
from studio.base.tasks import in_thread, spawn
from studio.base.theme import set_kind, theme
from studio.welcome import recent
from studio.welcome.buttons import StartButton
from studio.welcome.recent import LastRun, LastRuns
from studio.welcome.recent_list import RecentList
from studio.welcome.tour import Tour
from studio.widgets.logo import Logo
from studio.widgets.scrolled import Scrolled

if TYPE_CHECKING:
    from engine.api import Catalog
    from studio.welcome.cards import ExampleCard
    from studio.welcome.examples import Example
    from studio.welcome.tour_card import TourCard

_LEFT = 344
_WIDEST = 1440
_TWO_COLUMNS = 900
"""Width below which the examples stand below instead of beside."""
_log = logging.getLogger(__name__)


class WelcomePage(QScrollArea):
    """New, open, recent, the guided first workflow, examples. The right side is made after the first painting.

    `file.new` and `file.open` of `actions` are what the two buttons do; `wanted` carries a file to open. `run` runs a
    function in a worker and is awaited; `last_runs` gives how the last executions ended, where that is known.
    """

    wanted = Signal(object)
    tour_wanted = Signal()
    failed = Signal(str, str)
    """What happened and what to do, where an example could not be copied."""

    def __init__(
        self,
        actions: Actions,
        catalog: Callable[[], Catalog],
        tour: Tour,
        *,
        run: Callable[..., Awaitable[Any]] = in_thread,
        last_runs: LastRuns | None = None,
        folder: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has it
        self._actions = actions
        self._catalog = catalog
        self._run = run
        self._last_runs = last_runs
        self._tour = tour
        self._own_folder = folder
        self._loaded = False
        self._width = 0
        self._columns = 0
        self.examples: list[ExampleCard] = []
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._lay_out()
        actions.changed.connect(self._show_keys)
        self._show_keys()
        self.refresh()

    @cached_property
    def _folder(self) -> Path:
        """Where a person's own workflows are."""
        if self._own_folder is not None:
            return self._own_folder
        from studio.welcome.examples import documents

        return documents()

    @cached_property
    def tour_card(self) -> TourCard:
        """The guided first workflow."""
        from studio.welcome.tour_card import TourCard

        card = TourCard(self._tour, self._folder, self._right)
        card.show_me.connect(self.tour_wanted)
        self._right_column.insertWidget(0, card)
        self._right.show()
        return card

    def refresh(self) -> None:
        """Show the files that were last open, and ask how their executions ended."""
        files = recent.recent()
        self.recent.show_files(files)
        self._open_folder.setVisible(bool(files))
        if self.isVisible():
            spawn(self._ask_last())

    def _lay_out(self) -> None:
        page = Scrolled(self)
        set_kind(page, "chrome")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QHBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        content = QWidget(page)
        content.setMaximumWidth(_WIDEST)
        outer.addWidget(content, 1000)
        outer.addStretch(1)
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(36, 28, 36, 28)
        self._grid.setHorizontalSpacing(36)
        self._grid.setVerticalSpacing(24)
        self._left = self._make_left(content)
        self._right = self._make_right(content)
        self.setWidget(page)
        FirstPaint(page).happened.connect(lambda: self.tour_card)

    def _make_left(self, parent: QWidget) -> QWidget:
        left = QWidget(parent)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Logo(36, left))
        words = QVBoxLayout()
        words.setSpacing(0)
        name = QLabel("RPA Studio", left)
        set_kind(name, "title")
        claim = QLabel(tr("Draw it, run it, trust it overnight."), left)
        set_kind(claim, "small")
        claim.setWordWrap(True)
        words.addWidget(name)
        words.addWidget(claim)
        head.addLayout(words, 1)
        column.addLayout(head)
        column.addSpacing(8)
        self.new_button = StartButton("plus", tr("New workflow"), tr("An empty canvas"), "", left, primary=True)
        self.open_button = StartButton("folder-open", tr("Open"), tr("A .rpa.yaml file"), "", left)
        for id, button in (("file.new", self.new_button), ("file.open", self.open_button)):
            button.clicked.connect(lambda _=False, id=id: self._actions.trigger(id))
            column.addWidget(button)
        column.addSpacing(16)
        row = QHBoxLayout()
        title = QLabel(tr("Recent"), left)
        set_kind(title, "section")
        self._open_folder = QPushButton(tr("Open folder"), left)
        set_kind(self._open_folder, "link")
        self._open_folder.clicked.connect(self._show_folder)
        row.addWidget(title)
        row.addStretch(1)
        row.addWidget(self._open_folder)
        column.addLayout(row)
        self.recent = RecentList(left)
        self.recent.opened.connect(self.wanted)
        self.recent.forgotten.connect(self._forget)
        column.addWidget(self.recent)
        column.addStretch(1)
        return left

    def _make_right(self, parent: QWidget) -> QWidget:
        right = QWidget(parent)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self._examples_head = QWidget(right)
        head = QHBoxLayout(self._examples_head)
        head.setContentsMargins(0, 10, 0, 0)
        title = QLabel(tr("Examples that run as they are"), right)
        set_kind(title, "section")
        about = QLabel(tr("with sample data"), right)
        set_kind(about, "small")
        head.addWidget(title)
        head.addWidget(about)
        head.addStretch(1)
        self._examples_head.hide()
        column.addWidget(self._examples_head)
        self._cards = QGridLayout()
        self._cards.setSpacing(12)
        column.addLayout(self._cards)
        column.addStretch(1)
        self._right_column = column
        right.hide()  # until the card is there and has its place: it would be seen half made
        return right

    def _arrange(self) -> None:
        """Two columns where there is room, and as many cards side by side as stay readable."""
        width = min(self._width, _WIDEST)
        beside = width >= theme().px(_TWO_COLUMNS)
        for part in (self._left, self._right):
            self._grid.removeWidget(part)
        self._grid.addWidget(self._left, 0, 0)
        if beside:
            self._left.setFixedWidth(theme().px(_LEFT if width >= theme().px(1200) else 300))
            self._grid.addWidget(self._right, 0, 1)
        else:
            self._left.setMinimumWidth(0)
            self._left.setMaximumWidth(_WIDEST)
            self._grid.addWidget(self._right, 1, 0)
        self._grid.setColumnStretch(1, 1 if beside else 0)
        room = width - (self._left.maximumWidth() + 36 if beside else 0) - 72
        columns = max(1, min(3, room // theme().px(290)))
        if columns != self._columns or self._cards.count() != len(self.examples):
            self._columns = columns
            for card in self.examples:
                self._cards.removeWidget(card)
            for number, card in enumerate(self.examples):
                self._cards.addWidget(card, number // columns, number % columns)
            for column in range(3):
                self._cards.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._width = event.size().width()  # that of the viewport, which is costly to ask for the first time
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()
        # After the first frame: what is loaded here competes with it for the processor.
        QTimer.singleShot(0 if self._loaded else 80, self, self._load)

    def sizeHint(self) -> QSize:
        return QSize(1100, 700)

    def _load(self) -> None:
        if not self.isVisible():
            return
        self.refresh()
        if not self._loaded:
            self._loaded = True
            spawn(self._find_examples())

    async def _find_examples(self) -> None:
        from studio.welcome.cards import ExampleCard
        from studio.welcome.examples import find_examples

        found: list[Example] = await self._run(find_examples, self._catalog())
        self.examples = [ExampleCard(example, self) for example in found]
        for card in self.examples:
            card.tried.connect(lambda example: spawn(self._try(example)))
        self._examples_head.setVisible(bool(found))
        self._arrange()

    async def _try(self, example: Example) -> None:
        from studio.welcome.examples import copy_example

        try:
            file: Path = await self._run(copy_example, example, self._folder)
        except OSError as error:
            self.failed.emit(
                tr("The example could not be copied to {folder}.", folder=self._folder),
                tr("{reason}. Free some space there, or make the folder writable.", reason=error.strerror or error),
            )
            return
        self.wanted.emit(file)

    async def _ask_last(self) -> None:
        files = [row.recent.path for row in self.recent.rows]
        missing: frozenset[Path] = await self._run(recent.missing, files)
        self.recent.show_last({}, missing)
        if self._last_runs is None:
            return
        found: dict[str, LastRun] = {}
        try:
            found = dict(await self._last_runs())
        except Exception as error:
            _log.info("the last executions are not known: %s", error)
        self.recent.show_last(found, missing)

    def _forget(self, path: Path) -> None:
        recent.forget(path)
        self.refresh()

    def _show_folder(self) -> None:
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        files = recent.recent()
        if files:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(files[0].path.parent)))

    def _show_keys(self) -> None:
        for id, button in (("file.new", self.new_button), ("file.open", self.open_button)):
            if any(action.id == id for action in self._actions.all()):
                button.set_keys(self._actions.shown_keys(id))
