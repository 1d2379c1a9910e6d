"""The canvas without a mouse: going from step to step, along wires, moving by the grid, connecting by name.

Arrows go to the nearest step that way, with Shift they extend the selection, with Ctrl they move what is selected by
the grid (with Ctrl+Alt by one unit). With a step selected Tab follows its wire and Shift+Tab goes back along it; with
nothing selected, or where no wire leads on, Tab searches for a step to add, which Insert and A do always. Esc gives up
the selection, then the focus. From a selected wire Tab goes to the step it leads to, Shift+Tab to the one it comes
from. Alt, Shift and the arrows make notes and frames larger or smaller; with nothing selected Ctrl and the arrows move
the view.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent

from studio.base.i18n import trn
from studio.designer import edits
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.hits import Hit
from studio.designer.canvas.rounds import resize_marks, selected_wire
from studio.designer.edits import Rect
from studio.designer.edits.places import GRID
from studio.designer.selection import Selected

_Keys = Qt.KeyboardModifier
_ARROWS: Mapping[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ASIDE = 2.0
"""How much farther something aside counts than something straight ahead."""
_HELD = _Keys.ShiftModifier | _Keys.ControlModifier | _Keys.AltModifier


class Keyboard(QObject):
    """Sits before the view: Tab must not leave the canvas while it goes along a wire."""

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface)
        self._surface = surface
        self._trail: list[str] = []
        surface.view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and self._own(event):
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()  # not the shortcut, whoever has it: the key comes here
                return True
            if event.type() is QEvent.Type.KeyPress:
                return self.key_press(event)
        return super().eventFilter(watched, event)

    def _own(self, event: QKeyEvent) -> bool:
        """Whether a key is ours though an action or the focus could want it."""
        key, keys = event.key(), event.modifiers() & _HELD
        if key == Qt.Key.Key_Tab and not keys:
            return bool(self._current() or selected_wire(self._surface))
        if key in (Qt.Key.Key_Backtab, Qt.Key.Key_Tab) and keys == _Keys.ShiftModifier:
            return bool(self._current() or selected_wire(self._surface))
        if key in _ARROWS:
            return not (keys & _Keys.ControlModifier and keys & _Keys.ShiftModifier)
        return False

    def key_press(self, event: QKeyEvent) -> bool:
        """Whether the key meant something."""
        key, keys = event.key(), event.modifiers() & _HELD
        if self._surface.view.gesture is not None:
            return False
        if key == Qt.Key.Key_Escape and not keys:
            return self._leave()
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            back = key == Qt.Key.Key_Backtab or bool(keys & _Keys.ShiftModifier)
            return self._along(back, seek=not back)
        if key not in _ARROWS:
            return False
        dx, dy = _ARROWS[key]
        if keys & _Keys.ControlModifier:
            step = 1 if keys & _Keys.AltModifier else GRID
            return self._push(dx * step, dy * step) if self._surface.selection.value else self._pan(dx, dy)
        if keys == _Keys.AltModifier | _Keys.ShiftModifier:
            return resize_marks(self._surface, dx * GRID, dy * GRID)
        if keys == _Keys.AltModifier:
            return self._along(back=dx < 0) if dx else False
        self._go(dx, dy, extend=bool(keys & _Keys.ShiftModifier))
        return True

    def _current(self) -> str:
        """The step from which the keys go on: the one selected last."""
        chosen = self._surface.selection.steps
        self._trail = [id for id in self._trail if id in chosen]
        if self._trail:
            return self._trail[-1]
        return min(chosen) if chosen else ""

    def _select(self, id: str, extend: bool = False) -> None:
        surface = self._surface
        if extend:
            surface.selection.add(Selected(steps=frozenset({id})))
            self._trail.append(id)
        else:
            surface.selection.select_steps([id])
            self._trail = [id]
        surface.view.ensure_seen(id)

    def _leave(self) -> bool:
        if self._surface.selection.value:
            self._surface.selection.clear()
            return True
        next_one = self._surface.view.nextInFocusChain()
        if next_one is not None:
            self._surface.view.focusNextChild()
        return True

    def _go(self, dx: int, dy: int, *, extend: bool) -> None:
        """To the nearest step in a direction; with none selected to the first in sight."""
        surface = self._surface
        boxes = {
            id: shape.box._replace(height=shape.header) if shape.container else shape.box
            for id, shape in surface.geometry.shapes.items()
        }
        here = self._current()
        if here not in boxes:
            seen = surface.scene.steps_in(surface.visible) or boxes.keys()
            first = min(seen, key=lambda id: (boxes[id].x, boxes[id].y), default="")
            if first:
                self._select(first)
            return
        found = nearest(boxes, here, dx, dy, skip=self._hidden(here))
        if found:
            self._select(found, extend)

    def _hidden(self, here: str) -> frozenset[str]:
        """The containers around a step: one is left through its wall only when nothing else lies that way."""
        around = set()
        owner = self._surface.geometry.owner(here)
        while owner:
            around.add(owner)
            owner = self._surface.geometry.owner(owner)
        return frozenset(around)

    def _along(self, back: bool, *, seek: bool = False) -> bool:
        """Along a wire to the next step, or back; of several wires the topmost. To `seek` is to search for a step to
        add where there is no next one."""
        surface, here = self._surface, self._current()
        if not here:
            wire = selected_wire(surface)
            end = (wire.source if back else wire.target) if wire is not None else ""
            if end in surface.geometry.shapes:
                self._select(end)
            return wire is not None
        found = edits.before(surface.workflow, here) if back else edits.after(surface.workflow, here)
        known = [id for id in found if id in surface.geometry.shapes]
        if known:
            self._select(min(known, key=lambda id: (surface.boxes[id].y, surface.boxes[id].x)))
        elif seek and len(surface.selection.value) == 1:
            from studio.designer.canvas.search_popup import spot_for

            surface.search_requested.emit(spot_for(surface))
        return True

    def _pan(self, dx: int, dy: int) -> bool:
        """Look elsewhere, by a quarter of what is in sight."""
        view = self._surface.view
        across, down = view.horizontalScrollBar(), view.verticalScrollBar()
        across.setValue(across.value() + dx * view.viewport().width() // 4)
        down.setValue(down.value() + dy * view.viewport().height() // 4)
        return True

    def _push(self, dx: float, dy: float) -> bool:
        """Move what is selected; presses in a row are one command."""
        surface = self._surface
        chosen = surface.selection.value
        if not (chosen.steps or chosen.notes or chosen.frames):
            return False
        steps, notes, frames = edits.moving(
            surface.workflow, surface.document.plan, surface.boxes, chosen.steps, chosen.notes, chosen.frames
        )
        places = surface.places_of(steps)
        count = len(steps) + len(notes) + len(frames)
        surface.edit(
            trn("Move {n} step", "Move {n} steps", len(steps))
            if steps
            else trn("Move {n} thing", "Move {n} things", count),
            lambda workflow: edits.move(workflow, dx, dy, steps, notes, frames, places=places),
            merge=f"push {sorted(steps)[:3]} {len(steps)} {sorted(notes)} {sorted(frames)}",
        )
        return True

    def menu_place(self) -> tuple[Hit, QPoint]:
        """What the menu key opens a menu for, and where: what is selected, else the canvas."""
        surface, here = self._surface, self._current()
        port = surface.view.viewport()
        chosen, wire = surface.selection.value, selected_wire(surface)
        hit, spot = Hit(), None
        if here:
            box = surface.scene.box(here)
            hit, spot = Hit("step", here), QPointF(box.x() + 24, box.y() + 24)
        elif wire is not None and wire in surface.geometry.curves:
            hit, spot = Hit("wire", edge=wire), QPointF(*surface.geometry.curves[wire].middle)
        elif notes := chosen.notes & surface.scene.notes.keys():
            own = surface.scene.notes[min(notes)].own_box
            hit, spot = Hit("note", id=min(notes)), QPointF(own.x + 24, own.y + 24)
        elif frames := chosen.frames & surface.scene.frames.keys():
            own = surface.scene.frames[min(frames)].own_box
            hit, spot = Hit("frame", id=min(frames)), QPointF(own.x + 24, own.y + 12)
        if spot is not None:
            at, inside = surface.view.mapFromScene(spot), port.rect()
            at = QPoint(max(0, min(at.x(), inside.right())), max(0, min(at.y(), inside.bottom())))
            return hit, port.mapToGlobal(at)
        return Hit(), port.mapToGlobal(port.rect().center())


def nearest(boxes: Mapping[str, Rect], here: str, dx: int, dy: int, skip: frozenset[str] = frozenset()) -> str:
    """The id of the nearest box in a direction; "" where there is none. Straight ahead counts more than aside."""
    own = boxes[here]
    x, y = own.x + own.width / 2, own.y + own.height / 2
    best, found = float("inf"), ""
    for id, box in boxes.items():
        if id == here or id in skip:
            continue
        across, down = box.x + box.width / 2 - x, box.y + box.height / 2 - y
        ahead, aside = (across * dx, abs(down)) if dx else (down * dy, abs(across))
        if ahead <= 0 or aside > 3 * ahead + 40:
            continue
        far = ahead + _ASIDE * aside
        if far < best:
            best, found = far, id
    if not found and skip:
        return nearest(boxes, here, dx, dy)
    return found
