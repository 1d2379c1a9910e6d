"""The pane that follows the selection of the editor in front."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.theme import set_kind, theme
from studio.designer.canvas.live import StepLive
from studio.designer.delta import Delta
from studio.designer.editor import Editor
from studio.designer.inspector.data import LastData
from studio.forms.context import no_secrets
from studio.widgets.empty import EmptyState

Data = Callable[[Editor], "LastData | None"]
Live = Callable[[Editor, str], "StepLive | None"]


class Inspector(QWidget):
    """`data` and `live` give what ran in an editor, `secrets` the names of secrets; `properties` makes the widget that
    shows the workflow's own properties while nothing is selected, a pane like this one."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        data: Data = lambda editor: None,
        live: Live = lambda editor, step: None,
        secrets: Callable[[], Sequence[str]] = no_secrets,
        properties: Callable[[QWidget], QWidget] | None = None,
    ) -> None:
        super().__init__(parent)
        set_kind(self, "panel")
        self._data, self._live, self._secrets, self._properties = data, live, secrets, properties
        self.editor: Editor | None = None
        self.page: QWidget | None = None
        self._rest: QWidget | None = None
        self._tab = 0
        self.stack = QStackedWidget(self)
        self.nothing = QWidget(self)
        empty = QVBoxLayout(self.nothing)
        empty.setContentsMargins(theme().px(14), theme().px(14), theme().px(14), theme().px(14))
        empty.addWidget(
            EmptyState(
                "cursor-click",
                tr("Select a step to fill in its form"),
                tr("Click it on the canvas, or go to it with the arrow keys."),
                None,
                self.nothing,
            )
        )
        empty.addStretch(1)
        self.stack.addWidget(self.nothing)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self.setMinimumWidth(theme().px(280))
        # Rubber bands and arrow keys change the selection faster than a form is made.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.follow)

    def show_editor(self, editor: Editor | None) -> None:
        """Follow another editor."""
        if editor is self.editor:
            return
        if self.editor is not None:
            self.editor.selection.changed.disconnect(self._soon.start)
            self.editor.document.changed.disconnect(self._document_changed)
            self.editor.edit_requested.disconnect(self.focus_step)
            self.editor.destroyed.disconnect(self._gone)
        self.editor = editor
        if editor is not None:
            editor.selection.changed.connect(self._soon.start)
            editor.document.changed.connect(self._document_changed)
            editor.edit_requested.connect(self.focus_step)
            editor.destroyed.connect(self._gone)
        self._put(None)
        if self._rest is not None:
            self._rest.show_editor(editor)  # type: ignore[attr-defined]
        self.follow()

    def focus_step(self, step_id: str, parameter: str = "") -> None:
        """Select a step, and go to one of its parameters, or to its first field."""
        from studio.designer.inspector.step_page import StepPage

        if self.editor is None:
            return
        if self.editor.selection.only_step != step_id:
            self.editor.selection.select_steps([step_id])
        self._soon.stop()
        self.follow()
        if isinstance(self.page, StepPage):
            self.page.focus_form(parameter)

    def follow(self) -> None:
        """Show what is selected now."""
        editor = self.editor
        if editor is None:
            self._put(None)
            return
        selected = editor.selection.value
        only = editor.selection.only_step
        if only:
            self._show_step(editor, only)
        elif len(selected) == 1 and selected.edges:
            from studio.designer.inspector.several import WirePage

            page = self.page if isinstance(self.page, WirePage) else WirePage(self)
            page.show_edge(editor, next(iter(selected.edges)), self._data(editor))
            self._put(page)
        elif selected:
            from studio.designer.inspector.several import SeveralPage

            several = self.page if isinstance(self.page, SeveralPage) else SeveralPage(self)
            several.show_selected(editor, selected)
            self._put(several)
        else:
            self._put(self._resting())

    def _show_step(self, editor: Editor, id: str) -> None:
        from studio.designer.inspector.step_page import StepPage

        page = self.page
        if isinstance(page, StepPage) and page.editor is editor and page.step_id == id and not page.stale:
            return
        try:
            step = editor.document.workflow.step(id)
        except KeyError:
            self._put(self._resting())
            return
        live = self._live
        page = StepPage(editor, step, self._data(editor), lambda step: live(editor, step), self._secrets, self.stack)
        self.stack.addWidget(page)
        page.fill(self._tab)
        page.tabs.currentChanged.connect(self._remember_tab)
        self._put(page)

    def _remember_tab(self, tab: int) -> None:
        self._tab = tab

    def _resting(self) -> QWidget:
        """What is shown while nothing is selected."""
        if self._properties is None:
            return self.nothing
        if self._rest is None:
            self._rest = self._properties(self)
            self.stack.addWidget(self._rest)
            self._rest.show_editor(self.editor)  # type: ignore[attr-defined]
        return self._rest

    def _put(self, page: QWidget | None) -> None:
        shown = page or self.nothing
        if shown is self.page:
            return
        old, self.page = self.page, shown
        if self.stack.indexOf(shown) < 0:
            self.stack.addWidget(shown)
        self.stack.setCurrentWidget(shown)
        if old is not None and old not in (self.nothing, self._rest):
            self.stack.removeWidget(old)
            old.hide()
            old.deleteLater()

    def _document_changed(self, delta: Delta) -> None:
        from studio.designer.inspector.step_page import StepPage

        page = self.page
        if isinstance(page, StepPage) and page.stale:
            self._soon.start()

    def _gone(self) -> None:
        self.editor = None
        self._put(None)
