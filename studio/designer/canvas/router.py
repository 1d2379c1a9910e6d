"""Chooses the gesture by what lies under the mouse and which keys are held, and sees it through to its end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
)

from engine.api import ERROR
from studio.designer.canvas.gestures.base import NO_KEYS, Gesture, Pointer
from studio.designer.canvas.gestures.cut import Cut
from studio.designer.canvas.gestures.drop import Drop
from studio.designer.canvas.gestures.move import Move
from studio.designer.canvas.gestures.resize import Resize, cursor_of
from studio.designer.canvas.gestures.select import Click, RubberBand, selected_at
from studio.designer.canvas.gestures.spot import Spot, behind, centred, inside
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.gestures.wire import Lead, LeadBack
from studio.designer.canvas.hits import Hit
from studio.designer.canvas.keyboard import Keyboard
from studio.designer.canvas.view import CanvasView
from studio.designer.delta import Delta

if TYPE_CHECKING:
    from studio.base.actions import Actions

SUBWORKFLOW = "control.subworkflow"
_EDGE = 28
_TICK = 30
_FASTEST = 40
_CHANGING = (Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Shift)
_Alt, _Shift = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


class Router(QObject):
    """Takes what a person does on a `CanvasView`. Without `actions` there are no context menus."""

    gesture_changed = Signal()
    """One has begun or ended."""

    def __init__(self, view: CanvasView, actions: Actions | None = None) -> None:
        super().__init__(view)
        self.view = view
        self.surface = Surface(view)
        self.gesture: Gesture | None = None
        self._last: Pointer | None = None
        self._drop = Drop(self.surface)
        self._actions = actions
        self._scroll = QTimer(self, interval=_TICK)
        self._scroll.timeout.connect(self._scroll_on)
        self.keyboard = Keyboard(self.surface)
        view.router = self
        self.surface.document.changed.connect(self._changed)
        self.surface.search_requested.connect(self._search)
        self.surface.write_requested.connect(self._write)
        self.surface.menu_requested.connect(self._menu)

    # -- the mouse ---------------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> bool:
        """A button went down: begin, and with the right one choose what the menu will be for."""
        if self.gesture is not None:
            self.cancel()
            return True
        at = self._pointer(event.position().toPoint(), event.modifiers())
        if event.button() is Qt.MouseButton.RightButton:
            self._choose(at.hit)
            return True
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        self._begin(self._gesture_for(at), at)
        return True

    def move(self, event: QMouseEvent) -> bool:
        at = self._pointer(event.position().toPoint(), event.modifiers())
        if self.gesture is None:
            if not event.buttons():
                self._show_cursor(at.hit)
            return False
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self.cancel()  # the release went to some other window
            return True
        self._go_on(at)
        return True

    def release(self, event: QMouseEvent) -> bool:
        if self.gesture is None or event.button() is not Qt.MouseButton.LeftButton:
            return False
        gesture = self.gesture
        at = self._pointer(event.position().toPoint(), event.modifiers())
        self._end()
        gesture.release(at)
        self._show_cursor(at.hit)
        return True

    def double_click(self, event: QMouseEvent) -> bool:
        """Open or edit what is there; on nothing, search for a step."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        self.cancel()
        surface = self.surface
        at = self._pointer(event.position().toPoint(), event.modifiers())
        hit = at.hit
        if hit.kind == "step":
            step = surface.step(hit.step)
            called = step is not None and step.activity == SUBWORKFLOW
            (surface.open_requested if called else surface.edit_requested).emit(hit.step)
        elif hit.kind in ("note", "note-edge"):
            surface.write_requested.emit("note", hit.id)
        elif hit.kind in ("frame", "frame-edge"):
            surface.write_requested.emit("frame", hit.id)
        elif hit.kind in ("wire", "wire-end") and hit.edge is not None:
            surface.search_requested.emit(Spot(centred(at.scene), edge=hit.edge))
        elif hit.kind == "canvas":
            source = inside(surface, hit.step, at.scene) if hit.step else None
            surface.search_requested.emit(Spot(centred(at.scene), source))
        else:
            return False
        return True

    def cancel(self) -> bool:
        """Take back the gesture that is under way; false where there is none."""
        gesture = self.gesture
        if gesture is None:
            return False
        self._end()
        gesture.cancel()
        return True

    def _gesture_for(self, at: Pointer) -> Gesture:
        surface, hit = self.surface, at.hit
        # Some window managers keep Alt and the mouse for themselves.
        cutting = at.held(_Alt) or (at.held(_Shift) and at.held(Qt.KeyboardModifier.ControlModifier))
        if cutting and hit.kind in ("canvas", "wire", "wire-end", "frame"):
            return Cut(surface)
        if hit.kind == "port" and hit.port:
            outgoing = surface.geometry.outgoing(hit.step, hit.port)
            if at.held(_Shift) and outgoing:
                return Click(surface, partial(LeadBack, surface, outgoing[-1].target, outgoing[-1]))
            lead = partial(Lead, surface, hit.step, hit.port)
            if outgoing or hit.port == ERROR.name or at.adding:
                return Click(surface, lead)
            return Click(surface, lead, lambda at: surface.search_requested.emit(behind(surface, hit.step, hit.port)))
        if hit.kind in ("port", "wire-end") and hit.edge is not None:
            return Click(surface, partial(Lead, surface, hit.edge.source, hit.edge.port, hit.edge))
        if hit.kind == "port":
            return Click(surface, partial(LeadBack, surface, hit.step))
        if hit.kind == "wire":
            return Click(surface)
        if hit.kind in ("note-edge", "frame-edge"):
            return Click(surface, partial(Resize, surface))
        if hit.kind in ("step", "note", "frame"):
            return Click(surface, partial(Move, surface))
        return Click(surface, partial(RubberBand, surface))

    def _begin(self, gesture: Gesture, at: Pointer) -> None:
        self.gesture = self.view.gesture = gesture
        self._last = at
        gesture.press(at)
        self.gesture_changed.emit()

    def _go_on(self, at: Pointer) -> None:
        gesture, self._last = self.gesture, at
        if gesture is None:
            return
        follower = gesture.move(at)
        if follower is not None:
            self.gesture = self.view.gesture = follower
            self._scroll.start()
            self.gesture_changed.emit()
            gesture = self.gesture
            if self.gesture is follower:
                follower.move(at)
        if gesture.cursor is not None:
            self.view.viewport().setCursor(gesture.cursor)

    def _end(self) -> None:
        self.gesture = self.view.gesture = None
        self._scroll.stop()
        self.view.viewport().unsetCursor()
        self.surface.show_gesture()
        self.gesture_changed.emit()

    def _changed(self, delta: Delta) -> None:
        """The document has changed: what was tried out on the old one is taken back."""
        if self.gesture is not None and not self.surface.editing and not self.gesture.survives_edits:
            self.cancel()

    def _pointer(self, at: QPoint, keys: Qt.KeyboardModifier = NO_KEYS) -> Pointer:
        return Pointer(self.view.mapToScene(at), at, self.surface.hit(at), keys)

    def _choose(self, hit: Hit) -> None:
        """Select what a menu is opened on, unless it is selected already."""
        meant = selected_at(hit)
        chosen = self.surface.selection.value
        if meant | chosen != chosen or not meant:
            self.surface.selection.set(meant)

    def _show_cursor(self, hit: Hit) -> None:
        port = self.view.viewport()
        if hit.kind in ("note-edge", "frame-edge"):
            port.setCursor(cursor_of(hit.side))
        elif hit.kind in ("port", "wire-end"):
            port.setCursor(Qt.CursorShape.CrossCursor)
        elif hit.kind in ("step", "wire", "note", "frame"):
            port.setCursor(Qt.CursorShape.PointingHandCursor if hit.kind == "wire" else Qt.CursorShape.ArrowCursor)
        else:
            port.unsetCursor()

    def _scroll_on(self) -> None:
        """Scroll while the mouse is held at or beyond an edge of the canvas."""
        gesture, last = self.gesture, self._last
        if gesture is None or last is None or not gesture.scrolls:
            return
        area = self.view.viewport().rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        dx = _beyond(last.view.x(), area.left(), area.right())
        dy = _beyond(last.view.y(), area.top(), area.bottom())
        if not dx and not dy:
            return
        across, down = self.view.horizontalScrollBar(), self.view.verticalScrollBar()
        across.setValue(across.value() + dx)
        down.setValue(down.value() + dy)
        self._go_on(self._pointer(last.view, last.keys))

    # -- keys --------------------------------------------------------------------------------------------------------

    def key_press(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape and self.cancel():
            return True
        if self.gesture is not None:
            self._keys_changed(event)
            return True
        return self.keyboard.key_press(event)

    def key_release(self, event: QKeyEvent) -> bool:
        if self.gesture is None:
            return False
        self._keys_changed(event)
        return True

    def _keys_changed(self, event: QKeyEvent) -> None:
        """Ctrl or Alt went down or up during a gesture: what it shows may change."""
        if self._last is None or Qt.Key(event.key()) not in _CHANGING:
            return
        held = {
            Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
            Qt.Key.Key_Alt: _Alt,
            Qt.Key.Key_Shift: _Shift,
        }[Qt.Key(event.key())]
        down = event.type() is QKeyEvent.Type.KeyPress
        keys = self._last.keys | held if down else self._last.keys & ~held
        self._go_on(self._pointer(self._last.view, keys))

    # -- menus, popups, and what is dragged here --------------------------------------------------------------------

    def context_menu(self, event: QContextMenuEvent) -> bool:
        self.cancel()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self.surface.menu_requested.emit(*self.keyboard.menu_place())
            return True
        self.surface.menu_requested.emit(self.surface.hit(event.pos()), event.globalPos())
        return True

    def _menu(self, hit: Hit, place: QPoint) -> None:
        if self._actions is not None:
            from studio.designer.canvas.menus import context_menu

            context_menu(self._actions, hit, self.view).popup(place)

    def _search(self, spot: Spot) -> None:
        from studio.designer.canvas.search_popup import search_step

        search_step(self.surface, spot)

    def _write(self, kind: str, id: str) -> None:
        from studio.designer.canvas.writing import write

        write(self.surface, kind, id)

    def drag_enter(self, event: QDragEnterEvent) -> bool:
        if not self._drop.accepts(event.mimeData()):
            return False
        self.cancel()
        event.acceptProposedAction()
        return True

    def drag_move(self, event: QDragMoveEvent) -> bool:
        if not self._drop.accepts(event.mimeData()):
            return False
        self._drop.over(event.mimeData(), self.view.mapToScene(event.position().toPoint()))
        event.acceptProposedAction()
        return True

    def drag_leave(self, event: QDragLeaveEvent) -> bool:
        self._drop.leave()
        return True

    def drop(self, event: QDropEvent) -> bool:
        if not self._drop.accepts(event.mimeData()):
            return False
        event.acceptProposedAction()
        self._drop.drop(event.mimeData(), self.view.mapToScene(event.position().toPoint()))
        self.view.setFocus(Qt.FocusReason.MouseFocusReason)
        return True


def _beyond(value: int, low: int, high: int) -> int:
    """How fast to scroll: the farther out, the faster."""
    if value < low:
        return max(-_FASTEST, (value - low) // 2)
    return min(_FASTEST, (value - high + 1) // 2) if value > high else 0
