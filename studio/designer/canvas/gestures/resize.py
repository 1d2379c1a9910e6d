"""Making frames and notes larger or smaller by their edges."""

from __future__ import annotations

from PySide6.QtCore import Qt

from studio.base.i18n import tr
from studio.base.preferences import preferences
from studio.designer import edits
from studio.designer.canvas.gestures.base import Gesture, Pointer
from studio.designer.edits import Rect, snapped
from studio.designer.edits.marks import SMALLEST_FRAME, SMALLEST_NOTE


class Resize(Gesture):
    """Moves the edges of a frame or note that `Hit.side` names."""

    def press(self, at: Pointer) -> None:
        self._start, self._hit = at.scene, at.hit
        self._note = at.hit.id in self.surface.scene.notes
        items = self.surface.scene.notes if self._note else self.surface.scene.frames
        self._box = self._new = items[at.hit.id].own_box
        self.cursor = cursor_of(at.hit.side)

    def move(self, at: Pointer) -> Gesture | None:
        by = at.scene - self._start
        least = SMALLEST_NOTE if self._note else SMALLEST_FRAME
        grid = bool(preferences().get("snap")) and not at.free

        def put(value: float) -> float:
            return snapped(value) if grid else value

        x, y, right, bottom = self._box.x, self._box.y, self._box.right, self._box.bottom
        side = self._hit.side
        if "left" in side:
            x = min(put(x + by.x()), right - least[0])
        elif "right" in side:
            right = max(put(right + by.x()), x + least[0])
        if "top" in side:
            y = min(put(y + by.y()), bottom - least[1])
        elif "bottom" in side:
            bottom = max(put(bottom + by.y()), y + least[1])
        self._new = Rect(x, y, right - x, bottom - y)
        self._show(self._new)
        return None

    def release(self, at: Pointer) -> None:
        box, id = self._new, self._hit.id
        self.cancel()
        if box == self._box:
            return
        sizes = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        if self._note:
            self.surface.edit(tr("Resize a note"), lambda workflow: edits.set_note(workflow, id, **sizes))
        else:
            self.surface.edit(tr("Resize a frame"), lambda workflow: edits.set_frame(workflow, id, **sizes))

    def cancel(self) -> None:
        self._show(None)

    def _show(self, box: Rect | None) -> None:
        scene, id = self.surface.scene, self._hit.id
        if self._note and id in scene.notes:
            scene.show_note_at(id, box)
        elif id in scene.frames:
            scene.show_frame_at(id, box)


def cursor_of(side: str) -> Qt.CursorShape:
    """The pointer over an edge."""
    if side in ("top-left", "bottom-right"):
        return Qt.CursorShape.SizeFDiagCursor
    if side in ("top-right", "bottom-left"):
        return Qt.CursorShape.SizeBDiagCursor
    return Qt.CursorShape.SizeHorCursor if side in ("left", "right") else Qt.CursorShape.SizeVerCursor
