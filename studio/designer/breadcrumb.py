"""The way back: from which workflow a called one was opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from studio.base.i18n import tr
from studio.base.theme import set_kind, theme
from studio.designer.editor import Editor
from studio.designer.page import DesignerPage


class Breadcrumb(QFrame):
    """A row of the workflows above this one, outermost first; hidden while there is none."""

    chosen = Signal(int)
    """The place in the row of the workflow to go back to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "panel")
        self.setAccessibleName(tr("The workflows that call this one"))
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme().px(12), 2, theme().px(12), 2)
        self._row.setSpacing(4)
        self.hide()

    def show_way(self, above: Sequence[str], here: str) -> None:
        """The titles of the workflows above, and of this one."""
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        for place, title in enumerate(above):
            button = QPushButton(title, self)
            set_kind(button, "link")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setToolTip(tr("Back to “{name}”", name=title))
            button.clicked.connect(lambda _=False, place=place: self.chosen.emit(place))
            self._row.addWidget(button)
            self._row.addWidget(self._label("›", "muted"))
            self.buttons.append(button)
        self._row.addWidget(self._label(here, "strong"))
        self._row.addStretch(1)
        self.setVisible(bool(above))

    def _label(self, text: str, kind: str) -> QLabel:
        label = QLabel(text, self)
        set_kind(label, kind)
        return label


class Trails(QObject):
    """Which open workflow was opened from which, and the row above each canvas that says so."""

    def __init__(self, page: DesignerPage) -> None:
        super().__init__(page)
        self._page = page
        self._above: dict[Editor, Editor] = {}
        self._rows: dict[Editor, Breadcrumb] = {}
        page.current_changed.connect(self.refresh)
        page.removed.connect(self._removed)

    def lead(self, source: Editor, target: Editor) -> None:
        """`target` was opened from `source`."""
        if target is source or source in self.way(target):
            return
        self._above[target] = source
        self.refresh()

    def way(self, editor: Editor) -> list[Editor]:
        """The editors above one, outermost first."""
        found: list[Editor] = []
        while (above := self._above.get(editor)) is not None and above not in found:
            found.insert(0, above)
            editor = above
        return found

    def refresh(self) -> None:
        """Show the way to the editor in front, by the names that its workflows have now."""
        editor = self._page.editor
        if editor is None:
            return
        way = self.way(editor)
        row = self._rows.get(editor)
        if row is None:
            if not way:
                return
            row = self._rows[editor] = Breadcrumb(editor)
            row.chosen.connect(lambda place: self._page.show_page(self.way(editor)[place]))
            editor.column.insertWidget(0, row)
        row.show_way([one.document.title for one in way], editor.document.title)

    def _removed(self, page: QWidget) -> None:
        self._above = {below: above for below, above in self._above.items() if page not in (below, above)}
        self._rows = {editor: row for editor, row in self._rows.items() if editor is not page}
        self.refresh()
