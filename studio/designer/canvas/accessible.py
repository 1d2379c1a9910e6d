"""What a screen reader is told of the canvas: a list of steps, each with its name, state and what it is wired to.

A `QGraphicsView` tells nothing of its items, so a factory gives the canvas an interface of its own, whose children are
the steps in the order in which they can run.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QColor, QWindow
from PySide6.QtWidgets import QAccessibleWidget

from studio.base.i18n import N_, tr, trn
from studio.base.spoken import present
from studio.designer.canvas.view import CanvasView
from studio.designer.delta import Delta
from studio.designer.rules import name_of

_STATUS = {
    "waiting": N_("waiting"),
    "running": N_("running"),
    "done": N_("succeeded"),
    "failed": N_("failed"),
    "skipped": N_("skipped"),
    "doubt": N_("in doubt"),
    "paused": N_("paused"),
    "retrying": N_("trying again"),
}
def install() -> None:
    """Give every canvas its interface."""
    present(CanvasView, CanvasInterface)


def follow_selection(view: CanvasView) -> None:
    """Tell where the focus is whenever another step is selected, and that steps have come or gone."""

    def selected() -> None:
        only = view.canvas.selection.only_step
        if not only or not QAccessible.isActive():
            return
        row = _order(view).index(only) if only in view.canvas.steps else -1
        if row >= 0:
            event = QAccessibleEvent(view, QAccessible.Event.Focus)
            event.setChild(row)
            QAccessible.updateAccessibility(event)

    def changed(delta: Delta) -> None:
        if (delta.steps_added or delta.steps_removed) and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(view, QAccessible.Event.ObjectReorder))

    view.canvas.selection.changed.connect(selected)
    view.canvas.document.changed.connect(changed)


def tell_renamed(view: CanvasView, step: str) -> None:
    """Tell that a step says something else of itself now, as that it has failed."""
    if QAccessible.isActive() and step in view.canvas.steps:
        event = QAccessibleEvent(view, QAccessible.Event.NameChanged)
        event.setChild(_order(view).index(step))
        QAccessible.updateAccessibility(event)


def _order(view: CanvasView) -> list[str]:
    """The steps in the order in which they can run."""
    return [id for id in view.canvas.document.plan.order if id in view.canvas.steps]


class CanvasInterface(QAccessibleWidget):
    """The canvas as a list."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view, QAccessible.Role.List, tr("Canvas"))
        self._view = view
        self._steps: dict[str, StepInterface] = {}
        self._known: tuple[Any, list[str], dict[str, int]] = (None, [], {})
        view.destroyed.connect(self.forget_steps)

    def _ids(self) -> list[str]:
        return self._table()[1]

    def _table(self) -> tuple[Any, list[str], dict[str, int]]:
        plan = self._view.canvas.document.plan
        if self._known[0] is not plan:
            ids = _order(self._view)
            self._known = (plan, ids, {id: row for row, id in enumerate(ids)})
            for gone in self._steps.keys() - self._known[2].keys():
                QAccessible.deleteAccessibleInterface(self._steps[gone].number)
                del self._steps[gone]
        return self._known

    def forget_steps(self, *_: object) -> None:
        """The canvas goes away."""
        for step in self._steps.values():
            QAccessible.deleteAccessibleInterface(step.number)
        self._steps.clear()

    def row(self, step: str) -> int:
        """Which child a step is; -1 for one that is gone."""
        return self._table()[2].get(step, -1)

    def text(self, kind: QAccessible.Text) -> str:
        if kind is QAccessible.Text.Name:
            title = self._view.canvas.document.title
            return trn("{title}, {n} step", "{title}, {n} steps", len(self._ids()), title=title)
        if kind is QAccessible.Text.Description:
            return tr("Arrows go to the nearest step, Tab goes along a wire, A adds a step.")
        return ""

    def childCount(self) -> int:
        return len(self._ids())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        ids = self._ids()
        return self.step(ids[index]) if 0 <= index < len(ids) else None

    def step(self, id: str) -> StepInterface:
        """The interface of a step."""
        if id not in self._steps:
            self._steps[id] = StepInterface(self._view, self, id)
        return self._steps[id]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return self.row(child.id) if isinstance(child, StepInterface) else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        only = self._view.canvas.selection.only_step
        return self.step(only) if self._view.hasFocus() and self.row(only) >= 0 else None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        hit = self._view.hit(self._view.viewport().mapFromGlobal(QPoint(x, y)))
        return self.step(hit.step) if hit.step and self.row(hit.step) >= 0 else None


class StepInterface(QAccessibleInterface):
    """One step."""

    def __init__(self, view: CanvasView, canvas: CanvasInterface, id: str) -> None:
        super().__init__()
        self._view, self._canvas, self.id = view, canvas, id
        self.number = QAccessible.registerAccessibleInterface(self)
        """Under which Qt knows it; from now on it is Qt's to delete."""

    def isValid(self) -> bool:
        return self.id in self._view.canvas.steps

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        return self._view.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        return self._canvas

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        area = self._view.mapFromScene(self._view.canvas.box(self.id)).boundingRect()
        return QRect(self._view.viewport().mapToGlobal(area.topLeft()), area.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        chosen = self.id in self._view.canvas.selection.steps
        flags = {
            "selectable": True,
            "focusable": True,
            "multiSelectable": True,
            "selected": chosen,
            "focused": chosen and self._view.hasFocus() and len(self._view.canvas.selection.steps) == 1,
            "invalid": not self.isValid(),
        }
        for name, on in flags.items():
            setattr(state, name, int(on))
        return state

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        if kind is QAccessible.Text.Name:
            return self.name()
        if kind is QAccessible.Text.Description:
            return self.wiring()
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nothing is written through this."""

    def foregroundColor(self) -> QColor:
        return QColor()

    def backgroundColor(self) -> QColor:
        return QColor()

    def name(self) -> str:
        """Label, activity and state in one breath: "Read orders, Read CSV, failed"."""
        scene = self._view.canvas
        step = scene.steps[self.id].step
        activity = scene.catalog.get(step.activity)
        label = tr(activity.label) if activity is not None else step.activity
        name = name_of(step, scene.catalog)
        said = [name, *([label] if label != name else [])]
        live = scene.live(self.id)
        if live is not None and live.status in _STATUS:
            said.append(tr(_STATUS[live.status]))
        if step.disabled:
            said.append(tr("disabled"))
        if activity is None:
            said.append(tr("unknown activity"))
        if problem := scene.steps[self.id].problem:
            said.append(tr("has a problem") if problem == "error" else tr("has a warning"))
        return ", ".join(said)

    def wiring(self) -> str:
        """What leads to the step and what it leads to."""
        scene = self._view.canvas
        names = {
            edge: (
                name_of(scene.steps[edge.source].step, scene.catalog),
                name_of(scene.steps[edge.target].step, scene.catalog),
            )
            for edge in scene.geometry.wires_of([self.id])
            if edge.source in scene.steps and edge.target in scene.steps
        }
        before = sorted(names[edge][0] for edge in names if edge.target == self.id)
        after = sorted(
            names[edge][1] if edge.port == "next" else tr("{step} ({port})", step=names[edge][1], port=edge.port)
            for edge in names
            if edge.source == self.id
        )
        said = []
        if before:
            said.append(tr("after {steps}", steps=", ".join(before)))
        if after:
            said.append(tr("leads to {steps}", steps=", ".join(after)))
        return "; ".join(said) or tr("not connected")
