"""Wires by name: where else a wire may lead, and the wires that a step may be put into."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt

from engine.api import ERROR, Edge, Workflow
from studio.base.i18n import tr
from studio.designer import edits
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.search_popup import close_with, on_screen
from studio.designer.edits.wires import make_room
from studio.designer.rules import Refusals
from studio.designer.selection import Selected
from studio.widgets.pick_list import Pick, PickList

_MOST = 200
"""Wires that are offered, the nearest first."""


def lead_wire(surface: Surface, wire: Edge) -> PickList:
    """Ask which step the wire shall lead to instead."""
    source, target = surface.name(wire.source), surface.name(wire.target)
    question = tr("Lead the wire from “{source}” to “{target}” to…", source=source, target=target)
    refusals = _refusals(surface, wire)
    own = surface.boxes[wire.target]
    allowed = refusals.allowed(surface.boxes.keys() - {wire.target})
    near = sorted(allowed, key=lambda id: abs(surface.boxes[id].x - own.x) + abs(surface.boxes[id].y - own.y))
    picks = [_pick(surface, id, surface.name(id), id, id) for id in near]
    start = QPointF(*surface.geometry.outlet(wire.source, wire.port))

    def shown(pick: Pick | None) -> None:
        if pick is None or pick.data not in surface.geometry.shapes:
            surface.scene.provisional_wire(None)
            return
        end = QPointF(*surface.geometry.inlet(pick.data))
        surface.scene.provisional_wire(start, end, "allowed", error=wire.port == ERROR.name)

    def picked(pick: Pick) -> None:
        why = _refusals(surface, wire).why_not(pick.data) if wire in surface.workflow.edges else tr("The wire is gone.")
        if why:
            surface.refused.emit(why)
            return
        surface.edit(
            tr("Lead a wire to “{step}”", step=surface.name(pick.data)),
            lambda workflow: edits.move_target(workflow, wire, pick.data),
            Selected(edges=frozenset({Edge(wire.source, wire.port, pick.data)})),
        )

    asked = _ask(surface, question, tr("Lead the wire elsewhere"), picks, picked)
    asked.current_changed.connect(shown)
    asked.popup_at(on_screen(surface, QPointF(own.x, own.y)))
    return asked


def put_into_wire(surface: Surface, step: str) -> PickList | None:
    """Ask which wire a step without wires shall go into; None where it has some, which is said."""
    name = surface.name(step)
    if any(step in (edge.source, edge.target) for edge in surface.workflow.edges):
        surface.refused.emit(tr("“{step}” has wires already. Cut them first: W selects them, Del cuts.", step=name))
        return None
    own = surface.boxes[step]
    curves = surface.geometry.curves
    near = sorted(curves, key=lambda edge: abs(curves[edge].middle[0] - own.x) + abs(curves[edge].middle[1] - own.y))
    picks = [
        _pick(surface, f"{edge.source}.{edge.port} {edge.target}", title, edge.port, edge.source, edge)
        for edge in near[:_MOST]
        if not _refusals(surface, edge).why_not(step)
        and (title := f"{surface.name(edge.source)} → {surface.name(edge.target)}")
    ]

    def shown(pick: Pick | None) -> None:
        there = pick is not None and pick.data in surface.geometry.curves
        surface.selection.set(Selected(edges=frozenset({pick.data})) if there and pick else Selected())

    def picked(pick: Pick) -> None:
        wire = pick.data
        if wire not in surface.workflow.edges or step not in surface.boxes:
            surface.refused.emit(tr("The wire is gone."))
            return

        def spliced(workflow: Workflow) -> Workflow:
            follow = edits.behind(workflow, surface.document.plan, wire)
            changed = edits.splice(workflow, surface.catalog, wire, step)
            return make_room(changed, wire, step, dict(surface.boxes), follow)

        surface.edit(tr("Put “{step}” into a wire", step=name), spliced)

    def closed(*_: object) -> None:
        surface.selection.set(Selected(steps=frozenset({step})).within(surface.workflow))

    asked = _ask(surface, tr("Put “{step}” into…", step=name), tr("Put into a wire"), picks, picked)
    asked.current_changed.connect(shown)
    asked.picked.connect(closed)
    asked.dismissed.connect(closed)
    asked.popup_at(on_screen(surface, QPointF(own.right + 16, own.y)))
    return asked


def _refusals(surface: Surface, wire: Edge) -> Refusals:
    return Refusals(surface.workflow, surface.document.plan, surface.catalog, wire.source, wire.port, moved=wire)


def _pick(surface: Surface, id: str, title: str, hint: str, step: str, data: object = None) -> Pick:
    """A row with the look of `step`."""
    found = surface.step(step)
    activity = surface.catalog.get(found.activity) if found is not None else None
    tile = f"cat-{surface.catalog.family(activity).color}" if activity is not None else ""
    icon = activity.icon if activity is not None and activity.icon else "puzzle-piece"
    return Pick(id, title, also=(step,), hint=hint, icon=icon, tile=tile, data=data if data is not None else id)


def _ask(surface: Surface, question: str, name: str, picks: list[Pick], picked: Callable[[Pick], None]) -> PickList:
    asked = PickList(question, surface.view.window(), popup=True)
    asked.setAccessibleName(name)
    asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    asked.set_picks(picks)
    asked.picked.connect(picked)
    close_with(asked, lambda: surface.scene.provisional_wire(None), surface)
    return asked
