"""What a mouse does on the canvas: one class a gesture, from press to release.

`router` chooses the gesture by what lies under the mouse and which keys are held. A gesture tries things out on the
scene and changes the document once, when it is released: one undo command with a name. Cancelled, by Esc or because
the document changed under it, it leaves no trace. May import the canvas, the designer's document, selection, edits
and rules, `studio.widgets`, `studio.base` and `engine.api`.
"""

from __future__ import annotations
