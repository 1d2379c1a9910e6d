"""The canvas: draws a workflow, says what lies where, and shows live states. It never changes a document.

`geometry` is pure and says where everything lies; `scene` keeps one item a step, container, frame and note, and the
wires in tiles; `view` moves and zooms, draws the far layer, and hands mouse and keys to its `router`. `far`, `cards`
and `glyphs` are what makes drawing quick. `gestures/` changes the document. May import the designer's document,
selection and edits, `studio.widgets`, `studio.base` and `engine.api`.
"""

from __future__ import annotations
