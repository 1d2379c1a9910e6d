"""Search and add: a list of activities at the place where the step will be; and the steps that one can lead to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt

from engine.api import ERROR, Activity, Port
from studio.base.i18n import tr
from studio.designer import edits
from studio.designer.canvas.gestures.spot import Spot, add_at, behind, can_follow, centred, inside, recent
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.shape import STEP_HEIGHT, STEP_WIDTH
from studio.designer.rules import Refusals
from studio.widgets.pick_list import Pick, PickList

_MOST_TARGETS = 2000


def search_step(surface: Surface, spot: Spot) -> PickList:
    """Ask which step shall be at `spot`, and add it."""
    # Not a child of the view: the keys of the canvas would reach into it.
    asked = PickList(_question(surface, spot), surface.view.window(), popup=True)
    asked.setAccessibleName(tr("Add a step"))
    asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    asked.set_picks(activity_picks(surface, lambda activity: can_follow(surface, spot, activity)))
    _show_wire(surface, spot)

    def picked(pick: Pick) -> None:
        # Whatever happened to the document while the list was open: what is gone is no longer wired.
        add_at(surface, still_there(surface, spot), pick.id)

    asked.picked.connect(picked)
    close_with(asked, lambda: surface.scene.provisional_wire(None), surface)
    corner = spot.at if spot.edge is None else QPointF(spot.at.x() + STEP_WIDTH / 2, spot.at.y() + STEP_HEIGHT / 2)
    asked.popup_at(on_screen(surface, corner))
    return asked


def spot_for(surface: Surface) -> Spot:
    """Where a step goes that is asked for by key: behind the selected one, into the wire, else at the mouse."""
    only = surface.selection.only_step
    if only in surface.geometry.shapes:
        return behind(surface, only)
    chosen = surface.selection.value
    if len(chosen) == 1 and chosen.edges:
        edge = next(iter(chosen.edges))
        curve = surface.geometry.curves.get(edge)
        if curve is not None:
            return Spot(centred(QPointF(*curve.middle)), edge=edge)
    at = surface.cursor
    hit = surface.scene.hit(at, surface.zoom)
    container = hit.step if hit.kind == "canvas" else ""
    return Spot(centred(at), inside(surface, container, at) if container else None)


def activity_picks(surface: Surface, fits: Callable[[Activity], bool]) -> list[Pick]:
    """The activities that fit as rows, those used last first."""
    families = surface.catalog.families()
    known = {activity.id: activity for activity in surface.catalog.all() if fits(activity)}
    order = list(families)
    rest = sorted(known.values(), key=lambda activity: (order.index(activity.family), tr(activity.label)))
    latest = [known[id] for id in recent() if id in known]
    picks = []
    for activity in [*latest, *(one for one in rest if one not in latest)]:
        family = families[activity.family]
        picks.append(
            Pick(
                activity.id,
                tr(activity.label),
                also=(activity.id, *activity.keywords, tr(activity.summary), activity.label),
                hint=tr(family.label),
                icon=activity.icon or family.icon,
                tile=f"cat-{family.color}",
                group=tr("Recent") if activity in latest else tr(family.label),
            )
        )
    return picks


def search_target(surface: Surface, source: str) -> PickList:
    """Ask which step the step `source` shall lead to, and connect it."""
    asked = PickList(tr("Connect “{step}” to…", step=surface.name(source)), surface.view.window(), popup=True)
    asked.setAccessibleName(tr("Connect to a step"))
    asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    asked.set_picks(target_picks(surface, source))

    def shown(pick: Pick | None) -> None:
        if pick is None or source not in surface.geometry.shapes or pick.data[1] not in surface.geometry.shapes:
            surface.scene.provisional_wire(None)
            return
        port, target = pick.data
        start, end = surface.geometry.outlet(source, port), surface.geometry.inlet(target)
        surface.scene.provisional_wire(
            QPointF(*start), QPointF(*end), "refused" if pick.off else "allowed", error=port == ERROR.name
        )

    def picked(pick: Pick) -> None:
        port, target = pick.data
        refusals = Refusals(surface.workflow, surface.document.plan, surface.catalog, source, port)
        why = refusals.why_not(target)
        if why:
            surface.refused.emit(why)
            return
        text = tr("Connect “{source}” to “{target}”", source=surface.name(source), target=surface.name(target))
        surface.edit(text, lambda workflow: edits.connect(workflow, source, port, target))

    asked.current_changed.connect(shown)
    asked.picked.connect(picked)
    asked.refused.connect(lambda pick: surface.refused.emit(pick.off))
    close_with(asked, lambda: surface.scene.provisional_wire(None), surface)
    shape = surface.geometry.shapes[source]
    asked.popup_at(on_screen(surface, QPointF(shape.box.right + 16, shape.box.y)))
    return asked


def target_picks(surface: Surface, source: str) -> list[Pick]:
    """The steps that `source` may lead to, outlet by outlet, the nearest first; then the others, with the reason."""
    step = surface.step(source)
    if step is None:
        return []
    boxes, own = surface.boxes, surface.boxes[source]
    ports = edits.outlets(step, surface.catalog)
    many = len(boxes) > _MOST_TARGETS
    if many:
        ports = ports[:1]
    near = sorted(boxes, key=lambda id: abs(boxes[id].x - own.right) + abs(boxes[id].y - own.y))
    by_id = {step.id: step for step in surface.workflow.steps}

    def pick(port: str, id: str, hint: str, group: str = "", off: str = "") -> Pick:
        activity = surface.catalog.get(by_id[id].activity)
        return Pick(
            f"{port} {id}",
            surface.name(id),
            also=(id, by_id[id].activity),
            hint=hint,
            icon=activity.icon if activity is not None else "puzzle-piece",
            tile=f"cat-{surface.catalog.family(activity).color}" if activity is not None else "",
            off=off,
            group=group,
            data=(port, id),
        )

    def refusals(port: str) -> Refusals:
        return Refusals(surface.workflow, surface.document.plan, surface.catalog, source, port)

    picks, found = [], {source}
    for port in ports:
        allowed = refusals(port.name).allowed(near)
        found |= allowed
        name = _outlet_name(port) if len(ports) > 1 else ""
        picks += [pick(port.name, id, name or id, name) for id in near if id in allowed]
    if not many:
        first = ports[0].name if ports else "next"
        why = refusals(first).why_not
        picks += [pick(first, id, id, tr("Not possible"), why(id)) for id in near if id not in found]
    return picks


def _outlet_name(port: Port) -> str:
    if port.name == ERROR.name:
        return tr("On error")
    if port.name == "next":
        return tr("Next")
    return tr(port.label) if port.label else port.name


def still_there(surface: Surface, spot: Spot) -> Spot:
    """The spot without what is no longer in the document."""
    steps = surface.geometry.shapes.keys()
    return Spot(
        spot.at,
        spot.source if spot.source is not None and spot.source[0] in steps else None,
        spot.target if spot.target in steps else "",
        spot.edge if spot.edge in surface.geometry.curves else None,
    )


def _question(surface: Surface, spot: Spot) -> str:
    if spot.edge is not None:
        return tr("Put a step into the wire")
    if spot.source is not None:
        return tr("What follows “{step}”?", step=surface.name(spot.source[0]))
    if spot.target:
        return tr("What leads to “{step}”?", step=surface.name(spot.target))
    return tr("Search for a step to add")


def _show_wire(surface: Surface, spot: Spot) -> None:
    """The wire as it will be, while the list is open."""
    geometry = surface.geometry
    corner = QPointF(spot.at.x(), spot.at.y() + STEP_HEIGHT / 2)
    if spot.source is not None:
        start = QPointF(*geometry.outlet(*spot.source))
        surface.scene.provisional_wire(start, corner, "allowed", error=spot.source[1] == ERROR.name)
    elif spot.target:
        surface.scene.provisional_wire(
            QPointF(corner.x() + STEP_WIDTH, corner.y()), QPointF(*geometry.inlet(spot.target))
        )


def on_screen(surface: Surface, at: QPointF) -> QPoint:
    """Where a list opens for a point of the canvas: within the view."""
    port = surface.view.viewport()
    place = surface.view.mapFromScene(at)
    rect = port.rect()
    return port.mapToGlobal(
        QPoint(max(8, min(place.x(), rect.right() - 40)), max(8, min(place.y(), rect.bottom() - 40)))
    )


def close_with(asked: PickList, done: Callable[[], None], surface: Surface) -> None:
    """Do that when the list closes, and give the canvas the keys again."""

    def closed(*_: object) -> None:
        done()
        surface.view.setFocus(Qt.FocusReason.PopupFocusReason)
        asked.deleteLater()

    asked.picked.connect(closed)
    asked.dismissed.connect(closed)
