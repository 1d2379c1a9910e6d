"""The last value of a wire or step, in a popover beside the mouse."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from engine.core.secrets import SecretRef
from engine.core.values import ArtifactRef
from studio.base.i18n import number, tr
from studio.base.tasks import spawn
from studio.base.theme import set_kind, theme
from studio.widgets.value_text import brief, columns_of, is_table, shape, table_in

if TYPE_CHECKING:
    from studio.bridge import Bridge
    from studio.designer.canvas.hits import Hit
    from studio.designer.run.runs import Runs

HOVER = 450
"""Milliseconds that the mouse rests before the last value is shown."""
_ROWS, _COLUMNS = 6, 5
_ENOUGH = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel, QEvent.Type.Leave)
"""What a person does who looks no longer."""


def said(value: Any) -> str:
    """What is no plain data, in a few words; all else in a line."""
    if isinstance(value, ArtifactRef):
        return value.summary or tr("{n} bytes", n=number(value.size))
    if isinstance(value, SecretRef):
        return tr("secret “{name}”", name=value.name)
    return brief(value)


class Popover(QFrame):
    """A few rows of a value, beside the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setObjectName("popover")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.title = QLabel(self)
        self.kind = QLabel(self)
        self.body = QLabel(self)
        self.body.setTextFormat(Qt.TextFormat.RichText)
        set_kind(self.kind, "caption")
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.kind)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.body)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def show_value(self, title: str, value: Any, at: QPoint) -> None:
        """Show a value near a point of the parent, inside of it."""
        self.title.setText(title)
        self.kind.setText(shape(value))
        self.body.setText(_html(value))
        self.adjustSize()
        area = self._around.rect()
        left = min(max(4, at.x() + 14), area.width() - self.width() - 4)
        top = at.y() + 18
        if top + self.height() > area.height() - 4:
            top = at.y() - self.height() - 10
        self.move(max(4, left), max(4, top))
        self.show()
        self.raise_()

    def _restyle(self) -> None:
        self.title.setFont(theme().font("label"))
        self.body.setFont(theme().font("small"))
        self.setStyleSheet(
            f"QFrame#popover {{ background: {theme().color('panel').name()};"
            f" border: 1px solid {theme().color('line').name()}; border-radius: 8px; }}"
        )


def _html(value: Any) -> str:
    muted = theme().color("text-3").name()

    def cell(one: Any, limit: int = 24) -> str:
        side = ' align="right"' if isinstance(one, int | float) and not isinstance(one, bool) else ""
        text = brief(one, limit) if isinstance(one, str) else said(one)[:limit]
        return f'<td{side} style="padding-right: 12px">{html.escape(text)}</td>'

    if is_table(value):
        names = columns_of(value)[:_COLUMNS]
        dim = f'<td style="color: {muted}; padding-right: 12px">'
        head = "".join(f"{dim}{html.escape(name[:24])}</td>" for name in names)
        rows = ["".join(cell(row.get(name)) for name in names) for row in value[:_ROWS]]
        return f"<table cellspacing='2'><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    if isinstance(value, dict) and value:
        inner = table_in(value)
        if inner is not None:
            return _html(inner)
        rows = [
            f'<td style="color: {muted}; padding-right: 12px">{html.escape(str(name)[:24])}</td>{cell(one, 48)}'
            for name, one in list(value.items())[:_ROWS]
        ]
        return f"<table cellspacing='2'>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    return html.escape(brief(value, 200))


class HoverValues(QObject):
    """Shows the last value of a wire or step when the mouse rests on it. One an editor."""

    def __init__(self, runs: Runs, bridge: Bridge) -> None:
        super().__init__(runs)
        self._runs, self._bridge = runs, bridge
        self._editor = runs.editor
        self._at: Hit | None = None
        self.popover = Popover(self._editor.view.viewport())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HOVER)
        self._timer.timeout.connect(self._look)
        self._editor.view.hovered.connect(self._hovered)
        self._editor.view.view_changed.connect(self.hide)
        self._editor.view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ENOUGH:
            self.hide()
        # The tooltip would lie over the value.
        return event.type() is QEvent.Type.ToolTip and self.popover.isVisible()

    def hide(self) -> None:
        """Show nothing until the mouse comes to something else."""
        self._at = None
        self._timer.stop()
        self.popover.hide()

    def _hovered(self, at: Hit) -> None:
        self.hide()
        self._at = at
        if self._runs.shown is not None and self._step(at):
            self._timer.start()

    @staticmethod
    def _step(at: Hit) -> str:
        if at.kind in ("wire", "wire-end"):
            return at.edge.source if at.edge is not None else ""
        return at.step if at.kind in ("step", "port") else ""

    def _look(self) -> None:
        at = self._at
        step = self._step(at) if at is not None else ""
        if not step:
            return

        async def look() -> None:
            value = await self._bridge.run(self._runs.values.read, step, None)
            if at is self._at and value.status == "succeeded":
                viewport = self._editor.view.viewport()
                QToolTip.hideText()
                label = next((one.label for one in self._editor.document.workflow.steps if one.id == step), "") or step
                self.popover.show_value(label, value.output, viewport.mapFromGlobal(viewport.cursor().pos()))

        spawn(look(), failed=lambda error: None)
